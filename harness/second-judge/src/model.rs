//! What the broker ought to know: the judge's own books of sessions, subscriptions and messages.
//!
//! They are kept from what the Clients send and from the time alone. What the broker sends in turn is held
//! against them in [`crate::invariants`].

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bytes::Bytes;
use bytestring::ByteString;
use mqttspec_broker::ConnectionId;
use mqttspec_codec::Version;
use mqttspec_codec::model::{PacketType, QoS, Subscribe, SubscriptionOptions, Will};

use crate::topics::{matches, share};

/// The state of the judge.
#[derive(Debug, Default)]
pub(crate) struct Judge {
    pub(crate) now: Duration,
    /// Whether a message comes once for each subscription that matches (3.3.4 leaves that to the broker).
    pub(crate) each_subscription: bool,
    /// Whether QoS 0 messages are kept for a Client that is away (4.1 leaves that to the broker too).
    pub(crate) queue_qos0: bool,
    pub(crate) connections: BTreeMap<ConnectionId, Connection>,
    /// By a number of their own: the next Session of a Client Identifier is another one.
    pub(crate) sessions: BTreeMap<usize, Session>,
    pub(crate) sessions_made: usize,
    pub(crate) publications: Vec<Publication>,
    pub(crate) retained: BTreeMap<ByteString, usize>,
    pub(crate) shared: Vec<Shared>,
    /// A SUBSCRIBE takes effect as its SUBACK says.
    pub(crate) subscribing: Option<(ConnectionId, Subscribe)>,
}

/// A Network Connection.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) version: Version,
    pub(crate) session: usize,
    pub(crate) stage: Stage,
    pub(crate) session_present: bool,
    /// The send quota and where it began (5.0, 4.9).
    pub(crate) quota: Option<(u16, u16)>,
    pub(crate) alias_maximum: u16,
    /// Topic Aliases that the broker has set.
    pub(crate) aliases: BTreeMap<u16, ByteString>,
    /// Topic Aliases that the Client has set.
    pub(crate) client_aliases: BTreeMap<u16, ByteString>,
    /// Answers that the broker has yet to give.
    pub(crate) owed: Vec<(PacketType, u16)>,
    /// The last message of each publisher on each topic at each QoS.
    pub(crate) order: BTreeMap<(ByteString, ByteString, QoS), usize>,
    pub(crate) will: Option<Will>,
}

/// How far a connection has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// CONNACK is due.
    Asked,
    Open,
    /// The broker is to close it; a Client of 5.0 whose Session was taken over is told so before.
    Ending {
        taken_over: bool,
    },
    Closed,
}

/// A Session (4.1).
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) client: ByteString,
    pub(crate) connection: Option<ConnectionId>,
    /// How long it outlives its connection; `None` is for ever.
    pub(crate) lasts: Option<Duration>,
    pub(crate) ends_at: Option<Duration>,
    pub(crate) subscriptions: Vec<Subscribed>,
    pub(crate) deliveries: Vec<Delivery>,
    /// QoS 2 identifiers of the Client that it has not released.
    pub(crate) received: BTreeSet<u16>,
    pub(crate) will: Option<(Duration, Will)>,
}

/// A subscription with the QoS that was granted.
#[derive(Clone, Debug)]
pub(crate) struct Subscribed {
    pub(crate) filter: ByteString,
    pub(crate) options: SubscriptionOptions,
    pub(crate) identifier: Option<u32>,
}

/// A message that the broker has taken over, in the order in which it came.
#[derive(Clone, Debug)]
pub(crate) struct Publication {
    pub(crate) publisher: ByteString,
    pub(crate) topic: ByteString,
    pub(crate) payload: Bytes,
    pub(crate) qos: QoS,
    pub(crate) retain: bool,
    pub(crate) interval: Option<u32>,
    pub(crate) at: Duration,
}

/// One copy of a message that one Session is to get.
#[derive(Clone, Debug)]
pub(crate) struct Delivery {
    pub(crate) publication: usize,
    pub(crate) form: Form,
    pub(crate) origin: Origin,
    pub(crate) state: State,
    /// Whether it is wrong not to send it.
    pub(crate) required: bool,
}

/// What a PUBLISH for a subscription looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Form {
    pub(crate) qos: QoS,
    /// The RETAIN flags that are right: both, where overlapping subscriptions differ in Retain As Published.
    pub(crate) retain: Vec<bool>,
    /// Subscription Identifiers, in ascending order.
    pub(crate) identifiers: Vec<u32>,
}

/// Why a Session gets a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    Published,
    Retained,
    Shared(usize),
}

/// How far a delivery has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Waiting,
    /// PUBLISH is out with this identifier, last on this connection.
    Sent(u16, ConnectionId),
    /// PUBREC has come.
    Released(u16),
    Done,
}

/// A message for a share. Its like cannot be told from it, be it sent again at QoS 1 or empty as well, so they
/// are counted together.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) filter: ByteString,
    pub(crate) publications: Vec<usize>,
    /// The Sessions that may get it, and in which forms.
    pub(crate) members: BTreeMap<usize, Vec<Form>>,
    pub(crate) given: usize,
    /// How many copies have to be given.
    pub(crate) required: usize,
}

impl Publication {
    /// When its Message Expiry Interval is over.
    fn ends_at(&self) -> Option<Duration> {
        self.interval.map(|seconds| self.at + Duration::from_secs(u64::from(seconds)))
    }

    pub(crate) fn expired(&self, now: Duration) -> bool {
        self.ends_at().is_some_and(|end| now >= end)
    }

    /// Whether a Client of 5.0 cannot tell the two apart: it is told how much of the Message Expiry Interval is left
    /// (3.3.2.3.3), which is the same for those that end together.
    pub(crate) fn looks_like(&self, other: &Self) -> bool {
        (&self.topic, &self.payload, self.ends_at()) == (&other.topic, &other.payload, other.ends_at())
    }
}

impl Form {
    /// The form that a group of subscriptions gives to a message.
    pub(crate) fn of<'a>(message: &Publication, group: impl Iterator<Item = &'a Subscribed> + Clone) -> Self {
        let granted = group.clone().map(|it| it.options.qos).max().unwrap_or_default();
        let retain = group.clone().map(|it| it.options.retain_as_published && message.retain);
        let mut identifiers: Vec<_> = group.clone().filter_map(|it| it.identifier).collect();
        identifiers.sort_unstable();
        Self { qos: message.qos.min(granted), retain: retain.collect(), identifiers }
    }
}

impl Session {
    /// The delivery whose exchange has this Packet Identifier.
    pub(crate) fn exchange(&mut self, packet_id: u16) -> Option<&mut Delivery> {
        self.deliveries.iter_mut().find(|it| match it.state {
            State::Sent(id, _) | State::Released(id) => id == packet_id,
            State::Waiting | State::Done => false,
        })
    }

    pub(crate) fn matching(&self, message: &Publication) -> Vec<&Subscribed> {
        self.subscriptions
            .iter()
            .filter(|it| share(&it.filter).is_none() && matches(&it.filter, &message.topic))
            .filter(|it| !(it.options.no_local && message.publisher == self.client))
            .collect()
    }
}

impl Shared {
    /// Lets further Sessions get the message.
    pub(crate) fn admit(&mut self, members: BTreeMap<usize, Vec<Form>>) {
        for (member, forms) in members {
            self.members.entry(member).or_default().extend(forms);
        }
    }
}

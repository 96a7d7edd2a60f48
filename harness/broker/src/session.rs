//! Session State (4.1): what the broker holds for a Client Identifier.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use bytestring::ByteString;
use mqttspec_codec::Version;
use mqttspec_codec::model::{SubscriptionOptions, Will};

use crate::ConnectionId;
use crate::message::Delivery;

/// The Session Expiry Interval that never ends.
pub(crate) const NEVER: u32 = u32::MAX;

/// A Session.
#[derive(Debug)]
pub(crate) struct Session {
    /// The version of the last connection.
    pub(crate) version: Version,
    /// The connection, while there is one.
    pub(crate) connection: Option<ConnectionId>,
    /// Session Expiry Interval in seconds; 0 for Clean Session 1, [`NEVER`] for Clean Session 0.
    pub(crate) expiry_interval: u32,
    /// When a Session without a connection ends.
    pub(crate) ends_at: Option<Duration>,
    /// In the order in which they were made.
    pub(crate) subscriptions: Vec<Subscribed>,
    /// Messages that were not sent yet.
    pub(crate) queue: VecDeque<Delivery>,
    /// QoS 1 and 2 messages that were sent and not completely acknowledged, in the order of sending.
    pub(crate) in_flight: Vec<InFlight>,
    /// Packet Identifiers of QoS 2 messages that came and were not released yet, with the end of the message.
    pub(crate) received: BTreeMap<u16, Option<Duration>>,
    /// Where the search for a free Packet Identifier starts.
    pub(crate) next_packet_id: u16,
    /// Counts the PUBRECs, which gives the PUBRELs their order.
    pub(crate) releases: u64,
    /// The Will Message of a connection that has ended, while its delay runs.
    pub(crate) delayed_will: Option<DelayedWill>,
    /// When held messages go out; used only to break the order of messages.
    pub(crate) held_until: Option<Duration>,
}

/// A subscription of a Session.
#[derive(Clone, Debug)]
pub(crate) struct Subscribed {
    /// The filter as the Client wrote it, with `$share/` where it is shared.
    pub(crate) filter: ByteString,
    /// The options, with the QoS that was granted.
    pub(crate) options: SubscriptionOptions,
    /// Subscription Identifier.
    pub(crate) identifier: Option<u32>,
    /// The next message gets lost; used only to break a rule.
    pub(crate) loses_next: bool,
}

/// A message at QoS 1 or 2 that was sent.
#[derive(Clone, Debug)]
pub(crate) struct InFlight {
    pub(crate) packet_id: u16,
    pub(crate) delivery: Delivery,
    pub(crate) progress: Progress,
    /// Whether its PUBLISH was sent on the present connection, so that it takes a place of the send quota.
    pub(crate) on_this_connection: bool,
    /// It was settled, and comes again with the next connection only; used only to break a rule.
    pub(crate) waits_for_resumption: bool,
}

impl InFlight {
    /// Whether its PUBLISH is open from an earlier connection, and was not sent on this one.
    pub(crate) fn is_to_be_resent(&self) -> bool {
        !self.on_this_connection
            && !self.waits_for_resumption
            && !matches!(self.progress, Progress::PubComp(_))
    }
}

/// What the sender of a message waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::enum_variant_names, reason = "they are the names of packets")]
pub(crate) enum Progress {
    /// PUBACK, at QoS 1.
    PubAck,
    /// PUBREC, at QoS 2.
    PubRec,
    /// PUBCOMP, at QoS 2; with the rank of the PUBREC that came.
    PubComp(u64),
}

/// A Will Message whose Will Delay Interval runs.
#[derive(Clone, Debug)]
pub(crate) struct DelayedWill {
    pub(crate) will: Will,
    pub(crate) version: Version,
    pub(crate) due: Duration,
}

impl Session {
    pub(crate) fn new(version: Version) -> Self {
        Self {
            version,
            connection: None,
            expiry_interval: 0,
            ends_at: None,
            subscriptions: Vec::new(),
            queue: VecDeque::new(),
            in_flight: Vec::new(),
            received: BTreeMap::new(),
            next_packet_id: 1,
            releases: 0,
            delayed_will: None,
            held_until: None,
        }
    }

    /// Drops all state but the tie to the connection.
    pub(crate) fn forget(&mut self) {
        self.subscriptions.clear();
        self.queue.clear();
        self.in_flight.clear();
        self.received.clear();
    }

    /// A Packet Identifier that no unfinished message has; `None` when all are in use.
    pub(crate) fn free_packet_id(&mut self) -> Option<u16> {
        for _ in 0..=u16::MAX {
            let candidate = self.next_packet_id;
            self.next_packet_id = candidate.checked_add(1).unwrap_or(1);
            if candidate != 0 && !self.in_flight.iter().any(|sent| sent.packet_id == candidate) {
                return Some(candidate);
            }
        }
        None
    }

    /// Places of the send quota that are taken (4.9).
    pub(crate) fn quota_used(&self) -> usize {
        self.in_flight.iter().filter(|sent| sent.on_this_connection).count()
    }
}

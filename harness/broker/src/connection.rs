//! A Network Connection, and what lasts just as long.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bytestring::ByteString;
use mqttspec_codec::model::{Connect, QoS, Will};
use mqttspec_codec::{Context, Framer, Version};

use crate::alias::AliasesSent;
use crate::authentication::Exchange;

/// The name that the caller gives to a Network Connection. It is never used a second time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionId(pub u64);

/// How far a connection has come.
#[derive(Debug)]
pub(crate) enum Phase {
    /// No CONNECT has come.
    New,
    /// CONNECT has come, and enhanced authentication goes on (4.12).
    Authenticating(Box<Connect>),
    /// CONNACK with success is out.
    Connected,
    /// CONNECT was refused, and the broker breaks the rule not to process what follows.
    RefusedButProcessing,
    /// Nothing more is read; the broker breaks the rule to close.
    Deaf,
}

/// A Network Connection.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) framer: Framer,
    pub(crate) phase: Phase,
    /// The version of CONNECT; before it has come, the newest.
    pub(crate) version: Version,
    pub(crate) opened_at: Duration,
    /// When the last whole Control Packet came.
    pub(crate) last_packet_at: Duration,
    /// The longest silence that is tolerated: one and a half times Keep Alive.
    pub(crate) silence_limit: Option<Duration>,
    /// When the connection is closed whatever happens.
    pub(crate) close_at: Option<Duration>,
    pub(crate) client_id: ByteString,
    /// The key of the Session, which is the Client Identifier.
    pub(crate) session: ByteString,
    /// Session Expiry Interval of CONNECT, in seconds; 0 where absent.
    pub(crate) connect_expiry_interval: u32,
    pub(crate) will: Option<Will>,
    /// Receive Maximum of the Client.
    pub(crate) receive_maximum: u16,
    /// Maximum Packet Size of the Client.
    pub(crate) maximum_packet_size: Option<u32>,
    /// Request Problem Information.
    pub(crate) problem_information: bool,
    /// Topic Aliases that the Client has set.
    pub(crate) aliases_received: BTreeMap<u16, ByteString>,
    pub(crate) aliases_sent: AliasesSent,
    /// QoS 2 messages that came on this connection and were not released, which count against the Receive
    /// Maximum of the broker. QoS 1 messages are acknowledged at once and take no place.
    pub(crate) unreleased: BTreeSet<u16>,
    /// What was completely acknowledged on this connection; used only to break a rule.
    pub(crate) settled: BTreeSet<(QoS, u16)>,
    pub(crate) authentication: Option<Exchange>,
}

impl Connection {
    pub(crate) fn new(now: Duration) -> Self {
        Self {
            framer: Framer::new(Context::from_client(Version::V5_0), usize::MAX),
            phase: Phase::New,
            version: Version::V5_0,
            opened_at: now,
            last_packet_at: now,
            silence_limit: None,
            close_at: None,
            client_id: ByteString::new(),
            session: ByteString::new(),
            connect_expiry_interval: 0,
            will: None,
            receive_maximum: u16::MAX,
            maximum_packet_size: None,
            problem_information: true,
            aliases_received: BTreeMap::new(),
            aliases_sent: AliasesSent::default(),
            unreleased: BTreeSet::new(),
            settled: BTreeSet::new(),
            authentication: None,
        }
    }

    pub(crate) const fn is_connected(&self) -> bool {
        matches!(self.phase, Phase::Connected)
    }
}

/// How a Network Connection came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// By a DISCONNECT with Reason Code 0x00, which discards the Will Message.
    Normal,
    /// Because nothing came for one and a half times Keep Alive.
    Silence,
    /// In any other way.
    Failure,
}

//! What the Clients set out to do. Whether a step can be done depends on the state in which it comes: the
//! driver leaves out what would not be legal, so that every part of a scenario is a scenario and shrinking can
//! take any step away.

use mqttspec_codec::Version;
use mqttspec_codec::model::{QoS, SubscriptionOptions};

/// Topics that are published to; a Will Message goes to `w/` and the Client Identifier.
pub const TOPICS: [&str; 4] = ["a", "a/b", "c/b", "$d/b"];

/// Filters that are subscribed to. Those of Shared Subscriptions stand last: only 5.0 has them.
pub const FILTERS: [&str; 12] = [
    "a",
    "a/b",
    "a/#",
    "+/b",
    "#",
    "+",
    "w/+",
    "$d/#",
    "$share/g/a",
    "$share/g/a/#",
    "$share/h/+/b",
    "$share/h/#",
];

/// A whole session of several Clients.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// How many Clients there are, from 1.
    pub clients: usize,
    /// What the broker chooses.
    pub choices: Choices,
    /// What happens, in order.
    pub steps: Vec<Step>,
}

/// What the broker chooses where the specification leaves it free.
#[derive(Clone, Debug)]
pub struct Choices {
    /// Whether a message comes once for each subscription that matches (3.3.4).
    pub each_subscription: bool,
    /// Whether QoS 0 messages are kept for a Client that is away (4.1).
    pub queue_qos0: bool,
    /// The highest QoS that a subscription is granted.
    pub granted: QoS,
    /// Receive Maximum for Clients of 5.0, from 1.
    pub receive_maximum: u16,
}

/// One thing that happens. The number is that of a Client.
#[derive(Clone, Debug)]
pub enum Step {
    /// Seconds pass.
    Wait(u8),
    /// The connection breaks; if so said, what the Client has not looked at since it acted last is lost.
    Drop(usize, Unread),
    /// DISCONNECT.
    Disconnect(usize, Leave),
    /// PINGREQ.
    Ping(usize),
    /// A new connection, with its CONNECT.
    Connect(usize, Connection),
    /// SUBSCRIBE, perhaps with a Subscription Identifier.
    Subscribe(usize, Vec<Filter>, Option<u8>),
    /// UNSUBSCRIBE from filters by their numbers.
    Unsubscribe(usize, Vec<usize>),
    /// PUBLISH.
    Publish(usize, Message),
    /// One acknowledgement that is due is sent, or all.
    Acknowledge(usize, Option<Pick>),
}

/// What becomes of packets that are on their way to a Client when its connection breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unread {
    /// The Client gets them before.
    Arrives,
    /// The Client never sees them.
    GetsLost,
}

/// How a Client says goodbye.
#[derive(Clone, Debug)]
pub struct Leave {
    /// By Reason Code 0x04.
    pub with_will: bool,
    /// Session Expiry Interval, in seconds.
    pub session_expiry: Option<u32>,
}

/// A CONNECT, with what only 5.0 knows.
#[derive(Clone, Debug)]
pub struct Connection {
    /// The version.
    pub version: Version,
    /// Clean Start, or Clean Session in 3.1.1.
    pub clean: bool,
    /// Session Expiry Interval, in seconds.
    pub session_expiry: u32,
    /// Receive Maximum, from 1.
    pub receive_maximum: Option<u16>,
    /// Topic Alias Maximum.
    pub alias_maximum: u16,
    /// A Will Message and its Will Delay Interval, in seconds.
    pub will: Option<(Message, u32)>,
}

/// A Topic Filter by its number, with what is asked for.
#[derive(Clone, Debug)]
pub struct Filter {
    /// The number of the filter.
    pub filter: usize,
    /// Subscription Options.
    pub options: SubscriptionOptions,
}

/// A message; its topic is a number, its payload is unique unless it is empty.
#[derive(Clone, Debug)]
pub struct Message {
    /// The number of the topic.
    pub topic: usize,
    /// QoS.
    pub qos: QoS,
    /// RETAIN.
    pub retain: bool,
    /// Whether the payload has no byte.
    pub empty: bool,
    /// Message Expiry Interval, in seconds (5.0).
    pub expiry: Option<u32>,
    /// Topic Alias (5.0).
    pub alias: Option<u16>,
}

/// Which of the acknowledgements that are due, and whether it refuses the message (5.0).
#[derive(Clone, Debug)]
pub struct Pick {
    /// Its number, counted round.
    pub index: usize,
    /// Whether it refuses the message.
    pub refuse: bool,
}

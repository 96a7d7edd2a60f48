//! SUBSCRIBE (3.8), SUBACK (3.9), UNSUBSCRIBE (3.10) and UNSUBACK (3.11).

use bytestring::ByteString;

use super::{Properties, QoS, ReasonCode};

/// SUBSCRIBE (3.8).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subscribe {
    /// Packet Identifier.
    pub packet_id: u16,
    /// SUBSCRIBE Properties; not on the wire in 3.1.1.
    pub properties: Properties,
    /// The Topic Filters with their options, in order.
    pub filters: Vec<Subscription>,
}

/// One Topic Filter of a SUBSCRIBE.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subscription {
    /// Topic Filter.
    pub filter: ByteString,
    /// Subscription Options in 5.0; only the Requested QoS in 3.1.1.
    pub options: SubscriptionOptions,
}

/// Subscription Options (3.8.3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SubscriptionOptions {
    /// Maximum QoS in 5.0, Requested QoS in 3.1.1.
    pub qos: QoS,
    /// No Local (5.0).
    pub no_local: bool,
    /// Retain As Published (5.0).
    pub retain_as_published: bool,
    /// Retain Handling (5.0).
    pub retain_handling: RetainHandling,
}

/// Retain Handling (3.8.3.1): whether retained messages are sent when the subscription is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RetainHandling {
    /// 0: at each SUBSCRIBE.
    #[default]
    Send = 0,
    /// 1: only if the subscription did not exist.
    SendIfNew = 1,
    /// 2: never.
    DoNotSend = 2,
}

impl RetainHandling {
    /// The option that two bits stand for; 3 stands for none.
    #[must_use]
    pub const fn from_bits(bits: u8) -> Option<Self> {
        match bits {
            0 => Some(Self::Send),
            1 => Some(Self::SendIfNew),
            2 => Some(Self::DoNotSend),
            _ => None,
        }
    }
}

/// SUBACK (3.9).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SubAck {
    /// The Packet Identifier of the SUBSCRIBE.
    pub packet_id: u16,
    /// SUBACK Properties; not on the wire in 3.1.1.
    pub properties: Properties,
    /// A Reason Code (5.0) or Return Code (3.1.1) for each Topic Filter, in order.
    pub reason_codes: Vec<ReasonCode>,
}

/// UNSUBSCRIBE (3.10).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unsubscribe {
    /// Packet Identifier.
    pub packet_id: u16,
    /// UNSUBSCRIBE Properties; not on the wire in 3.1.1.
    pub properties: Properties,
    /// The Topic Filters, in order.
    pub filters: Vec<ByteString>,
}

/// UNSUBACK (3.11).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnsubAck {
    /// The Packet Identifier of the UNSUBSCRIBE.
    pub packet_id: u16,
    /// UNSUBACK Properties; not on the wire in 3.1.1.
    pub properties: Properties,
    /// A Reason Code for each Topic Filter, in order; 3.1.1 sends none.
    pub reason_codes: Vec<ReasonCode>,
}

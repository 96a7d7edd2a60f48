//! PUBLISH (3.3).

use bytes::Bytes;
use bytestring::ByteString;

use super::{Properties, QoS};

/// PUBLISH (3.3).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Publish {
    /// DUP: an earlier attempt to deliver the same packet may have been made.
    pub dup: bool,
    /// Quality of Service level.
    pub qos: QoS,
    /// RETAIN.
    pub retain: bool,
    /// Topic Name; empty in 5.0 when a Topic Alias stands for it.
    pub topic: ByteString,
    /// Packet Identifier, present just when the QoS is above 0.
    pub packet_id: Option<u16>,
    /// PUBLISH Properties; not on the wire in 3.1.1.
    pub properties: Properties,
    /// The Application Message.
    pub payload: Bytes,
}

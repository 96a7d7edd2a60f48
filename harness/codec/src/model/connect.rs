//! CONNECT (3.1) and CONNACK (3.2).

use bytes::Bytes;
use bytestring::ByteString;

use super::{Properties, QoS, ReasonCode};
use crate::Version;

/// CONNECT (3.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connect {
    /// Protocol Name: `MQTT`, or `MQIsdp` in MQTT 3.1.
    pub protocol_name: ByteString,
    /// Protocol Level in 3.1.1, Protocol Version in 5.0: 4 or 5, or 3 in MQTT 3.1.
    pub protocol_level: u8,
    /// Clean Start in 5.0, Clean Session in 3.1.1.
    pub clean_start: bool,
    /// Keep Alive, in seconds; 0 turns it off.
    pub keep_alive: u16,
    /// CONNECT Properties; not on the wire in 3.1.1.
    pub properties: Properties,
    /// Client Identifier.
    pub client_id: ByteString,
    /// The Will, when the Will Flag is set.
    pub will: Option<Will>,
    /// User Name, when its flag is set.
    pub user_name: Option<ByteString>,
    /// Password, when its flag is set.
    pub password: Option<Bytes>,
}

impl Connect {
    /// The smallest CONNECT of a version: Clean Start, Keep Alive 0, this Client Identifier.
    #[must_use]
    pub fn new(version: Version, client_id: impl Into<ByteString>) -> Self {
        Self {
            protocol_name: ByteString::from_static("MQTT"),
            protocol_level: version.protocol_level(),
            clean_start: true,
            keep_alive: 0,
            properties: Properties::default(),
            client_id: client_id.into(),
            will: None,
            user_name: None,
            password: None,
        }
    }
}

/// The Will Message that a CONNECT carries (3.1.2.5, 3.1.3.2 to 3.1.3.4).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Will {
    /// Will QoS.
    pub qos: QoS,
    /// Will Retain.
    pub retain: bool,
    /// Will Properties; not on the wire in 3.1.1.
    pub properties: Properties,
    /// Will Topic.
    pub topic: ByteString,
    /// Will Payload in 5.0, Will Message in 3.1.1.
    pub payload: Bytes,
}

/// CONNACK (3.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnAck {
    /// Session Present.
    pub session_present: bool,
    /// Connect Reason Code in 5.0, Connect Return code in 3.1.1.
    pub reason_code: ReasonCode,
    /// CONNACK Properties; not on the wire in 3.1.1.
    pub properties: Properties,
}

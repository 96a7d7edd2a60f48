//! Reason Codes of 5.0 (2.4) and the return codes of 3.1.1.

use std::fmt;

use super::{PacketType, Sender};
use crate::Version;

/// A Reason Code of 5.0, or a return code of a CONNACK or SUBACK of 3.1.1.
///
/// Which values are defined depends on packet, sender and version: see [`ReasonCode::defined_for`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ReasonCode(pub u8);

use PacketType as P;

/// A code, its name, and the packets in which the Client and the Server may send it (table 2-6 and the
/// tables of each packet, which agree but for 0x8C in DISCONNECT).
struct Row(u8, &'static str, &'static [P], &'static [P]);

const CLIENT_SUCCESS: &[P] = &[P::PubAck, P::PubRec, P::PubRel, P::PubComp, P::Disconnect];
const TABLE: &[Row] = &[
    Row(
        0x00,
        "Success",
        CLIENT_SUCCESS,
        &[
            P::ConnAck,
            P::PubAck,
            P::PubRec,
            P::PubRel,
            P::PubComp,
            P::SubAck,
            P::UnsubAck,
            P::Disconnect,
            P::Auth,
        ],
    ),
    Row(0x01, "Granted QoS 1", &[], &[P::SubAck]),
    Row(0x02, "Granted QoS 2", &[], &[P::SubAck]),
    Row(0x04, "Disconnect with Will Message", &[P::Disconnect], &[]),
    Row(0x10, "No matching subscribers", &[P::PubAck, P::PubRec], &[P::PubAck, P::PubRec]),
    Row(0x11, "No subscription existed", &[], &[P::UnsubAck]),
    Row(0x18, "Continue authentication", &[P::Auth], &[P::Auth]),
    Row(0x19, "Re-authenticate", &[P::Auth], &[]),
    Row(
        0x80,
        "Unspecified error",
        &[P::PubAck, P::PubRec, P::Disconnect],
        &[P::ConnAck, P::PubAck, P::PubRec, P::SubAck, P::UnsubAck, P::Disconnect],
    ),
    Row(0x81, "Malformed Packet", &[P::Disconnect], &[P::ConnAck, P::Disconnect]),
    Row(0x82, "Protocol Error", &[P::Disconnect], &[P::ConnAck, P::Disconnect]),
    Row(
        0x83,
        "Implementation specific error",
        &[P::PubAck, P::PubRec, P::Disconnect],
        &[P::ConnAck, P::PubAck, P::PubRec, P::SubAck, P::UnsubAck, P::Disconnect],
    ),
    Row(0x84, "Unsupported Protocol Version", &[], &[P::ConnAck]),
    Row(0x85, "Client Identifier not valid", &[], &[P::ConnAck]),
    Row(0x86, "Bad User Name or Password", &[], &[P::ConnAck]),
    Row(
        0x87,
        "Not authorized",
        &[P::PubAck, P::PubRec],
        &[P::ConnAck, P::PubAck, P::PubRec, P::SubAck, P::UnsubAck, P::Disconnect],
    ),
    Row(0x88, "Server unavailable", &[], &[P::ConnAck]),
    Row(0x89, "Server busy", &[], &[P::ConnAck, P::Disconnect]),
    Row(0x8A, "Banned", &[], &[P::ConnAck]),
    Row(0x8B, "Server shutting down", &[], &[P::Disconnect]),
    Row(0x8C, "Bad authentication method", &[], &[P::ConnAck, P::Disconnect]),
    Row(0x8D, "Keep Alive timeout", &[], &[P::Disconnect]),
    Row(0x8E, "Session taken over", &[], &[P::Disconnect]),
    Row(0x8F, "Topic Filter invalid", &[], &[P::SubAck, P::UnsubAck, P::Disconnect]),
    Row(
        0x90,
        "Topic Name invalid",
        &[P::PubAck, P::PubRec, P::Disconnect],
        &[P::ConnAck, P::PubAck, P::PubRec, P::Disconnect],
    ),
    Row(
        0x91,
        "Packet Identifier in use",
        &[P::PubAck, P::PubRec],
        &[P::PubAck, P::PubRec, P::SubAck, P::UnsubAck],
    ),
    Row(0x92, "Packet Identifier not found", &[P::PubRel, P::PubComp], &[P::PubRel, P::PubComp]),
    Row(0x93, "Receive Maximum exceeded", &[P::Disconnect], &[P::Disconnect]),
    Row(0x94, "Topic Alias invalid", &[P::Disconnect], &[P::Disconnect]),
    Row(0x95, "Packet too large", &[P::Disconnect], &[P::ConnAck, P::Disconnect]),
    Row(0x96, "Message rate too high", &[P::Disconnect], &[P::Disconnect]),
    Row(
        0x97,
        "Quota exceeded",
        &[P::PubAck, P::PubRec, P::Disconnect],
        &[P::ConnAck, P::PubAck, P::PubRec, P::SubAck, P::Disconnect],
    ),
    Row(0x98, "Administrative action", &[P::Disconnect], &[P::Disconnect]),
    Row(
        0x99,
        "Payload format invalid",
        &[P::PubAck, P::PubRec, P::Disconnect],
        &[P::ConnAck, P::PubAck, P::PubRec, P::Disconnect],
    ),
    Row(0x9A, "Retain not supported", &[], &[P::ConnAck, P::Disconnect]),
    Row(0x9B, "QoS not supported", &[], &[P::ConnAck, P::Disconnect]),
    Row(0x9C, "Use another server", &[], &[P::ConnAck, P::Disconnect]),
    Row(0x9D, "Server moved", &[], &[P::ConnAck, P::Disconnect]),
    Row(0x9E, "Shared Subscriptions not supported", &[], &[P::SubAck, P::Disconnect]),
    Row(0x9F, "Connection rate exceeded", &[], &[P::ConnAck, P::Disconnect]),
    Row(0xA0, "Maximum connect time", &[], &[P::Disconnect]),
    Row(0xA1, "Subscription Identifiers not supported", &[], &[P::SubAck, P::Disconnect]),
    Row(0xA2, "Wildcard Subscriptions not supported", &[], &[P::SubAck, P::Disconnect]),
];

/// Return codes of a CONNACK of 3.1.1 (table 3.1).
const CONNECT_RETURN_CODES: [&str; 6] = [
    "Connection Accepted",
    "Connection Refused, unacceptable protocol version",
    "Connection Refused, identifier rejected",
    "Connection Refused, Server unavailable",
    "Connection Refused, bad user name or password",
    "Connection Refused, not authorized",
];

#[expect(missing_docs, reason = "each is the name the specification gives to the code")]
impl ReasonCode {
    pub const SUCCESS: Self = Self(0x00);
    pub const REFUSED_PROTOCOL_VERSION: Self = Self(0x01);
    pub const REFUSED_IDENTIFIER: Self = Self(0x02);
    pub const DISCONNECT_WITH_WILL_MESSAGE: Self = Self(0x04);
    pub const NO_MATCHING_SUBSCRIBERS: Self = Self(0x10);
    pub const NO_SUBSCRIPTION_EXISTED: Self = Self(0x11);
    pub const CONTINUE_AUTHENTICATION: Self = Self(0x18);
    pub const RE_AUTHENTICATE: Self = Self(0x19);
    pub const UNSPECIFIED_ERROR: Self = Self(0x80);
    pub const MALFORMED_PACKET: Self = Self(0x81);
    pub const PROTOCOL_ERROR: Self = Self(0x82);
    pub const IMPLEMENTATION_SPECIFIC_ERROR: Self = Self(0x83);
    pub const UNSUPPORTED_PROTOCOL_VERSION: Self = Self(0x84);
    pub const CLIENT_IDENTIFIER_NOT_VALID: Self = Self(0x85);
    pub const BAD_USER_NAME_OR_PASSWORD: Self = Self(0x86);
    pub const NOT_AUTHORIZED: Self = Self(0x87);
    pub const SERVER_UNAVAILABLE: Self = Self(0x88);
    pub const SERVER_BUSY: Self = Self(0x89);
    pub const BANNED: Self = Self(0x8A);
    pub const SERVER_SHUTTING_DOWN: Self = Self(0x8B);
    pub const BAD_AUTHENTICATION_METHOD: Self = Self(0x8C);
    pub const KEEP_ALIVE_TIMEOUT: Self = Self(0x8D);
    pub const SESSION_TAKEN_OVER: Self = Self(0x8E);
    pub const TOPIC_FILTER_INVALID: Self = Self(0x8F);
    pub const TOPIC_NAME_INVALID: Self = Self(0x90);
    pub const PACKET_IDENTIFIER_IN_USE: Self = Self(0x91);
    pub const PACKET_IDENTIFIER_NOT_FOUND: Self = Self(0x92);
    pub const RECEIVE_MAXIMUM_EXCEEDED: Self = Self(0x93);
    pub const TOPIC_ALIAS_INVALID: Self = Self(0x94);
    pub const PACKET_TOO_LARGE: Self = Self(0x95);
    pub const MESSAGE_RATE_TOO_HIGH: Self = Self(0x96);
    pub const QUOTA_EXCEEDED: Self = Self(0x97);
    pub const ADMINISTRATIVE_ACTION: Self = Self(0x98);
    pub const PAYLOAD_FORMAT_INVALID: Self = Self(0x99);
    pub const RETAIN_NOT_SUPPORTED: Self = Self(0x9A);
    pub const QOS_NOT_SUPPORTED: Self = Self(0x9B);
    pub const USE_ANOTHER_SERVER: Self = Self(0x9C);
    pub const SERVER_MOVED: Self = Self(0x9D);
    pub const SHARED_SUBSCRIPTIONS_NOT_SUPPORTED: Self = Self(0x9E);
    pub const CONNECTION_RATE_EXCEEDED: Self = Self(0x9F);
    pub const MAXIMUM_CONNECT_TIME: Self = Self(0xA0);
    pub const SUBSCRIPTION_IDENTIFIERS_NOT_SUPPORTED: Self = Self(0xA1);
    pub const WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED: Self = Self(0xA2);
}

impl ReasonCode {
    /// Whether the code reports a failure: 0x80 or above (2.4); in a CONNACK of 3.1.1 every code but 0.
    #[must_use]
    pub const fn is_error(self) -> bool {
        self.0 >= 0x80
    }

    /// Whether the specification defines the code for this packet from this sender.
    #[must_use]
    pub fn defined_for(self, packet_type: PacketType, sender: Sender, version: Version) -> bool {
        match (version, packet_type) {
            (Version::V3_1_1, PacketType::ConnAck) => self.0 <= 5,
            (Version::V3_1_1, PacketType::SubAck) => matches!(self.0, 0..=2 | 0x80),
            (Version::V3_1_1, _) => false,
            (Version::V5_0, _) => self.row().is_some_and(|Row(_, _, client, server)| {
                let places = match sender {
                    Sender::Client => client,
                    Sender::Server => server,
                };
                places.contains(&packet_type)
            }),
        }
    }

    /// The name that the specification gives to the code in this packet.
    #[must_use]
    pub fn name(self, packet_type: PacketType, version: Version) -> &'static str {
        match (version, packet_type, self.0) {
            (Version::V3_1_1, PacketType::ConnAck, code) => {
                CONNECT_RETURN_CODES.get(usize::from(code)).copied().unwrap_or("undefined")
            }
            (Version::V3_1_1, PacketType::SubAck, 0x80) => "Failure",
            (_, PacketType::SubAck, 0) => "Granted QoS 0",
            (_, PacketType::Disconnect, 0) => "Normal disconnection",
            _ => self.row().map_or("undefined", |Row(_, name, _, _)| name),
        }
    }

    fn row(self) -> Option<&'static Row> {
        TABLE.binary_search_by_key(&self.0, |row| row.0).ok().and_then(|index| TABLE.get(index))
    }
}

impl fmt::Display for ReasonCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{:02X}", self.0)
    }
}

impl fmt::Debug for ReasonCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::{PacketType, ReasonCode, Sender, TABLE};
    use crate::Version;

    #[test]
    fn the_table_is_sorted_by_code() {
        assert!(TABLE.is_sorted_by_key(|row| row.0));
    }

    #[test]
    fn connack_has_the_twenty_two_codes_of_table_3_1() {
        let defined = (0..=u8::MAX)
            .filter(|&code| ReasonCode(code).defined_for(PacketType::ConnAck, Sender::Server, Version::V5_0));
        assert_eq!(defined.count(), 22);
    }
}

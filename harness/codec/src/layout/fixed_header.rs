//! The fixed header (2.1 in 5.0, 2.2 in 3.1.1): what binds it in every packet.

use crate::model::{PacketType, Sender};
use crate::rule::rules;
use crate::{Context, Rule, Version};

rules! {
    /// packet type 0 is reserved
    pub(crate) TYPE_0: PacketType, MALFORMED_PACKET,
        v3 ["MQTT-4.8.0-1"],
        v5 ["E5-01" "MQTT-4.13.1-1"];
    /// packet type 15 is reserved
    TYPE_15: PacketType, MALFORMED_PACKET,
        v3 ["MQTT-4.8.0-1"],
        v5 [];
    /// only a Server sends this packet
    SERVER_ONLY: Direction, PROTOCOL_ERROR,
        v3 ["MQTT-4.8.0-1"],
        v5 ["E5-02" "MQTT-4.13.1-1"];
    /// only a Client sends this packet
    CLIENT_ONLY: Direction, PROTOCOL_ERROR,
        v3 ["MQTT-4.8.0-1"],
        v5 ["MQTT-4.13.1-1"];
    /// the reserved flags must have the values that the packet type prescribes
    pub(super) RESERVED_FLAGS: FixedHeaderFlags, MALFORMED_PACKET,
        v3 ["MQTT-2.2.2-2" "MQTT-2.2.2-1" "MQTT-4.8.0-1"],
        v5 ["MQTT-2.1.3-1" "MQTT-4.13.1-1"];
    /// the Remaining Length has four bytes at most
    pub(crate) LENGTH_TOO_LONG: LengthTooLong, MALFORMED_PACKET,
        v3 ["S311-02" "MQTT-4.8.0-1"],
        v5 ["E5-03" "MQTT-4.13.1-1"];
    /// the Remaining Length must use as few bytes as it can
    pub(crate) LENGTH_NOT_MINIMAL: LengthNotMinimal, MALFORMED_PACKET,
        v3 [],
        v5 ["MQTT-1.5.5-1"];
    /// the packet must be as long as its Remaining Length says
    pub(crate) FRAME_CUT: Cut, MALFORMED_PACKET,
        v3 ["MQTT-4.8.0-1"],
        v5 ["MQTT-4.13.1-1"];
    /// a packet ends where its Remaining Length says
    pub(crate) BYTES_AFTER_FRAME: TrailingBytes, MALFORMED_PACKET,
        v3 ["MQTT-4.8.0-1"],
        v5 ["MQTT-4.13.1-1"];
}

/// The rule that a packet breaks by its type alone, in this version and from this sender.
pub(crate) fn forbidden(packet_type: PacketType, context: Context) -> Option<&'static Rule> {
    use PacketType as P;

    match (packet_type, context.sender, context.version) {
        (P::Auth, _, Version::V3_1_1) => Some(&TYPE_15),
        (P::ConnAck | P::SubAck | P::UnsubAck | P::PingResp, Sender::Client, _) => Some(&SERVER_ONLY),
        (P::Connect | P::Subscribe | P::Unsubscribe | P::PingReq, Sender::Server, _)
        | (P::Disconnect, Sender::Server, Version::V3_1_1) => Some(&CLIENT_ONLY),
        _ => None,
    }
}

//! PINGREQ (3.12) and PINGRESP (3.13), which have no body.

use super::fixed_header::RESERVED_FLAGS;
use super::visitor::Layout;
use crate::Rule;
use crate::model::PacketType;
use crate::rule::rules;

rules! {
    /// a PINGREQ has no body
    PINGREQ_BODY: TrailingBytes, MALFORMED_PACKET,
        v3 ["S311-27" "MQTT-4.8.0-1"],
        v5 ["E5-48" "MQTT-4.13.1-1"];
    /// a PINGRESP has no body
    PINGRESP_BODY: TrailingBytes, MALFORMED_PACKET,
        v3 ["S311-27" "MQTT-4.8.0-1"],
        v5 ["MQTT-4.13.1-1"];
}

pub(super) fn pingreq<L: Layout>(l: &mut L) -> Result<(), L::Error> {
    empty(l, PacketType::PingReq, &PINGREQ_BODY)
}

pub(super) fn pingresp<L: Layout>(l: &mut L) -> Result<(), L::Error> {
    empty(l, PacketType::PingResp, &PINGRESP_BODY)
}

fn empty<L: Layout>(l: &mut L, packet_type: PacketType, body: &'static Rule) -> Result<(), L::Error> {
    l.first_byte(packet_type, |l, flags| l.fixed_bits(flags, 0b1111, 0b0000, ("flags", &RESERVED_FLAGS)))?;
    l.remaining_length(0, |_| Ok(Some(body)))
}

//! SUBACK (3.9) and UNSUBACK (3.11).

use super::fixed_header::RESERVED_FLAGS;
use super::properties::{Place, properties};
use super::visitor::{At, Layout, at};
use crate::model::{PacketType, ReasonCode, SubAck, UnsubAck};
use crate::rule::rules;
use crate::{Rule, Version};

rules! {
    /// a SUBACK holds a Packet Identifier
    SUBACK_CUT: Cut, MALFORMED_PACKET,
        v3 ["MQTT-4.8.0-1"],
        v5 ["MQTT-4.13.1-1"];
    /// an UNSUBACK holds a Packet Identifier
    UNSUBACK_CUT: Cut, MALFORMED_PACKET,
        v3 ["S311-27" "MQTT-4.8.0-1"],
        v5 ["MQTT-4.13.1-1"];
    /// the Packet Identifier is that of a SUBSCRIBE or UNSUBSCRIBE, which is never 0
    PACKET_ID: PacketIdentifier, PROTOCOL_ERROR,
        v3 ["MQTT-2.3.1-7" "MQTT-4.8.0-1"],
        v5 ["MQTT-2.2.1-6" "MQTT-4.13.1-1"];
    /// a SUBACK must hold a code for each Topic Filter, of which there is at least one
    SUBACK_EMPTY: EmptyList, PROTOCOL_ERROR,
        v3 ["MQTT-3.8.4-5" "MQTT-4.8.0-1"],
        v5 ["MQTT-3.8.4-6" "MQTT-4.13.1-1"];
    /// an UNSUBACK must hold a code for each Topic Filter, of which there is at least one
    UNSUBACK_EMPTY: EmptyList, PROTOCOL_ERROR,
        v3 [],
        v5 ["MQTT-3.11.3-2" "MQTT-4.13.1-1"];
    /// the code must be one that the specification lists for SUBACK
    SUBACK_REASON_CODE: ReasonCode, PROTOCOL_ERROR,
        v3 ["MQTT-3.9.3-2" "MQTT-4.8.0-1"],
        v5 ["MQTT-3.9.3-2" "MQTT-4.13.1-1"];
    /// the code must be one that the specification lists for UNSUBACK
    UNSUBACK_REASON_CODE: ReasonCode, PROTOCOL_ERROR,
        v3 [],
        v5 ["MQTT-3.11.3-2" "MQTT-4.13.1-1"];
    /// nothing follows the Packet Identifier of an UNSUBACK
    UNSUBACK_TRAILING: TrailingBytes, MALFORMED_PACKET,
        v3 ["S311-27" "MQTT-4.8.0-1"],
        v5 [];
}

pub(super) fn suback<L: Layout>(l: &mut L, mut it: At<'_, L, SubAck>) -> Result<(), L::Error> {
    const TYPE: PacketType = PacketType::SubAck;

    l.first_byte(TYPE, |l, flags| l.fixed_bits(flags, 0b1111, 0b0000, ("flags", &RESERVED_FLAGS)))?;
    l.remaining_length(0, |l| {
        l.u16("packet_id", at!(it.packet_id), &SUBACK_CUT)?;
        l.check(it.packet_id != 0, "packet_id", &PACKET_ID)?;
        if l.version() == Version::V5_0 {
            properties(l, "properties", Place::packet(TYPE), at!(it.properties))?;
        }
        let codes = l.position();
        reason_codes(l, TYPE, at!(it.reason_codes), &SUBACK_CUT, &SUBACK_REASON_CODE)?;
        l.check_at(codes, !it.reason_codes.is_empty(), "reason_codes", &SUBACK_EMPTY)?;
        Ok(None)
    })
}

pub(super) fn unsuback<L: Layout>(l: &mut L, mut it: At<'_, L, UnsubAck>) -> Result<(), L::Error> {
    const TYPE: PacketType = PacketType::UnsubAck;

    l.first_byte(TYPE, |l, flags| l.fixed_bits(flags, 0b1111, 0b0000, ("flags", &RESERVED_FLAGS)))?;
    l.remaining_length(0, |l| {
        l.u16("packet_id", at!(it.packet_id), &UNSUBACK_CUT)?;
        l.check(it.packet_id != 0, "packet_id", &PACKET_ID)?;
        if l.version() == Version::V5_0 {
            properties(l, "properties", Place::packet(TYPE), at!(it.properties))?;
            let codes = l.position();
            reason_codes(l, TYPE, at!(it.reason_codes), &UNSUBACK_CUT, &UNSUBACK_REASON_CODE)?;
            l.check_at(codes, !it.reason_codes.is_empty(), "reason_codes", &UNSUBACK_EMPTY)?;
        }
        Ok(Some(&UNSUBACK_TRAILING))
    })
}

fn reason_codes<L: Layout>(
    l: &mut L,
    packet_type: PacketType,
    at: At<'_, L, Vec<ReasonCode>>,
    short: &'static Rule,
    undefined: &'static Rule,
) -> Result<(), L::Error> {
    l.elements(
        "reason_codes",
        at,
        || ReasonCode::SUCCESS,
        |l, mut code| {
            l.reason_code("", at!(code), short)?;
            l.judge("", |context| {
                let defined = code.defined_for(packet_type, context.sender, context.version);
                (!defined).then_some(undefined)
            })
        },
    )
}

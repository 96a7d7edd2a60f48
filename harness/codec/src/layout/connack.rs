//! CONNACK (3.2).

use super::fixed_header::RESERVED_FLAGS;
use super::properties::{Place, properties};
use super::visitor::{At, Layout, at};
use crate::Version;
use crate::model::{ConnAck, PacketType, ReasonCode};
use crate::rule::rules;

rules! {
    /// a CONNACK holds Connect Acknowledge Flags and a code
    CUT: Cut, MALFORMED_PACKET,
        v3 ["S311-20" "MQTT-4.8.0-1"],
        v5 ["MQTT-4.13.1-1"];
    /// no field follows the last one of a CONNACK
    TRAILING: TrailingBytes, MALFORMED_PACKET,
        v3 ["S311-20" "MQTT-4.8.0-1"],
        v5 ["MQTT-4.13.1-1"];
    /// bits 7 to 1 of the Connect Acknowledge Flags are reserved and must be 0
    RESERVED_BITS: ReservedBits, MALFORMED_PACKET,
        v3 ["S311-21" "MQTT-4.8.0-1"],
        v5 ["MQTT-3.2.2-1" "MQTT-4.13.1-1"];
    /// a refusal must have Session Present 0
    SESSION_PRESENT: SessionPresent, PROTOCOL_ERROR,
        v3 ["MQTT-3.2.2-4" "MQTT-4.8.0-1"],
        v5 ["MQTT-3.2.2-6" "MQTT-4.13.1-1"];
    /// the code must be one that the specification lists for CONNACK
    REASON_CODE: ReasonCode, PROTOCOL_ERROR,
        v3 ["MQTT-3.2.2-6" "MQTT-4.8.0-1"],
        v5 ["MQTT-3.2.2-8" "MQTT-4.13.1-1"];
}

pub(super) fn connack<L: Layout>(l: &mut L, mut it: At<'_, L, ConnAck>) -> Result<(), L::Error> {
    l.first_byte(PacketType::ConnAck, |l, flags| {
        l.fixed_bits(flags, 0b1111, 0b0000, ("flags", &RESERVED_FLAGS))
    })?;
    l.remaining_length(0, |l| {
        let acknowledge_flags = l.position();
        l.flags("acknowledge_flags", &CUT, |l, flags| {
            l.bit("session_present", flags, 0, at!(it.session_present));
            l.fixed_bits(flags, 0b1111_1110, 0, ("acknowledge_flags", &RESERVED_BITS))
        })?;
        l.reason_code("reason_code", at!(it.reason_code), &CUT)?;
        l.judge("reason_code", |context| {
            let defined = it.reason_code.defined_for(PacketType::ConnAck, context.sender, context.version);
            (!defined).then_some(&REASON_CODE)
        })?;
        let consistent = !it.session_present || it.reason_code == ReasonCode::SUCCESS;
        l.check_at(acknowledge_flags, consistent, "acknowledge_flags", &SESSION_PRESENT)?;
        if l.version() == Version::V5_0 {
            properties(l, "properties", Place::packet(PacketType::ConnAck), at!(it.properties))?;
        }
        Ok(Some(&TRAILING))
    })
}

//! DISCONNECT (3.14) and AUTH (3.15).

use super::access::Access;
use super::fixed_header::FRAME_CUT;
use super::properties::{Place, properties};
use super::visitor::{At, Layout, at};
use crate::Version;
use crate::model::{Auth, Disconnect, PacketType, Properties, ReasonCode};
use crate::rule::rules;

rules! {
    /// the reserved flags of a DISCONNECT must be 0
    DISCONNECT_FLAGS: FixedHeaderFlags, MALFORMED_PACKET,
        v3 ["MQTT-3.14.1-1" "MQTT-2.2.2-2" "MQTT-2.2.2-1" "MQTT-4.8.0-1"],
        v5 ["MQTT-3.14.1-1" "MQTT-2.1.3-1" "MQTT-4.13.1-1"];
    /// the reserved flags of an AUTH must be 0
    AUTH_FLAGS: FixedHeaderFlags, MALFORMED_PACKET,
        v3 [],
        v5 ["MQTT-3.15.1-1" "MQTT-2.1.3-1" "MQTT-4.13.1-1"];
    /// the code must be one that the specification lists for DISCONNECT and this sender
    DISCONNECT_REASON_CODE: ReasonCode, PROTOCOL_ERROR,
        v3 [],
        v5 ["MQTT-3.14.2-1" "MQTT-4.13.1-1"];
    /// the code must be one that the specification lists for AUTH and this sender
    AUTH_REASON_CODE: ReasonCode, PROTOCOL_ERROR,
        v3 [],
        v5 ["MQTT-3.15.2-1" "MQTT-4.13.1-1"];
    /// nothing follows the last field of a DISCONNECT, which has none at all in 3.1.1
    DISCONNECT_TRAILING: TrailingBytes, MALFORMED_PACKET,
        v3 ["MQTT-4.8.0-1"],
        v5 ["MQTT-4.13.1-1"];
    /// nothing follows the last field of an AUTH
    AUTH_TRAILING: TrailingBytes, MALFORMED_PACKET,
        v3 [],
        v5 ["MQTT-4.13.1-1"];
}

pub(super) fn disconnect<L: Layout>(l: &mut L, mut it: At<'_, L, Disconnect>) -> Result<(), L::Error> {
    const TYPE: PacketType = PacketType::Disconnect;

    l.first_byte(TYPE, |l, flags| l.fixed_bits(flags, 0b1111, 0b0000, ("flags", &DISCONNECT_FLAGS)))?;
    l.remaining_length(0, |l| {
        if l.version() == Version::V3_1_1 {
            return Ok(Some(&DISCONNECT_TRAILING));
        }
        // S5-31: the Reason Code may be left out, and so may the Property Length (3.14.2.2.1).
        if let Some(mut code) = L::Access::optional(at!(it.reason_code), l.has_more(), ReasonCode::SUCCESS) {
            l.reason_code("reason_code", at!(code), &FRAME_CUT)?;
            l.judge("reason_code", |context| {
                let defined = code.defined_for(TYPE, context.sender, context.version);
                (!defined).then_some(&DISCONNECT_REASON_CODE)
            })?;
        }
        if let Some(list) = L::Access::optional(at!(it.properties), l.has_more(), Properties::default()) {
            properties(l, "properties", Place::packet(TYPE), list)?;
        }
        Ok(Some(&DISCONNECT_TRAILING))
    })
}

pub(super) fn auth<L: Layout>(l: &mut L, mut it: At<'_, L, Auth>) -> Result<(), L::Error> {
    const TYPE: PacketType = PacketType::Auth;

    l.first_byte(TYPE, |l, flags| l.fixed_bits(flags, 0b1111, 0b0000, ("flags", &AUTH_FLAGS)))?;
    l.remaining_length(0, |l| {
        if l.version() == Version::V3_1_1 {
            return Ok(Some(&AUTH_TRAILING));
        }
        // S5-31: an AUTH leaves out the Reason Code and the Property Length together, or neither.
        let present = l.has_more();
        if let Some(mut code) = L::Access::optional(at!(it.reason_code), present, ReasonCode::SUCCESS) {
            l.reason_code("reason_code", at!(code), &FRAME_CUT)?;
            l.judge("reason_code", |context| {
                let defined = code.defined_for(TYPE, context.sender, context.version);
                (!defined).then_some(&AUTH_REASON_CODE)
            })?;
        }
        if let Some(list) = L::Access::optional(at!(it.properties), present, Properties::default()) {
            properties(l, "properties", Place::packet(TYPE), list)?;
        }
        Ok(Some(&AUTH_TRAILING))
    })
}

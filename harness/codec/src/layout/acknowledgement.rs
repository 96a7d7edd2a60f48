//! PUBACK (3.4), PUBREC (3.5), PUBREL (3.6) and PUBCOMP (3.7).

use super::access::Access;
use super::fixed_header::RESERVED_FLAGS;
use super::properties::{Place, properties};
use super::visitor::{At, Layout, at};
use crate::model::{Acknowledgement, PacketType, Properties, ReasonCode};
use crate::rule::rules;
use crate::{Rule, Version};

rules! {
    /// the flags of a PUBREL must be 0010
    PUBREL_FLAGS: FixedHeaderFlags, MALFORMED_PACKET,
        v3 ["MQTT-3.6.1-1" "MQTT-2.2.2-2" "MQTT-2.2.2-1" "MQTT-4.8.0-1"],
        v5 ["MQTT-3.6.1-1" "MQTT-2.1.3-1" "MQTT-4.13.1-1"];
    /// an acknowledgement holds a Packet Identifier
    CUT: Cut, MALFORMED_PACKET,
        v3 ["S311-27" "MQTT-4.8.0-1"],
        v5 ["MQTT-4.13.1-1"];
    /// no field follows the last one of an acknowledgement
    TRAILING: TrailingBytes, MALFORMED_PACKET,
        v3 ["S311-27" "MQTT-4.8.0-1"],
        v5 ["MQTT-4.13.1-1"];
    /// the Packet Identifier is that of a PUBLISH, which is never 0
    PACKET_ID: PacketIdentifier, PROTOCOL_ERROR,
        v3 ["MQTT-2.3.1-6" "MQTT-4.8.0-1"],
        v5 ["MQTT-2.2.1-5" "MQTT-4.13.1-1"];
    /// the code must be one that the specification lists for PUBACK
    PUBACK_REASON_CODE: ReasonCode, PROTOCOL_ERROR,
        v3 [],
        v5 ["MQTT-3.4.2-1" "MQTT-4.13.1-1"];
    /// the code must be one that the specification lists for PUBREC
    PUBREC_REASON_CODE: ReasonCode, PROTOCOL_ERROR,
        v3 [],
        v5 ["MQTT-3.5.2-1" "MQTT-4.13.1-1"];
    /// the code must be one that the specification lists for PUBREL
    PUBREL_REASON_CODE: ReasonCode, PROTOCOL_ERROR,
        v3 [],
        v5 ["MQTT-3.6.2-1" "MQTT-4.13.1-1"];
    /// the code must be one that the specification lists for PUBCOMP
    PUBCOMP_REASON_CODE: ReasonCode, PROTOCOL_ERROR,
        v3 [],
        v5 ["MQTT-3.7.2-1" "MQTT-4.13.1-1"];
}

/// What tells the four packets apart.
pub(super) struct Kind {
    packet_type: PacketType,
    flags: u8,
    flag_rule: &'static Rule,
    code_rule: &'static Rule,
}

pub(super) static PUBACK: Kind = Kind {
    packet_type: PacketType::PubAck,
    flags: 0b0000,
    flag_rule: &RESERVED_FLAGS,
    code_rule: &PUBACK_REASON_CODE,
};
pub(super) static PUBREC: Kind = Kind {
    packet_type: PacketType::PubRec,
    flags: 0b0000,
    flag_rule: &RESERVED_FLAGS,
    code_rule: &PUBREC_REASON_CODE,
};
pub(super) static PUBREL: Kind = Kind {
    packet_type: PacketType::PubRel,
    flags: 0b0010,
    flag_rule: &PUBREL_FLAGS,
    code_rule: &PUBREL_REASON_CODE,
};
pub(super) static PUBCOMP: Kind = Kind {
    packet_type: PacketType::PubComp,
    flags: 0b0000,
    flag_rule: &RESERVED_FLAGS,
    code_rule: &PUBCOMP_REASON_CODE,
};

pub(super) fn acknowledgement<L: Layout>(
    l: &mut L,
    kind: &'static Kind,
    mut it: At<'_, L, Acknowledgement>,
) -> Result<(), L::Error> {
    l.first_byte(kind.packet_type, |l, flags| {
        l.fixed_bits(flags, 0b1111, kind.flags, ("flags", kind.flag_rule))
    })?;
    l.remaining_length(0, |l| {
        l.u16("packet_id", at!(it.packet_id), &CUT)?;
        l.check(it.packet_id != 0, "packet_id", &PACKET_ID)?;
        if l.version() == Version::V3_1_1 {
            return Ok(Some(&TRAILING));
        }
        // S5-31: the Reason Code may be left out, and so may the Property Length (3.4.2.2.1).
        if let Some(mut code) = L::Access::optional(at!(it.reason_code), l.has_more(), ReasonCode::SUCCESS) {
            l.reason_code("reason_code", at!(code), &CUT)?;
            l.judge("reason_code", |context| {
                let defined = code.defined_for(kind.packet_type, context.sender, context.version);
                (!defined).then_some(kind.code_rule)
            })?;
        }
        if let Some(list) = L::Access::optional(at!(it.properties), l.has_more(), Properties::default()) {
            properties(l, "properties", Place::packet(kind.packet_type), list)?;
        }
        Ok(Some(&TRAILING))
    })
}

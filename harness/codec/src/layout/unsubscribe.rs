//! UNSUBSCRIBE (3.10).

use bytestring::ByteString;

use super::properties::{Place, properties};
use super::topic;
use super::visitor::{At, Layout, at};
use crate::Version;
use crate::model::{PacketType, Unsubscribe};
use crate::rule::{rules, text_rules};

rules! {
    /// the flags of an UNSUBSCRIBE must be 0010
    FLAGS: FixedHeaderFlags, MALFORMED_PACKET,
        v3 ["MQTT-3.10.1-1" "MQTT-2.2.2-2" "MQTT-2.2.2-1" "MQTT-4.8.0-1"],
        v5 ["MQTT-3.10.1-1" "MQTT-2.1.3-1" "MQTT-4.13.1-1"];
    /// an UNSUBSCRIBE holds a Packet Identifier
    CUT: Cut, MALFORMED_PACKET,
        v3 ["MQTT-4.8.0-1"],
        v5 ["MQTT-4.13.1-1"];
    /// the Packet Identifier of an UNSUBSCRIBE must not be 0
    PACKET_ID: PacketIdentifier, PROTOCOL_ERROR,
        v3 ["MQTT-2.3.1-1" "MQTT-4.8.0-1"],
        v5 ["MQTT-2.2.1-3" "MQTT-4.13.1-1"];
    /// an UNSUBSCRIBE must hold at least one Topic Filter
    EMPTY: EmptyList, PROTOCOL_ERROR,
        v3 ["MQTT-3.10.3-2" "MQTT-4.8.0-1"],
        v5 ["MQTT-3.10.3-2" "MQTT-4.13.1-1"];
}

text_rules! {
    /// the Topic Filter
    FILTER:
        short v3 ["MQTT-3.10.3-1"] v5 [],
        text v3 ["MQTT-3.10.3-1" "MQTT-1.5.3-1"] v5 ["MQTT-3.10.3-1" "MQTT-1.5.4-1"],
        null v3 ["MQTT-1.5.3-2" "MQTT-4.7.3-2" "MQTT-3.10.3-1"] v5 ["MQTT-1.5.4-2" "MQTT-4.7.3-2" "MQTT-3.10.3-1"],
        packet v3 ["MQTT-4.8.0-1"] v5 ["MQTT-4.13.1-1"];
}

pub(super) fn unsubscribe<L: Layout>(l: &mut L, mut it: At<'_, L, Unsubscribe>) -> Result<(), L::Error> {
    l.first_byte(PacketType::Unsubscribe, |l, flags| l.fixed_bits(flags, 0b1111, 0b0010, ("flags", &FLAGS)))?;
    l.remaining_length(0, |l| {
        l.u16("packet_id", at!(it.packet_id), &CUT)?;
        l.check(it.packet_id != 0, "packet_id", &PACKET_ID)?;
        if l.version() == Version::V5_0 {
            properties(l, "properties", Place::packet(PacketType::Unsubscribe), at!(it.properties))?;
        }
        let filters = l.position();
        l.elements("filters", at!(it.filters), ByteString::new, |l, mut filter| {
            l.text("filter", at!(filter), &FILTER)?;
            l.judge("filter", |context| topic::broken_filter(&filter, context.version))
        })?;
        l.check_at(filters, !it.filters.is_empty(), "filters", &EMPTY)?;
        Ok(None)
    })
}

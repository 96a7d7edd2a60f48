//! SUBSCRIBE (3.8).

use super::properties::{Place, properties};
use super::topic;
use super::visitor::{At, Layout, at};
use crate::Version;
use crate::model::{PacketType, Subscribe, Subscription};
use crate::rule::{rules, text_rules};

rules! {
    /// the flags of a SUBSCRIBE must be 0010
    FLAGS: FixedHeaderFlags, MALFORMED_PACKET,
        v3 ["MQTT-3.8.1-1" "MQTT-2.2.2-2" "MQTT-2.2.2-1" "MQTT-4.8.0-1"],
        v5 ["MQTT-3.8.1-1" "MQTT-2.1.3-1" "MQTT-4.13.1-1"];
    /// a SUBSCRIBE holds a Packet Identifier, and options after each Topic Filter
    CUT: Cut, MALFORMED_PACKET,
        v3 ["MQTT-4.8.0-1"],
        v5 ["MQTT-4.13.1-1"];
    /// the Packet Identifier of a SUBSCRIBE must not be 0
    PACKET_ID: PacketIdentifier, PROTOCOL_ERROR,
        v3 ["MQTT-2.3.1-1" "MQTT-4.8.0-1"],
        v5 ["MQTT-2.2.1-3" "MQTT-4.13.1-1"];
    /// a SUBSCRIBE must hold at least one Topic Filter
    EMPTY: EmptyList, PROTOCOL_ERROR,
        v3 ["MQTT-3.8.3-3" "MQTT-4.8.0-1"],
        v5 ["MQTT-3.8.3-2" "MQTT-4.13.1-1"];
    /// the QoS of a subscription must be 0, 1 or 2
    QOS: QualityOfService, PROTOCOL_ERROR,
        v3 ["MQTT-3.8.3-4" "MQTT-4.8.0-1"],
        v5 ["E5-43" "MQTT-4.13.1-1"];
    /// the reserved bits after the QoS must be 0
    RESERVED_BITS_BESIDE_QOS: ReservedBits, MALFORMED_PACKET,
        v3 ["MQTT-3.8.3-4" "MQTT-4.8.0-1"],
        v5 [];
    /// bits 6 and 7 of the Subscription Options are reserved and must be 0
    RESERVED_BITS: ReservedBits, MALFORMED_PACKET,
        v3 [],
        v5 ["MQTT-3.8.3-5" "MQTT-4.13.1-1"];
    /// the Retain Handling must be 0, 1 or 2
    RETAIN_HANDLING: RetainHandling, PROTOCOL_ERROR,
        v3 [],
        v5 ["E5-44" "MQTT-4.13.1-1"];
    /// a Shared Subscription must not have No Local set
    NO_LOCAL: NoLocal, PROTOCOL_ERROR,
        v3 [],
        v5 ["MQTT-3.8.3-4" "MQTT-4.13.1-1"];
}

text_rules! {
    /// the Topic Filter
    FILTER:
        short v3 [] v5 [],
        text v3 ["MQTT-3.8.3-1" "MQTT-1.5.3-1"] v5 ["MQTT-3.8.3-1" "MQTT-1.5.4-1"],
        null v3 ["MQTT-1.5.3-2" "MQTT-4.7.3-2" "MQTT-3.8.3-1"] v5 ["MQTT-1.5.4-2" "MQTT-4.7.3-2" "MQTT-3.8.3-1"],
        packet v3 ["MQTT-4.8.0-1"] v5 ["MQTT-4.13.1-1"];
}

pub(super) fn subscribe<L: Layout>(l: &mut L, mut it: At<'_, L, Subscribe>) -> Result<(), L::Error> {
    l.first_byte(PacketType::Subscribe, |l, flags| l.fixed_bits(flags, 0b1111, 0b0010, ("flags", &FLAGS)))?;
    l.remaining_length(0, |l| {
        l.u16("packet_id", at!(it.packet_id), &CUT)?;
        l.check(it.packet_id != 0, "packet_id", &PACKET_ID)?;
        if l.version() == Version::V5_0 {
            properties(l, "properties", Place::packet(PacketType::Subscribe), at!(it.properties))?;
        }
        let filters = l.position();
        l.elements("filters", at!(it.filters), Subscription::default, subscription)?;
        l.check_at(filters, !it.filters.is_empty(), "filters", &EMPTY)?;
        Ok(None)
    })
}

fn subscription<L: Layout>(l: &mut L, mut it: At<'_, L, Subscription>) -> Result<(), L::Error> {
    l.text("filter", at!(it.filter), &FILTER)?;
    l.judge("filter", |context| topic::broken_filter(&it.filter, context.version))?;
    l.flags("options", &CUT, |l, flags| {
        l.two_bits("qos", flags, 0, at!(it.options.qos), ("options", &QOS))?;
        if l.version() == Version::V3_1_1 {
            return l.fixed_bits(flags, 0b1111_1100, 0, ("options", &RESERVED_BITS_BESIDE_QOS));
        }
        l.bit("no_local", flags, 2, at!(it.options.no_local));
        l.bit("retain_as_published", flags, 3, at!(it.options.retain_as_published));
        let handling = at!(it.options.retain_handling);
        l.two_bits("retain_handling", flags, 4, handling, ("options", &RETAIN_HANDLING))?;
        l.fixed_bits(flags, 0b1100_0000, 0, ("options", &RESERVED_BITS))?;
        let local = !it.options.no_local || !topic::is_shared(&it.filter);
        l.check(local, "options", &NO_LOCAL)
    })
}

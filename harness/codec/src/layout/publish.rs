//! PUBLISH (3.3).

use super::access::Access;
use super::properties::{Place, properties};
use super::topic;
use super::visitor::{At, Layout, at};
use crate::model::{PacketType, Property, Publish, QoS, Sender};
use crate::rule::{rules, text_rules};
use crate::{Rule, Version};

rules! {
    /// a PUBLISH must not have both QoS bits set
    QOS: QualityOfService, MALFORMED_PACKET,
        v3 ["MQTT-3.3.1-4" "MQTT-4.8.0-1"],
        v5 ["MQTT-3.3.1-4" "MQTT-4.13.1-1"];
    /// a QoS 0 PUBLISH must have DUP 0
    DUP: Duplicate, PROTOCOL_ERROR,
        v3 ["MQTT-3.3.1-2" "MQTT-4.8.0-1"],
        v5 ["MQTT-3.3.1-2" "MQTT-4.13.1-1"];
    /// the Topic Name must not contain wildcards
    WILDCARD: TopicName, PROTOCOL_ERROR,
        v3 ["MQTT-3.3.2-2" "MQTT-4.7.1-1" "MQTT-4.8.0-1"],
        v5 ["MQTT-3.3.2-2" "MQTT-4.7.0-1" "MQTT-4.13.1-1"];
    /// the Topic Name must not be empty
    EMPTY_TOPIC: TopicName, PROTOCOL_ERROR,
        v3 ["MQTT-4.7.3-1" "MQTT-4.8.0-1"],
        v5 [];
    /// the Topic Name must not be empty unless a Topic Alias stands for it
    NEITHER_TOPIC_NOR_ALIAS: TopicName, PROTOCOL_ERROR,
        v3 [],
        v5 ["E5-25" "MQTT-4.7.3-1" "MQTT-4.13.1-1"];
    /// a PUBLISH with QoS above 0 holds a Packet Identifier
    CUT: Cut, MALFORMED_PACKET,
        v3 ["MQTT-2.3.1-1" "MQTT-4.8.0-1"],
        v5 ["MQTT-4.13.1-1"];
    /// the Packet Identifier that a Client assigns to a PUBLISH must not be 0
    PACKET_ID_OF_CLIENT: PacketIdentifier, PROTOCOL_ERROR,
        v3 ["MQTT-2.3.1-1" "MQTT-4.8.0-1"],
        v5 ["MQTT-2.2.1-3" "MQTT-4.13.1-1"];
    /// the Packet Identifier that a Server assigns to a PUBLISH must not be 0
    PACKET_ID_OF_SERVER: PacketIdentifier, PROTOCOL_ERROR,
        v3 ["MQTT-2.3.1-1" "MQTT-4.8.0-1"],
        v5 ["MQTT-2.2.1-4" "MQTT-4.13.1-1"];
}

text_rules! {
    /// the Topic Name
    TOPIC:
        short v3 ["MQTT-3.3.2-1"] v5 ["MQTT-3.3.2-1"],
        text v3 ["MQTT-3.3.2-1" "MQTT-1.5.3-1"] v5 ["MQTT-3.3.2-1" "MQTT-1.5.4-1"],
        null v3 ["MQTT-1.5.3-2" "MQTT-4.7.3-2" "MQTT-3.3.2-1"] v5 ["MQTT-1.5.4-2" "MQTT-4.7.3-2" "MQTT-3.3.2-1"],
        packet v3 ["MQTT-4.8.0-1"] v5 ["MQTT-4.13.1-1"];
}

#[inline(always)]
pub(super) fn publish<L: Layout>(l: &mut L, mut it: At<'_, L, Publish>) -> Result<(), L::Error> {
    l.first_byte(PacketType::Publish, |l, flags| {
        l.bit("dup", flags, 3, at!(it.dup));
        l.two_bits("qos", flags, 1, at!(it.qos), ("flags", &QOS))?;
        l.bit("retain", flags, 0, at!(it.retain));
        l.check(!it.dup || it.qos != QoS::AtMostOnce, "dup", &DUP)
    })?;
    l.remaining_length(it.topic.len() + it.payload.len(), |l| body(l, at!(it)))
}

#[inline(always)]
fn body<L: Layout>(l: &mut L, mut it: At<'_, L, Publish>) -> Result<Option<&'static Rule>, L::Error> {
    let topic = l.position();
    l.text("topic", at!(it.topic), &TOPIC)?;
    l.judge("topic", |_| topic::has_wildcard(&it.topic).then_some(&WILDCARD))?;
    let identified = it.qos != QoS::AtMostOnce;
    if let Some(mut packet_id) = L::Access::optional(at!(it.packet_id), identified, 0) {
        l.u16("packet_id", at!(packet_id), &CUT)?;
        l.judge("packet_id", |context| match (*packet_id, context.sender) {
            (0, Sender::Client) => Some(&PACKET_ID_OF_CLIENT),
            (0, Sender::Server) => Some(&PACKET_ID_OF_SERVER),
            _ => None,
        })?;
    }
    if l.version() == Version::V5_0 {
        properties(l, "properties", Place::packet(PacketType::Publish), at!(it.properties))?;
    }
    let named = !it.topic.is_empty()
        || it.properties.iter().any(|property| matches!(property, Property::TopicAlias(_)));
    l.check_at(topic, named, "topic", &EMPTY_TOPIC)?;
    l.check_at(topic, named, "topic", &NEITHER_TOPIC_NOR_ALIAS)?;
    l.payload("payload", at!(it.payload));
    Ok(None)
}

//! PUBLISH: flags, Topic Name and Packet Identifier.

use super::base::Base;
use super::expectation::{Breach, breaches};
use super::mutants::Mutants;
use super::{Edit, Operator};
use crate::model::{Packet, Property, Publish, QoS, ReasonCode};

pub(super) static OPERATORS: &[Operator] = &[
    Operator::new("qos-3", "a PUBLISH with both QoS bits set", qos_3),
    Operator::new("dup-at-qos-0", "a PUBLISH with QoS 0 and DUP set", dup_at_qos_0),
    Operator::new("empty-topic", "an empty Topic Name or Response Topic", empty_topic),
    Operator::new("wildcard-in-topic", "a wildcard in a Topic Name", wildcard),
    Operator::new("wildcard-in-response-topic", "a wildcard in a Response Topic", wildcard_in_response),
    Operator::new("dollar-topic", "a Topic Name that begins with $", dollar),
    Operator::new("packet-id-0", "the Packet Identifier 0", packet_id_0),
];

breaches! {
    QOS_3: MALFORMED_PACKET, v3 ["MQTT-3.3.1-4"], v5 ["MQTT-3.3.1-4"];
    DUP: PROTOCOL_ERROR, v3 ["MQTT-3.3.1-2"], v5 ["MQTT-3.3.1-2"];
    EMPTY_TOPIC: PROTOCOL_ERROR, v3 ["MQTT-4.7.3-1"], v5 ["E5-25"];
    EMPTY_WILL_TOPIC: TOPIC_NAME_INVALID, v3 ["MQTT-4.7.3-1"], v5 ["MQTT-4.7.3-1"];
    WILDCARD: PROTOCOL_ERROR, v3 ["MQTT-3.3.2-2"], v5 ["MQTT-3.3.2-2"];
    WILDCARD_IN_WILL: TOPIC_NAME_INVALID, v3 ["MQTT-4.7.1-1"], v5 ["MQTT-4.7.0-1"];
    WILDCARD_IN_RESPONSE: PROTOCOL_ERROR, v3 -, v5 ["MQTT-3.3.2-14"];
    PACKET_ID_0: PROTOCOL_ERROR, v3 ["MQTT-2.3.1-1"], v5 ["MQTT-2.2.1-3"];
}

/// The flags of the fixed header.
fn flags_of(publish: &Publish) -> u32 {
    u32::from(publish.dup) << 3 | u32::from(publish.qos.bits()) << 1 | u32::from(publish.retain)
}

fn set_flags(value: u32) -> Vec<Edit> {
    vec![Edit::SetInteger { field: "flags".to_owned(), value }]
}

fn qos_3(base: &Base<'_>, mutants: &mut Mutants) {
    let Packet::Publish(publish) = base.packet else { return };
    let flags = flags_of(publish) & 0b0001 | 0b0110;
    mutants.close("", || set_flags(flags), &QOS_3);
    mutants.close("dup", || set_flags(flags | 0b1000), &QOS_3);
    mutants.close("retain-toggled", || set_flags(flags ^ 0b0001), &QOS_3);
}

fn dup_at_qos_0(base: &Base<'_>, mutants: &mut Mutants) {
    let Packet::Publish(publish @ Publish { qos: QoS::AtMostOnce, .. }) = base.packet else { return };
    mutants.close("", || set_flags(flags_of(publish) | 0b1000), &DUP);
}

fn set(field: &str, bytes: &'static [u8]) -> Vec<Edit> {
    vec![Edit::Set { field: field.to_owned(), bytes: bytes.into() }]
}

fn empty_topic(base: &Base<'_>, mutants: &mut Mutants) {
    match base.packet {
        Packet::Publish(publish) => {
            let is_alias = |property: &Property| matches!(property, Property::TopicAlias(_));
            if !publish.properties.iter().any(is_alias) {
                let codes = [ReasonCode::TOPIC_NAME_INVALID];
                mutants.close_with("topic", || set("topic", b""), &EMPTY_TOPIC, &codes);
            }
        }
        Packet::Connect(_) if base.has("will_topic") => {
            mutants.close("will_topic", || set("will_topic", b""), &EMPTY_WILL_TOPIC);
        }
        _ => {}
    }
    // It has to be a string without wildcards (MQTT-3.3.2-13 and -14), and is a Topic Name, which has a character
    // (MQTT-4.7.3-1), once a response is published to it.
    for list in ["properties", "will_properties"] {
        let field = format!("{list}.response_topic.value");
        if base.has(&field) {
            mutants.either(&field, || set(&field, b""));
        }
    }
}

fn wildcard(base: &Base<'_>, mutants: &mut Mutants) {
    wildcards_in(base, mutants, "topic", &WILDCARD);
    wildcards_in(base, mutants, "will_topic", &WILDCARD_IN_WILL);
}

fn wildcard_in_response(base: &Base<'_>, mutants: &mut Mutants) {
    for list in ["properties", "will_properties"] {
        wildcards_in(base, mutants, &format!("{list}.response_topic.value"), &WILDCARD_IN_RESPONSE);
    }
}

fn wildcards_in(base: &Base<'_>, mutants: &mut Mutants, field: &str, breach: &Breach) {
    let ends: [(&str, &'static [u8]); 5] = [
        ("level-hash", b"/#"),
        ("level-plus", b"/+"),
        ("hash", b"#"),
        ("plus", b"+"),
        ("inner-plus", b"/+/b"),
    ];
    if !base.has(field) {
        return;
    }
    for (how, end) in ends {
        let edit = || Edit::InsertAfter { field: format!("{field}.data"), bytes: end.into() };
        let codes = [ReasonCode::TOPIC_NAME_INVALID];
        mutants.close_with(format_args!("{field}={how}"), || vec![edit()], breach, &codes);
    }
}

/// Servers may keep these names for themselves (4.7.2).
fn dollar(base: &Base<'_>, mutants: &mut Mutants) {
    let names: [(&str, &'static [u8]); 5] = [
        ("dollar", b"$"),
        ("other", b"$mqttspec/a"),
        ("sys", b"$SYS/mqttspec"),
        ("share", b"$share/g/mqttspec"),
        ("control", b"$CONTROL/mqttspec"),
    ];
    for field in ["topic", "will_topic"] {
        if base.has(field) {
            for (how, name) in names {
                mutants.either(format_args!("{field}={how}"), || set(field, name));
            }
        }
    }
}

fn packet_id_0(base: &Base<'_>, mutants: &mut Mutants) {
    let is_assigned =
        matches!(base.packet, Packet::Publish(_) | Packet::Subscribe(_) | Packet::Unsubscribe(_));
    if is_assigned && base.has("packet_id") {
        let edit = || Edit::SetInteger { field: "packet_id".to_owned(), value: 0 };
        mutants.close("", || vec![edit()], &PACKET_ID_0);
    }
}

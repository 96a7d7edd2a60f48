//! Lists of properties: which may stand there, how often, and how long the list is.

use bytes::Bytes;

use super::base::{Base, PropertyList};
use super::expectation::{Breach, breaches};
use super::mutants::Mutants;
use super::property_values::example;
use super::{Edit, Operator};
use crate::model::{Packet, PacketType, PropertyId, ReasonCode};

pub(super) static OPERATORS: &[Operator] = &[
    Operator::new("undefined-property", "an identifier that stands for no property", undefined),
    Operator::new("misplaced-property", "a property of another packet", misplaced),
    Operator::new("repeated-property", "a property twice", repeated),
    Operator::new("cut-property", "a property that is not all there", cut),
    Operator::new("property-length", "a Property Length that is not that of the properties", wrong_length),
    Operator::new("property-length-missing", "no Property Length", length_missing),
    Operator::new("authentication-data-alone", "Authentication Data without a method", data_alone),
];

breaches! {
    IN_CONNECT: MALFORMED_PACKET, v3 -, v5 ["E5-04"];
    IN_PUBLISH: MALFORMED_PACKET, v3 -, v5 ["E5-05"];
    IN_SUBSCRIBE: MALFORMED_PACKET, v3 -, v5 ["E5-06"];
    IN_UNSUBSCRIBE: MALFORMED_PACKET, v3 -, v5 ["E5-07"];
    IN_ACKNOWLEDGEMENT: MALFORMED_PACKET, v3 -, v5 ["E5-08"];
    IN_DISCONNECT: MALFORMED_PACKET, v3 -, v5 ["E5-09"];
    ELSEWHERE: MALFORMED_PACKET, v3 -, v5 [];
    SUBSCRIPTION_IDENTIFIER: PROTOCOL_ERROR, v3 -, v5 ["MQTT-3.3.4-6"];
    REPEATED: PROTOCOL_ERROR, v3 -, v5 [];
    CUT: MALFORMED_PACKET, v3 -, v5 ["E5-10"];
    LENGTH: MALFORMED_PACKET, v3 -, v5 [];
    DATA_ALONE: PROTOCOL_ERROR, v3 -, v5 ["E5-18"];
}

/// What a property breaks that does not belong into the packet.
fn out_of_place(base: &Base<'_>) -> &'static Breach {
    match base.packet {
        Packet::Connect(_) => &IN_CONNECT,
        Packet::Publish(_) => &IN_PUBLISH,
        Packet::Subscribe(_) => &IN_SUBSCRIBE,
        Packet::Unsubscribe(_) => &IN_UNSUBSCRIBE,
        Packet::PubAck(_) | Packet::PubRec(_) | Packet::PubRel(_) | Packet::PubComp(_) => &IN_ACKNOWLEDGEMENT,
        Packet::Disconnect(_) => &IN_DISCONNECT,
        _ => &ELSEWHERE,
    }
}

fn first(list: PropertyList<'_>, bytes: Bytes) -> Edit {
    Edit::InsertAfter { field: format!("{}.length", list.field), bytes }
}

fn last(list: PropertyList<'_>, bytes: Bytes) -> Edit {
    Edit::AppendTo { field: list.field.to_owned(), bytes }
}

/// Each byte between the defined identifiers once, and the ends of the range of one byte.
fn undefined(base: &Base<'_>, mutants: &mut Mutants) {
    let is_defined = |id: u8| PropertyId::from_byte(id).is_some();
    for list in base.property_lists() {
        let between = (0x01..0x2B).filter(|id| !is_defined(*id) && is_defined(id - 1));
        for id in [0x00].into_iter().chain(between).chain([0x2B, 0x7F]) {
            mutants.close(
                format_args!("{}=0x{id:02x}", list.field),
                || vec![first(list, vec![id, 0x01].into())],
                out_of_place(base),
            );
        }
        let two_bytes = Bytes::from_static(&[0x81, 0x01, 0x01]);
        mutants.close(
            format_args!("{}=two-bytes", list.field),
            || vec![first(list, two_bytes)],
            out_of_place(base),
        );
    }
}

fn misplaced(base: &Base<'_>, mutants: &mut Mutants) {
    for list in base.property_lists() {
        for id in PropertyId::ALL.into_iter().filter(|id| !list.admits(*id)) {
            let breach = match (base.packet_type(), id) {
                (PacketType::Publish, PropertyId::SubscriptionIdentifier) => &SUBSCRIPTION_IDENTIFIER,
                _ => out_of_place(base),
            };
            mutants.close(list.name(id), || vec![first(list, example(id))], breach);
        }
    }
}

fn repeated(base: &Base<'_>, mutants: &mut Mutants) {
    for list in base.property_lists() {
        for id in PropertyId::ALL.into_iter().filter(|id| list.has(*id)) {
            let edits = || vec![Edit::Duplicate { field: list.name(id).to_string() }];
            let codes: &[ReasonCode] = match id {
                PropertyId::TopicAlias => &[ReasonCode::TOPIC_ALIAS_INVALID],
                PropertyId::AuthenticationMethod | PropertyId::AuthenticationData => {
                    &[ReasonCode::BAD_AUTHENTICATION_METHOD]
                }
                _ => &[],
            };
            match (base.packet_type(), id) {
                (_, PropertyId::UserProperty) => mutants.accept(list.name(id), edits),
                // The text says so of the Will only (E5-31).
                (
                    PacketType::Publish,
                    PropertyId::PayloadFormatIndicator | PropertyId::MessageExpiryInterval,
                ) => mutants.either(list.name(id), edits),
                _ => mutants.close_with(list.name(id), edits, &REPEATED, codes),
            }
        }
    }
}

/// At the end of the list, where nothing behind it can be taken for the rest of the property.
fn cut(base: &Base<'_>, mutants: &mut Mutants) {
    for list in base.property_lists() {
        for id in PropertyId::ALL.into_iter().filter(|id| list.admits(*id)) {
            let whole = example(id);
            let is_once = id != PropertyId::UserProperty && list.has(id);
            for (how, size) in [("alone", 1), ("short", whole.len() - 1)] {
                if how == "short" && size == 1 {
                    continue;
                }
                let edits = || {
                    let remove = is_once.then(|| Edit::Remove { field: list.name(id).to_string() });
                    remove.into_iter().chain([last(list, whole.slice(..size))]).collect()
                };
                mutants.close(format_args!("{}={how}", list.name(id)), edits, &CUT);
            }
        }
    }
}

fn wrong_length(base: &Base<'_>, mutants: &mut Mutants) {
    for list in base.property_lists() {
        let field = format!("{}.length", list.field);
        let target = |how: &str| format!("{}={how}", list.field);
        let set = |value| vec![Edit::SetInteger { field: field.clone(), value }];
        mutants.close(target("greatest"), || set(268_435_455), &CUT);
        let five =
            Edit::Set { field: field.clone(), bytes: Bytes::from_static(&[0x80, 0x80, 0x80, 0x80, 0]) };
        mutants.close(target("five-bytes"), || vec![five], &CUT);
        for width in 2..=4_u8 {
            if base.field(&field).is_some_and(|length| length.range.len() < usize::from(width)) {
                mutants.either(target(&format!("{width}-bytes")), || {
                    vec![Edit::Widen { field: field.clone(), width }]
                });
            }
        }
        let end = base.field(list.field).map_or(0, |group| group.range.end);
        if end == base.length {
            mutants.close(target("+1"), || vec![Edit::Add { field: field.clone(), difference: 1 }], &CUT);
        }
        if list.properties.iter().next().is_none() {
            continue;
        }
        mutants.close(target("-1"), || vec![Edit::Add { field: field.clone(), difference: -1 }], &CUT);
        // The first identifier is then read as the upper byte of the length of a string, or nothing may follow. In PUBLISH
        // the properties become a part of the payload.
        let is_broken = base.length < 256 || end == base.length;
        if is_broken && !base.is(PacketType::Publish) {
            mutants.close(target("0"), || set(0), &LENGTH);
        }
    }
}

/// The upper byte of the length of the string that follows is then read as an empty list, and the lower one as the
/// upper byte of a length that goes beyond the packet.
fn length_missing(base: &Base<'_>, mutants: &mut Mutants) {
    for list in base.property_lists() {
        let end = base.field(list.field).map_or(0, |group| group.range.end);
        let next = base.prefixed().find(|field| field.range.start == end);
        let is_short = next.is_some_and(|field| field.range.len() > 2) && base.length < 256;
        if is_short {
            mutants.close(list.field, || vec![Edit::Remove { field: list.field.to_owned() }], &LENGTH);
        }
    }
}

fn data_alone(base: &Base<'_>, mutants: &mut Mutants) {
    let Packet::Connect(_) = base.packet else { return };
    let Some(list) = base.property_lists().find(|list| !list.is_will) else { return };
    let method = PropertyId::AuthenticationMethod;
    let data = PropertyId::AuthenticationData;
    let mut edits = Vec::new();
    if list.has(method) {
        edits.push(Edit::Remove { field: list.name(method).to_string() });
    }
    if !list.has(data) {
        edits.push(last(list, example(data)));
    }
    let codes = [ReasonCode::BAD_AUTHENTICATION_METHOD];
    mutants.close_with("", || edits, &DATA_ALONE, &codes);
}

//! Values of properties, and properties in another order and number.

use std::fmt;
use std::sync::LazyLock;

use bytes::Bytes;

use super::base::Base;
use super::expectation::{Breach, breaches};
use super::mutants::Mutants;
use super::{Edit, Operator};
use crate::layout::Value;
use crate::model::{Auth, Packet, PacketType, Properties, Property, PropertyId, ReasonCode};
use crate::variable::{self, Variable};
use crate::{Version, encode};

pub(super) static OPERATORS: &[Operator] = &[
    Operator::new("property-value", "a value that the property may not have", wrong_value),
    Operator::new("property-border", "a value at an end of its range", border),
    Operator::new("property-last", "a property behind all others", last),
    Operator::new("property-left-out", "a property less", left_out),
    Operator::new("user-property", "one more User Property", user_property),
];

breaches! {
    RECEIVE_MAXIMUM: PROTOCOL_ERROR, v3 -, v5 ["E5-12"];
    MAXIMUM_PACKET_SIZE: PROTOCOL_ERROR, v3 -, v5 ["E5-13"];
    RESPONSE_INFORMATION: PROTOCOL_ERROR, v3 -, v5 ["E5-15"];
    PROBLEM_INFORMATION: PROTOCOL_ERROR, v3 -, v5 ["E5-16"];
    TOPIC_ALIAS: TOPIC_ALIAS_INVALID, v3 -, v5 ["MQTT-3.3.2-8" "E5-37"];
    SUBSCRIPTION_IDENTIFIER: PROTOCOL_ERROR, v3 -, v5 ["E5-42"];
}

/// A property as it stands on the wire, with a short value that is legal wherever the property is.
pub(super) fn example(id: PropertyId) -> Bytes {
    static EXAMPLES: LazyLock<Vec<(PropertyId, Bytes)>> =
        LazyLock::new(|| PropertyId::ALL.into_iter().map(|id| (id, encoded(&sample(id)))).collect());
    let found = EXAMPLES.iter().find(|(other, _)| *other == id);
    found.map(|(_, bytes)| bytes.clone()).unwrap_or_default()
}

fn sample(id: PropertyId) -> Property {
    let mut property = Property::blank(id);
    match property.value_mut() {
        Value::Byte(value) => *value = 1,
        Value::TwoByteInteger(value) => *value = 1,
        Value::FourByteInteger(value) | Value::VariableByteInteger(value) => *value = 1,
        Value::BinaryData(value) => *value = Bytes::from_static(b"a"),
        Value::Utf8String(value) => *value = "a".into(),
        Value::Utf8StringPair(value) => *value = ("a".into(), "b".into()),
    }
    property
}

/// A property as it stands on the wire.
fn encoded(property: &Property) -> Bytes {
    let properties = Properties(vec![property.clone()]);
    let auth = Auth { reason_code: Some(ReasonCode::SUCCESS), properties: Some(properties) };
    let bytes = encode(&Packet::Auth(auth), Version::V5_0);
    let behind_length = |at: usize| match variable::read(bytes.get(at..).unwrap_or_default()) {
        Variable::Whole { width, .. } => at + width,
        Variable::Cut | Variable::Endless => at,
    };
    // First byte, Remaining Length, Reason Code and Property Length stand before it.
    let start = behind_length(behind_length(1) + 1);
    bytes.slice(start..)
}

fn wrong_value(base: &Base<'_>, mutants: &mut Mutants) {
    let wrong: [(PropertyId, &[u32], &Breach); 6] = [
        (PropertyId::ReceiveMaximum, &[0], &RECEIVE_MAXIMUM),
        (PropertyId::MaximumPacketSize, &[0], &MAXIMUM_PACKET_SIZE),
        (PropertyId::RequestResponseInformation, &[2, 255], &RESPONSE_INFORMATION),
        (PropertyId::RequestProblemInformation, &[2, 255], &PROBLEM_INFORMATION),
        (PropertyId::TopicAlias, &[0], &TOPIC_ALIAS),
        (PropertyId::SubscriptionIdentifier, &[0], &SUBSCRIPTION_IDENTIFIER),
    ];
    for list in base.property_lists() {
        for (id, values, breach) in wrong.into_iter().filter(|(id, ..)| list.has(*id)) {
            for &value in values {
                let edit = || Edit::SetInteger { field: list.name(id).to_string(), value };
                mutants.close(format_args!("{}={value}", list.name(id)), || vec![edit()], breach);
            }
        }
    }
}

/// What the property may be without more ado: the greatest Topic Alias is that of the Server, and so are the values
/// of DISCONNECT those of CONNECT.
fn borders(id: PropertyId) -> &'static [u32] {
    match id {
        PropertyId::SessionExpiryInterval
        | PropertyId::MessageExpiryInterval
        | PropertyId::WillDelayInterval => &[0, 1, 255, 256, 65_536, u32::MAX],
        PropertyId::ReceiveMaximum => &[1, 255, 256, 65_535],
        PropertyId::MaximumPacketSize => &[1024, 65_536, 268_435_460, u32::MAX],
        PropertyId::TopicAliasMaximum => &[0, 1, 255, 256, 65_535],
        PropertyId::RequestResponseInformation
        | PropertyId::RequestProblemInformation
        | PropertyId::PayloadFormatIndicator => &[0, 1],
        PropertyId::SubscriptionIdentifier => {
            &[1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152, 268_435_455]
        }
        _ => &[],
    }
}

fn border(base: &Base<'_>, mutants: &mut Mutants) {
    for list in base.property_lists() {
        for id in PropertyId::ALL.into_iter().filter(|id| list.has(*id)) {
            for &value in borders(id) {
                let name = list.name(id);
                let edits = || vec![Edit::SetInteger { field: name.to_string(), value }];
                let target = fmt::from_fn(|f| write!(f, "{name}={value}"));
                match (base.packet_type(), id) {
                    (PacketType::Disconnect, _) => mutants.either(target, edits),
                    // A Server may look whether the payload is UTF-8.
                    (_, PropertyId::PayloadFormatIndicator) if value == 1 => mutants.either(target, edits),
                    (_, PropertyId::SubscriptionIdentifier) => {
                        mutants.accept_where(target, edits, &["subscription-ids"]);
                    }
                    _ => mutants.accept(target, edits),
                }
            }
        }
    }
}

fn last(base: &Base<'_>, mutants: &mut Mutants) {
    for list in base.property_lists() {
        let ids: Vec<PropertyId> = list.properties.iter().map(Property::id).collect();
        for id in PropertyId::ALL.into_iter().filter(|id| list.has(*id)) {
            if ids.last() != Some(&id) {
                mutants.accept(list.name(id), || vec![Edit::MoveLast { field: list.name(id).to_string() }]);
            }
        }
    }
}

/// Authentication Data needs the method, a Topic Alias may stand for the topic, and AUTH needs the method.
fn left_out(base: &Base<'_>, mutants: &mut Mutants) {
    for list in base.property_lists() {
        for id in PropertyId::ALL.into_iter().filter(|id| list.has(*id)) {
            let is_needed = matches!(id, PropertyId::AuthenticationMethod | PropertyId::TopicAlias);
            if !is_needed {
                mutants.accept(list.name(id), || vec![Edit::Remove { field: list.name(id).to_string() }]);
            }
        }
    }
}

/// User Properties as they stand on the wire.
static PAIRS: LazyLock<[(&str, Bytes); 10]> = LazyLock::new(|| {
    let pair = |name: &str, value: &str| encoded(&Property::UserProperty((name.into(), value.into())));
    [
        ("short", pair("a", "b")),
        ("empty", pair("", "")),
        ("empty-name", pair("", "b")),
        ("empty-value", pair("a", "")),
        ("twice", [pair("a", "b"), pair("a", "b")].concat().into()),
        ("other-value", [pair("a", "b"), pair("a", "c")].concat().into()),
        ("not-ascii", pair("n\u{E4}me", "\u{20AC} \u{1D11E}")),
        ("long-name", pair(&"n".repeat(300), "b")),
        ("long-value", pair("a", &"v".repeat(1000))),
        ("ten", pair("a", "b").repeat(10).into()),
    ]
});

fn user_property(base: &Base<'_>, mutants: &mut Mutants) {
    for list in base.property_lists() {
        for (how, bytes) in &*PAIRS {
            let field = list.field;
            mutants.accept(format_args!("{field}={how}"), || {
                vec![Edit::AppendTo { field: field.to_owned(), bytes: bytes.clone() }]
            });
            mutants.accept(format_args!("{field}={how}-first"), || {
                vec![Edit::InsertAfter { field: format!("{field}.length"), bytes: bytes.clone() }]
            });
        }
    }
}

//! What can be said about a packet that the broker sends.

use mqttspec_codec::model::{DataType, PacketType, PropertyId};

use super::packets::{allowed, packet_word};
use super::shape::{Key, Keys, Shape};

/// What the values of a field are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FieldKind {
    Flag,
    /// A number up to this one.
    Number(u32),
    Text,
    Binary,
    Code,
    /// A list of Reason Codes.
    Codes,
    /// A list of numbers.
    Numbers,
    /// A list of names with values.
    Pairs,
}

/// The packets that a broker can send.
pub(crate) const SERVER_PACKETS: [PacketType; 11] = [
    PacketType::ConnAck,
    PacketType::Publish,
    PacketType::PubAck,
    PacketType::PubRec,
    PacketType::PubRel,
    PacketType::PubComp,
    PacketType::SubAck,
    PacketType::UnsubAck,
    PacketType::PingResp,
    PacketType::Disconnect,
    PacketType::Auth,
];

/// The key that sets the fields free that are not named.
pub(crate) const REST: &str = "..";

/// The kind of a field of a packet.
pub(crate) fn pattern_kind(packet_type: PacketType, name: &str) -> Option<FieldKind> {
    fields(packet_type).into_iter().find(|(field, _, _)| *field == name).map(|(_, kind, _)| kind)
}

/// A pattern of each packet that a broker can send.
pub(super) fn pattern_keys() -> Vec<Key> {
    const PATTERNS: [(&str, Keys); 11] = [
        ("connack", || keys(PacketType::ConnAck)),
        ("publish", || keys(PacketType::Publish)),
        ("puback", || keys(PacketType::PubAck)),
        ("pubrec", || keys(PacketType::PubRec)),
        ("pubrel", || keys(PacketType::PubRel)),
        ("pubcomp", || keys(PacketType::PubComp)),
        ("suback", || keys(PacketType::SubAck)),
        ("unsuback", || keys(PacketType::UnsubAck)),
        ("pingresp", || keys(PacketType::PingResp)),
        ("disconnect", || keys(PacketType::Disconnect)),
        ("auth", || keys(PacketType::Auth)),
    ];
    SERVER_PACKETS
        .into_iter()
        .zip(PATTERNS)
        .map(|(packet_type, (name, keys))| {
            Key::new(
                packet_word(packet_type),
                Shape::Map(definition(name), keys),
                "What the packet must look like",
            )
        })
        .collect()
}

/// The name of a pattern's definition in the schema.
const fn definition(packet: &'static str) -> &'static str {
    match packet.as_bytes() {
        b"connack" => "expect_connack",
        b"publish" => "expect_publish",
        b"puback" => "expect_puback",
        b"pubrec" => "expect_pubrec",
        b"pubrel" => "expect_pubrel",
        b"pubcomp" => "expect_pubcomp",
        b"suback" => "expect_suback",
        b"unsuback" => "expect_unsuback",
        b"pingresp" => "expect_pingresp",
        b"disconnect" => "expect_disconnect",
        _ => "expect_auth",
    }
}

/// The keys of a pattern of one packet.
pub(super) fn keys(packet_type: PacketType) -> Vec<Key> {
    let mut keys: Vec<Key> = fields(packet_type)
        .into_iter()
        .map(|(name, kind, is_property)| {
            let key = Key::new(name, Shape::Pattern(kind), "What its value must be");
            if is_property { key.only_5() } else { key }
        })
        .collect();
    keys.push(Key::new(REST, Shape::Nothing, "The fields that are not named may be anything"));
    keys
}

/// The fields of a packet: name, kind, and whether only 5.0 has it.
fn fields(packet_type: PacketType) -> Vec<(&'static str, FieldKind, bool)> {
    let id = ("packet_id", FieldKind::Number(65_535), false);
    let mut fields = match packet_type {
        PacketType::ConnAck => {
            vec![("session_present", FieldKind::Flag, false), ("reason_code", FieldKind::Code, false)]
        }
        PacketType::Publish => vec![
            ("topic", FieldKind::Text, false),
            ("payload", FieldKind::Binary, false),
            ("qos", FieldKind::Number(2), false),
            ("retain", FieldKind::Flag, false),
            ("dup", FieldKind::Flag, false),
            id,
            ("subscription_identifiers", FieldKind::Numbers, true),
        ],
        PacketType::PubAck | PacketType::PubRec | PacketType::PubRel | PacketType::PubComp => {
            vec![id, ("reason_code", FieldKind::Code, true)]
        }
        PacketType::SubAck => vec![id, ("reason_codes", FieldKind::Codes, false)],
        PacketType::UnsubAck => vec![id, ("reason_codes", FieldKind::Codes, true)],
        PacketType::Disconnect | PacketType::Auth => vec![("reason_code", FieldKind::Code, true)],
        _ => return Vec::new(),
    };
    if packet_type == PacketType::PingResp {
        return fields;
    }
    fields.push(("user_properties", FieldKind::Pairs, true));
    fields.extend(PropertyId::ALL.into_iter().filter(|id| allowed(*id, packet_type)).filter_map(|id| {
        let kind = match id.data_type() {
            DataType::Byte => FieldKind::Number(255),
            DataType::TwoByteInteger => FieldKind::Number(65_535),
            DataType::FourByteInteger => FieldKind::Number(u32::MAX),
            // The Subscription Identifiers and the User Properties are lists, named above.
            DataType::VariableByteInteger | DataType::Utf8StringPair => return None,
            DataType::BinaryData => FieldKind::Binary,
            DataType::Utf8String => FieldKind::Text,
        };
        Some((id.name(), kind, true))
    }));
    fields
}

/// The long forms of what is said about a value.
pub(super) fn long_pattern_keys() -> Vec<Key> {
    let mut keys = super::shape::long_form_keys();
    keys.extend([
        Key::new("not", Shape::OneOrMore(&Shape::Anything), "Present, and none of these"),
        Key::new("one_of", Shape::List(&Shape::Anything), "One of these"),
        Key::new("from", Shape::Number(u32::MAX), "The least number allowed"),
        Key::new("to", Shape::Number(u32::MAX), "The greatest number allowed"),
        Key::new("capture", Shape::Word, "The name under which later steps find the value, as `$(NAME)`"),
        Key::new("value", Shape::Anything, "With `capture`: what the value must be; anything unless given"),
    ]);
    keys
}

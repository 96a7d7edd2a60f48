//! What can be said of a packet to send.

use mqttspec_codec::model::{DataType, PacketType, PropertyId, Sender};

use super::shape::{CODE, HEX, Key, Keys, PACKET_ID, PAIRS, STRING, Shape};

/// Every packet with its word in the language and the keys that it takes.
const ALL_PACKETS: [(PacketType, &str, Keys); 15] = [
    (PacketType::Connect, "connect", connect_keys),
    (PacketType::ConnAck, "connack", connack_keys),
    (PacketType::Publish, "publish", publish_keys),
    (PacketType::PubAck, "puback", || acknowledgement_keys(PacketType::PubAck)),
    (PacketType::PubRec, "pubrec", || acknowledgement_keys(PacketType::PubRec)),
    (PacketType::PubRel, "pubrel", || acknowledgement_keys(PacketType::PubRel)),
    (PacketType::PubComp, "pubcomp", || acknowledgement_keys(PacketType::PubComp)),
    (PacketType::Subscribe, "subscribe", subscribe_keys),
    (PacketType::SubAck, "suback", || codes_keys(PacketType::SubAck)),
    (PacketType::Unsubscribe, "unsubscribe", unsubscribe_keys),
    (PacketType::UnsubAck, "unsuback", || codes_keys(PacketType::UnsubAck)),
    (PacketType::PingReq, "pingreq", Vec::new),
    (PacketType::PingResp, "pingresp", Vec::new),
    (PacketType::Disconnect, "disconnect", disconnect_keys),
    (PacketType::Auth, "auth", auth_keys),
];

/// The packet that a word stands for.
pub(crate) fn packet_named(word: &str) -> Option<PacketType> {
    ALL_PACKETS.iter().find(|(_, name, _)| *name == word).map(|(packet_type, _, _)| *packet_type)
}

/// The word for a packet.
pub(crate) fn packet_word(packet_type: PacketType) -> &'static str {
    ALL_PACKETS.iter().find(|(known, _, _)| *known == packet_type).map_or("", |(_, name, _)| name)
}

/// The packets, each a key with its fields.
pub(super) fn packet_keys() -> Vec<Key> {
    ALL_PACKETS
        .iter()
        .map(|(_, name, keys)| Key::new(name, Shape::Map(name, *keys), "The packet to send"))
        .collect()
}

pub(super) fn connect_keys() -> Vec<Key> {
    let mut keys = vec![
        Key::new("protocol_name", STRING, "Protocol Name; `MQTT` unless given"),
        Key::new(
            "protocol_level",
            Shape::Number(255),
            "Protocol Level or Protocol Version; that of the client unless given",
        ),
        Key::new("clean_start", Shape::Flag, "Clean Start (5.0) or Clean Session (3.1.1); true unless given"),
        Key::new("clean_session", Shape::Flag, "Another name of clean_start"),
        Key::new("keep_alive", Shape::Number(65_535), "Keep Alive in seconds; 60 unless given"),
        Key::new("client_id", STRING, "Client Identifier; `$id` unless given"),
        Key::new("will", WILL, "The Will; `absent` for none where the client has one"),
        Key::new("user_name", STRING, "User Name"),
        Key::new("password", STRING, "Password"),
    ];
    keys.extend(property_keys(|id| allowed(id, PacketType::Connect)));
    keys
}

const WILL: Shape = Shape::Union(&[Shape::OneOf(&["absent"]), Shape::Map("will", will_keys)]);

fn will_keys() -> Vec<Key> {
    let mut keys = vec![
        Key::new("topic", STRING, "Will Topic").required(),
        Key::new("payload", STRING, "Will Payload (5.0) or Will Message (3.1.1)"),
        Key::new("qos", Shape::Number(2), "Will QoS"),
        Key::new("retain", Shape::Flag, "Will Retain"),
    ];
    keys.extend(property_keys(PropertyId::allowed_in_will));
    keys
}

fn connack_keys() -> Vec<Key> {
    let mut keys = vec![
        Key::new("session_present", Shape::Flag, "Session Present"),
        Key::new("reason_code", CODE, "Connect Reason Code (5.0) or Return code (3.1.1)"),
    ];
    keys.extend(property_keys(|id| allowed(id, PacketType::ConnAck)));
    keys
}

pub(super) fn publish_keys() -> Vec<Key> {
    let mut keys = vec![
        Key::new("topic", STRING, "Topic Name"),
        Key::new("payload", STRING, "Payload; empty unless given"),
        Key::new("qos", Shape::Number(2), "QoS; 0 unless given"),
        Key::new("retain", Shape::Flag, "RETAIN"),
        Key::new("dup", Shape::Flag, "DUP"),
        packet_id_key(),
    ];
    keys.extend(property_keys(|id| allowed(id, PacketType::Publish)));
    keys
}

fn acknowledgement_keys(packet_type: PacketType) -> Vec<Key> {
    let mut keys = vec![packet_id_key(), Key::new("reason_code", CODE, "Reason Code").only_5()];
    keys.extend(property_keys(|id| allowed(id, packet_type)));
    keys
}

pub(super) fn subscribe_keys() -> Vec<Key> {
    let mut keys = vec![
        Key::new("filter", STRING, "The Topic Filter, if there is one"),
        Key::new(
            "filters",
            Shape::List(&Shape::Union(&[Shape::Text, FILTER])),
            "The Topic Filters with their options",
        ),
        packet_id_key(),
    ];
    keys.extend(option_keys());
    keys.extend(property_keys(|id| allowed(id, PacketType::Subscribe)));
    keys
}

const FILTER: Shape = Shape::Map("filter", filter_keys);

fn filter_keys() -> Vec<Key> {
    let mut keys = vec![Key::new("filter", STRING, "Topic Filter").required()];
    keys.extend(option_keys());
    keys
}

fn option_keys() -> [Key; 4] {
    [
        Key::new("qos", Shape::Number(2), "Maximum QoS (5.0) or Requested QoS (3.1.1); 0 unless given"),
        Key::new("no_local", Shape::Flag, "No Local").only_5(),
        Key::new("retain_as_published", Shape::Flag, "Retain As Published").only_5(),
        Key::new("retain_handling", Shape::Number(2), "Retain Handling").only_5(),
    ]
}

pub(super) fn unsubscribe_keys() -> Vec<Key> {
    let mut keys = vec![
        Key::new("filter", STRING, "The Topic Filter, if there is one"),
        Key::new("filters", Shape::List(&STRING), "The Topic Filters"),
        packet_id_key(),
    ];
    keys.extend(property_keys(|id| allowed(id, PacketType::Unsubscribe)));
    keys
}

fn codes_keys(packet_type: PacketType) -> Vec<Key> {
    let mut keys = vec![
        packet_id_key(),
        Key::new("reason_codes", Shape::List(&CODE), "A Reason Code for each Topic Filter"),
    ];
    keys.extend(property_keys(|id| allowed(id, packet_type)));
    keys
}

pub(super) fn disconnect_keys() -> Vec<Key> {
    let mut keys = vec![Key::new("reason_code", CODE, "Disconnect Reason Code").only_5()];
    keys.extend(property_keys(|id| allowed(id, PacketType::Disconnect)));
    keys
}

fn auth_keys() -> Vec<Key> {
    let mut keys = vec![Key::new("reason_code", CODE, "Authenticate Reason Code").only_5()];
    keys.extend(property_keys(|id| allowed(id, PacketType::Auth)));
    keys
}

fn packet_id_key() -> Key {
    Key::new(
        "packet_id",
        PACKET_ID,
        "Packet Identifier; a free one unless given, in an acknowledgement that of the packet received last",
    )
}

/// Whether either end may put a property into a packet.
pub(super) fn allowed(id: PropertyId, packet_type: PacketType) -> bool {
    id.allowed_in(packet_type, Sender::Client) || id.allowed_in(packet_type, Sender::Server)
}

/// Properties by name, the User Properties as a list, and `properties` for any in any order.
fn property_keys(allowed: impl Fn(PropertyId) -> bool) -> Vec<Key> {
    let named = PropertyId::ALL.into_iter().filter(|id| *id != PropertyId::UserProperty && allowed(*id));
    let mut keys: Vec<Key> = named.map(property_key).collect();
    keys.push(Key::new("user_properties", PAIRS, "User Properties: a list of [name, value]").only_5());
    keys.push(
        Key::new(
            "properties",
            Shape::List(&ANY_PROPERTY),
            "Any properties in any order, whether they belong here or not",
        )
        .only_5(),
    );
    keys
}

const ANY_PROPERTY: Shape = Shape::Tagged("any_property", any_property_keys);

fn any_property_keys() -> Vec<Key> {
    PropertyId::ALL.into_iter().map(property_key).collect()
}

fn property_key(id: PropertyId) -> Key {
    let shape = match id.data_type() {
        DataType::Byte => Shape::Number(255),
        DataType::TwoByteInteger => Shape::Number(65_535),
        DataType::FourByteInteger => Shape::Number(u32::MAX),
        DataType::VariableByteInteger => Shape::Number(268_435_455),
        DataType::BinaryData | DataType::Utf8String => STRING,
        DataType::Utf8StringPair => Shape::List(&STRING),
    };
    Key::new(id.name(), shape, "Property of 5.0").only_5()
}

/// The changes that can be made to the bytes of a packet.
pub(super) fn edit_keys() -> Vec<Key> {
    vec![
        Key::new("raw", HEX, "Bytes to send as they are, in place of a packet"),
        Key::new("override", Shape::MapOf(&OVERRIDE), "Fields by name, each with what is put in its place"),
        Key::new("remove", Shape::OneOrMore(&Shape::Text), "Fields to take away"),
        Key::new("duplicate", Shape::OneOrMore(&Shape::Text), "Fields to write twice"),
        Key::new("insert_before", Shape::MapOf(&HEX), "Bytes to put in front of fields"),
        Key::new("append", HEX, "Bytes to add at the end, inside the Remaining Length"),
        Key::new("truncate_after", Shape::Text, "The field after which the packet ends"),
        Key::new("mutation", Shape::Text, "A mutant of the packet, by its label, or `<NAME>` of a `foreach`"),
        Key::new(
            "lengths",
            Shape::OneOf(&["recomputed", "frozen"]),
            "Whether lengths follow the changes; recomputed unless given",
        ),
    ]
}

const OVERRIDE: Shape =
    Shape::Union(&[Shape::Number(u32::MAX), Shape::Text, Shape::Map("override", override_keys)]);

fn override_keys() -> Vec<Key> {
    let mut keys = super::shape::long_form_keys();
    keys.push(Key::new("integer", Shape::Number(u32::MAX), "A number, in the field's own width"));
    keys.push(Key::new(
        "width",
        Shape::Number(4),
        "For a variable byte integer: the number of bytes to write",
    ));
    keys
}

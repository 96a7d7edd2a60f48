//! A dictionary in the form of libFuzzer and AFL++, made from the tables of the codec.

use std::fmt::Write as _;

use mqttspec_codec::model::{
    Acknowledgement, Connect, DataType, Disconnect, Packet, PropertyId, Publish, Subscribe, Subscription,
    SubscriptionOptions, Unsubscribe,
};
use mqttspec_codec::{Version, encode};

const HEADING: &str = "\
# What means something in MQTT, for libFuzzer (-dict=) and AFL++ (-x).
# Made by: mqttspec corpus --dictionary
";

/// Strings and integers on which rules turn.
const VALUES: [(&str, &[u8]); 22] = [
    ("topic_filter_all", b"\0\x01#"),
    ("topic_filter_level", b"\0\x01+"),
    ("topic_filter_shared", b"$share/g/"),
    ("topic_filter_shared_unnamed", b"$share//"),
    ("topic_system", b"$SYS/"),
    ("string_empty", b"\0\0"),
    ("string_longest", b"\xFF\xFF"),
    ("utf8_null", b"\0\x01\0"),
    ("utf8_byte_order_mark", b"\xEF\xBB\xBF"),
    ("utf8_overlong", b"\xC0\x80"),
    ("utf8_surrogate", b"\xED\xA0\x80"),
    ("utf8_above_unicode", b"\xF4\x90\x80\x80"),
    ("utf8_cut", b"\xE2\x82"),
    ("variable_127", b"\x7F"),
    ("variable_128", b"\x80\x01"),
    ("variable_16383", b"\xFF\x7F"),
    ("variable_16384", b"\x80\x80\x01"),
    ("variable_2097151", b"\xFF\xFF\x7F"),
    ("variable_2097152", b"\x80\x80\x80\x01"),
    ("variable_greatest", b"\xFF\xFF\xFF\x7F"),
    ("variable_not_minimal", b"\x80\0"),
    ("variable_too_long", b"\x80\x80\x80\x80\x01"),
];

/// The dictionary as the text of a file.
pub(crate) fn dictionary() -> String {
    let mut text = HEADING.to_owned();
    for (name, version) in [("v3_1_1", Version::V3_1_1), ("v5_0", Version::V5_0)] {
        for packet in packets(version) {
            let bytes = encode(&packet, version);
            entry(&mut text, &format!("{}_{name}", packet.packet_type().name().to_lowercase()), &bytes);
        }
    }
    for id in PropertyId::ALL {
        entry(&mut text, &format!("property_{}", id.name()), &[&[id as u8], value(id.data_type())].concat());
    }
    for (name, bytes) in VALUES {
        entry(&mut text, name, bytes);
    }
    text
}

/// A small packet of each type that a Client sends.
fn packets(version: Version) -> Vec<Packet> {
    let acknowledgement = || Acknowledgement::new(1);
    let filter = Subscription { filter: "a/b".into(), options: SubscriptionOptions::default() };
    vec![
        Packet::Connect(Connect::new(version, "id")),
        Packet::Publish(Publish { topic: "a/b".into(), ..Publish::default() }),
        Packet::PubAck(acknowledgement()),
        Packet::PubRec(acknowledgement()),
        Packet::PubRel(acknowledgement()),
        Packet::PubComp(acknowledgement()),
        Packet::Subscribe(Subscribe { packet_id: 1, filters: vec![filter], ..Subscribe::default() }),
        Packet::Unsubscribe(Unsubscribe {
            packet_id: 1,
            filters: vec!["a/b".into()],
            ..Unsubscribe::default()
        }),
        Packet::PingReq,
        Packet::Disconnect(Disconnect::default()),
    ]
}

/// A short value of a property.
const fn value(data_type: DataType) -> &'static [u8] {
    match data_type {
        DataType::Byte | DataType::VariableByteInteger => b"\x01",
        DataType::TwoByteInteger => b"\0\x01",
        DataType::FourByteInteger => b"\0\0\0\x01",
        DataType::BinaryData | DataType::Utf8String => b"\0\x01a",
        DataType::Utf8StringPair => b"\0\x01a\0\x01b",
    }
}

fn entry(text: &mut String, name: &str, bytes: &[u8]) {
    let _ = write!(text, "{name}=\"");
    for byte in bytes {
        let _ = write!(text, "\\x{byte:02X}");
    }
    text.push_str("\"\n");
}

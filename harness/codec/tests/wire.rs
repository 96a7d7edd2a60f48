//! Fields by name, and what becomes of the lengths around them.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as the tests do")]

use bytes::Bytes;
use mqttspec_codec::model::{
    Connect, Packet, Properties, Property, Publish, QoS, ReasonCode, SubAck, Subscribe, Subscription, Will,
};
use mqttspec_codec::{Lengths, Version, Wire, WireError};

fn publish() -> Wire {
    let packet = Packet::Publish(Publish {
        qos: QoS::AtLeastOnce,
        topic: "a/b".into(),
        packet_id: Some(7),
        properties: Properties::from_iter([
            Property::UserProperty(("k".into(), "v".into())),
            Property::TopicAlias(3),
            Property::UserProperty(("k".into(), "w".into())),
        ]),
        payload: Bytes::from_static(b"hello"),
        ..Publish::default()
    });
    Wire::of(&packet, Version::V5_0)
}

fn connect() -> Wire {
    let packet = Packet::Connect(Connect {
        will: Some(Will { topic: "w".into(), payload: Bytes::from_static(b"x"), ..Will::default() }),
        user_name: Some("u".into()),
        password: Some(Bytes::from_static(b"p")),
        properties: Properties::from_iter([Property::ReceiveMaximum(10), Property::SessionExpiryInterval(1)]),
        ..Connect::new(Version::V5_0, "c")
    });
    Wire::of(&packet, Version::V5_0)
}

fn subscribe() -> Wire {
    let filters = ["a", "b"].map(|filter| Subscription { filter: filter.into(), ..Subscription::default() });
    let packet =
        Packet::Subscribe(Subscribe { packet_id: 1, filters: filters.to_vec(), ..Subscribe::default() });
    Wire::of(&packet, Version::V5_0)
}

fn suback() -> Wire {
    let reason_codes = vec![ReasonCode(0), ReasonCode(1)];
    Wire::of(&Packet::SubAck(SubAck { packet_id: 1, reason_codes, ..SubAck::default() }), Version::V3_1_1)
}

fn listing(wire: &Wire) -> String {
    let line = |field: mqttspec_codec::WireField| {
        let leaf = if field.leaf { "" } else { " (group)" };
        format!("{:>3}..{:<3} {} {:?}{leaf}\n", field.range.start, field.range.end, field.name, field.kind)
    };
    wire.fields().into_iter().map(line).collect()
}

#[test]
fn fields_are_named_as_the_specification_names_them() {
    let listings = [connect(), publish(), subscribe(), suback()].map(|wire| listing(&wire));
    insta::assert_snapshot!(listings.join("\n"));
}

/// The bytes after a change.
fn changed(mut wire: Wire, change: impl FnOnce(&mut Wire) -> Result<(), WireError>) -> Vec<u8> {
    change(&mut wire).unwrap();
    wire.to_bytes().to_vec()
}

#[test]
fn lengths_follow_or_stay() {
    let before = publish().to_bytes();
    let followed = changed(publish(), |wire| wire.set("topic", b"longer", Lengths::Recomputed));
    assert_eq!(followed[1], before[1] + 3);
    assert_eq!(followed[2..10], *b"\x00\x06longer");

    let stayed = changed(publish(), |wire| wire.set("topic", b"longer", Lengths::Frozen));
    assert_eq!(stayed[1], before[1]);
    assert_eq!(stayed[2..10], *b"\x00\x03longer");
}

#[test]
fn a_length_that_was_set_stays() {
    let bytes = changed(publish(), |wire| {
        wire.set_integer("topic.length", 9)?;
        wire.set("topic", b"ab", Lengths::Recomputed)
    });
    assert_eq!(bytes[1], publish().to_bytes()[1] - 1);
    assert_eq!(bytes[2..6], *b"\x00\x09ab");

    let bytes = changed(publish(), |wire| {
        wire.set_integer("topic.length", 9)?;
        wire.recompute("topic.length")
    });
    assert_eq!(bytes, publish().to_bytes());
}

#[test]
fn half_bytes_are_set_alone() {
    let bytes = changed(publish(), |wire| wire.set_integer("flags", 0b1111));
    assert_eq!(bytes[0], 0x3F);
    let bytes = changed(publish(), |wire| wire.set("packet_type", &[15], Lengths::Recomputed));
    assert_eq!(bytes[0], 0xF2);
    let error = publish().set_integer("flags", 16).unwrap_err();
    assert_eq!(error.to_string(), "16 does not fit into the field `flags`, which holds at most 15");
    let error = publish().remove("flags", Lengths::Recomputed).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the field `flags` is half a byte and can only be set; `first_byte` is whole"
    );
}

#[test]
fn properties_go_by_their_kind() {
    let bytes = changed(connect(), |wire| wire.set_integer("properties.receive_maximum", 0));
    assert_eq!(bytes[12..16], [8, 0x21, 0, 0]);
    let again = changed(connect(), |wire| wire.set_integer("properties[0].value", 0));
    assert_eq!(bytes, again);

    let second = |name: &str| changed(publish(), |wire| wire.set(name, b"x", Lengths::Recomputed));
    assert_eq!(second("properties.user_property[1].value"), second("properties[2].value"));
    assert_eq!(second("properties.user_property[0].name"), second("properties[0].name"));
    assert_eq!(second("properties.user_property.value"), second("properties[0].value"));
}

#[test]
fn variable_byte_integers_can_be_padded() {
    let bytes = changed(publish(), |wire| wire.set_variable_bytes("properties.length", 17, 3));
    assert_eq!(bytes[9..12], [0x91, 0x80, 0x00]);
    assert_eq!(bytes[1], publish().to_bytes()[1] + 2);
    let bytes = changed(publish(), |wire| wire.set_variable_bytes("remaining_length", 1, 5));
    assert_eq!(bytes[1..6], [0x81, 0x80, 0x80, 0x80, 0x00]);
    let error = publish().set_variable_bytes("remaining_length", 128, 1).unwrap_err();
    assert_eq!(error, WireError::TooLarge { name: "remaining_length".into(), value: 128, max: 127 });
    let error = publish().set_variable_bytes("packet_id", 1, 1).unwrap_err();
    assert_eq!(error.to_string(), "the field `packet_id` is no Variable Byte Integer");
}

#[test]
fn fields_come_and_go() {
    let before = subscribe().to_bytes();
    let removed = changed(subscribe(), |wire| wire.remove("filters[0]", Lengths::Recomputed));
    assert_eq!(removed, b"\x82\x07\x00\x01\x00\x00\x01b\x00");
    let removed = changed(subscribe(), |wire| wire.remove("filters[0].options", Lengths::Frozen));
    assert_eq!(removed.len(), before.len() - 1);
    assert_eq!(removed[1], before[1]);

    let doubled = changed(publish(), |wire| wire.duplicate("properties.topic_alias", Lengths::Recomputed));
    assert_eq!(doubled[9], publish().to_bytes()[9] + 3);
    assert_eq!(doubled[1], publish().to_bytes()[1] + 3);

    let doubled = changed(publish(), |wire| {
        wire.duplicate("packet_id", Lengths::Recomputed)?;
        wire.set_integer("packet_id#2", 8)
    });
    assert_eq!(doubled[7..11], [0, 7, 0, 8]);

    let doubled = changed(publish(), |wire| {
        wire.duplicate("properties", Lengths::Recomputed)?;
        wire.set_integer("properties[0]#2.value.length", 9)?;
        wire.append(b"\xAA", Lengths::Recomputed);
        wire.append(b"\xBB", Lengths::Recomputed);
        wire.set("inserted#2", b"\xCC", Lengths::Recomputed)
    });
    let once = publish().to_bytes();
    let list = once[9] as usize + 1;
    assert_eq!(doubled[9..9 + list], once[9..9 + list]);
    assert_ne!(doubled[9 + list..9 + 2 * list], once[9..9 + list]);
    assert_eq!(doubled.last_chunk(), Some(b"\xAA\xCC"));

    let inserted = changed(subscribe(), |wire| {
        wire.insert_before("packet_id", b"\xAA", Lengths::Recomputed)?;
        wire.insert_after("packet_id", b"\xBB", Lengths::Frozen)?;
        wire.append(b"\xCC", Lengths::Frozen);
        Ok(())
    });
    assert_eq!(inserted[1], before[1] + 1);
    assert_eq!(inserted[2..6], [0xAA, 0, 1, 0xBB]);
    assert_eq!(inserted.last(), Some(&0xCC));
}

#[test]
fn a_cut_packet_keeps_its_other_lengths() {
    let before = publish().to_bytes();
    for offset in 0..=before.len() {
        let frozen = changed(publish(), |wire| wire.truncate_at(offset, Lengths::Frozen));
        assert_eq!(frozen, before[..offset]);
        let mended = changed(publish(), |wire| wire.truncate_at(offset, Lengths::Recomputed));
        assert_eq!(mended.len(), offset);
        if offset > 2 {
            assert_eq!(mended[1], offset as u8 - 2);
            assert_eq!(mended[2..], before[2..offset]);
        }
    }
    let cut = changed(publish(), |wire| wire.truncate_after("properties[1]", Lengths::Recomputed));
    assert_eq!(cut.last(), Some(&3));
    assert_eq!(cut[9], before[9]);
    let error = publish().truncate_at(99, Lengths::Frozen).unwrap_err();
    assert_eq!(error.to_string(), "offset 99 is outside the packet of 32 bytes");
}

#[test]
fn an_unknown_field_is_told_from_the_known_ones() {
    let messages = [
        publish().set("topc", b"", Lengths::Recomputed).unwrap_err().to_string(),
        connect().remove("properties.receive_max", Lengths::Recomputed).unwrap_err().to_string(),
        suback().remove("reason_codes[2]", Lengths::Recomputed).unwrap_err().to_string(),
        suback().set_integer("unlike anything", 1).unwrap_err().to_string(),
    ];
    insta::assert_snapshot!(messages.join("\n"));
}

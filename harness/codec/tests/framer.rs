//! A stream of bytes to packets.

use bytes::Bytes;
use mqttspec_codec::model::{Connect, Packet, Publish};
use mqttspec_codec::{Context, CutPacket, Framer, FramingError, Version, connect_version, encode};

fn framer(version: Version) -> Framer {
    Framer::new(Context::from_client(version), 1000)
}

#[test]
fn packets_come_out_as_soon_as_they_are_whole() {
    let mut framer = framer(Version::V5_0);
    framer.push(b"\xC0");
    assert_eq!(framer.next_frame(), Ok(None));
    framer.push(b"\x00\xC0\x00\xE0");
    assert_eq!(framer.next_frame(), Ok(Some(Bytes::from_static(b"\xC0\x00"))));
    assert_eq!(framer.next_frame(), Ok(Some(Bytes::from_static(b"\xC0\x00"))));
    assert_eq!(framer.next_frame(), Ok(None));
    assert_eq!(framer.pending(), b"\xE0");
}

#[test]
fn after_a_packet_that_breaks_a_rule_comes_the_next() {
    let mut framer = framer(Version::V5_0);
    framer.push(b"\xC0\x00\xC1\x00\xC0");
    assert_eq!(framer.next_packet(), Ok(Some(Packet::PingReq)));
    match framer.next_packet() {
        Err(FramingError::Violation(violation)) => {
            assert_eq!((violation.offset, violation.statement().to_string()), (0, "MQTT-2.1.3-1".to_owned()));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(framer.pending(), b"\xC0");
    framer.push(b"\x00");
    assert_eq!(framer.next_packet(), Ok(Some(Packet::PingReq)));
    assert_eq!(framer.next_packet(), Ok(None));
    assert_eq!(framer.finish(), Ok(()));
}

#[test]
fn packets_of_a_shared_chunk_share_its_memory() {
    let chunk = Bytes::from(b"\x30\x04\x00\x01ab\x30\x04\x00\x01cd\xC0".to_vec());
    let mut framer = framer(Version::V3_1_1);
    framer.push_chunk(chunk.clone());
    let frame = framer.next_frame().unwrap().unwrap();
    assert_eq!(frame.as_ptr(), chunk.as_ptr());
    let Some(Packet::Publish(publish)) = framer.next_packet().unwrap() else { panic!("no PUBLISH") };
    assert_eq!((&publish.payload[..], publish.payload.as_ptr()), (&b"d"[..], chunk[11..].as_ptr()));
    framer.push_chunk(Bytes::from_static(b"\x00\xC0\x00"));
    assert_eq!(framer.pending(), b"\xC0\x00\xC0\x00");
}

#[test]
fn the_end_of_the_stream_is_clean_between_packets_only() {
    let mut framer = framer(Version::V3_1_1);
    assert_eq!(framer.finish(), Ok(()));
    framer.push(b"\x30");
    assert_eq!(framer.finish(), Err(CutPacket { have: 1, want: None }));
    framer.push(b"\x05\x00");
    let cut = framer.finish().unwrap_err();
    assert_eq!(cut, CutPacket { have: 3, want: Some(7) });
    assert_eq!(cut.to_string(), "the stream ends after 3 of the 7 bytes of a packet");
}

#[test]
fn a_reserved_type_is_refused_at_its_first_byte() {
    for (version, statement) in [(Version::V3_1_1, "MQTT-4.8.0-1"), (Version::V5_0, "E5-01")] {
        let mut framer = framer(version);
        framer.push(b"\x0F");
        match framer.next_frame() {
            Err(FramingError::Violation(violation)) => {
                assert_eq!(violation.statement().to_string(), statement);
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_fifth_length_byte_is_refused_before_it_comes() {
    for (version, statement) in [(Version::V3_1_1, "S311-02"), (Version::V5_0, "E5-03")] {
        let mut framer = framer(version);
        framer.push(b"\xC0\x80\x80\x80");
        assert_eq!(framer.next_frame(), Ok(None));
        framer.push(b"\x80");
        match framer.next_frame() {
            Err(FramingError::Violation(violation)) => {
                assert_eq!(violation.statement().to_string(), statement);
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(framer.next_frame_tolerating(&|_| true), Ok(None));
        framer.push(b"\x00");
        assert_eq!(
            framer.next_frame_tolerating(&|_| true),
            Ok(Some(Bytes::from_static(b"\xC0\x80\x80\x80\x80\x00")))
        );
    }
}

#[test]
fn a_packet_above_the_limit_is_not_waited_for() {
    let mut framer = framer(Version::V5_0);
    framer.push(b"\x30\xE5\x07");
    assert_eq!(framer.next_frame(), Ok(None));
    let mut framer = self::framer(Version::V5_0);
    framer.push(b"\x30\xE6\x07");
    let error = framer.next_frame().unwrap_err();
    assert_eq!(error, FramingError::TooLong { length: 1001, limit: 1000 });
    assert_eq!(error.to_string(), "a packet of 1001 bytes is above the limit of 1000 bytes");
}

#[test]
fn the_level_of_a_connect_can_be_seen_before_decoding() {
    for version in Version::ALL {
        let bytes = encode(&Packet::Connect(Connect::new(version, "c")), version);
        assert_eq!(connect_version(&bytes), Some(version.protocol_level()));
        for end in 0..bytes.len() {
            let level = connect_version(&bytes[..end]);
            assert_eq!(level, (end > 8).then_some(version.protocol_level()));
        }
    }
    let publish = encode(&Packet::Publish(Publish::default()), Version::V3_1_1);
    assert_eq!(connect_version(&publish), None);
}

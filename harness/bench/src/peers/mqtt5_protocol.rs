//! mqtt5-protocol.

use std::hint::black_box;

use bytes::{Buf, Bytes, BytesMut};

use super::{Decode, Encode, spend};
use crate::packets::Sample;

fn packet(stream: &mut Bytes, level: u8) -> ::mqtt5_protocol::Result<::mqtt5_protocol::packet::Packet> {
    use ::mqtt5_protocol::packet::{FixedHeader, Packet};

    let header = FixedHeader::decode(stream)?;
    let mut body = stream.split_to(header.remaining_length as usize);
    Packet::decode_from_body_with_version(header.packet_type, &header, &mut body, level)
}

pub(super) fn decode(sample: Sample) -> Option<Decode> {
    let level = sample.version().protocol_level();
    Some(Box::new(move |stream| {
        let mut stream = stream.freeze();
        while stream.has_remaining() {
            spend(packet(&mut stream, level));
        }
    }))
}

pub(super) fn encode(sample: Sample) -> Option<Encode> {
    use ::mqtt5_protocol::packet::{MqttPacket, Packet};

    let packet = packet(&mut sample.bytes(), sample.version().protocol_level()).unwrap();
    Some(Box::new(move || {
        let mut out = BytesMut::with_capacity(256);
        match &packet {
            Packet::Publish(packet) => packet.encode(&mut out).unwrap(),
            Packet::Connect(packet) => packet.encode(&mut out).unwrap(),
            _ => panic!("no such sample"),
        }
        black_box(out.freeze()).len()
    }))
}

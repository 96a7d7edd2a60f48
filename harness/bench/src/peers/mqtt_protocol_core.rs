//! mqtt-protocol-core.

use std::hint::black_box;
use std::sync::Arc;

use super::{Decode, Encode, LIMIT, spend};
use crate::packets::Sample;

pub(super) fn decode(sample: Sample) -> Option<Decode> {
    use ::mqtt_protocol_core::mqtt::common::Cursor;
    use ::mqtt_protocol_core::mqtt::connection::{PacketBuildResult, PacketBuilder, PacketData};
    use ::mqtt_protocol_core::mqtt::packet::{v3_1_1, v5_0};

    Some(Box::new(move |stream| {
        let mut builder = PacketBuilder::with_maximum_packet_size(LIMIT as u32);
        let mut cursor = Cursor::new(&stream[..]);
        loop {
            let raw = match builder.feed(&mut cursor) {
                PacketBuildResult::Complete(raw) => raw,
                PacketBuildResult::Incomplete => break,
                PacketBuildResult::Error(error) => panic!("{error:?}"),
            };
            let flags = raw.flags();
            match (sample, raw.data) {
                (Sample::PublishV3, PacketData::Publish(body)) => spend(v3_1_1::Publish::parse(flags, body)),
                (Sample::PublishV5, PacketData::Publish(body)) => spend(v5_0::Publish::parse(flags, body)),
                (Sample::ConnectV3, PacketData::Normal(body)) => spend(v3_1_1::Connect::parse(&body)),
                (Sample::ConnectV5, PacketData::Normal(body)) => spend(v5_0::Connect::parse(&body)),
                _ => panic!("another packet"),
            }
        }
    }))
}

/// The first byte and the body of a packet whose Remaining Length has one or two bytes.
fn split(frame: &[u8]) -> (u8, &[u8]) {
    let width = if frame[1] < 0x80 { 1 } else { 2 };
    (frame[0], &frame[1 + width..])
}

/// Only a PUBLISH needs a copy of its body: all else copies what it keeps.
fn parse(sample: Sample) -> fn(u8, &[u8]) {
    use ::mqtt_protocol_core::mqtt::packet::{v3_1_1, v5_0};

    match sample {
        Sample::PublishV3 => |flags, body| spend(v3_1_1::Publish::parse(flags, Arc::from(body))),
        Sample::PublishV5 => |flags, body| spend(v5_0::Publish::parse(flags, Arc::from(body))),
        Sample::ConnectV3 => |_, body| spend(v3_1_1::Connect::parse(body)),
        Sample::ConnectV5 => |_, body| spend(v5_0::Connect::parse(body)),
    }
}

pub(super) fn cut_decode(sample: Sample) -> Option<Decode> {
    let length = sample.bytes().len();
    let parse = parse(sample);
    Some(Box::new(move |stream| {
        for frame in stream.chunks(length) {
            let (first, body) = split(frame);
            parse(first & 0b1111, body);
        }
    }))
}

pub(super) fn whole_decode(sample: Sample) -> Option<Decode> {
    use ::mqtt_protocol_core::mqtt::packet::{v3_1_1, v5_0};

    let frame = sample.bytes();
    let (first, body) = split(&frame);
    let flags = first & 0b1111;
    let body: Arc<[u8]> = Arc::from(body);
    let parse: fn(u8, &Arc<[u8]>) = match sample {
        Sample::PublishV3 => |flags, body| spend(v3_1_1::Publish::parse(flags, body.clone())),
        Sample::PublishV5 => |flags, body| spend(v5_0::Publish::parse(flags, body.clone())),
        Sample::ConnectV3 => |_, body| spend(v3_1_1::Connect::parse(body)),
        Sample::ConnectV5 => |_, body| spend(v5_0::Connect::parse(body)),
    };
    Some(Box::new(move |stream| {
        for _ in 0..stream.len() / frame.len() {
            parse(black_box(flags), black_box(&body));
        }
    }))
}

pub(super) fn encode(sample: Sample) -> Option<Encode> {
    use ::mqtt_protocol_core::mqtt::packet::{v3_1_1, v5_0};

    let frame = sample.bytes();
    let (first, body) = split(&frame);
    let flags = first & 0b1111;
    Some(match sample {
        Sample::PublishV3 => {
            let (packet, _) = v3_1_1::Publish::parse(flags, Arc::from(body)).unwrap();
            Box::new(move || black_box(packet.to_continuous_buffer()).len())
        }
        Sample::PublishV5 => {
            let (packet, _) = v5_0::Publish::parse(flags, Arc::from(body)).unwrap();
            Box::new(move || black_box(packet.to_continuous_buffer()).len())
        }
        Sample::ConnectV3 => {
            let (packet, _) = v3_1_1::Connect::parse(body).unwrap();
            Box::new(move || black_box(packet.to_continuous_buffer()).len())
        }
        Sample::ConnectV5 => {
            let (packet, _) = v5_0::Connect::parse(body).unwrap();
            Box::new(move || black_box(packet.to_continuous_buffer()).len())
        }
    })
}

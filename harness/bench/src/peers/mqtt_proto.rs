//! mqtt-proto.

use std::hint::black_box;

use mqttspec_codec::Version;

use super::{Decode, Encode, spend};
use crate::packets::Sample;

pub(super) fn decode(sample: Sample) -> Option<Decode> {
    let length = sample.bytes().len();
    Some(match sample.version() {
        Version::V3_1_1 => Box::new(move |stream| {
            for frame in stream.chunks(length) {
                spend(::mqtt_proto::v3::Packet::decode(frame));
            }
        }),
        Version::V5_0 => Box::new(move |stream| {
            for frame in stream.chunks(length) {
                spend(::mqtt_proto::v5::Packet::decode(frame));
            }
        }),
    })
}

pub(super) fn encode(sample: Sample) -> Option<Encode> {
    Some(match sample.version() {
        Version::V3_1_1 => {
            let packet = ::mqtt_proto::v3::Packet::decode(&sample.bytes()).unwrap().unwrap();
            Box::new(move || black_box(packet.encode().unwrap()).as_ref().len())
        }
        Version::V5_0 => {
            let packet = ::mqtt_proto::v5::Packet::decode(&sample.bytes()).unwrap().unwrap();
            Box::new(move || black_box(packet.encode().unwrap()).as_ref().len())
        }
    })
}

//! The codec of rumqttc.

use std::hint::black_box;

use bytes::BytesMut;
use mqttspec_codec::Version;

use super::{Decode, Encode, LIMIT, spend};
use crate::packets::Sample;

pub(super) fn decode(sample: Sample) -> Option<Decode> {
    Some(match sample.version() {
        Version::V3_1_1 => Box::new(|mut stream| {
            while !stream.is_empty() {
                spend(::rumqttc::Packet::read(&mut stream, LIMIT));
            }
        }),
        Version::V5_0 => Box::new(|mut stream| {
            while !stream.is_empty() {
                spend(::rumqttc::v5::mqttbytes::v5::Packet::read(&mut stream, Some(LIMIT as u32)));
            }
        }),
    })
}

pub(super) fn encode(sample: Sample) -> Option<Encode> {
    let mut stream = BytesMut::from(sample.bytes().as_ref());
    Some(match sample.version() {
        Version::V3_1_1 => {
            let packet = ::rumqttc::Packet::read(&mut stream, LIMIT).unwrap();
            Box::new(move || {
                let mut out = BytesMut::with_capacity(256);
                packet.write(&mut out, LIMIT).unwrap();
                black_box(out.freeze()).len()
            })
        }
        Version::V5_0 => {
            let packet = ::rumqttc::v5::mqttbytes::v5::Packet::read(&mut stream, None).unwrap();
            Box::new(move || {
                let mut out = BytesMut::with_capacity(256);
                packet.write(&mut out, None).unwrap();
                black_box(out.freeze()).len()
            })
        }
    })
}

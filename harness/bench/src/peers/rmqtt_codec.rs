//! rmqtt-codec.

use std::hint::black_box;

use bytes::BytesMut;
use mqttspec_codec::Version;
use tokio_util::codec::{Decoder, Encoder};

use super::{Decode, Encode, spend};
use crate::packets::Sample;

pub(super) fn decode(sample: Sample) -> Option<Decode> {
    Some(match sample.version() {
        Version::V3_1_1 => Box::new(|mut stream| {
            let mut codec = ::rmqtt_codec::v3::Codec::new(0);
            while !stream.is_empty() {
                spend(codec.decode(&mut stream));
            }
        }),
        Version::V5_0 => Box::new(|mut stream| {
            let mut codec = ::rmqtt_codec::v5::Codec::new(0, 0);
            while !stream.is_empty() {
                spend(codec.decode(&mut stream));
            }
        }),
    })
}

pub(super) fn encode(sample: Sample) -> Option<Encode> {
    let mut stream = BytesMut::from(sample.bytes().as_ref());
    Some(match sample.version() {
        Version::V3_1_1 => {
            let mut codec = ::rmqtt_codec::v3::Codec::new(0);
            let (packet, _) = codec.decode(&mut stream).unwrap().unwrap();
            // The encoder takes the packet by value: the clone is part of its price.
            Box::new(move || {
                let mut out = BytesMut::with_capacity(256);
                codec.encode(packet.clone(), &mut out).unwrap();
                black_box(out.freeze()).len()
            })
        }
        Version::V5_0 => {
            let mut codec = ::rmqtt_codec::v5::Codec::new(0, 0);
            let (packet, _) = codec.decode(&mut stream).unwrap().unwrap();
            Box::new(move || {
                let mut out = BytesMut::with_capacity(256);
                codec.encode(packet.clone(), &mut out).unwrap();
                black_box(out.freeze()).len()
            })
        }
    })
}

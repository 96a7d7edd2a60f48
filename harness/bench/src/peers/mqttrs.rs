//! mqttrs.

use mqttspec_codec::Version;

use super::{Decode, Encode, spend};
use crate::packets::Sample;

pub(super) fn decode(sample: Sample) -> Option<Decode> {
    if sample.version() == Version::V5_0 {
        return None;
    }
    let length = sample.bytes().len();
    Some(Box::new(move |stream| {
        for frame in stream.chunks(length) {
            spend(::mqttrs::decode_slice(frame));
        }
    }))
}

pub(super) fn encode(sample: Sample) -> Option<Encode> {
    if sample.version() == Version::V5_0 {
        return None;
    }
    let frame: &'static [u8] = sample.bytes().to_vec().leak();
    let packet = ::mqttrs::decode_slice(frame).unwrap().unwrap();
    Some(Box::new(move || {
        let mut out = vec![0; 256];
        ::mqttrs::encode_slice(&packet, &mut out).unwrap()
    }))
}

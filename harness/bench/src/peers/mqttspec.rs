//! Our codec.

use std::hint::black_box;

use bytes::Bytes;
use mqttspec_codec::{Context, Framer};

use super::{Decode, Encode, LIMIT, spend};
use crate::packets::Sample;

pub(super) fn decode(sample: Sample) -> Option<Decode> {
    let context = Context::from_client(sample.version());
    Some(Box::new(move |stream| {
        let mut framer = Framer::new(context, LIMIT);
        framer.push_chunk(stream.freeze());
        loop {
            match &framer.next_packet() {
                Ok(Some(packet)) => black_box(packet),
                Ok(None) => break,
                Err(error) => panic!("{error:?}"),
            };
        }
    }))
}

pub(super) fn frames_decode(sample: Sample) -> Option<Decode> {
    let context = Context::from_client(sample.version());
    Some(Box::new(move |stream| {
        let mut framer = Framer::new(context, LIMIT);
        framer.push_chunk(stream.freeze());
        while let Some(frame) = framer.next_frame().unwrap() {
            spend(mqttspec_codec::decode(&frame, context));
        }
    }))
}

pub(super) fn whole_decode(sample: Sample) -> Option<Decode> {
    let context = Context::from_client(sample.version());
    let frame = Bytes::from(sample.bytes().to_vec());
    // A second owner makes it shared for good, as a packet of a stream is.
    let keep = frame.clone();
    Some(Box::new(move |stream| {
        for _ in 0..stream.len() / keep.len() {
            spend(mqttspec_codec::decode(black_box(&frame), context));
        }
    }))
}

pub(super) fn encode(sample: Sample) -> Option<Encode> {
    let packet = sample.packet();
    Some(Box::new(move || mqttspec_codec::encode(black_box(&packet), sample.version()).len()))
}

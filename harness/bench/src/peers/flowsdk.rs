//! The codec of flowsdk.

use std::hint::black_box;

use super::{Decode, Encode, spend};
use crate::packets::Sample;

pub(super) fn decode(sample: Sample) -> Option<Decode> {
    use ::flowsdk::mqtt_serde::control_packet::MqttPacket;
    use ::flowsdk::mqtt_serde::parser::ParseOk;

    let level = sample.version().protocol_level();
    Some(Box::new(move |stream| {
        let mut rest = &stream[..];
        while !rest.is_empty() {
            let parsed = MqttPacket::from_bytes_with_version(rest, level);
            let Ok(ParseOk::Packet(_, used)) = &parsed else { panic!("no packet") };
            rest = &rest[*used..];
            spend(parsed);
        }
    }))
}

pub(super) fn encode(sample: Sample) -> Option<Encode> {
    use ::flowsdk::mqtt_serde::control_packet::MqttPacket;
    use ::flowsdk::mqtt_serde::parser::ParseOk;

    let level = sample.version().protocol_level();
    let ParseOk::Packet(packet, _) = MqttPacket::from_bytes_with_version(&sample.bytes(), level).unwrap()
    else {
        panic!("no packet");
    };
    Some(Box::new(move || black_box(packet.to_bytes().unwrap()).len()))
}

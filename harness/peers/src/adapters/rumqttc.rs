//! The codec of rumqttc.

use ::rumqttc::Packet as PacketV3;
use ::rumqttc::v5::mqttbytes::v5::Packet as PacketV5;
use bytes::BytesMut;
use mqttspec_codec::Version;

use super::LIMIT;
use crate::peer::{Input, Reading};

pub(super) fn read(input: &Input, again: bool) -> Option<Reading> {
    let mut stream = BytesMut::from(input.frame());
    let mut out = BytesMut::new();
    Some(match input.version {
        Version::V3_1_1 => Reading::of(PacketV3::read(&mut stream, LIMIT), again, |packet| {
            packet.write(&mut out, LIMIT).map(|_| out.to_vec())
        }),
        Version::V5_0 => Reading::of(PacketV5::read(&mut stream, None), again, |packet| {
            packet.write(&mut out, None).map(|_| out.to_vec())
        }),
    })
}

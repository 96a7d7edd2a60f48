//! The parser of the broker rumqttd.

use ::rumqttd::protocol::Protocol;
use ::rumqttd::protocol::v4::V4;
use ::rumqttd::protocol::v5::V5;
use bytes::BytesMut;
use mqttspec_codec::Version;

use super::LIMIT;
use crate::peer::{Input, Reading};

pub(super) fn read(input: &Input, again: bool) -> Option<Reading> {
    let mut stream = BytesMut::from(input.frame());
    Some(match input.version {
        Version::V3_1_1 => through(&mut V4, &mut stream, again),
        Version::V5_0 => through(&mut V5, &mut stream, again),
    })
}

fn through(protocol: &mut impl Protocol, stream: &mut BytesMut, again: bool) -> Reading {
    let mut out = BytesMut::new();
    let read = protocol.read_mut(stream, LIMIT);
    Reading::of(read, again, |packet| protocol.write(packet, &mut out).map(|_| out.to_vec()))
}

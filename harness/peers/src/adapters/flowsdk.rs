//! flowsdk, with its strict mode.

use ::flowsdk::mqtt_serde::control_packet::MqttPacket;
use ::flowsdk::mqtt_serde::parser::{ParseError, ParseOk};

use crate::peer::{Input, Reading};

pub(super) fn read(input: &Input, again: bool) -> Option<Reading> {
    Some(match MqttPacket::from_bytes_with_version(input.frame(), input.version.protocol_level()) {
        Ok(ParseOk::Packet(packet, _)) => Reading::of(Ok::<_, ()>(packet), again, |packet| packet.to_bytes()),
        Ok(_) => Reading::refused("waits for more"),
        // Most of its errors are words.
        Err(ParseError::ParseError(words)) => Reading::refused(words),
        Err(error) => Reading::refused(error),
    })
}

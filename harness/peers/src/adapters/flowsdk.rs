//! flowsdk, with its strict mode.

use ::flowsdk::mqtt_serde::control_packet::MqttPacket;
use ::flowsdk::mqtt_serde::parser::ParseOk;
use mqttspec_codec::Version;

use crate::peer::Reading;

pub(super) fn read(frame: &[u8], version: Version, again: bool) -> Option<Reading> {
    Some(match MqttPacket::from_bytes_with_version(frame, version.protocol_level()) {
        Ok(ParseOk::Packet(packet, _)) => Reading::of(Ok::<_, ()>(packet), again, |packet| packet.to_bytes()),
        Ok(_) => Reading::refused("waits for more"),
        Err(error) => Reading::refused(error),
    })
}

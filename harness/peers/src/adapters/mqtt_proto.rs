//! mqtt-proto.

use ::mqtt_proto::{v3, v5};
use mqttspec_codec::Version;

use crate::peer::{Input, Reading};

pub(super) fn read(input: &Input, again: bool) -> Option<Reading> {
    Some(match input.version {
        Version::V3_1_1 => match v3::Packet::decode(input.frame()) {
            Ok(None) => Reading::refused("waits for more"),
            Ok(Some(packet)) => Reading::of(Ok::<_, ()>(packet), again, |packet| {
                packet.encode().map(|it| it.as_ref().to_vec())
            }),
            Err(error) => Reading::refused(error),
        },
        Version::V5_0 => match v5::Packet::decode(input.frame()) {
            Ok(None) => Reading::refused("waits for more"),
            Ok(Some(packet)) => Reading::of(Ok::<_, ()>(packet), again, |packet| {
                packet.encode().map(|it| it.as_ref().to_vec())
            }),
            Err(error) => Reading::refused(error),
        },
    })
}

//! mqtt-protocol-core, without the state of a connection.

use ::mqtt_protocol_core::mqtt::common::Cursor;
use ::mqtt_protocol_core::mqtt::connection::{PacketBuildResult, PacketBuilder, PacketData};
use ::mqtt_protocol_core::mqtt::packet::{v3_1_1, v5_0};
use mqttspec_codec::Version;

use crate::peer::{Input, Reading};

pub(super) fn read(input: &Input, again: bool) -> Option<Reading> {
    let PacketBuildResult::Complete(raw) = PacketBuilder::new().feed(&mut Cursor::new(input.frame())) else {
        return Some(Reading::refused("no packet"));
    };
    macro_rules! parse {
        ($version:ident, $($number:literal => $packet:ident,)*) => {
            match (raw.packet_type(), &raw.data) {
                (3, PacketData::Publish(body)) => {
                    match $version::Publish::parse(raw.flags(), body.clone()) {
                        Ok((_, used)) if used != body.len() => Reading::refused("bytes are left"),
                        read => Reading::of(read, again, |(packet, _)| {
                            Ok::<_, ()>(packet.to_continuous_buffer())
                        }),
                    }
                }
                $(($number, _) => Reading::of(raw.parse_exact($version::$packet::parse), again, |packet| {
                    Ok::<_, ()>(packet.to_continuous_buffer())
                }),)*
                _ => Reading::refused("no such packet"),
            }
        };
    }
    Some(match input.version {
        Version::V3_1_1 => parse!(
            v3_1_1,
            1 => Connect, 2 => Connack, 4 => Puback, 5 => Pubrec, 6 => Pubrel, 7 => Pubcomp, 8 => Subscribe,
            9 => Suback, 10 => Unsubscribe, 11 => Unsuback, 12 => Pingreq, 13 => Pingresp, 14 => Disconnect,
        ),
        Version::V5_0 => parse!(
            v5_0,
            1 => Connect, 2 => Connack, 4 => Puback, 5 => Pubrec, 6 => Pubrel, 7 => Pubcomp, 8 => Subscribe,
            9 => Suback, 10 => Unsubscribe, 11 => Unsuback, 12 => Pingreq, 13 => Pingresp, 14 => Disconnect,
            15 => Auth,
        ),
    })
}

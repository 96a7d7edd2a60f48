//! Which packet answers which.

use mqttspec_codec::model::{Packet, PacketType, QoS};
use mqttspec_codec::{StatementId, Version, statement};

/// What answers a packet, and the rule that demands it.
pub(crate) fn answer(packet: &Packet, version: Version) -> Option<(PacketType, StatementId)> {
    let by_version = |v3_1_1, v5_0| match version {
        Version::V3_1_1 => v3_1_1,
        Version::V5_0 => v5_0,
    };
    Some(match packet {
        Packet::Connect(_) => (PacketType::ConnAck, answer_to_connect(version)),
        Packet::Publish(publish) => match publish.qos {
            QoS::AtMostOnce => return None,
            QoS::AtLeastOnce => {
                (PacketType::PubAck, by_version(statement!("MQTT-4.3.2-2"), statement!("MQTT-4.3.2-4")))
            }
            QoS::ExactlyOnce => {
                (PacketType::PubRec, by_version(statement!("MQTT-4.3.3-2"), statement!("MQTT-4.3.3-8")))
            }
        },
        Packet::PubRel(_) => {
            (PacketType::PubComp, by_version(statement!("MQTT-4.3.3-2"), statement!("MQTT-4.3.3-11")))
        }
        Packet::Subscribe(_) => (PacketType::SubAck, statement!("MQTT-3.8.4-1")),
        Packet::Unsubscribe(_) => (PacketType::UnsubAck, statement!("MQTT-3.10.4-4")),
        Packet::PingReq => (PacketType::PingResp, PING_IS_ANSWERED),
        _ => return None,
    })
}

/// CONNECT is answered by CONNACK.
pub(crate) const fn answer_to_connect(version: Version) -> StatementId {
    match version {
        Version::V3_1_1 => statement!("MQTT-3.1.4-4"),
        Version::V5_0 => statement!("MQTT-3.1.4-5"),
    }
}

/// PINGREQ is answered by PINGRESP.
pub(super) const PING_IS_ANSWERED: StatementId = statement!("MQTT-3.12.4-1");

/// Whether a packet of the broker refuses what the client asked for.
pub(crate) fn is_refusal(packet: &Packet) -> bool {
    match packet {
        Packet::ConnAck(connack) => connack.reason_code.0 != 0,
        Packet::PubAck(ack) | Packet::PubRec(ack) | Packet::PubComp(ack) => ack.reason().is_error(),
        Packet::SubAck(ack) => ack.reason_codes.iter().any(|code| code.is_error()),
        Packet::UnsubAck(ack) => ack.reason_codes.iter().any(|code| code.is_error()),
        Packet::Disconnect(_) => true,
        _ => false,
    }
}

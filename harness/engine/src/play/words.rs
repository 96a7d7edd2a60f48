//! What a playing saw, in words, and how its connections ended.

use mqttspec_codec::model::{Packet, PacketType, ReasonCode};
use mqttspec_codec::{Version, describe};
use mqttspec_spec::record::{Ending, EndingKind};

use super::actor::{Arrived, Live};
use super::recorder::Recorder;
use crate::trace::{Deviation, DeviationKind};

/// Codes with which a broker says that it will not serve a client now, whatever the client did.
const DECLINING: [ReasonCode; 10] = [
    ReasonCode::SERVER_UNAVAILABLE,
    ReasonCode::SERVER_BUSY,
    ReasonCode::BANNED,
    ReasonCode::SERVER_SHUTTING_DOWN,
    ReasonCode::MESSAGE_RATE_TOO_HIGH,
    ReasonCode::QUOTA_EXCEEDED,
    ReasonCode::ADMINISTRATIVE_ACTION,
    ReasonCode::USE_ANOTHER_SERVER,
    ReasonCode::SERVER_MOVED,
    ReasonCode::CONNECTION_RATE_EXCEEDED,
];

/// The packet in one line.
pub(super) fn seen(arrived: &Arrived) -> String {
    describe(&arrived.packet, arrived.version)
}

/// The deviation of a packet that no alternative allows.
pub(super) fn unexpected(arrived: &Arrived, seen: String, allowed: String) -> Deviation {
    let kind = if declines(&arrived.packet) {
        DeviationKind::Declined
    } else if lacks(&arrived.packet, arrived.version) {
        DeviationKind::Lacking
    } else {
        DeviationKind::Wrong
    };
    Deviation { kind, seen, allowed: Some(allowed), place: None }
}

/// The deviation of a connection that the broker ended where a packet was due.
pub(super) fn ended_early(how: EndingKind, allowed: String) -> Deviation {
    let seen = match how {
        EndingKind::BrokerReset => "the broker reset the connection",
        EndingKind::BrokerCut => "the broker closed the connection in the middle of a packet",
        EndingKind::BrokerClosed | EndingKind::ClientClosed | EndingKind::Open => {
            "the broker closed the connection"
        }
    };
    Deviation { kind: DeviationKind::Wrong, seen: seen.to_owned(), allowed: Some(allowed), place: None }
}

/// Whether a CONNACK says that the credentials are not known, or a SUBACK that it grants less than was asked for
/// or has no subscriptions of that kind; 3.1.1 has one code for that.
fn lacks(packet: &Packet, version: Version) -> bool {
    const NOT_THERE: [ReasonCode; 3] = [
        ReasonCode::SHARED_SUBSCRIPTIONS_NOT_SUPPORTED,
        ReasonCode::SUBSCRIPTION_IDENTIFIERS_NOT_SUPPORTED,
        ReasonCode::WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED,
    ];
    match packet {
        Packet::ConnAck(connack) => match version {
            Version::V3_1_1 => matches!(connack.reason_code.0, 4 | 5),
            Version::V5_0 => [ReasonCode::BAD_USER_NAME_OR_PASSWORD, ReasonCode::NOT_AUTHORIZED]
                .contains(&connack.reason_code),
        },
        Packet::SubAck(suback) => {
            version == Version::V3_1_1
                || suback.reason_codes.iter().all(|code| !code.is_error() || NOT_THERE.contains(code))
        }
        _ => false,
    }
}

fn declines(packet: &Packet) -> bool {
    match packet {
        Packet::ConnAck(connack) => DECLINING.contains(&connack.reason_code),
        Packet::Disconnect(disconnect) => DECLINING.contains(&disconnect.reason()),
        _ => false,
    }
}

/// A code with its name.
pub(super) fn code(code: ReasonCode, packet_type: PacketType, version: Version) -> String {
    format!("{code} {}", code.name(packet_type, version))
}

/// Writes down how a connection ended.
pub(super) fn ending(recorder: &mut Recorder, client: &str, live: &Live) {
    let how = match live.ended {
        Some((how, _)) => how,
        None if live.finished => EndingKind::ClientClosed,
        None => EndingKind::Open,
    };
    recorder.playing.endings.push(Ending {
        client: client.to_owned(),
        connection: live.number,
        how,
        reason_code: live.last_word.map(|code| code.to_string()),
    });
}

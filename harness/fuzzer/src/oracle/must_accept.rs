//! O3: what is legal is answered, and the PINGREQ behind it too.

use mqttspec_codec::model::{Packet, PacketType, ReasonCode};
use mqttspec_codec::mutation::Verdict;
use mqttspec_codec::{StatementId, Version};

use super::answers::PING_IS_ANSWERED;
use super::{Breach, Due, End, Oracle, Turn, answer};
use crate::Session;
use crate::session::Step;

pub(super) fn judge(session: &Session, dues: &[Due], turn: &Turn) -> Option<Breach> {
    let verdicts = || turn.steps.clone().filter_map(|step| dues.get(step)?.verdict);
    // After what may be refused, the connection may be gone.
    if !turn.fenced || verdicts().any(|verdict| verdict != Verdict::MustAccept) {
        return None;
    }
    let (step, rule, awaited) = missing(session, dues, turn)?;
    if turn.received.iter().any(is_honest_refusal) {
        return None;
    }
    let changed = |step: &usize| session.steps.get(*step).is_some_and(|step| step.mutant().is_some());
    let changed = turn.steps.clone().find(changed);
    let mutant = changed.and_then(|step| session.steps.get(step)).and_then(Step::mutant);
    let is_topic = mutant.is_some_and(|mutant| mutant.target.starts_with("topic"));
    // Who may not publish is told so in 3.1.1 by nothing but the end of the connection [MQTT-3.3.5-2].
    if session.version == Version::V3_1_1 && is_topic && turn.end == End::Closed {
        return None;
    }
    if turn.end == End::Closed && may_be_closed(session, dues, turn) {
        return None;
    }
    let outcome = match turn.end {
        End::Closed => format!("the connection is closed instead of {awaited}"),
        _ => format!("no {awaited} comes"),
    };
    Some(Breach {
        oracle: Oracle::MustAnswer,
        version: session.version,
        statements: vec![rule],
        step: changed.or(step),
        outcome,
    })
}

/// Whether the client has sent something before that a broker need not take: it may be slow to close the connection.
fn may_be_closed(session: &Session, dues: &[Due], turn: &Turn) -> bool {
    let before = session.steps.iter().zip(dues).take(turn.steps.start);
    let mut own = before.filter(|(step, _)| step.client() == turn.client);
    own.any(|(step, due)| !matches!(step, Step::Drop { .. }) && due.verdict != Some(Verdict::MustAccept))
}

/// The first answer that is due and has not come: for which step, by which rule, and what it is.
pub(super) fn missing(
    session: &Session,
    dues: &[Due],
    turn: &Turn,
) -> Option<(Option<usize>, StatementId, PacketType)> {
    let mut pings = 0;
    for step in turn.steps.clone() {
        let Some(Step::Send { packet, mutant, .. }) = session.steps.get(step) else { continue };
        if dues.get(step).and_then(|due| due.verdict) != Some(Verdict::MustAccept) {
            continue;
        }
        if *packet == Packet::PingReq {
            pings += 1;
            continue;
        }
        let Some((awaited, rule)) = answer(packet, session.version) else { continue };
        // An operator may have changed the Packet Identifier.
        let id = packet.packet_id().filter(|_| mutant.is_none());
        let answers =
            |packet: &&Packet| packet.packet_type() == awaited && (id.is_none() || packet.packet_id() == id);
        if !turn.received.iter().any(|packet| answers(&packet)) {
            return Some((Some(step), rule, awaited));
        }
    }
    let answered = turn.received.iter().filter(|packet| **packet == Packet::PingResp).count();
    (answered <= pings).then_some((None, PING_IS_ANSWERED, PacketType::PingResp))
}

/// Whether the broker says that it cannot or will not serve, without a claim that the packet was wrong.
fn is_honest_refusal(packet: &Packet) -> bool {
    match packet {
        Packet::ConnAck(connack) => {
            let code = connack.reason_code;
            !matches!(
                code,
                ReasonCode::SUCCESS
                    | ReasonCode::REFUSED_PROTOCOL_VERSION
                    | ReasonCode::MALFORMED_PACKET
                    | ReasonCode::PROTOCOL_ERROR
                    | ReasonCode::UNSUPPORTED_PROTOCOL_VERSION
            )
        }
        Packet::Disconnect(disconnect) => {
            !matches!(disconnect.reason(), ReasonCode::MALFORMED_PACKET | ReasonCode::PROTOCOL_ERROR)
        }
        _ => false,
    }
}

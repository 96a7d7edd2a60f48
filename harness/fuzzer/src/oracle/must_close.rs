//! O2: a malformed packet or a Protocol Error ends the connection.

use super::{Breach, Due, End, Oracle, PINGED, Turn};
use crate::Session;

pub(super) fn judge(session: &Session, dues: &[Due], turn: &Turn) -> Option<Breach> {
    let step = turn.steps.clone().find(|&step| dues.get(step).is_some_and(Due::must_close))?;
    if matches!(turn.end, End::Closed | End::Unreachable) {
        return None;
    }
    let outcome = format!("the connection stays open{}", if pinged(turn) { PINGED } else { "" });
    Some(Breach {
        oracle: Oracle::MustClose,
        version: session.version,
        statements: dues.get(step)?.statements.clone(),
        step: Some(step),
        outcome,
    })
}

fn pinged(turn: &Turn) -> bool {
    turn.received.contains(&mqttspec_codec::model::Packet::PingResp)
}

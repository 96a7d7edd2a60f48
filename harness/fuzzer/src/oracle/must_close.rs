//! O2: a malformed packet or a Protocol Error ends the connection.

use super::{Breach, Due, End, Oracle, Turn};
use crate::Session;

pub(super) fn judge(session: &Session, dues: &[Due], turn: &Turn) -> Option<Breach> {
    let step = turn.steps.clone().find(|&step| dues.get(step).is_some_and(Due::must_close))?;
    let outcome = match turn.end {
        End::Settled | End::Silent if pinged(turn) => "the connection stays open, and PINGREQ is answered",
        End::Settled | End::Silent => "the connection stays open",
        End::Closed | End::Unreachable => return None,
    };
    Some(Breach {
        oracle: Oracle::MustClose,
        version: session.version,
        statements: dues.get(step)?.statements.clone(),
        step: Some(step),
        outcome: outcome.to_owned(),
    })
}

fn pinged(turn: &Turn) -> bool {
    turn.received.contains(&mqttspec_codec::model::Packet::PingResp)
}

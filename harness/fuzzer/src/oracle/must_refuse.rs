//! O4: what may not be taken is refused, by closing the connection or by a code.

use mqttspec_codec::mutation::Verdict;

use super::{Breach, Due, End, Oracle, Turn, is_refusal};
use crate::Session;

pub(super) fn judge(session: &Session, dues: &[Due], turn: &Turn) -> Option<Breach> {
    let is_due = |step: &usize| dues.get(*step).is_some_and(|due| due.verdict == Some(Verdict::MustRefuse));
    let step = turn.steps.clone().find(is_due)?;
    if turn.end == End::Closed || turn.received.iter().any(is_refusal) {
        return None;
    }
    Some(Breach {
        oracle: Oracle::MustRefuse,
        version: session.version,
        statements: dues.get(step)?.statements.clone(),
        step: Some(step),
        outcome: "no refusal came".to_owned(),
    })
}

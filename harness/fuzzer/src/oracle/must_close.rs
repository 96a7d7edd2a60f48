//! O2 and O6: a malformed packet or a Protocol Error ends the connection, and is not called a success before.

use mqttspec_codec::model::{Packet, ReasonCode};
use mqttspec_codec::{Context, Framer, Version, decode};

use super::{Breach, Due, End, Oracle, PINGED, Turn};
use crate::Session;
use crate::session::Step;

pub(super) fn judge(session: &Session, dues: &[Due], turn: &Turn) -> Option<Breach> {
    let step = turn.steps.clone().find(|&step| dues.get(step).is_some_and(Due::must_close))?;
    let outcome = match turn.end {
        End::Closed if is_first(session, step) && is_welcomed(session, step, turn) => {
            "CONNACK accepts the client before the connection is closed".to_owned()
        }
        End::Closed | End::Unreachable => return None,
        _ => format!("the connection stays open{}", if pinged(turn) { PINGED } else { "" }),
    };
    Some(Breach {
        oracle: Oracle::MustClose,
        version: session.version,
        statements: dues.get(step)?.statements.clone(),
        step: Some(step),
        outcome,
    })
}

fn pinged(turn: &Turn) -> bool {
    turn.received.contains(&Packet::PingResp)
}

/// Whether a step is the first thing that is sent on its connection.
fn is_first(session: &Session, step: usize) -> bool {
    let client = session.steps.get(step).map(Step::client);
    let before = session.steps.iter().take(step).rev().find(|before| Some(before.client()) == client);
    matches!(before, None | Some(Step::Drop { .. }))
}

/// Whether a CONNACK takes a CONNECT that is no CONNECT. One with more bytes behind it is one.
fn is_welcomed(session: &Session, step: usize, turn: &Turn) -> bool {
    let accepts = |packet: &Packet| matches!(packet, Packet::ConnAck(connack) if connack.reason_code == ReasonCode::SUCCESS);
    let bytes = session.steps.get(step).map(|step| step.bytes(session.version)).unwrap_or_default();
    turn.received.iter().any(accepts) && !begins_with_a_packet(&bytes, session.version)
}

fn begins_with_a_packet(bytes: &[u8], version: Version) -> bool {
    let context = Context::from_client(version);
    let mut framer = Framer::new(context, usize::MAX);
    framer.buffer_mut().extend_from_slice(bytes);
    matches!(framer.next_frame(), Ok(Some(frame)) if decode(&frame, context).is_ok())
}

#[cfg(test)]
mod tests {
    use mqttspec_codec::model::{ConnAck, Connect, Properties};
    use mqttspec_codec::mutation::Verdict;
    use mqttspec_codec::statement;

    use super::*;

    /// What is held against a broker that answers a CONNECT by a CONNACK with this code, and closes.
    fn outcome(connect: Connect, code: ReasonCode) -> Option<String> {
        let session = Session::new(0, Version::V3_1_1, vec![Step::send(0, Packet::Connect(connect))]);
        let due = Due { verdict: Some(Verdict::MustClose), statements: vec![statement!("MQTT-3.1.4-1")] };
        let connack =
            ConnAck { session_present: false, reason_code: code, properties: Properties::default() };
        let turn = Turn {
            client: 0,
            steps: 0..1,
            fenced: true,
            received: vec![Packet::ConnAck(connack)],
            end: End::Closed,
            misconduct: None,
        };
        judge(&session, &[due], &turn).map(|breach| breach.outcome)
    }

    #[test]
    fn what_is_no_connect_is_not_accepted_before_the_end() {
        let nameless = || Connect { clean_start: false, ..Connect::new(Version::V3_1_1, "") };
        let seen = outcome(nameless(), ReasonCode::SUCCESS);
        assert_eq!(seen.as_deref(), Some("CONNACK accepts the client before the connection is closed"));
        assert_eq!(outcome(nameless(), ReasonCode(2)), None);
        let legal = Connect { clean_start: true, ..nameless() };
        assert_eq!(outcome(legal, ReasonCode::SUCCESS), None);
    }
}

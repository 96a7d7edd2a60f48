//! What a case may cost a broker at the most: who runs the suite must be able to rely on it.

use super::placeholders::sample_scope;
use crate::diagnostic::Problems;
use crate::plan::{Action, Case, Control, RESOURCE, Step};

/// The most that one script may send and open.
struct Cap {
    /// Bytes sent by all clients together.
    bytes: usize,
    /// Network Connections opened.
    connections: usize,
}

const USUAL: Cap = Cap { bytes: 12 * 1024 * 1024, connections: 32 };

/// For the cases that load a broker on request.
const LOADING: Cap = Cap { bytes: 32 * 1024 * 1024, connections: 64 };

pub(super) fn check(case: &Case, problems: &mut Problems) {
    let cap = if case.loads_the_broker() { LOADING } else { USUAL };
    let control = match &case.control {
        Control::Script(steps) => steps.as_slice(),
        Control::NotNeeded | Control::Twin => &[],
    };
    for steps in [control, &case.steps] {
        let connections = steps.iter().filter(|step| matches!(step.action, Action::Open { .. })).count();
        report(case, connections, cap.connections, "connections", problems);
        report(case, bytes_sent(case, steps), cap.bytes, "bytes", problems);
    }
}

fn report(case: &Case, count: usize, most: usize, what: &str, problems: &mut Problems) {
    if count <= most {
        return;
    }
    let advice = if case.loads_the_broker() {
        "no case may cost a broker more".to_owned()
    } else {
        format!(
            "send less, or give the case `tags: [{RESOURCE}]`, which makes it one that is played on request only"
        )
    };
    let label = format!("a script may have {most} {what}");
    problems.advise(case.place, format!("this case takes {count} {what}"), label, advice);
}

fn bytes_sent(case: &Case, steps: &[Step]) -> usize {
    let scope = sample_scope(case);
    let sends = steps.iter().filter_map(|step| match &step.action {
        Action::Send(send) => Some(send),
        _ => None,
    });
    sends
        .flat_map(|send| send.packets.iter().map(move |packet| (&send.client, packet)))
        .filter_map(|(name, packet)| {
            let client = case.clients.iter().find(|client| client.name == *name)?;
            // A packet that cannot be built is an error of its own.
            packet.build(&scope, name, client.version, Some(1), || 1).ok()
        })
        .map(|bytes| bytes.len())
        .sum()
}

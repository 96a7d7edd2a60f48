//! Every placeholder must stand for something when its step comes.

use crate::diagnostic::Problems;
use crate::plan::{
    Action, Case, Control, Outgoing, PacketPattern, Pattern, Place, Step, Value, ValuePattern,
};
use crate::scope::{Scope, UnknownPlaceholder};

/// What stands for a captured value before a run.
const SAMPLE: Value = Value::Number(1);

/// Values for the placeholders of a case, of the form that a run gives them.
pub(super) fn sample_scope(case: &Case) -> Scope {
    let ids = case.clients.iter().enumerate();
    Scope {
        topic_root: "t0123456789".to_owned(),
        client_ids: ids
            .map(|(index, client)| (client.name.clone(), format!("c0123456789x{index}")))
            .collect(),
        captured: std::collections::BTreeMap::new(),
    }
}

pub(super) fn check(case: &Case, problems: &mut Problems) {
    check_steps(&case.steps, case, problems);
    if let Control::Script(steps) = &case.control {
        check_steps(steps, case, problems);
    }
}

fn check_steps(steps: &[Step], case: &Case, problems: &mut Problems) {
    let mut scope = sample_scope(case);
    for step in steps {
        match &step.action {
            Action::Send(send) => {
                for packet in send.packets.iter().chain(&send.twin) {
                    note(fill_outgoing(packet, &scope, &send.client), packet.place, case, problems);
                }
            }
            Action::Expect { client, alternatives, .. } => {
                for alternative in alternatives {
                    if let Pattern::Packet(pattern) = &alternative.pattern {
                        check_pattern(pattern, &mut scope, client, case, problems);
                    }
                }
            }
            Action::Receive(receive) => {
                for message in &receive.messages {
                    check_pattern(&message.pattern, &mut scope, &receive.client, case, problems);
                }
            }
            Action::Open { .. }
            | Action::Closed { .. }
            | Action::End { .. }
            | Action::Wait { .. }
            | Action::Restart { .. } => {}
        }
    }
}

fn fill_outgoing(packet: &Outgoing, scope: &Scope, client: &str) -> Result<(), UnknownPlaceholder> {
    if let Some(capture) = &packet.packet_id {
        scope.fill(&format!("$({})", capture.0), client)?;
    }
    packet.check_placeholders(scope, client)
}

fn check_pattern(
    pattern: &PacketPattern,
    scope: &mut Scope,
    client: &str,
    case: &Case,
    problems: &mut Problems,
) {
    for field in &pattern.fields {
        let values = match &field.value {
            ValuePattern::Exactly(value) => std::slice::from_ref(value),
            ValuePattern::OneOf(values) | ValuePattern::NoneOf(values) | ValuePattern::AbsentOr(values) => {
                values
            }
            _ => &[],
        };
        for value in values {
            note(fill_value(value, scope, client), field.place, case, problems);
        }
    }
    for capture in pattern.fields.iter().filter_map(|field| field.capture.as_ref()) {
        scope.captured.insert(capture.0.clone(), SAMPLE);
    }
}

fn fill_value(value: &Value, scope: &Scope, client: &str) -> Result<(), UnknownPlaceholder> {
    match value {
        Value::Text(text) => scope.fill(text, client).map(|_| ()),
        Value::List(values) => values.iter().try_for_each(|value| fill_value(value, scope, client)),
        _ => Ok(()),
    }
}

fn note(filled: Result<(), UnknownPlaceholder>, place: Place, case: &Case, problems: &mut Problems) {
    let Err(UnknownPlaceholder { token }) = filled else { return };
    let advice = if token.starts_with("$(") {
        "capture it in a step before: `{FIELD: {capture: NAME}}`".to_owned()
    } else {
        let names: Vec<&str> = case.clients.iter().map(|client| client.name.as_str()).collect();
        format!("the clients are {}", names.join(", "))
    };
    problems.advise(place, format!("`{token}` stands for nothing here"), "unknown placeholder", advice);
}

//! The tester keeps to the specification itself, except where it says otherwise.

use mqttspec_codec::{StatementId, Violation, WireError, statement};

use super::inspection::inspect;
use super::rehearsal::Rehearsal;
use super::websocket;
use crate::build::BuildError;
use crate::diagnostic::Problems;
use crate::legality::Breach;
use crate::plan::{Action, Case, Control, Outgoing, Place, Send, Step};

pub(super) fn check(case: &Case, problems: &mut Problems) {
    check_steps(&case.steps, case, problems);
    if let Control::Script(steps) = &case.control {
        check_steps(steps, case, problems);
    }
}

fn check_steps(steps: &[Step], case: &Case, problems: &mut Problems) {
    let mut rehearsal = Rehearsal::new(case);
    for step in steps {
        match &step.action {
            Action::Open { client, upgrade } => {
                rehearsal.open(client);
                websocket::check_offer(upgrade, step.place, problems);
            }
            Action::Send(send) => {
                if !send.twin.is_empty() {
                    check_twin(send, &mut rehearsal.clone(), problems);
                }
                check_send(send, step.place, &mut rehearsal, problems);
            }
            Action::Expect { client, alternatives, .. } => rehearsal.expect(client, alternatives),
            Action::Receive(receive) => {
                for message in &receive.messages {
                    rehearsal.receive(&receive.client, &message.pattern);
                }
            }
            Action::Closed { client, .. } | Action::End { client, .. } => rehearsal.end(client),
            Action::Wait { .. } => {}
            Action::Restart { .. } => rehearsal.end_all(),
        }
    }
}

/// What the packets of one step break.
#[derive(Default)]
pub(super) struct Broken {
    pub(super) shown: Vec<StatementId>,
    pub(super) undeclared: Vec<(Place, String, Vec<StatementId>)>,
}

fn check_send(send: &Send, place: Place, rehearsal: &mut Rehearsal, problems: &mut Problems) {
    let Some(version) = rehearsal.version_of(&send.client) else { return };
    let mut broken = Broken::default();
    for outgoing in &send.packets {
        judge(send, outgoing, &send.violates, rehearsal, &mut broken, problems);
    }
    websocket::judge_frames(send, place, &mut broken);
    for (place, what, ids) in &broken.undeclared {
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        problems.advise(
            *place,
            format!("this breaks MQTT {version} without saying so: {what}"),
            "undeclared violation",
            format!("if it is meant, add `violates: {}`", or_list(&ids)),
        );
    }
    if !broken.undeclared.is_empty() {
        return;
    }
    for id in &send.violates {
        if !is_shown(*id, &broken.shown) {
            let found: Vec<String> = broken.shown.iter().map(ToString::to_string).collect();
            let advice = if found.is_empty() {
                "no rule is broken here: change the packet, or take `violates` away".to_owned()
            } else {
                format!("what is broken: {}", found.join(", "))
            };
            problems.advise(
                place,
                format!("nothing in this step breaks {version} {id}"),
                "declared, but not broken",
                advice,
            );
        }
    }
}

fn check_twin(send: &Send, rehearsal: &mut Rehearsal, problems: &mut Problems) {
    let mut broken = Broken::default();
    for outgoing in &send.twin {
        judge(send, outgoing, &[], rehearsal, &mut broken, problems);
    }
    if let Some((place, what, _)) = broken.undeclared.first() {
        problems.advise(
            *place,
            format!("the twin that stands for this in the control is not well-formed: {what}"),
            "no proof of anything",
            "give a `twin: {PACKET: ..}` that the broker must accept",
        );
    }
}

/// Builds one packet, and judges its bytes and its place in the script.
fn judge(
    send: &Send,
    outgoing: &Outgoing,
    violates: &[StatementId],
    rehearsal: &mut Rehearsal,
    broken: &mut Broken,
    problems: &mut Problems,
) {
    let (Some(version), Some(built)) =
        (rehearsal.version_of(&send.client), rehearsal.build(&send.client, outgoing))
    else {
        return;
    };
    let bytes = match built {
        Ok(bytes) => bytes,
        Err(error) => {
            note_unbuildable(&error, outgoing.place, problems);
            return;
        }
    };
    let inspection = inspect(&bytes, version);
    // The strict decoder stops at the first fault, and what follows may only be its consequence.
    if let Some(first) = inspection.violations.first()
        && !is_declared(first.statements(), violates)
    {
        broken.undeclared.push((outgoing.place, words(first), first.statements().to_vec()));
    }
    broken.shown.extend(inspection.violations.iter().flat_map(|violation| violation.statements()));
    for (packet, is_faultless) in &inspection.packets {
        let Err(breach) = rehearsal.send(&send.client, packet) else { continue };
        let Breach { statements, message } = breach;
        if !is_faultless {
            continue;
        }
        if !is_declared(statements, violates) {
            broken.undeclared.push((outgoing.place, message, statements.to_vec()));
        }
        broken.shown.extend(statements);
    }
}

fn words(violation: &Violation) -> String {
    format!("`{}`: {}", violation.field, violation.rule.summary)
}

fn or_list(ids: &[String]) -> String {
    match ids {
        [only] => format!("[{only}]"),
        several => format!("[ID]` with one of `{}", several.join(", ")),
    }
}

/// A clause stands for its statement, and the statement for its clauses.
pub(super) fn is_declared(broken: &[StatementId], declared: &[StatementId]) -> bool {
    broken.iter().any(|id| declared.iter().any(|other| other.statement() == id.statement()))
}

/// Whether a declared rule is known to be broken, or only a run can tell.
fn is_shown(id: StatementId, shown: &[StatementId]) -> bool {
    is_declared(&[id], shown) || depends_on_connack(id) || (is_general(id) && !shown.is_empty())
}

/// Whether a rule for clients depends on what the broker says in its CONNACK, so that only a run can show
/// whether a packet breaks it.
#[must_use]
pub fn depends_on_connack(id: StatementId) -> bool {
    const IDS: &[StatementId] = &[
        statement!("MQTT-3.2.2-11"),
        statement!("MQTT-3.2.2-14"),
        statement!("MQTT-3.2.2-15"),
        statement!("MQTT-3.2.2-17"),
        statement!("MQTT-3.2.2-18"),
        statement!("MQTT-3.3.2-9"),
        statement!("MQTT-3.3.4-7"),
        statement!("MQTT-4.9.0-2"),
        statement!("E5-33"),
        statement!("E5-34"),
        statement!("E5-35"),
        statement!("E5-36"),
        statement!("E5-37"),
        statement!("E5-45"),
        statement!("E5-46"),
        statement!("E5-47"),
    ];
    IDS.contains(&id.statement())
}

/// The rules that any error breaks.
fn is_general(id: StatementId) -> bool {
    [statement!("MQTT-4.8.0-1"), statement!("MQTT-4.13.1-1")].contains(&id.statement())
}

fn note_unbuildable(error: &BuildError, place: Place, problems: &mut Problems) {
    match error {
        BuildError::Edit(WireError::UnknownField { name, closest, known }) => {
            let advice = match closest {
                Some(closest) => format!("did you mean `{closest}`?"),
                None => format!("its fields are {}", known.join(", ")),
            };
            problems.advise(place, format!("the packet has no field `{name}`"), "unknown field", advice);
        }
        BuildError::NothingReceived => problems.advise(
            place,
            "there is nothing to acknowledge here",
            "no packet with an identifier was received before",
            "expect the packet before, or give a `packet_id`",
        ),
        // The check of placeholders has said so.
        BuildError::Placeholder(_) => {}
        other => problems.add(place, "this packet cannot be built", other.to_string()),
    }
}

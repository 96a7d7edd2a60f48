//! A refusal says something only if the broker accepts what is well-formed.

use mqttspec_codec::Version;
use mqttspec_codec::model::PacketType;

use crate::diagnostic::Problems;
use crate::plan::{Action, Alternative, Case, Control, PacketPattern, Pattern, Place, Value, ValuePattern};

/// How a case is controlled: as the file says, by its twins, or not at all when no refusal is expected.
pub(super) fn settle(case: &Case, problems: &mut Problems) -> Control {
    if let Control::Script(steps) = &case.control {
        return Control::Script(steps.clone());
    }
    let Some(place) = first_refusal(case) else { return Control::NotNeeded };
    let broken = case.steps.iter().find_map(|step| match &step.action {
        Action::Send(send) if !send.violates.is_empty() => Some(!send.twin.is_empty()),
        _ => None,
    });
    match broken {
        Some(true) => return Control::Twin,
        Some(false) => problems.advise(
            place,
            "a broker that refuses everything would pass",
            "a refusal without a control",
            "give the first `send` that violates something a `twin: {PACKET: ..}` that is well-formed, or the \
             case a `control: [steps]`",
        ),
        None => problems.advise(
            place,
            "a broker that refuses everything would pass",
            "a refusal without a control",
            "give the case a `control: [steps]` that shows what the broker must accept",
        ),
    }
    Control::NotNeeded
}

/// The first step that a broker can satisfy by refusing.
fn first_refusal(case: &Case) -> Option<Place> {
    case.steps.iter().find_map(|step| match &step.action {
        Action::Closed { .. } => Some(step.place),
        Action::Open { upgrade, .. } if upgrade.may_be_refused() => Some(step.place),
        Action::Expect { alternatives, .. } => alternatives
            .iter()
            .find(|alternative| is_refusal(alternative, case.version))
            .map(|found| found.place),
        _ => None,
    })
}

fn is_refusal(alternative: &Alternative, version: Version) -> bool {
    match &alternative.pattern {
        Pattern::Closed(_) => true,
        Pattern::Packet(packet) if packet.packet_type == PacketType::Disconnect => true,
        Pattern::Packet(packet) => allows_error(packet, version),
    }
}

/// Whether the pattern names a Reason Code that reports a failure.
fn allows_error(packet: &PacketPattern, version: Version) -> bool {
    let is_error = |code: u32| match (version, packet.packet_type) {
        (Version::V3_1_1, PacketType::ConnAck) => code > 0,
        _ => code >= 0x80,
    };
    packet.fields.iter().filter(|field| matches!(field.name.as_str(), "reason_code" | "reason_codes")).any(
        |field| match &field.value {
            ValuePattern::Exactly(value) => any_number(value, &is_error),
            ValuePattern::OneOf(values) | ValuePattern::AbsentOr(values) => {
                values.iter().any(|value| any_number(value, &is_error))
            }
            ValuePattern::Between(_, last) => is_error(*last),
            ValuePattern::NoneOf(_) | ValuePattern::Present => true,
            ValuePattern::Absent | ValuePattern::Any | ValuePattern::LastSent => false,
        },
    )
}

fn any_number(value: &Value, test: &impl Fn(u32) -> bool) -> bool {
    match value {
        Value::Number(number) => test(*number),
        Value::List(values) => values.iter().any(|value| any_number(value, test)),
        _ => false,
    }
}

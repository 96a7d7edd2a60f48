//! How long cases wait because the specification makes them.

use std::time::Duration;

use mqttspec_script::plan::{Action, Case, Control, Receive, Step, Until};

/// The time that a case may last because its steps say so.
pub(super) fn prescribed(case: &Case) -> Duration {
    let granted = |step: &Step| match &step.action {
        Action::Expect { window, .. } | Action::Closed { window, .. } => window.within.unwrap_or_default(),
        Action::Receive(receive) => receive.window.within.unwrap_or_default(),
        Action::Open { .. }
        | Action::Send(_)
        | Action::End { .. }
        | Action::Wait { .. }
        | Action::Restart { .. } => Duration::ZERO,
    };
    silence(case) + case.steps.iter().map(granted).sum::<Duration>()
}

/// The time for which the clients of a case only wait.
pub(super) fn silence(case: &Case) -> Duration {
    let control = match &case.control {
        Control::Script(steps) => steps.iter().map(wait).sum(),
        Control::NotNeeded | Control::Twin => Duration::ZERO,
    };
    case.steps.iter().map(wait).sum::<Duration>().max(control)
}

fn wait(step: &Step) -> Duration {
    match &step.action {
        Action::Wait { time, .. } => *time,
        Action::Receive(Receive { until: Until::Quiet { time, .. }, .. }) => *time,
        Action::Receive(Receive { window, .. })
        | Action::Expect { window, .. }
        | Action::Closed { window, .. } => window.not_before.unwrap_or_default(),
        Action::Open { .. } | Action::Send(_) | Action::End { .. } | Action::Restart { .. } => Duration::ZERO,
    }
}

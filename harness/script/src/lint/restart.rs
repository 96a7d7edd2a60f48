//! Only who has started a broker can start it again.

use crate::diagnostic::Problems;
use crate::plan::{Action, Case, Control, Step};

/// The capability that a case with such a step needs.
const RESTART: &str = "restart";

pub(super) fn check(case: &Case, problems: &mut Problems) {
    let control = match &case.control {
        Control::Script(steps) => steps.as_slice(),
        Control::NotNeeded | Control::Twin => &[],
    };
    let is_restart = |step: &&Step| matches!(step.action, Action::Restart { .. });
    if let Some(step) = case.steps.iter().chain(control).find(is_restart)
        && !case.needs.contains(RESTART)
    {
        problems.advise(
            step.place,
            "not every broker under test can be started again",
            "a restart that the case does not need",
            "add `restart` to `needs`",
        );
    }
}

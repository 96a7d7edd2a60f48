//! That nothing comes can only be seen when something shows that nothing is on its way.

use crate::diagnostic::Problems;
use crate::plan::{Action, Case, Control, Step, Until};

pub(super) fn check(case: &Case, problems: &mut Problems) {
    check_steps(&case.steps, problems);
    if let Control::Script(steps) = &case.control {
        check_steps(steps, problems);
    }
}

fn check_steps(steps: &[Step], problems: &mut Problems) {
    for step in steps {
        let Action::Receive(receive) = &step.action else { continue };
        if receive.until == Until::Last && receive.messages.iter().all(|message| message.optional) {
            problems.advise(
                step.place,
                "nothing shows that no message is on its way",
                "an absence without a fence",
                "let the same publisher send a marker, with the same topic and QoS, and expect only that; or say \
                 `until: ping`, `until: closed`, or `until: {quiet: 500ms, why: ..}`",
            );
        }
    }
}

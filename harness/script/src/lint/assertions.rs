//! A case must be able to fail.

use crate::diagnostic::Problems;
use crate::plan::{Case, Role};

pub(super) fn check(case: &Case, problems: &mut Problems) {
    let asserts = |role: &Role| matches!(role, Role::Assertion(ids) if !ids.is_empty());
    if !case.steps.iter().any(|step| asserts(&step.role)) {
        problems.advise(
            case.place,
            "this case can only pass",
            "no step says what the broker must do",
            "end it with `expect`, `receive`, `closed` or `observe`, or give the step that shows it `proves: [ID]`",
        );
    }
}

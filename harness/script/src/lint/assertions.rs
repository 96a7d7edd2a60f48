//! A case must be able to fail.

use crate::diagnostic::Problems;
use crate::plan::{Case, Role};

pub(super) fn check(case: &Case, problems: &mut Problems) {
    let asserts = |role: &Role| matches!(role, Role::Assertion(ids) if !ids.is_empty());
    if case.steps.iter().any(|step| asserts(&step.role)) {
        return;
    }
    let message = "this case can only pass";
    // These say what the broker must do, unless they are told to prove nothing.
    let judges = |verb: &str| matches!(verb, "expect" | "receive" | "closed");
    match case.steps.iter().rfind(|step| judges(&step.verb)) {
        // A marker, say, after which nothing is said about what it marks.
        Some(step) => problems.advise(
            step.place,
            message,
            format!("`{}` is the last step that could show something, and is told to prove nothing", step.verb),
            "take `proves: []` away if it shows what the case covers, or give the step that does `proves: [ID]`",
        ),
        None => problems.advise(
            case.place,
            message,
            "no step says what the broker must do",
            "end it with `expect`, `receive`, `closed` or `observe`, or give the step that shows it `proves: [ID]`",
        ),
    }
}

//! One case as a JUnit element.

use junit_report::{Duration, TestCase, TestResult};
use mqttspec_spec::Verdict;
use mqttspec_spec::record::{Case, Crash, Expectation, StaleEntry};

use crate::case::{CaseText, is_known_deviation};
use crate::crash;
use crate::escape::{cdata_safe, clip, visible};
use crate::paper::Paper;

/// Characters of a message; the full text stands in the element.
const MESSAGE: usize = 400;
/// The type of an error that is a crash of the broker.
const CRASH: &str = "crash";

/// One case; `crash` is the one that it brings about.
pub(super) fn element(
    text: CaseText<'_>,
    case: &Case,
    class: &str,
    name: &str,
    crash: Option<&Crash>,
) -> TestCase {
    // 24 days are plenty, and the sum over a suite cannot overflow.
    let milliseconds = i32::try_from(case.duration_ms).unwrap_or(i32::MAX);
    let full = || {
        let mut paper = Paper::new(false);
        if let Some(crash) = crash {
            crash::full(&mut paper, crash);
        }
        text.full(&mut paper, case);
        paper.into_text()
    };
    let (message, cause) =
        (baseline_message(case).unwrap_or_else(|| message(case)), || Some(cdata_safe(&full())));
    let mut output = properties(text, case);
    let result = match (crash, case.verdict) {
        // No baseline accepts that a broker goes down, so this comes before what a baseline says.
        (Some(crash), _) => TestResult::Error {
            type_: CRASH.to_owned(),
            message: visible(&clip(&crash.what, MESSAGE)).into_owned(),
            cause: cause(),
        },
        _ if is_known_deviation(case) => {
            TestResult::SkippedWithCause { type_: "known-deviation".to_owned(), message, cause: cause() }
        }
        // An unexpected pass makes the run fail, so the report has to show why.
        _ if case.expectation == Some(Expectation::Stale) => {
            TestResult::Failure { type_: "better-than-foreseen".to_owned(), message, cause: cause() }
        }
        (None, Verdict::Fail) => TestResult::Failure { type_: first_cited(case), message, cause: cause() },
        (None, Verdict::Inconclusive) => {
            TestResult::Error { type_: "inconclusive".to_owned(), message, cause: cause() }
        }
        (None, Verdict::Unsupported | Verdict::Skipped) => TestResult::SkippedWithCause {
            type_: case.verdict.as_str().to_owned(),
            message,
            // GitLab shows the content, not the message.
            cause: Some(cdata_safe(&reasons(case))),
        },
        (None, Verdict::Lenient | Verdict::Info) => {
            output.push_str(&full());
            TestResult::Success
        }
        (None, Verdict::Pass) => {
            if case.flaky {
                output.push_str(&full());
            }
            TestResult::Success
        }
    };
    TestCase {
        name: visible(name).into_owned(),
        time: Duration::milliseconds(milliseconds.into()),
        result,
        classname: Some(visible(class).into_owned()),
        // The schema that Jenkins checks files against knows no such attribute.
        filepath: None,
        system_out: Some(cdata_safe(&output)),
        system_err: None,
    }
}

/// The element that says that a run did not go as it should; without it, no result would look like a good one.
pub(super) fn run_element(words: &str) -> TestCase {
    let mut case = TestCase::error("the run is complete", Duration::ZERO, "run", words);
    case.set_classname("mqttspec.run");
    if let TestResult::Error { cause, .. } = &mut case.result {
        *cause = Some(cdata_safe(words));
    }
    case
}

/// The element of a crash that no case is known to bring about.
pub(super) fn crash_element(crash: &Crash, name: &str) -> TestCase {
    let words = visible(&clip(&crash.what, MESSAGE)).into_owned();
    let mut case = TestCase::error(name, Duration::ZERO, CRASH, &words);
    case.set_classname("mqttspec.run");
    if let TestResult::Error { cause, .. } = &mut case.result {
        let mut paper = Paper::new(false);
        crash::full(&mut paper, crash);
        *cause = Some(cdata_safe(&paper.into_text()));
    }
    case
}

/// The element of an entry of the baseline that speaks about no case.
pub(super) fn stale_element(entry: &StaleEntry) -> TestCase {
    let name = visible(&format!("the baseline's entry at {}", entry.entry)).into_owned();
    let words = visible(&format!("{}: {}", entry.filter, entry.advice)).into_owned();
    let mut case = TestCase::failure(&name, Duration::ZERO, "stale-entry", &words);
    case.set_classname("mqttspec.baseline");
    if let TestResult::Failure { cause, .. } = &mut case.result {
        *cause = Some(cdata_safe(&words));
    }
    case
}

/// What was found, in one line.
fn message(case: &Case) -> String {
    let decisive = case.findings.iter().find(|finding| finding.verdict == case.verdict);
    let Some(finding) = decisive.or(case.findings.first()) else { return case.verdict.to_string() };
    let message = clip(&finding.message, MESSAGE);
    match &finding.allowed {
        Some(allowed) => visible(&format!("{message}; allowed: {}", clip(allowed, MESSAGE))).into_owned(),
        None => visible(&message).into_owned(),
    }
}

/// What the baseline says, where that is what a reader has to know first.
fn baseline_message(case: &Case) -> Option<String> {
    let foreseen = case.foreseen.as_ref()?;
    if case.expectation == Some(Expectation::Stale) {
        return Some(visible(&clip(foreseen.advice.as_ref()?, MESSAGE)).into_owned());
    }
    if !is_known_deviation(case) {
        return None;
    }
    let reason = clip(foreseen.reason.as_ref()?, MESSAGE);
    let words = match &foreseen.issue {
        Some(issue) => format!("known deviation: {reason} ({})", clip(issue, MESSAGE)),
        None => format!("known deviation: {reason}"),
    };
    Some(visible(&words).into_owned())
}

fn reasons(case: &Case) -> String {
    case.findings.iter().map(|finding| format!("{}\n", visible(&clip(&finding.message, MESSAGE)))).collect()
}

/// The first statement that the broker broke, by which readers group failures.
fn first_cited(case: &Case) -> String {
    let broken = case.findings.iter().filter(|finding| finding.verdict == Verdict::Fail);
    let mut ids = broken.flat_map(|finding| &finding.statements).chain(&case.cited).chain(&case.statements);
    ids.next().map_or_else(|| "fail".to_owned(), |id| visible(id).into_owned())
}

fn properties(text: CaseText<'_>, case: &Case) -> String {
    let mut lines = property("verdict", case.verdict.as_str());
    lines.push_str(&property("file", &text.path(case)));
    for id in &case.statements {
        lines.push_str(&property("statement", id));
    }
    if case.flaky {
        lines.push_str(&property("flaky", "true"));
    }
    if let Some(expectation) = case.expectation {
        lines.push_str(&property(
            "expectation",
            match expectation {
                Expectation::Expected => "expected",
                Expectation::Unexpected => "unexpected",
                Expectation::Stale => "stale",
            },
        ));
    }
    for choice in case.findings.iter().filter_map(|finding| finding.choice.as_deref()) {
        // A closing mark in the value would end the property before its end.
        lines.push_str(&property("choice", &clip(choice, MESSAGE).replace("]]", "] ]")));
    }
    lines
}

fn property(name: &str, value: &str) -> String {
    format!("[[PROPERTY|{name}={}]]\n", visible(value))
}

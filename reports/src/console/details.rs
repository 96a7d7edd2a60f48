//! Which cases are shown after a run, and how much of each.

use std::collections::BTreeMap;

use mqttspec_spec::Verdict;
use mqttspec_spec::record::{Case, Expectation, Run};

use crate::case::{CaseText, is_known_deviation};
use crate::paper::{HEADING, PLAIN, Paper};

/// From this many on, inconclusive cases with one and the same reason are shown as one: a broker that is
/// down is one finding, not five hundred.
const MANY: usize = 4;
/// Cases that stand for many.
const EXAMPLES: usize = 3;

pub(super) fn details(paper: &mut Paper, run: &Run, text: CaseText<'_>, verbosity: u8) {
    if verbosity >= 2 {
        for case in &run.cases {
            text.full(paper, case);
            paper.end();
        }
        return;
    }
    for case in run.cases.iter().filter(|case| is_failure(case)) {
        text.full(paper, case);
        paper.end();
    }
    doubtful(paper, run, text, verbosity);
    if verbosity >= 1 {
        let shown: Vec<&Case> =
            run.cases.iter().filter(|case| !is_doubtful(case) && is_worth_a_line(case)).collect();
        for case in &shown {
            text.found(paper, case);
        }
        if !shown.is_empty() {
            paper.end();
        }
    }
}

/// Inconclusive and flaky cases, and those that contradict the baseline.
fn doubtful(paper: &mut Paper, run: &Run, text: CaseText<'_>, verbosity: u8) {
    let mut by_reason: BTreeMap<&str, Vec<&Case>> = BTreeMap::new();
    for case in run.cases.iter().filter(|case| is_doubtful(case)) {
        if let Some(reason) = common_reason(case) {
            by_reason.entry(reason).or_default().push(case);
        }
    }
    for case in run.cases.iter().filter(|case| is_doubtful(case)) {
        let reason = common_reason(case).unwrap_or_default();
        let alike = by_reason.get(reason).map_or(&[][..], Vec::as_slice);
        if verbosity >= 1 || alike.len() < MANY {
            text.brief(paper, case);
            paper.end();
        } else if alike.first().is_some_and(|first| std::ptr::eq(*first, case)) {
            text.brief(paper, case);
            others(paper, alike);
            paper.end();
        }
    }
}

/// The cases that share the reason of the one just shown.
fn others(paper: &mut Paper, alike: &[&Case]) {
    paper.put(HEADING, "  also      ");
    let others = alike.len().saturating_sub(1);
    let mut words: Vec<String> =
        alike.iter().skip(1).take(EXAMPLES).map(|case| format!("{} ({})", case.id, case.version)).collect();
    if others > EXAMPLES {
        words.push(format!("and {} more; -v shows all", others - EXAMPLES));
    }
    paper.paragraph(PLAIN, 12, &words.join(", "));
}

/// Why a case is inconclusive, if for nothing that is its own.
fn common_reason(case: &Case) -> Option<&str> {
    match (&*case.findings, case.flaky) {
        ([finding], false) if case.verdict == Verdict::Inconclusive => Some(&finding.message),
        _ => None,
    }
}

fn is_failure(case: &Case) -> bool {
    case.verdict == Verdict::Fail && !is_known_deviation(case)
}

fn is_doubtful(case: &Case) -> bool {
    let unforeseen = matches!(case.expectation, Some(Expectation::Unexpected | Expectation::Stale));
    !is_failure(case)
        && !is_known_deviation(case)
        && (case.verdict == Verdict::Inconclusive || case.flaky || unforeseen)
}

fn is_worth_a_line(case: &Case) -> bool {
    case.verdict == Verdict::Lenient || is_known_deviation(case)
}

//! What the outcome of a run means, in words.

use std::collections::BTreeSet;

use mqttspec_spec::Verdict;
use mqttspec_spec::record::{Case, Run, RunEnd};

use super::{Remark, count_of};
use crate::case::is_known_deviation;
use crate::paper::{BAD, DOUBTFUL, GOOD, PLAIN};

/// A run says little when this share of its cases, in percent, says nothing.
const VACUOUS_PERCENT: usize = 90;

/// Why a run ended before its time; nothing when it did not.
pub(crate) const fn run_end_words(end: RunEnd) -> Option<&'static str> {
    match end {
        RunEnd::Complete => None,
        RunEnd::Interrupted => Some("The run was stopped before its end; unfinished cases are inconclusive."),
        RunEnd::BrokerUnreachable => {
            Some("The broker could not be reached, or did not answer the first exchange.")
        }
        RunEnd::FailFast => {
            Some("The run ended at the failures above; the cases that were left are skipped.")
        }
        RunEnd::BrokerLost => {
            Some("The broker stopped answering during the run; unfinished cases are inconclusive.")
        }
    }
}

/// Reasons not to rely on what follows.
pub(crate) fn warnings(run: &Run) -> Vec<Remark> {
    let mut warnings: Vec<Remark> = run_end_words(run.end).map(Remark::warning).into_iter().collect();
    let mut warn = |words: String| warnings.push(Remark::warning(words));
    let selected = run.cases.len();
    let count = |wanted: Verdict| run.cases.iter().filter(|case| case.verdict == wanted).count();
    let silent = count(Verdict::Inconclusive) + count(Verdict::Unsupported);
    let tried = selected - count(Verdict::Skipped);
    let passed = count(Verdict::Pass);
    if tried > 0 && silent * 100 >= tried * VACUOUS_PERCENT {
        let (cases, nothing) =
            (count_of(tried, "case", "cases"), if passed == 0 { ", and none passed" } else { "" });
        // Where the run broke off, that is the reason.
        let hint = match run.end {
            RunEnd::Complete => " Do address, credentials and permissions fit?",
            _ => "",
        };
        warn(format!(
            "{silent} of {cases} inconclusive or unsupported{nothing}: this run says little about the broker.{hint}"
        ));
    } else if selected > 0 && passed == 0 {
        warn("No case passed.".to_owned());
    }
    let flaky = run.cases.iter().filter(|case| case.flaky).count();
    if flaky > 0 {
        let cases = count_of(flaky, "case", "cases");
        warn(format!(
            "{cases} gave another verdict when run again in quiet, and decided nothing: they are marked as flaky."
        ));
    }
    warnings
}

/// What the run comes to.
pub(crate) fn outcome(run: &Run) -> Vec<Remark> {
    let failed: Vec<&Case> = run.cases.iter().filter(|case| case.verdict == Verdict::Fail).collect();
    let inconclusive = run.cases.iter().filter(|case| case.verdict == Verdict::Inconclusive).count();
    let passed = run.cases.iter().filter(|case| case.verdict == Verdict::Pass).count();
    if run.cases.is_empty() {
        return vec![Remark::new(DOUBTFUL, "No case was run: nothing is known about this broker.")];
    }
    if failed.is_empty() {
        let passing = count_of(passed, "case", "cases");
        return vec![match (inconclusive, passed) {
            (0, 0) => Remark::new(DOUBTFUL, "No statement seen broken, and none seen kept."),
            (0, _) => {
                Remark::new(GOOD, format!("No statement seen broken by this broker: {passing} passed."))
            }
            (open, _) => Remark::new(
                DOUBTFUL,
                format!(
                    "No statement seen broken by this broker: {passing} passed, but {open} could not be decided."
                ),
            ),
        }];
    }
    let mut remarks = vec![broken(&failed)];
    let known = failed.iter().filter(|case| is_known_deviation(case)).count();
    if known > 0 {
        let cases = count_of(failed.len(), "failing case", "failing cases");
        remarks.push(Remark::new(PLAIN, format!("The baseline foresees {known} of {cases}.")));
    }
    remarks
}

fn broken(failed: &[&Case]) -> Remark {
    let mut statements: BTreeSet<(&str, &str)> = BTreeSet::new();
    for case in failed {
        let findings = case.findings.iter().filter(|finding| finding.verdict == Verdict::Fail);
        let mut ids: Vec<&String> = findings.flat_map(|finding| &finding.statements).collect();
        if ids.is_empty() {
            // A failure that says less still counts.
            ids.extend(if case.cited.is_empty() { &case.statements } else { &case.cited });
        }
        statements.extend(ids.into_iter().map(|id| (case.version.as_str(), id.as_str())));
    }
    let count = count_of(statements.len(), "statement", "statements");
    let mut words = format!("{count} broken by this broker:");
    let mut last_version = "";
    for (index, &(version, id)) in statements.iter().enumerate() {
        if version != last_version {
            words.push_str(&format!("{} {version}", if index == 0 { "" } else { ";" }));
        } else {
            words.push(',');
        }
        words.push_str(&format!(" {id}"));
        last_version = version;
    }
    Remark::new(BAD, words)
}

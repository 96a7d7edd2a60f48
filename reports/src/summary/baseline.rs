//! How a run compares with its baseline.

use mqttspec_spec::record::{BaselineResult, Expectation, Run};

use super::{Remark, count_of};
use crate::case::is_known_deviation;
use crate::paper::{BAD, GOOD};

/// Which entries are stale, and what the comparison comes to; nothing without a baseline.
pub(crate) fn baseline(run: &Run) -> Vec<Remark> {
    let Some(BaselineResult { file, stale }) = &run.baseline else { return Vec::new() };
    let mut remarks: Vec<Remark> = stale
        .iter()
        .map(|entry| Remark::stale_entry(format!("{}: {}", entry.entry, entry.filter), &entry.advice))
        .collect();
    let count = |wanted| run.cases.iter().filter(|case| case.expectation == Some(wanted)).count();
    let known = run.cases.iter().filter(|case| is_known_deviation(case)).count();
    let (unexpected, better) = (count(Expectation::Unexpected), count(Expectation::Stale));
    remarks.push(if unexpected + better + stale.len() == 0 {
        let known = count_of(known, "known deviation", "known deviations");
        Remark::new(GOOD, format!("As the baseline {file} says: {known}, and nothing else."))
    } else {
        let words = format!(
            "Not as the baseline {file} says: {unexpected} unexpected, {better} better than foreseen, {}; {} as foreseen.",
            count_of(stale.len(), "stale entry", "stale entries"),
            count_of(known, "known deviation", "known deviations"),
        );
        Remark::new(BAD, words)
    });
    remarks
}

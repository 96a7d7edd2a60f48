//! How a run compares with its baseline.

use mqttspec_spec::record::{BaselineResult, Expectation, Run};

use super::count_of;
use crate::case::is_known_deviation;
use crate::paper::{BAD, DOUBTFUL, GOOD, PLAIN, Paper};

/// Writes which entries are stale, and what the comparison comes to; nothing without a baseline.
pub(crate) fn baseline(paper: &mut Paper, run: &Run) {
    let Some(BaselineResult { file, stale }) = &run.baseline else { return };
    for entry in stale {
        paper.put(DOUBTFUL, "stale entry ").say(&format!("{}: {}", entry.entry, entry.filter)).end();
        paper.say("            ").paragraph(PLAIN, 12, &entry.advice);
    }
    let count = |wanted| run.cases.iter().filter(|case| case.expectation == Some(wanted)).count();
    let known = run.cases.iter().filter(|case| is_known_deviation(case)).count();
    let (unexpected, better) = (count(Expectation::Unexpected), count(Expectation::Stale));
    if unexpected + better + stale.len() == 0 {
        let known = count_of(known, "known deviation", "known deviations");
        paper.paragraph(GOOD, 0, &format!("As the baseline {file} says: {known}, and nothing else."));
    } else {
        let words = format!(
            "Not as the baseline {file} says: {unexpected} unexpected, {better} better than foreseen, {}; {} as foreseen.",
            count_of(stale.len(), "stale entry", "stale entries"),
            count_of(known, "known deviation", "known deviations"),
        );
        paper.paragraph(BAD, 0, &words);
    }
}

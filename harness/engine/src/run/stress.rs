//! Cases that are played several times.

use std::collections::BTreeMap;

use mqttspec_spec::record::{Case, Finding, FindingKind};
use mqttspec_spec::{Standing, Verdict};

/// One record for each case, from as many as it has plays. Those of one case stand side by side, and keep the
/// index of the first.
pub(super) fn merged(results: BTreeMap<usize, Case>, plays: usize) -> BTreeMap<usize, Case> {
    if plays == 1 {
        return results;
    }
    let mut by_case: BTreeMap<usize, Vec<Case>> = BTreeMap::new();
    for (index, record) in results {
        by_case.entry(index - index % plays).or_default().push(record);
    }
    by_case.into_iter().filter_map(|(first, records)| Some((first, merge(records)?))).collect()
}

/// The worst of several plays; flaky if they differ.
fn merge(mut records: Vec<Case>) -> Option<Case> {
    let was_played = |case: &Case| case.findings.iter().all(|finding| finding.kind != FindingKind::Unplayed);
    if records.iter().any(was_played) {
        records.retain(was_played);
    }
    let mut counts: BTreeMap<Standing, usize> = BTreeMap::new();
    for record in &records {
        *counts.entry(Standing::of(record)).or_default() += 1;
    }
    let plays = records.len();
    let mut worst = records.into_iter().max_by_key(|record| (Standing::of(record), record.duration_ms))?;
    if counts.len() > 1 || worst.flaky {
        let counts: Vec<String> =
            counts.iter().rev().map(|(standing, count)| format!("{count} {standing}")).collect();
        worst.verdict = Verdict::Inconclusive;
        worst.flaky = true;
        worst.findings.insert(
            0,
            Finding {
                verdict: Verdict::Inconclusive,
                kind: FindingKind::Flaky,
                statements: Vec::new(),
                message: format!("flaky: {} in {plays} plays", counts.join(", ")),
                allowed: None,
                place: None,
                by_deadline: false,
                choice: None,
            },
        );
    }
    Some(worst)
}

//! How many of the statements that a client can test got a verdict.

use std::collections::{BTreeMap, BTreeSet};

use mqttspec_codec::{StatementId, Version};
use mqttspec_spec::record::Run;
use mqttspec_spec::{Registry, Verdict};

use super::count_of;
use crate::paper::{HEADING, Paper};

pub(super) fn coverage(paper: &mut Paper, run: &Run, registry: &Registry) {
    let versions: BTreeSet<Version> = run.cases.iter().filter_map(|case| case.version.parse().ok()).collect();
    for version in versions {
        let verdicts = worst_verdicts(run, version);
        let mut testable = 0;
        let mut decided = 0;
        let mut others: BTreeMap<&str, usize> = BTreeMap::new();
        let statements = registry.iter().filter(|statement| statement.citation.version == version);
        for statement in statements.filter(|statement| statement.observable.is_testable()) {
            testable += 1;
            match verdicts.get(&statement.citation.id) {
                Some(Verdict::Pass | Verdict::Lenient | Verdict::Info | Verdict::Fail) => decided += 1,
                Some(other) => *others.entry(other.as_str()).or_default() += 1,
                None => *others.entry("without a case in this run").or_default() += 1,
            }
        }
        paper.put(HEADING, "statements  ");
        paper.say(&format!(
            "{version}: {decided} of {} decided",
            count_of(testable, "testable statement", "testable statements")
        ));
        for (words, count) in others {
            paper.say(&format!(", {count} {words}"));
        }
        paper.end();
    }
}

/// The worst verdict of each statement and its clauses.
fn worst_verdicts(run: &Run, version: Version) -> BTreeMap<StatementId, Verdict> {
    let mut verdicts = BTreeMap::new();
    for (citation, result) in &run.statements {
        let Some((of_version, id)) = citation.split_once(' ') else { continue };
        let (true, Ok(id), Some(verdict)) =
            (of_version == version.as_str(), id.parse::<StatementId>(), result.verdict)
        else {
            continue;
        };
        let worst = verdicts.entry(id.statement()).or_insert(verdict);
        *worst = verdict.max(*worst);
    }
    verdicts
}

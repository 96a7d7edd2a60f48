//! What the cases of a run say about each statement, clauses counted with their statement.

use std::collections::{BTreeMap, BTreeSet};

use mqttspec_spec::record::{Case, Run};
use mqttspec_spec::{Statement, Verdict};

/// The cases of a run, and the verdicts of its record, by version and statement.
pub(crate) struct Evidence<'a> {
    cases: BTreeMap<(&'a str, &'a str), Vec<&'a Case>>,
    verdicts: BTreeMap<(&'a str, &'a str), Verdict>,
}

impl<'a> Evidence<'a> {
    pub(crate) fn of(run: &'a Run) -> Self {
        let mut cases: BTreeMap<_, Vec<&Case>> = BTreeMap::new();
        for case in &run.cases {
            let concerned: BTreeSet<&str> =
                case.statements.iter().chain(&case.cited).map(|id| whole(id)).collect();
            for id in concerned {
                cases.entry((case.version.as_str(), id)).or_default().push(case);
            }
        }
        let mut verdicts = BTreeMap::new();
        for (key, result) in &run.statements {
            if let (Some((version, id)), Some(verdict)) = (key.split_once(' '), result.verdict) {
                let merged = verdicts.entry((version, whole(id))).or_insert(verdict);
                *merged = verdict.max(*merged);
            }
        }
        Self { cases, verdicts }
    }

    /// What was seen of one statement.
    pub(crate) fn about(&self, statement: &Statement) -> Seen<'a> {
        let id = statement.citation.id.to_string();
        let key = (statement.citation.version.as_str(), id.as_str());
        let cases = self.cases.get(&key).cloned().unwrap_or_default();
        // A case that only records a choice decides no demand, and so leaves a statement without a verdict.
        let recorded = cases.iter().any(|case| case.verdict == Verdict::Info).then_some(Verdict::Info);
        let is_binding = statement.level.is_binding();
        let verdict = match self.verdicts.get(&key).copied().or(recorded) {
            // A case that fails for a MUST may cite a SHOULD that was missed as well, which breaks nothing.
            Some(Verdict::Fail) if !is_binding => Some(Verdict::Lenient),
            verdict => verdict,
        };
        Seen { id, is_binding, verdict, cases }
    }
}

/// The statement that a clause belongs to.
fn whole(id: &str) -> &str {
    id.split_once('/').map_or(id, |(statement, _)| statement)
}

/// What a run has seen of one statement.
pub(crate) struct Seen<'a> {
    pub(crate) id: String,
    is_binding: bool,
    /// The worst verdict; absent when no case decided anything.
    pub(crate) verdict: Option<Verdict>,
    /// The cases that cover or cite it.
    pub(crate) cases: Vec<&'a Case>,
}

impl<'a> Seen<'a> {
    /// Whether one of these ids is the statement or a clause of it.
    pub(crate) fn is_in(&self, ids: &[String]) -> bool {
        ids.iter().any(|id| whole(id) == self.id)
    }

    /// Whether a case failed for another statement, and so decides nothing about this one.
    pub(crate) fn failed_elsewhere(&self, case: &Case) -> bool {
        let is_cited = case.cited.is_empty() || self.is_in(&case.cited);
        case.verdict == Verdict::Fail && !(self.is_binding && is_cited)
    }

    /// The cases of one verdict, without those that failed for another statement.
    pub(crate) fn of_verdict(&self, verdict: Verdict) -> impl Iterator<Item = &'a Case> {
        self.cases.iter().copied().filter(move |case| case.verdict == verdict && !self.failed_elsewhere(case))
    }

    /// The cases that gave the statement its verdict.
    pub(crate) fn deciding(&self) -> Vec<&'a Case> {
        self.verdict.map(|verdict| self.of_verdict(verdict).collect()).unwrap_or_default()
    }

    /// What happened, in the words of the first deciding case; empty for a pass.
    pub(crate) fn happened(&self) -> Option<String> {
        let case = *self.deciding().first()?;
        let decisive = || case.findings.iter().filter(|finding| finding.verdict == case.verdict);
        let finding =
            decisive().find(|finding| self.is_in(&finding.statements)).or_else(|| decisive().next())?;
        let elsewhere = match self.is_in(&finding.statements) || finding.statements.is_empty() {
            true => String::new(),
            false => format!(" ({})", finding.statements.join(", ")),
        };
        Some(format!("{}{elsewhere}", finding.message))
    }

    /// The choices that were recorded for the statement, each with the cases that saw it.
    pub(crate) fn choices(&self) -> BTreeMap<&'a str, Vec<&'a Case>> {
        let mut choices: BTreeMap<&str, Vec<&Case>> = BTreeMap::new();
        for &case in &self.cases {
            for finding in case.findings.iter().filter(|finding| self.is_in(&finding.statements)) {
                if let Some(choice) = &finding.choice {
                    choices.entry(choice).or_default().push(case);
                }
            }
        }
        choices
    }
}

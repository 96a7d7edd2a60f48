//! Makes the record of a run.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use mqttspec_codec::{Citation, StatementId};
use mqttspec_script::plan::Case;
use mqttspec_spec::record::{self, Finding, FindingKind, Source, StatementResult};
use mqttspec_spec::{Registry, Verdict};

use super::one::Judged;

/// The record of a judged case.
pub(super) fn judged(case: &Case, judged: Judged, flaky: bool, rerun: &str) -> record::Case {
    let Judged { outcome, trace, unjudged: _, duration } = judged;
    let mut record = blank(case, outcome.verdict, outcome.findings, rerun);
    record.flaky = flaky;
    record.cited = outcome.cited.iter().map(ToString::to_string).collect();
    record.duration_ms = milliseconds(duration);
    if let Some(control) = trace.control {
        record.timeline.extend(control.entries);
    }
    if let Some(script) = trace.script {
        record.timeline.extend(script.entries);
        record.endings.extend(script.endings);
        record.absences_by_time = script.absences_by_time;
    }
    record
}

/// The record of a case that was not played.
pub(super) fn unplayed(case: &Case, verdict: Verdict, why: String, rerun: &str) -> record::Case {
    let finding = Finding {
        verdict,
        kind: FindingKind::Unplayed,
        statements: Vec::new(),
        message: why,
        allowed: None,
        place: None,
        by_deadline: false,
        choice: None,
    };
    blank(case, verdict, vec![finding], rerun)
}

fn blank(case: &Case, verdict: Verdict, findings: Vec<Finding>, rerun: &str) -> record::Case {
    record::Case {
        id: case.id.clone(),
        version: case.version.to_string(),
        title: case.title.clone(),
        verdict,
        flaky: false,
        tags: case.tags.clone(),
        statements: case.covers.iter().map(ToString::to_string).collect(),
        cited: Vec::new(),
        findings,
        endings: Vec::new(),
        expectation: None,
        foreseen: None,
        absences_by_time: 0,
        source: Source { path: case.file.path.clone(), line: case.place.line },
        digest: case.digest.clone(),
        duration_ms: 0,
        timeline: Vec::new(),
        rerun: format!("{rerun} --version {} '{}'", case.version, case.id),
    }
}

/// What the cases say about each statement. A case that fails speaks only about the statements that it
/// cites; about the others that it covers it says nothing. One that only records a choice decides no demand. To miss
/// something is for recommendations: the demands of such a case were kept, and a recommendation cannot be broken.
pub(super) fn statements<'a>(
    registry: &Registry,
    results: impl Iterator<Item = (&'a Case, &'a record::Case)>,
) -> BTreeMap<String, StatementResult> {
    let mut all: BTreeMap<String, StatementResult> = BTreeMap::new();
    for (case, record) in results {
        let cited: BTreeSet<StatementId> = record.cited.iter().filter_map(|id| id.parse().ok()).collect();
        let concerned: BTreeSet<StatementId> = case.covers.iter().copied().chain(cited.clone()).collect();
        for id in concerned {
            let is_cited = cited.contains(&id);
            let citation = Citation { version: case.version, id };
            let verdict = match record.verdict {
                Verdict::Fail if !is_cited => Verdict::Inconclusive,
                Verdict::Fail if registry.is_should(citation) => Verdict::Lenient,
                Verdict::Lenient if registry.is_must(citation) => Verdict::Pass,
                verdict => verdict,
            };
            let result = all.entry(citation.to_string()).or_default();
            if is_cited || !registry.is_must(citation) || !case.only_records(id) {
                result.cases += verdict;
                result.verdict = result.verdict.max(Some(verdict));
            }
            for finding in &record.findings {
                if let Some(choice) = &finding.choice
                    && finding.statements.contains(&id.to_string())
                {
                    result.choices.insert(record.id.clone(), choice.clone());
                }
            }
        }
    }
    all
}

pub(super) fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

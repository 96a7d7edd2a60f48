//! What the page shows, as JSON.

use std::collections::BTreeMap;
use std::io;

use mqttspec_spec::record::{Case, Ending, Run};
use mqttspec_spec::{Registry, Verdict};
use serde_json::{Map, Value, json};

use super::timeline::Timelines;
use crate::case::ending_words;
use crate::escape::{clip, visible};
use crate::section::Section;

/// Longer texts of a broker are cut, in characters.
const LONGEST_TEXT: usize = 1500;
/// Bytes of timelines up to which those of cases without findings are kept.
const ROOM_FOR_ALL: usize = 5_000_000;
/// Bytes of timelines up to which those of cases with findings are kept.
const ROOM_FOR_FINDINGS: usize = 20_000_000;

/// The island: JSON that holds no `<`, so that no text in it can end the script element around it.
pub(super) fn island(run: &Run, registry: &Registry) -> io::Result<String> {
    let mut timelines = Timelines::default();
    let mut kept: BTreeMap<usize, Value> = BTreeMap::new();
    let (findings, quiet): (Vec<_>, Vec<_>) =
        run.cases.iter().enumerate().partition(|(_, case)| needs_timeline(case));
    for (cases, room) in [(findings, ROOM_FOR_FINDINGS), (quiet, ROOM_FOR_ALL)] {
        for (index, case) in cases {
            if timelines.size() < room {
                kept.insert(index, timelines.of(case));
            }
        }
    }
    let left_out = run.cases.len() - kept.len();
    let cases: Vec<Value> =
        run.cases.iter().enumerate().map(|(index, each)| case(each, kept.remove(&index), registry)).collect();
    let (packets, lines) = timelines.into_packets();
    let mut value = json!({
        "broker": run.broker,
        "tool": run.tool,
        "started": run.started,
        "duration": run.duration_ms,
        "end": run.end,
        "crashes": run.crashes,
        "command": run.command,
        "summary": run.summary,
        "leftOut": left_out,
        "statements": statements(run, registry),
        "cases": cases,
        "packets": packets,
        "lines": lines,
    });
    harmless(&mut value);
    Ok(serde_json::to_string(&value)?.replace('<', "\\u003c"))
}

fn needs_timeline(case: &Case) -> bool {
    case.flaky || !matches!(case.verdict, Verdict::Pass | Verdict::Unsupported | Verdict::Skipped)
}

/// How the connections of a case ended, in words.
fn endings(case: &Case) -> Vec<Value> {
    let words = |ending: &Ending| {
        json!({
            "client": ending.client,
            "connection": ending.connection,
            "how": ending_words(ending.how),
            "reason_code": ending.reason_code,
        })
    };
    case.endings.iter().map(words).collect()
}

fn case(case: &Case, timeline: Option<Value>, registry: &Registry) -> Value {
    json!({
        "id": case.id,
        "version": case.version,
        "title": case.title,
        "verdict": case.verdict,
        "flaky": case.flaky,
        "section": Section::of(case, registry).to_string(),
        "statements": case.statements,
        "cited": case.cited,
        "findings": case.findings,
        "endings": endings(case),
        "expectation": case.expectation,
        "foreseen": case.foreseen,
        "absences": case.absences_by_time,
        "source": format!("{}:{}", case.source.path, case.source.line),
        "ms": case.duration_ms,
        "rerun": case.rerun,
        "timeline": timeline,
    })
}

/// The rules of the register, and then those that only the record names.
fn statements(run: &Run, registry: &Registry) -> Vec<Value> {
    let mut all = Vec::new();
    for statement in registry.iter() {
        let version = statement.citation.version.as_str();
        let id = statement.citation.id.to_string();
        let section = Section::of_statement(version, &id, registry);
        let result = run.statements.get(&format!("{version} {id}"));
        let clauses: Vec<Value> = statement
            .clauses
            .iter()
            .map(|clause| {
                let id = clause.id.to_string();
                let result = run.statements.get(&format!("{version} {id}"));
                json!({"id": id, "summary": clause.summary, "result": result})
            })
            .collect();
        let parts = statement.clauses.iter().filter_map(|clause| {
            run.statements.get(&format!("{version} {}", clause.id)).and_then(|result| result.verdict)
        });
        all.push(json!({
            "id": id,
            "version": version,
            "section": section.map(|section| section.to_string()),
            "heading": section.map(|section| section.title(version)),
            "place": statement.section,
            "level": statement.level.to_string(),
            "binds": statement.binds.to_string(),
            "testable": statement.observable.is_testable(),
            "summary": statement.summary,
            "clauses": clauses,
            "reason": statement.reason,
            "note": statement.note,
            "result": result,
            "verdict": parts.chain(result.and_then(|result| result.verdict)).max(),
        }));
    }
    all
}

/// Makes every text harmless for eyes, and short enough to be shown.
fn harmless(value: &mut Value) {
    match value {
        Value::String(text) => {
            *text = clip(&visible(text), LONGEST_TEXT).into_owned();
        }
        Value::Array(values) => values.iter_mut().for_each(harmless),
        Value::Object(fields) => {
            let old = std::mem::take(fields);
            *fields = old
                .into_iter()
                .map(|(key, mut value)| {
                    harmless(&mut value);
                    (visible(&key).into_owned(), value)
                })
                .collect::<Map<_, _>>();
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

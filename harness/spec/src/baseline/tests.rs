//! What a baseline makes of a run.

use std::collections::{BTreeMap, BTreeSet};

use super::{Baseline, Entry, Scope, signature, write};
use crate::record::{Broker, Case, Expectation, Finding, FindingKind, Run, RunEnd, SCHEMA, Source, Tool};
use crate::{Filter, Registry, Standing, Verdict};

fn case(id: &str, verdict: Verdict, statement: &str) -> Case {
    let finding = Finding {
        verdict,
        kind: FindingKind::Missing,
        statements: vec![statement.to_owned()],
        message: "after 1.003 s".to_owned(),
        allowed: None,
        place: None,
        by_deadline: true,
        choice: None,
    };
    Case {
        id: id.to_owned(),
        version: "5.0".to_owned(),
        title: String::new(),
        verdict,
        flaky: false,
        tags: BTreeSet::new(),
        statements: vec![statement.to_owned()],
        cited: vec![statement.to_owned()],
        findings: if verdict == Verdict::Pass { Vec::new() } else { vec![finding] },
        endings: Vec::new(),
        expectation: None,
        foreseen: None,
        absences_by_time: 0,
        source: Source { path: "a.yaml".to_owned(), line: 1 },
        digest: String::new(),
        duration_ms: 0,
        timeline: Vec::new(),
        rerun: String::new(),
    }
}

fn run(cases: Vec<Case>) -> Run {
    Run {
        schema: SCHEMA,
        tool: Tool { name: String::new(), version: String::new(), suite_digest: String::new() },
        broker: Broker { name: "a broker".to_owned(), ..Broker::default() },
        started: String::new(),
        duration_ms: 0,
        end: RunEnd::Complete,
        command: Vec::new(),
        summary: cases.iter().map(|case| case.verdict).collect(),
        cases,
        statements: BTreeMap::new(),
        baseline: None,
        crashes: Vec::new(),
    }
}

fn entry(line: u32, filter: &str, verdict: Standing, signatures: &[&str]) -> Entry {
    Entry {
        line,
        filter: Filter::parse(filter).unwrap(),
        verdict,
        signatures: signatures.iter().map(|&one| one.to_owned()).collect(),
        reason: "known".to_owned(),
        issue: None,
        broker_versions: None,
    }
}

const FAIL: Standing = Standing::Settled(Verdict::Fail);

/// What was expected of each case, with what a reader is told, and the stale entries.
fn judged(entries: Vec<Entry>, mut run: Run, scope: Scope) -> String {
    let baseline = Baseline { file: "known.yaml".to_owned(), entries };
    baseline.accepted(None).unwrap().judge(&mut run, &Registry::default(), scope);
    let mut lines: Vec<String> = run
        .cases
        .iter()
        .map(|case| {
            let foreseen = case.foreseen.clone().unwrap_or_default();
            let words = foreseen.advice.or(foreseen.reason).unwrap_or_default();
            format!("{} {}: {:?}. {words}", case.id, Standing::of(case), case.expectation.unwrap())
        })
        .collect();
    let stale = run.baseline.unwrap().stale;
    lines
        .extend(stale.into_iter().map(|stale| format!("{} {}: {}", stale.entry, stale.filter, stale.advice)));
    lines.join("\n")
}

#[test]
fn every_way_not_to_be_as_foreseen() {
    let mut flaky = case("f/flaky", Verdict::Inconclusive, "MQTT-1.5.3-1");
    flaky.flaky = true;
    let cases = vec![
        case("a/pass", Verdict::Pass, "MQTT-3.1.0-2"),
        case("a/new", Verdict::Fail, "MQTT-3.1.0-2"),
        case("b/known", Verdict::Fail, "MQTT-3.1.0-2"),
        case("b/mended", Verdict::Pass, "MQTT-3.1.0-2"),
        case("b/lenient-now", Verdict::Lenient, "MQTT-3.1.0-2"),
        case("b/not-played", Verdict::Skipped, "MQTT-3.1.0-2"),
        case("b/undecided", Verdict::Inconclusive, "MQTT-3.1.0-2"),
        case("c/otherwise", Verdict::Fail, "MQTT-3.1.4-2"),
        case("d/sometimes", Verdict::Pass, "MQTT-1.5.3-1"),
        flaky,
    ];
    let entries = vec![
        entry(1, "id(b/*)", FAIL, &["missing MQTT-3.1.0-2"]),
        entry(2, "id(c/*)", FAIL, &["missing MQTT-3.1.0-2"]),
        entry(3, "id(d/*)", Standing::Flaky, &[]),
        entry(4, "id(b/known)", FAIL, &[]),
        entry(5, "id(z/*)", FAIL, &[]),
    ];
    insta::assert_snapshot!(judged(entries, run(cases), Scope::Whole));
}

#[test]
fn only_a_whole_run_shows_that_an_entry_is_stale() {
    let entries = || vec![entry(5, "id(z/*)", FAIL, &[])];
    let cases = || vec![case("a/pass", Verdict::Pass, "MQTT-3.1.0-2")];
    assert!(judged(entries(), run(cases()), Scope::Whole).contains("known.yaml:5"));
    assert!(!judged(entries(), run(cases()), Scope::Part).contains("known.yaml:5"));
    let interrupted = Run { end: RunEnd::Interrupted, ..run(cases()) };
    assert!(!judged(entries(), interrupted, Scope::Whole).contains("known.yaml:5"));
}

#[test]
fn an_entry_for_other_versions_of_the_broker_says_nothing() {
    let of_old = Entry { broker_versions: Some("<2.0".parse().unwrap()), ..entry(7, "id(a/*)", FAIL, &[]) };
    let baseline = Baseline { file: "known.yaml".to_owned(), entries: vec![of_old] };
    let failing = case("a/b", Verdict::Fail, "MQTT-3.1.0-2");
    let expectation =
        |version| baseline.accepted(Some(version)).unwrap().expectation(&failing, &Registry::default()).0;
    assert_eq!(expectation("1.9"), Expectation::Expected);
    assert_eq!(expectation("2.0"), Expectation::Unexpected);
    insta::assert_snapshot!(baseline.accepted(None).unwrap_err());
}

#[test]
fn a_signature_holds_no_times() {
    let mut slow = case("a/b", Verdict::Fail, "MQTT-3.1.0-2");
    slow.findings[0].message = "after 7 s".to_owned();
    slow.findings[0].by_deadline = false;
    assert_eq!(signature(&slow), "missing MQTT-3.1.0-2");
    assert_eq!(signature(&slow), signature(&case("c/d", Verdict::Fail, "MQTT-3.1.0-2")));
    slow.findings[0].kind = FindingKind::Wrong;
    assert_eq!(signature(&slow), "wrong MQTT-3.1.0-2");
}

#[test]
fn what_is_written_chooses_just_what_failed() {
    let failing = [
        "x/whole[one]",
        "x/whole[two]",
        "x/part[flags:1]",
        "x/part[flags:2]",
        "x/part[qos-1,type:a]",
        "x/part[qos-1,type:b]",
        "x/single",
        "x/part[body:0]",
    ];
    let passing = ["x/part[qos-2,type:a]", "x/part[body:1]", "x/single-too"];
    let mut cases: Vec<Case> = failing.iter().map(|id| case(id, Verdict::Fail, "MQTT-3.1.0-2")).collect();
    cases.extend(passing.iter().map(|id| case(id, Verdict::Pass, "MQTT-3.1.0-2")));
    let run = run(cases);
    let text = write(&run, Some("it's: known")).unwrap();
    for line in text.lines() {
        let Some((_, filter)) = line.split_once("filter: ") else { continue };
        let filter = Filter::parse(filter).unwrap();
        for case in &run.cases {
            let subject = crate::Subject::of(case).unwrap();
            let chosen = filter.chooses(&subject, &Registry::default());
            assert!(!chosen || failing.contains(&case.id.as_str()), "{filter}: {}", case.id);
        }
    }
    insta::assert_snapshot!(text);
    let nothing = Run { cases: Vec::new(), ..run.clone() };
    insta::assert_snapshot!(write(&nothing, None).unwrap());
    let reasonless = Run { cases: vec![case("a/b", Verdict::Fail, "MQTT-3.1.0-2")], ..run.clone() };
    insta::assert_snapshot!(write(&reasonless, None).unwrap());
    assert!(write(&Run { end: RunEnd::BrokerLost, ..run }, None).is_err());
}

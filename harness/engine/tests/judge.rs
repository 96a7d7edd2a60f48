//! The judge is a pure function: hand-made traces, and the verdicts that they lead to.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use mqttspec_codec::{StatementId, statement};
use mqttspec_engine::{Deviation, DeviationKind, Outcome, Playing, StepOutcome, StepReport, Trace, judge};
use mqttspec_script::Suite;
use mqttspec_script::plan::{Case, Grade};
use mqttspec_spec::{Registry, Verdict};

const REGISTER: &str = "
version: '5.0'
statements:
  - {id: MQTT-3.12.4-1, section: 3.12.4, binds: server, level: must, summary: A demand., observable: 'yes'}
  - {id: MQTT-3.14.0-1, section: '3.14', binds: server, level: must, summary: Another., observable: 'yes'}
unnumbered:
  - {id: S5-40, section: 3.14.4, binds: both, level: should, summary: A recommendation., observable: 'yes'}
  - {id: S5-37, section: '3.14', binds: both, level: may, summary: A freedom., observable: 'yes'}
";

/// A case that connects, sends a PINGREQ, and expects the PINGRESP by the rule that it covers.
fn case(covers: &str) -> (Case, Registry) {
    let registry = Registry::read([("mqtt-5.0.yaml", REGISTER)]).unwrap();
    let text = format!(
        "- id: one\n  title: One\n  covers: {{5.0: [{covers}]}}\n  script:\n    - connect: {{}}\n    - send: {{pingreq: {{}}}}\n    - expect: {{pingresp: {{}}}}\n"
    );
    let mut suite = Suite::load([("ping.yaml", text.as_str())], None, &registry).unwrap();
    (suite.cases.remove(0), registry)
}

/// The script played to its end, with this outcome at its last step.
fn trace(case: &Case, last: StepOutcome) -> Trace {
    let mut steps: Vec<StepReport> =
        (0..case.steps.len()).map(|step| StepReport { step, outcome: StepOutcome::Held }).collect();
    steps.last_mut().unwrap().outcome = last;
    Trace { control: None, script: Some(Playing { steps, ..Playing::default() }) }
}

fn deviated(kind: DeviationKind) -> StepOutcome {
    StepOutcome::Deviated(Deviation { kind, seen: "something".to_owned(), allowed: None, place: None })
}

fn judged(covers: &str, last: StepOutcome) -> Outcome {
    let (case, registry) = case(covers);
    judge(&case, &registry, &trace(&case, last))
}

fn cited(outcome: &Outcome) -> Vec<StatementId> {
    outcome.cited.iter().copied().collect()
}

#[test]
fn a_script_that_holds_passes() {
    assert_eq!(judged("MQTT-3.12.4-1", StepOutcome::Held).verdict, Verdict::Pass);
}

#[test]
fn a_deviation_weighs_as_much_as_the_rule() {
    for (covers, verdict) in
        [("MQTT-3.12.4-1", Verdict::Fail), ("S5-40", Verdict::Lenient), ("S5-37", Verdict::Info)]
    {
        let outcome = judged(covers, deviated(DeviationKind::Wrong));
        assert_eq!(outcome.verdict, verdict, "{covers}");
        assert_eq!(cited(&outcome), [covers.parse().unwrap()], "{covers}");
    }
}

#[test]
fn only_a_deadline_that_load_could_have_missed_is_confirmed() {
    let by_deadline = |patient| judged("MQTT-3.12.4-1", deviated(DeviationKind::Missing { patient }));
    assert!(by_deadline(false).by_deadline);
    assert!(!by_deadline(true).by_deadline);
    assert_eq!(by_deadline(true).verdict, Verdict::Fail);
}

#[test]
fn what_says_nothing_about_the_rule_is_inconclusive() {
    for kind in [DeviationKind::FenceMissing, DeviationKind::Declined, DeviationKind::Unplayable] {
        let outcome = judged("MQTT-3.12.4-1", deviated(kind.clone()));
        assert_eq!(outcome.verdict, Verdict::Inconclusive, "{kind:?}");
        assert_eq!(cited(&outcome), [], "{kind:?}");
    }
    let outcome = judged("MQTT-3.12.4-1", deviated(DeviationKind::CaseError));
    assert_eq!(outcome.verdict, Verdict::Inconclusive);
    assert!(outcome.case_error);
}

#[test]
fn a_step_that_prepares_accuses_nobody() {
    let (case, registry) = case("MQTT-3.12.4-1");
    let mut trace = trace(&case, StepOutcome::Held);
    let steps = &mut trace.script.as_mut().unwrap().steps;
    steps.truncate(1);
    steps[0].outcome = deviated(DeviationKind::Wrong);
    assert_eq!(judge(&case, &registry, &trace).verdict, Verdict::Inconclusive);
}

#[test]
fn a_rule_broken_in_passing_is_cited_alone() {
    let breaks = DeviationKind::Breaks { statements: vec![statement!("MQTT-3.14.0-1")], field: None };
    let outcome = judged("MQTT-3.12.4-1", deviated(breaks));
    assert_eq!(outcome.verdict, Verdict::Fail);
    assert_eq!(cited(&outcome), [statement!("MQTT-3.14.0-1")]);
}

#[test]
fn a_script_that_was_not_played_to_its_end_is_inconclusive() {
    let (case, registry) = case("MQTT-3.12.4-1");
    let mut trace = trace(&case, StepOutcome::Held);
    trace.script.as_mut().unwrap().steps.pop();
    assert_eq!(judge(&case, &registry, &trace).verdict, Verdict::Inconclusive);
    assert_eq!(judge(&case, &registry, &Trace::default()).verdict, Verdict::Inconclusive);
}

#[test]
fn alternatives_grade_the_case() {
    let matched = |grade| StepOutcome::Matched { grade, label: None, seen: "something".to_owned() };
    assert_eq!(judged("MQTT-3.12.4-1", matched(Grade::Pass)).verdict, Verdict::Pass);
    assert_eq!(judged("MQTT-3.12.4-1", matched(Grade::Unsupported)).verdict, Verdict::Unsupported);
    let lenient = judged("MQTT-3.12.4-1", matched(Grade::Lenient(statement!("S5-40"))));
    assert_eq!((lenient.verdict, cited(&lenient)), (Verdict::Lenient, vec![statement!("S5-40")]));
}

//! Comparisons of brokers, and of the records of one.

use mqttspec_spec::Verdict;
use mqttspec_spec::record::{Run, RunEnd};

use super::{fixture, hostile};
use crate::{Form, compare};

fn written(runs: &[Run], form: Form) -> String {
    let mut file = Vec::new();
    compare::write(&mut file, runs, &fixture::registry(), form).unwrap();
    String::from_utf8(file).unwrap()
}

/// A broker with the verdicts of its cases about three statements.
fn broker(name: &str, started: &str, verdicts: [Verdict; 3]) -> Run {
    let [keep_alive, retained, told] = verdicts;
    let case = |id: &str, verdict, statement: &str| {
        let words = (verdict == Fail).then_some("the connection stayed open");
        let mut case = fixture::simple(id, verdict, "A case", statement, words);
        if verdict == Fail {
            case.cited = vec![statement.to_owned()];
        }
        case
    };
    let mut run = fixture::of_cases(vec![
        case("connect/keep-alive/in-time", keep_alive, "MQTT-3.1.2-24"),
        case("retain/replace/plain", retained, "MQTT-3.3.1-5"),
        case("connect/refusal/says-why", told, "S5-14"),
    ]);
    run.broker.name = name.to_owned();
    run.started = started.to_owned();
    run
}

use Verdict::{Fail, Lenient, Pass, Unsupported};

#[test]
fn brokers_side_by_side() {
    insta::assert_snapshot!(written(
        &[
            broker("alpha 1.0", "2026-11-03T09:30:00Z", [Fail, Pass, Lenient]),
            broker("beta 2.1", "2026-11-03T09:40:00Z", [Pass, Unsupported, Pass]),
            broker("gamma", "2026-11-03T09:50:00Z", [Pass, Fail, Pass]),
        ],
        Form::Markdown
    ));
}

#[test]
fn two_records_of_one_broker() {
    let mut after = broker("alpha 1.1", "2026-11-04T09:30:00Z", [Pass, Fail, Lenient]);
    after.tool.suite_digest = "77777777".into();
    after.end = RunEnd::Interrupted;
    after.cases[1].digest = "ffffffff".into();
    after.cases[2].id = "connect/refusal/says-why-not".into();
    // The later one is given first.
    insta::assert_snapshot!(written(
        &[after, broker("alpha 1.0", "2026-11-03T09:30:00Z", [Fail, Pass, Lenient])],
        Form::Markdown
    ));
}

#[test]
fn what_both_versions_of_a_broker_break_is_still_broken_by_that_broker_only() {
    let text = written(
        &[
            broker("alpha 1.0", "2026-11-03T09:30:00Z", [Fail, Pass, Pass]),
            broker("alpha 1.1", "2026-11-04T09:30:00Z", [Fail, Pass, Pass]),
            broker("beta", "2026-11-03T09:30:00Z", [Pass, Pass, Pass]),
        ],
        Form::Markdown,
    );
    let alone = text.split_once("## Only beta breaks").unwrap().0;
    assert!(alone.contains("| 5.0 | MQTT-3.1.2-24 |"), "{alone}");
    assert!(text.contains("Every case that both played has the verdict that it had."), "{text}");
}

#[test]
fn records_with_one_name_get_columns_of_their_own() {
    let run = broker("alpha", "2026-11-03T09:30:00Z", [Pass, Pass, Pass]);
    let text = written(&[run.clone(), run], Form::Markdown);
    assert!(text.contains("alpha, 2026-11-03T09:30:00Z | alpha, 2026-11-03T09:30:00Z (2) |"), "{text}");
}

#[test]
fn hostile_text_is_neither_markup_nor_steers_a_terminal() {
    let mut run = hostile::all_hostile();
    run.statements = fixture::run().statements;
    run.broker.name = format!("</title><script>alert(1)</script>{}", fixture::HOSTILE);
    let other = broker("beta", "2026-11-03T09:30:00Z", [Pass, Pass, Pass]);
    for form in [Form::Html, Form::Markdown] {
        let text = written(&[run.clone(), fixture::run(), other.clone(), run.clone()], form);
        hostile::assert_harmless(&text);
        assert!(!text.contains("<script"), "{text}");
        assert!(text.contains("&lt;script&gt;alert(1)"), "{text}");
    }
}

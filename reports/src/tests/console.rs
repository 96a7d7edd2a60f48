//! The console report, word by word.

use mqttspec_spec::record::{Run, RunEnd};
use mqttspec_spec::{Reporter, RunEvent, Verdict};

use super::fixture;
use crate::{Console, Options, Progress};

fn after(run: &Run, options: Options) -> String {
    let registry = fixture::registry();
    let mut console = Console::new(Vec::new(), &registry, options);
    console.run(run).unwrap();
    readable(console.into_inner())
}

/// A snapshot must be readable, and must not colour the terminal of whoever reviews it.
fn readable(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap().replace('\u{1b}', "␛")
}

#[test]
fn plain() {
    insta::assert_snapshot!(after(&fixture::run(), Options::default()));
}

#[test]
fn colour() {
    insta::assert_snapshot!(after(&fixture::run(), Options { colour: true, ..Options::default() }));
}

#[test]
fn colour_adds_nothing_but_colour() {
    let mut plain = String::new();
    let coloured = after(&fixture::run(), Options { colour: true, ..Options::default() });
    let mut rest = coloured.as_str();
    while let Some((before, after)) = rest.split_once("␛[") {
        plain.push_str(before);
        rest = after.split_once('m').unwrap().1;
    }
    plain.push_str(rest);
    assert_eq!(plain, after(&fixture::run(), Options::default()));
}

#[test]
fn verbose() {
    insta::assert_snapshot!(after(&fixture::run(), Options { verbosity: 1, ..Options::default() }));
}

#[test]
fn very_verbose() {
    insta::assert_snapshot!(after(&fixture::run(), Options { verbosity: 2, ..Options::default() }));
}

#[test]
fn interrupted() {
    insta::assert_snapshot!(after(&fixture::ended(RunEnd::Interrupted), Options::default()));
}

#[test]
fn broker_lost() {
    let run = Run { duration_ms: 125_000, ..fixture::ended(RunEnd::BrokerLost) };
    insta::assert_snapshot!(after(&run, Options { verbosity: 1, ..Options::default() }));
}

#[test]
fn crashed() {
    let run = Run { crashes: fixture::crashes(), ..fixture::ended(RunEnd::Complete) };
    insta::assert_snapshot!(after(&run, Options::default()));
}

#[test]
fn broker_unreachable() {
    insta::assert_snapshot!(after(&fixture::ended(RunEnd::BrokerUnreachable), Options::default()));
}

#[test]
fn what_the_outcome_means() {
    let case = |verdict| {
        fixture::simple(
            "connect/keep-alive/one-and-a-half",
            verdict,
            "A silent client",
            "MQTT-3.1.2-24",
            None,
        )
    };
    let outcome = |verdicts: &[Verdict]| {
        let run = fixture::of_cases(verdicts.iter().map(|&verdict| case(verdict)).collect());
        after(&run, Options::default())
            .lines()
            .skip_while(|line| !line.starts_with("time"))
            .skip(1)
            .collect::<Vec<_>>()
            .join("\n")
    };
    insta::assert_snapshot!(
        [
            outcome(&[Verdict::Pass]),
            outcome(&[Verdict::Pass, Verdict::Pass, Verdict::Inconclusive]),
            outcome(&[Verdict::Info]),
            outcome(&[Verdict::Skipped]),
            outcome(&[Verdict::Fail, Verdict::Pass]),
            outcome(&[Verdict::Unsupported, Verdict::Inconclusive]),
        ]
        .join("\n---\n")
    );
}

#[test]
fn lines_while_a_run_goes_on() {
    let registry = fixture::registry();
    let run = fixture::run();
    let mut console = Console::new(Vec::new(), &registry, Options::default());
    let started = RunEvent::Started { broker: &run.broker, cases: run.cases.len(), jobs: 4 };
    console.event(&started).unwrap();
    for (index, case) in run.cases.iter().enumerate() {
        if index == 10 {
            console.event(&RunEvent::Confirming { cases: 3 }).unwrap();
        }
        console.event(&RunEvent::CaseFinished(case)).unwrap();
    }
    insta::assert_snapshot!(readable(console.into_inner()));
}

#[test]
fn many_cases_give_ten_lines() {
    let registry = fixture::registry();
    let run = fixture::run();
    let pass = run.cases.iter().find(|case| case.verdict == Verdict::Pass).unwrap();
    let mut console = Console::new(Vec::new(), &registry, Options::default());
    console.event(&RunEvent::Started { broker: &run.broker, cases: 523, jobs: 1 }).unwrap();
    for _ in 0..523 {
        console.event(&RunEvent::CaseFinished(pass)).unwrap();
    }
    insta::assert_snapshot!(readable(console.into_inner()));
}

#[test]
fn a_quiet_report_begins_with_the_details() {
    let registry = fixture::registry();
    let run = fixture::ended(RunEnd::BrokerLost);
    let mut console =
        Console::new(Vec::new(), &registry, Options { progress: Progress::Off, ..Options::default() });
    for case in &run.cases {
        console.event(&RunEvent::CaseFinished(case)).unwrap();
    }
    console.event(&RunEvent::Confirming { cases: 1 }).unwrap();
    console.event(&RunEvent::Finished(&run)).unwrap();
    assert_eq!(readable(console.into_inner()), after(&run, Options::default()));
}

#[test]
fn a_suite_elsewhere_is_named() {
    let shown = after(&fixture::run(), Options { suite_root: "/tmp/mine/".into(), ..Options::default() });
    assert!(shown.contains("--> /tmp/mine/connect/second-connect.yaml:14:16"), "{shown}");
}

//! The Markdown summary.

use mqttspec_spec::Verdict;
use mqttspec_spec::record::{BaselineResult, Expectation, Run, RunEnd, StaleEntry};

use super::fixture;
use crate::escape::is_visible;
use crate::markdown;

fn written(run: &Run) -> String {
    let mut file = Vec::new();
    markdown::write(&mut file, run, &fixture::registry(), "cases").unwrap();
    String::from_utf8(file).unwrap()
}

#[test]
fn every_verdict() {
    insta::assert_snapshot!(written(&fixture::run()));
}

#[test]
fn a_run_that_broke_off() {
    insta::assert_snapshot!(written(&fixture::ended(RunEnd::BrokerUnreachable)));
}

#[test]
fn crashes_and_a_baseline() {
    let mut run = fixture::of_cases(fixture::run().cases.drain(..2).collect());
    run.crashes = fixture::crashes();
    run.baseline = Some(BaselineResult {
        file: "known.yaml".to_owned(),
        stale: vec![StaleEntry {
            entry: "known.yaml:3".to_owned(),
            filter: "id(a*b)".to_owned(),
            advice: "It fits no case of this run.".to_owned(),
        }],
    });
    run.cases[0].expectation = Some(Expectation::Expected);
    run.cases[1].expectation = Some(Expectation::Unexpected);
    insta::assert_snapshot!(written(&run));
}

/// What could end or open an element, a table, a code span or a line, in every place for text.
const MARKUP: &str =
    "</pre></details>\n\n<script>alert(1)</script>\n# |`x`|\r\n```\n![i](https://x.y)\u{202e}&lt;@all";

#[test]
fn markup_of_a_broker_stays_text() {
    let mut case = fixture::simple("a/b/c", Verdict::Fail, MARKUP, MARKUP, Some(MARKUP));
    case.id.push_str(MARKUP);
    case.rerun.push_str(MARKUP);
    case.source.path.push_str(MARKUP);
    case.cited = vec![MARKUP.to_owned()];
    case.findings[0].allowed = Some(MARKUP.to_owned());
    let mut run = fixture::of_cases(vec![case]);
    run.broker.name = MARKUP.to_owned();
    run.tool.version = MARKUP.to_owned();
    run.started = MARKUP.to_owned();
    let text = written(&run);
    assert!(text.chars().all(|character| character == '\n' || is_visible(character)));
    let tags: Vec<&str> = text.split('<').skip(1).filter_map(|rest| rest.split('>').next()).collect();
    assert_eq!(tags, ["details", "summary", "/summary", "pre", "/pre", "/details"]);
    // Outside of <pre>, where no Markdown is read, only the tool's own words are markup.
    let (before, after) = text.split_once("<pre>").unwrap();
    let outside = format!("{before}{}", after.split_once("</pre>").unwrap().1);
    for mark in ["`", "![", "https:", "@", "# |"] {
        assert!(!outside.contains(mark), "{mark}: {outside}");
    }
    for line in outside.lines().filter(|line| line.starts_with('|')) {
        assert_eq!(line.matches('|').count(), 5, "{line}");
    }
}

#[test]
fn what_does_not_fit_is_counted() {
    let long = "|".repeat(100_000);
    let cases = |count: usize| {
        let case = |number| {
            let id = format!("a/b/case-{number}");
            fixture::simple(&id, Verdict::Fail, &long, "MQTT-3.1.2-24", Some(&long))
        };
        written(&fixture::of_cases((0..count).map(case).collect()))
    };
    assert!(!cases(2).contains("Left out"));
    // Timelines give way before results do.
    let text = cases(200);
    assert!(text.len() <= markdown::LIMIT, "{}", text.len());
    let last_line = text.lines().last().unwrap();
    assert_eq!(text.matches("\n#### fail").count() + missing(last_line), 200, "{last_line}");
    let text = cases(1_000);
    assert!(text.len() <= markdown::LIMIT, "{}", text.len());
    let last_line = text.lines().last().unwrap();
    assert!(missing(last_line) > 0, "{last_line}");
    assert_eq!(text.matches("\n#### fail").count() + missing(last_line), 1_000, "{last_line}");
}

fn missing(last_line: &str) -> usize {
    let (before, _) = last_line.split_once(" unexpected result").unwrap();
    before.rsplit(' ').next().unwrap().parse().unwrap()
}

//! The JUnit report, read by a parser that is not its writer.

use std::collections::HashSet;

use mqttspec_spec::Verdict;
use mqttspec_spec::record::{Entry, Event, Run, RunEnd};
use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};
use roxmltree::{Document, Node};

use super::fixture;
use crate::escape::visible;
use crate::junit;

fn written(run: &Run) -> String {
    let mut file = Vec::new();
    junit::write(&mut file, run, &fixture::registry(), "cases").unwrap();
    String::from_utf8(file).unwrap()
}

fn named<'a, 'input>(node: Node<'a, 'input>, name: &'a str) -> impl Iterator<Item = Node<'a, 'input>> {
    node.descendants().filter(move |node| node.has_tag_name(name))
}

/// The writer puts all on one line, which no reviewer can compare.
fn in_lines(xml: &str) -> String {
    xml.replace("><", ">\n<")
}

#[test]
fn every_verdict() {
    insta::assert_snapshot!(in_lines(&written(&fixture::run())));
}

#[test]
fn a_run_that_broke_off_is_an_error() {
    let text = written(&fixture::ended(RunEnd::BrokerUnreachable));
    insta::assert_snapshot!(in_lines(&text));
    for end in [RunEnd::Interrupted, RunEnd::BrokerLost] {
        let text = written(&fixture::ended(end));
        let document = Document::parse(&text).unwrap();
        assert_eq!(named(document.root(), "error").count(), 8);
    }
}

#[test]
fn a_crash_is_an_error_of_its_case_or_of_its_own() {
    let case = fixture::simple("connect/will/empty", Verdict::Fail, "Empty", "MQTT-3.1.2-24", Some("cut"));
    let quiet = fixture::simple("ping/a/b", Verdict::Pass, "Quiet", "MQTT-3.1.2-24", None);
    let run = Run { crashes: fixture::crashes(), ..fixture::of_cases(vec![case, quiet]) };
    insta::assert_snapshot!(in_lines(&written(&run)));
}

#[test]
fn each_verdict_has_its_element() {
    let run = fixture::run();
    let text = written(&run);
    let document = Document::parse(&text).unwrap();
    let cases: Vec<_> = named(document.root(), "testcase").collect();
    assert_eq!(cases.len(), run.cases.len());
    for case in &run.cases {
        let name = format!("{}: {}", case.id, case.title);
        let class = if case.version == "5.0" { "mqtt5." } else { "mqtt311." };
        let element = cases
            .iter()
            .find(|element| {
                element.attribute("name") == Some(&name)
                    && element.attribute("classname").unwrap().starts_with(class)
            })
            .unwrap();
        let expected = match case.verdict {
            _ if case.expectation == Some(mqttspec_spec::record::Expectation::Expected) => Some("skipped"),
            _ if case.expectation == Some(mqttspec_spec::record::Expectation::Stale) => Some("failure"),
            Verdict::Fail => Some("failure"),
            Verdict::Inconclusive => Some("error"),
            Verdict::Unsupported | Verdict::Skipped => Some("skipped"),
            Verdict::Lenient | Verdict::Info | Verdict::Pass => None,
        };
        let result = element.children().find(|child| child.is_element() && !child.has_tag_name("system-out"));
        assert_eq!(result.map(|result| result.tag_name().name()), expected, "{name}");
        if let Some(result) = result {
            // Readers show either the one or the other.
            assert!(!result.attribute("message").unwrap().is_empty(), "{name}");
            assert!(!result.text().unwrap().is_empty(), "{name}");
        }
        let output = named(*element, "system-out").next().unwrap().text().unwrap();
        assert!(output.starts_with(&format!("[[PROPERTY|verdict={}]]\n", case.verdict)), "{output}");
    }
}

#[test]
fn names_are_unique_even_when_ids_are_not() {
    let case = || fixture::simple("a/b/c", Verdict::Pass, "Twice", "MQTT-3.1.2-24", None);
    let text = written(&fixture::of_cases(vec![case(), case(), case()]));
    let document = Document::parse(&text).unwrap();
    let names: HashSet<_> = named(document.root(), "testcase")
        .map(|case| (case.attribute("classname").unwrap(), case.attribute("name").unwrap()))
        .collect();
    assert_eq!(names.len(), 3);
}

#[test]
fn every_byte_and_every_mark_of_xml_survives() {
    let bytes: String = (0..=255_u8).map(char::from).collect();
    let hostile = format!("{bytes}\u{fffe}\u{ffff}]]><&");
    let mut cases = Vec::new();
    for verdict in Verdict::ALL {
        let id = format!("a/b/{verdict}");
        let mut case = fixture::simple(&id, verdict, &hostile, "MQTT-3.1.2-24", Some(&hostile));
        case.findings[0].choice = Some(hostile.clone());
        cases.push(case);
    }
    let text = written(&fixture::of_cases(cases));
    let document = Document::parse(&text).unwrap();
    let elements: Vec<_> = named(document.root(), "testcase").collect();
    assert_eq!(elements.len(), Verdict::ALL.len());
    for element in elements {
        let name = element.attribute("name").unwrap();
        for part in [
            r"\u{0}\u{1}",
            r"\u{1b}",
            " !\"#$%&'()*+,-./0123456789:;<=>?@",
            r"\u{7f}\u{80}",
            "ÿ",
            r"\u{fffe}\u{ffff}]]><&",
        ] {
            assert!(name.contains(part), "{part}: {name}");
        }
        let content: String = element.descendants().filter_map(|node| node.text()).collect();
        assert!(content.contains(r"\u{1b}"), "{content}");
    }
}

/// The plugin of Jenkins refuses a file with anything that its schema, junit-10.xsd, does not have.
#[test]
fn only_what_the_schema_of_jenkins_has() {
    let crashed = Run { crashes: fixture::crashes(), ..fixture::run() };
    for run in [fixture::run(), fixture::ended(RunEnd::BrokerLost), crashed] {
        let text = written(&run);
        let document = Document::parse(&text).unwrap();
        for element in document.descendants().filter(Node::is_element) {
            let known: &[&str] = match element.tag_name().name() {
                "testsuites" => &["name", "time", "tests", "failures", "errors"],
                "testsuite" => &[
                    "name",
                    "tests",
                    "failures",
                    "errors",
                    "time",
                    "skipped",
                    "timestamp",
                    "hostname",
                    "id",
                    "package",
                ],
                "testcase" => &["name", "time", "classname"],
                "failure" | "error" | "skipped" => &["type", "message"],
                "system-out" | "system-err" => &[],
                other => panic!("{other} is no element of it"),
            };
            let unknown = element.attributes().find(|attribute| !known.contains(&attribute.name()));
            assert_eq!(unknown, None);
        }
    }
}

#[test]
fn times_are_in_seconds_and_suites_have_counts() {
    let text = written(&fixture::run());
    let document = Document::parse(&text).unwrap();
    let suite = named(document.root(), "testsuite")
        .find(|suite| suite.attribute("name") == Some("MQTT 5.0, 3.1 CONNECT"))
        .unwrap();
    let attributes =
        ["tests", "failures", "errors", "timestamp", "time"].map(|name| suite.attribute(name).unwrap());
    assert_eq!(attributes, ["2", "1", "0", "2026-11-03T09:30:00Z", "1.049"]);
}

proptest! {
    #[test]
    fn whatever_a_broker_says_is_found_again(bytes: Vec<u8>, text in any::<String>()) {
        // Bytes reach a report as hex, and as the characters that a lossy decoder makes of them.
        let said = format!("{}{text}", String::from_utf8_lossy(&bytes));
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let mut case = fixture::simple("a/b/c", Verdict::Fail, "Title", "MQTT-3.1.2-24", Some(&said));
        case.timeline = vec![Entry {
            at_us: 1,
            control: false,
            client: "a".to_owned(),
            connection: 0,
            event: Event::Received { bytes: hex, summary: said.clone(), violation: None },
        }];
        let xml = written(&fixture::of_cases(vec![case]));
        let document = Document::parse(&xml).unwrap();
        let failure = named(document.root(), "failure").next().unwrap();
        let expected = visible(&crate::escape::clip(&said, 400)).into_owned();
        prop_assert_eq!(failure.attribute("message").unwrap(), &expected);
        let timeline = failure.text().unwrap().lines().find(|line| line.contains("\u{2190}")).unwrap();
        prop_assert!(timeline.ends_with(expected.trim_end_matches(' ')), "{:?} {:?}", timeline, expected);
        for byte in bytes.iter().take(32) {
            let pair = format!("{byte:02x}");
            prop_assert!(timeline.contains(&pair));
        }
    }
}

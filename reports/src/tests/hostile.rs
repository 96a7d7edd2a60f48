//! Whatever a broker sends, no report passes on a character that steers a terminal.

use mqttspec_spec::record::Run;
use mqttspec_spec::{Reporter, RunEvent};

use super::fixture;
use crate::escape::is_visible;
use crate::{Console, Options, json, junit};

/// The fixture with hostile text in every field that is text.
pub(super) fn all_hostile() -> Run {
    let mut value = serde_json::to_value(fixture::run()).unwrap();
    let cases = value["cases"].as_array_mut().unwrap();
    for case in cases {
        for field in ["id", "version", "title", "rerun"] {
            poison(&mut case[field]);
        }
        for field in ["statements", "cited"] {
            case[field].as_array_mut().unwrap().iter_mut().for_each(poison);
        }
        poison(&mut case["source"]["path"]);
        for finding in case["findings"].as_array_mut().unwrap() {
            finding["statements"].as_array_mut().unwrap().iter_mut().for_each(poison);
        }
        for entry in case["timeline"].as_array_mut().unwrap() {
            for field in ["client", "bytes", "summary", "what", "verb"] {
                if entry.get(field).is_some() {
                    poison(&mut entry[field]);
                }
            }
        }
    }
    poison(&mut value["tool"]["name"]);
    poison(&mut value["tool"]["suite_digest"]);
    let statements = std::mem::take(value["statements"].as_object_mut().unwrap());
    value["statements"] =
        statements.into_iter().map(|(key, result)| (format!("{key}{}", fixture::HOSTILE), result)).collect();
    serde_json::from_value(value).unwrap()
}

fn poison(text: &mut serde_json::Value) {
    *text = format!("{}{}", text.as_str().unwrap(), fixture::HOSTILE).into();
}

pub(super) fn assert_harmless(text: &str) {
    let hostile = text.chars().find(|&character| character != '\n' && !is_visible(character));
    assert_eq!(hostile, None);
}

#[test]
fn the_console_is_harmless() {
    let registry = fixture::registry();
    let run = all_hostile();
    for verbosity in 0..=2 {
        let mut console = Console::new(Vec::new(), &registry, Options { verbosity, ..Options::default() });
        console.event(&RunEvent::Started { broker: &run.broker, cases: 1, jobs: 1 }).unwrap();
        for case in &run.cases {
            console.event(&RunEvent::CaseFinished(case)).unwrap();
        }
        console.event(&RunEvent::Finished(&run)).unwrap();
        assert_harmless(&String::from_utf8(console.into_inner()).unwrap());
    }
}

#[test]
fn the_junit_file_is_harmless_and_well_formed() {
    let mut file = Vec::new();
    junit::write(&mut file, &all_hostile(), &fixture::registry(), "cases").unwrap();
    let text = String::from_utf8(file).unwrap();
    assert_harmless(&text);
    roxmltree::Document::parse(&text).unwrap();
}

#[test]
fn the_json_file_is_harmless_and_loses_nothing() {
    let run = all_hostile();
    let mut file = Vec::new();
    json::write(&mut file, &run).unwrap();
    assert_harmless(std::str::from_utf8(&file).unwrap());
    assert_eq!(json::read(file.as_slice()).unwrap(), run);
}

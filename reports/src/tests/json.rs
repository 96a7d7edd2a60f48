//! The layout of the JSON report, on which other people's scripts rely.

use mqttspec_spec::record::Run;

use super::fixture;
use crate::json;

fn written(run: &Run) -> String {
    let mut file = Vec::new();
    json::write(&mut file, run).unwrap();
    String::from_utf8(file).unwrap()
}

#[test]
fn layout() {
    let mut run = fixture::run();
    let kept = ["connect/second-connect/ends-connection", "connect/refusal/says-why", "errors/goodbye/sent"];
    run.cases.retain(|case| case.version == "5.0" && kept.contains(&case.id.as_str()));
    assert_eq!(run.cases.len(), kept.len());
    insta::assert_snapshot!(written(&fixture::of_cases(run.cases)));
}

#[test]
fn the_fields_that_scripts_read_are_there() {
    let value: serde_json::Value = serde_json::from_str(&written(&fixture::run())).unwrap();
    assert_eq!(value["schema"], 1);
    assert_eq!(value["summary"]["pass"], 3);
    assert_eq!(value["summary"]["fail"], 5);
    let case = &value["cases"][1];
    assert_eq!(case["id"], "connect/second-connect/ends-connection");
    assert_eq!(case["version"], "5.0");
    assert_eq!(case["verdict"], "fail");
    assert_eq!(case["statements"], serde_json::json!(["MQTT-3.1.0-2"]));
    assert_eq!(case["duration_ms"], 1034);
}

#[test]
fn what_is_written_reads_back() {
    let run = fixture::run();
    assert_eq!(json::read(written(&run).as_bytes()).unwrap(), run);
}

#[test]
fn another_schema_is_refused_before_anything_else() {
    let error = json::read(r#"{"schema": 2, "cases": "in another form"}"#.as_bytes()).unwrap_err();
    assert!(matches!(error, json::ReadError::Schema { found: 2, supported: 1 }));
    assert_eq!(error.to_string(), "the record has schema 2, but this program reads schema 1 only");
}

#[test]
fn other_texts_are_no_records() {
    let message = |text: &[u8]| json::read(text).unwrap_err().to_string();
    insta::assert_snapshot!(
        [message(b"{}"), message(b"<testsuites/>"), message(br#"{"schema": 1}"#), message(b"\xff")]
            .join("\n")
    );
}

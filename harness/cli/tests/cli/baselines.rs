//! Baselines, from the run that shows deviations to the run that shows that one is mended.

use crate::tool::{Folder, TOOL};

/// A profile of the reference broker without some of its rules.
fn broker_without(rules: &[&str]) -> String {
    let switches: String = rules.iter().map(|rule| format!(" --without {rule}")).collect();
    format!("name: deviant\nstart: {TOOL} broker --listen 127.0.0.1:{{{{port}}}}{switches}\n")
}

const SECOND_CONNECT: &str = "5.0/MQTT-3.1.0-2";
const FIRST_CONNECT: &str = "5.0/MQTT-3.1.0-1";
const CASES: [&str; 2] = ["connect/second-connect/closed", "connect/first-packet/publish"];

/// The lines of a report that speak about the baseline.
fn about_baseline(text: &str) -> String {
    let mut lines = Vec::new();
    let mut goes_on = false;
    for line in text.lines() {
        let starts = [
            "  baseline: ",
            "  known: ",
            "stale entry",
            "Not as the baseline",
            "As the baseline",
            "The baseline",
        ];
        goes_on =
            starts.iter().any(|start| line.starts_with(start)) || (goes_on && line.starts_with("     "));
        if goes_on {
            lines.push(line);
        }
    }
    lines.join("\n")
}

#[test]
fn written_kept_and_outlived() {
    let folder = Folder::new("baseline-round-trip");
    folder.write("broker.yaml", &broker_without(&[SECOND_CONNECT, FIRST_CONNECT]));
    folder.write("mended.yaml", &broker_without(&[FIRST_CONNECT]));
    let run = |profile: &str, more: &[&str]| {
        let all = [["run", "--profile", profile].as_slice(), &CASES, more].concat();
        folder.run(&all)
    };

    let (code, text) = run("broker.yaml", &["--json", "out.json"]);
    assert_eq!(code, 1, "{text}");
    let open = folder.shown(&["baseline", "write", "out.json", "--output", "known.yaml"]);
    let (code, invalid) = run("broker.yaml", &["--baseline", "known.yaml"]);
    assert_eq!(code, 2, "{invalid}");
    let reason = ["baseline", "write", "out.json", "--reason", "as in release 2.0", "--output", "known.yaml"];
    let refused = folder.shown(&reason);
    let written = folder.shown(&[reason.as_slice(), &["--force"]].concat());
    let all = [open, invalid, refused, written, folder.read("known.yaml")];
    insta::assert_snapshot!("round_trip", all.join("\n"));

    let with_baseline = ["--baseline", "known.yaml", "--junit", "out.xml", "--json", "out.json"];
    let (code, text) = run("broker.yaml", &with_baseline);
    assert_eq!(code, 0, "{text}");
    insta::assert_snapshot!("as_foreseen", about_baseline(&text));
    let junit = folder.read("out.xml");
    assert!(!junit.contains("<failure") && junit.contains("known deviation: as in release 2.0"), "{junit}");
    assert!(folder.read("out.json").contains("\"expectation\": \"expected\""));

    let (code, text) = run("mended.yaml", &with_baseline);
    assert_eq!(code, 1, "{text}");
    insta::assert_snapshot!("mended", about_baseline(&text));
    assert!(folder.read("out.xml").contains("better-than-foreseen"));
    assert!(folder.read("out.json").contains("\"expectation\": \"stale\""));

    insta::assert_snapshot!("explained", folder.shown(&["baseline", "explain", "known.yaml", "out.json"]));
}

#[test]
fn what_the_baseline_does_not_foresee() {
    let folder = Folder::new("baseline-unforeseen");
    folder.write("broker.yaml", &broker_without(&[SECOND_CONNECT]));
    let entry = "- filter: id(connect/second-connect/*) and version(5.0)\n  verdict: fail\n  reason: known\n";
    let run = |baseline: &str, more: &[&str]| {
        folder.write("known.yaml", baseline);
        let all =
            ["run", "--profile", "broker.yaml", "connect/second-connect/closed", "--baseline", "known.yaml"];
        let (code, text) = folder.run(&[all.as_slice(), more].concat());
        let about = about_baseline(&text);
        format!("exit {code}\n{}\n", if about.is_empty() { &text } else { &about })
    };
    let all = [
        run("[]\n", &[]),
        run(&format!("{entry}  signature: wrong MQTT-3.1.0-2\n"), &[]),
        run(&format!("{entry}  broker_versions: '<2.0'\n"), &[]),
        run(&format!("{entry}  broker_versions: '<2.0'\n"), &["--broker-version", "1.9"]),
        run(&format!("{entry}  broker_versions: '<2.0'\n"), &["--broker-version", "2.0"]),
    ];
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn a_stale_entry_makes_a_whole_run_fail() {
    let folder = Folder::new("baseline-stale");
    folder.write(
        "cases/ping.yaml",
        "- id: answered\n  title: PINGREQ is answered\n  covers: {5.0: [MQTT-3.12.4-1]}\n  script:\n    - connect: {}\n    - send: {pingreq: {}}\n    - expect: {pingresp: {}}\n",
    );
    folder.write("known.yaml", "- filter: id(pong/*)\n  verdict: fail\n  reason: there is no such case\n");
    let (code, text) =
        folder.run(&["run", "--cases", "cases", "--baseline", "known.yaml", "--junit", "out.xml"]);
    assert_eq!(code, 1, "{text}");
    insta::assert_snapshot!(about_baseline(&text));
    assert!(folder.read("out.xml").contains("stale-entry"));
    let (code, text) = folder.run(&[
        "run",
        "--cases",
        "cases",
        "--baseline",
        "known.yaml",
        "ping/*",
        "--version",
        "5.0",
        "--shard",
        "1/1",
    ]);
    assert_eq!(code, 1, "still all cases of the suite: {text}");
}

#[test]
fn mistakes() {
    let folder = Folder::new("baseline-mistakes");
    folder.write("known.yaml", "- filter: id(a) und id(b)\n  verdict: fail\n  reason: x\n  isue: y\n");
    let all = [
        folder.shown(&["run", "--baseline", "known.yaml"]),
        folder.shown(&["run", "--baseline", "none.yaml"]),
        folder.shown(&["baseline", "write", "known.yaml"]),
        folder.shown(&["baseline", "write", "none.json"]),
        folder.shown(&["baseline", "write", "none.json", "--reason", " "]),
    ];
    insta::assert_snapshot!(all.join("\n"));
}

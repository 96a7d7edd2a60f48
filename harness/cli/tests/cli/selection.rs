//! Which cases are chosen, and how often they are played.

use crate::tool::{Folder, TOOL};

/// Ids of the cases that `list` shows.
fn listed(folder: &Folder, arguments: &[&str]) -> Vec<String> {
    let (code, text) = folder.run(&[["list"].as_slice(), arguments].concat());
    assert_eq!(code, 0, "{arguments:?}: {text}");
    text.lines().map(str::to_owned).collect()
}

#[test]
fn words_are_short_for_expressions() {
    let folder = Folder::new("selection-words");
    for (word, expression) in [
        ("connect/second-connect/*", "id(connect/second-connect/*)"),
        ("MQTT-3.1.0-2", "statement(MQTT-3.1.0-2)"),
        ("3.14", "section(3.14)"),
    ] {
        let words = listed(&folder, &[word]);
        assert!(!words.is_empty());
        assert_eq!(words, listed(&folder, &["-E", expression]), "{word}");
        assert_eq!(words, listed(&folder, &[expression]), "{word}");
    }
    let both = listed(&folder, &["3.14", "--filter", "version(5.0) and not level(should)"]);
    let one = listed(&folder, &["-E", "section(3.14) and version(5.0) and not level(should)"]);
    assert_eq!(both, one);
    assert_eq!(
        listed(&folder, &["--version", "5.0", "3.12"]),
        listed(&folder, &["-E", "section(3.12) and version(5.0)"])
    );
}

#[test]
fn shards_share_the_suite_without_overlap() {
    let folder = Folder::new("selection-shards");
    let whole = listed(&folder, &["connect/*"]);
    let mut parts: Vec<String> = ["1/3", "2/3", "3/3"]
        .into_iter()
        .flat_map(|shard| {
            let part = listed(&folder, &["connect/*", "--shard", shard]);
            assert!(part.len() * 5 > whole.len(), "about a third: {} of {}", part.len(), whole.len());
            part
        })
        .collect();
    let mut whole = whole;
    parts.sort();
    whole.sort();
    assert_eq!(parts, whole);
}

#[test]
fn mistakes() {
    let folder = Folder::new("selection-mistakes");
    let all = [
        folder.shown(&["list", "-E", "statment(MQTT-3.1.0-2) and tag(slow)"]),
        folder.shown(&["list", "-E", "id(conect/second-connect/*)"]),
        folder.shown(&["list", "publish/stranger", "tag:resorce", "second-conect", "mine/no-local.yaml"]),
        folder.shown(&["list", "not id(connect/*) ot tag(slow)"]),
        folder.shown(&["list", "-E", "verdict(fail)"]),
        folder.shown(&["list", "--shard", "9/8"]),
        folder.shown(&["run", "--rerun-failed", "none.json"]),
        folder.shown(&["run", "--fail-fast=0"]),
    ];
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn what_failed_is_run_again() {
    let folder = Folder::new("selection-failed");
    let profile = |switch: &str| {
        format!("name: deviant\nstart: {TOOL} broker --listen 127.0.0.1:{{{{port}}}}{switch}\n")
    };
    folder.write("broker.yaml", &profile(" --without 5.0/MQTT-3.1.0-2"));
    folder.write("mended.yaml", &profile(""));
    let (code, text) = folder.run(&[
        "run",
        "--profile",
        "broker.yaml",
        "connect/second-connect/closed",
        "--json",
        "out.json",
    ]);
    assert_eq!(code, 1, "{text}");
    assert_eq!(
        listed(&folder, &["--rerun-failed", "out.json"]),
        ["5.0  connect/second-connect/closed  A second CONNECT on one connection is answered by closing it"]
    );
    assert_eq!(listed(&folder, &["--earlier", "out.json", "-E", "verdict(pass)"]).len(), 1);
    let (code, text) =
        folder.run(&["run", "--profile", "mended.yaml", "--rerun-failed", "out.json", "--json", "out.json"]);
    assert_eq!(code, 0, "{text}");
    let (code, text) = folder.run(&["run", "--profile", "mended.yaml", "--rerun-failed", "out.json"]);
    assert_eq!(code, 4, "nothing is left: {text}");
}

#[test]
fn stress_plays_each_case_so_often() {
    let folder = Folder::new("selection-stress");
    let (code, text) = folder.run(&["run", "ping/ping/answered", "--stress", "5", "--json", "out.json"]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("10 cases"), "two versions, five plays each: {text}");
    let run: serde_json::Value = serde_json::from_str(&folder.read("out.json")).unwrap();
    assert_eq!(run["cases"].as_array().unwrap().len(), 2);
}

#[test]
fn a_run_ends_at_the_first_failures() {
    let folder = Folder::new("selection-fail-fast");
    let profile = format!(
        "name: deviant\nstart: {TOOL} broker --listen 127.0.0.1:{{{{port}}}} --without 5.0/MQTT-3.1.0-2\n"
    );
    folder.write("broker.yaml", &profile);
    let selection =
        ["connect/second-connect/*", "ping/*", "--version", "5.0", "--jobs", "1", "--json", "out.json"];
    let (code, text) =
        folder.run(&[["run", "--profile", "broker.yaml", "--fail-fast"].as_slice(), &selection].concat());
    assert_eq!(code, 1, "{text}");
    let run: serde_json::Value = serde_json::from_str(&folder.read("out.json")).unwrap();
    let count = |verdict: &str| {
        run["cases"].as_array().unwrap().iter().filter(|case| case["verdict"] == verdict).count()
    };
    assert_eq!(run["end"], "fail-fast");
    assert_eq!(count("fail") + count("inconclusive"), 1);
    assert!(count("skipped") > 0, "{text}");
}

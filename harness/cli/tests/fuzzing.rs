//! Campaigns from the command line, against the reference broker, and what is done with their findings.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

const BROKEN: &str = "5.0/MQTT-1.5.4-2";

/// A folder of this test alone, made anew.
fn folder(name: &str) -> PathBuf {
    let folder = env::temp_dir().join(format!("mqttspec-fuzzing-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Exit code and output of a command in a folder, without what differs from machine to machine.
fn shown(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_mqttspec"))
        .args(arguments)
        .current_dir(folder)
        .env("NO_COLOR", "1")
        .env_remove("CLICOLOR_FORCE")
        .output()
        .unwrap();
    let mut text = format!("exit {}\n", output.status.code().unwrap());
    for (name, bytes) in [("stdout", output.stdout), ("stderr", output.stderr)] {
        let lines = String::from_utf8(bytes).unwrap();
        // How far it is after so many seconds depends on the machine.
        let lines: Vec<&str> = lines.lines().filter(|line| !line.contains("kinds of breach")).collect();
        if !lines.is_empty() {
            text.push_str(&format!("--- {name}\n{}\n", lines.join("\n")));
        }
    }
    without_rate(&without_patience(&text))
}

fn without_rate(text: &str) -> String {
    let Some((before, behind)) = text.split_once("/s), ") else { return text.to_owned() };
    let before = before.trim_end_matches(|c: char| c.is_ascii_digit());
    format!("{before}N/s), {behind}")
}

fn without_patience(text: &str) -> String {
    let Some((before, behind)) = text.split_once("may take ") else { return text.to_owned() };
    let behind = behind.trim_start_matches(|c: char| c.is_ascii_digit());
    format!("{before}may take N{behind}")
}

/// The text of the only case in a folder, and its path from there.
fn only_case(folder: &Path) -> (String, String) {
    let mut cases = fs::read_dir(folder.join("found"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    let path = cases.next().unwrap();
    assert_eq!(cases.next(), None);
    let name = path.file_name().unwrap().to_str().unwrap();
    (fs::read_to_string(&path).unwrap(), format!("found/{name}"))
}

#[test]
fn a_campaign_and_what_becomes_of_its_finding() {
    let folder = folder("campaign");
    let campaign = |sessions: &str, more: &[&str]| {
        let words = ["fuzz", "--without", BROKEN, "--findings", "found", "--sessions", sessions];
        shown(&folder, &[&words, more].concat())
    };
    insta::assert_snapshot!("campaign", campaign("1500", &[]));
    let (text, path) = only_case(&folder);
    insta::assert_snapshot!("finding", text);
    assert!(folder.join(&path).with_extension("pcapng").is_file());
    insta::assert_snapshot!("finding_linted", shown(&folder, &["lint", "found"]));
    insta::assert_snapshot!("finding_passes_on_the_intact_broker", {
        shown(&folder, &["run", "--cases", &path]).lines().next().unwrap().to_owned()
    });
    insta::assert_snapshot!("replay", shown(&folder, &["fuzz", "replay", "--without", BROKEN, &path]));
    insta::assert_snapshot!("replay_on_the_intact_broker", shown(&folder, &["fuzz", "replay", &path]));
    insta::assert_snapshot!("resumed", campaign("1800", &["--resume"]));
    insta::assert_snapshot!("finding_resumed", only_case(&folder).0);
    insta::assert_snapshot!("resumed_otherwise", campaign("1800", &["--resume", "--seed", "2"]));
    insta::assert_snapshot!("merged", shown(&folder, &["fuzz", "merge", "all", "found", "found"]));
    assert!(folder.join(path.replace("found/", "all/")).with_extension("pcapng").is_file());
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn what_is_no_finding() {
    let folder = folder("mistakes");
    let line = |more: &str| {
        format!(
            "# finding: {{\"signature\":\"s\",\"seed\":1,\"sessions\":[1],\"count\":1,\"steps\":1,{more}}}\n"
        )
    };
    for (name, text) in [
        ("plain", "- id: x\n".to_owned()),
        ("short", line("\"versions\":[\"5.0\"]")),
        ("version", line("\"versions\":[\"3.1\"],\"reductions\":[]")),
        ("other", line("\"versions\":[\"5.0\"],\"reductions\":[999]")),
    ] {
        fs::write(folder.join("case.yaml"), text).unwrap();
        insta::assert_snapshot!(format!("replay_{name}"), shown(&folder, &["fuzz", "replay", "case.yaml"]));
    }
    fs::write(folder.join("case.yaml"), "- id: x\n").unwrap();
    insta::assert_snapshot!("replay_absent", shown(&folder, &["fuzz", "replay", "absent.yaml"]));
    insta::assert_snapshot!("merge_plain", shown(&folder, &["fuzz", "merge", "all", "case.yaml"]));
    insta::assert_snapshot!("merge_absent", shown(&folder, &["fuzz", "merge", "all", "absent"]));
    let foreign = ["fuzz", "--time", "1", "--broker", "192.0.2.1:1883"];
    insta::assert_snapshot!("foreign_broker", shown(&folder, &foreign));
    fs::remove_dir_all(folder).unwrap();
}

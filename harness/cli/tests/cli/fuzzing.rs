//! Campaigns from the command line, against the reference broker, and what is done with their findings.

use std::fs;

use crate::tool::{Folder, told, tool};

const BROKEN: &str = "5.0/MQTT-1.5.4-2";

/// Exit code and output of a command in a folder, without what differs from machine to machine.
fn shown(folder: &Folder, arguments: &[&str]) -> String {
    let text = told(tool(arguments).current_dir(folder.path()).output().unwrap());
    // How far it is after so many seconds depends on the machine.
    let lines = text.lines().filter(|line| !line.contains("kinds of breach"));
    let text: String = lines.map(|line| format!("{line}\n")).collect();
    without_rate(&without_patience(&text))
}

/// Numbers before these words depend on the machine, and on which connections end before their fence is answered.
fn without_rate(text: &str) -> String {
    let mut text = text.to_owned();
    for words in ["/s)", " fenced packets"] {
        let parts: Vec<&str> = text.split(words).collect();
        let (last, others) = parts.split_last().unwrap();
        let others: String = others
            .iter()
            .map(|part| format!("{}N{words}", part.trim_end_matches(|c: char| c.is_ascii_digit())))
            .collect();
        text = others + last;
    }
    text
}

fn without_patience(text: &str) -> String {
    let Some((before, behind)) = text.split_once("may take ") else { return text.to_owned() };
    let behind = behind.trim_start_matches(|c: char| c.is_ascii_digit());
    format!("{before}may take N{behind}")
}

/// The text of the only case in a folder, and its path from there.
fn only_case(folder: &Folder) -> (String, String) {
    let mut cases = fs::read_dir(folder.path().join("found"))
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
    let folder = Folder::new("fuzzing-campaign");
    let campaign = |sessions: &str, more: &[&str]| {
        let words = ["fuzz", "--without", BROKEN, "--findings", "found", "--sessions", sessions];
        shown(&folder, &[&words, more].concat())
    };
    insta::assert_snapshot!("campaign", campaign("1500", &[]));
    let (text, path) = only_case(&folder);
    insta::assert_snapshot!("finding", text);
    assert!(folder.path().join(&path).with_extension("pcapng").is_file());
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
    assert!(folder.path().join(path.replace("found/", "all/")).with_extension("pcapng").is_file());
}

#[test]
fn what_is_no_finding() {
    let folder = Folder::new("fuzzing-mistakes");
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
        folder.write("case.yaml", &text);
        insta::assert_snapshot!(format!("replay_{name}"), shown(&folder, &["fuzz", "replay", "case.yaml"]));
    }
    folder.write("case.yaml", "- id: x\n");
    insta::assert_snapshot!("replay_absent", shown(&folder, &["fuzz", "replay", "absent.yaml"]));
    insta::assert_snapshot!("merge_plain", shown(&folder, &["fuzz", "merge", "all", "case.yaml"]));
    insta::assert_snapshot!("merge_absent", shown(&folder, &["fuzz", "merge", "all", "absent"]));
    let foreign = ["fuzz", "--time", "1", "--broker", "192.0.2.1:1883"];
    insta::assert_snapshot!("foreign_broker", shown(&folder, &foreign));
}

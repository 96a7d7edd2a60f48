//! Every word of the command line, and every exit code.

use std::fs;
use std::process::{Command, Output};

use crate::tool::{Folder, TOOL, told, tool};

fn mqttspec(arguments: &[&str]) -> Output {
    tool(arguments).output().unwrap()
}

fn shown(arguments: &[&str]) -> String {
    told(mqttspec(arguments))
}

#[test]
fn help() {
    insta::assert_snapshot!("help", shown(&["--help"]));
    for command in [
        "run",
        "report",
        "compare",
        "list",
        "explain",
        "lint",
        "fmt",
        "audit",
        "baseline",
        "broker",
        "schema",
        "corpus",
        "decode",
        "completions",
    ] {
        insta::assert_snapshot!(format!("help_{command}"), shown(&[command, "--help"]));
    }
}

#[test]
fn wrong_usage() {
    insta::assert_snapshot!(shown(&["run", "--jobs", "many"]));
    insta::assert_snapshot!(shown(&["run", "--broker", "localhost"]));
    insta::assert_snapshot!(shown(&["run", "--timeout", "0"]));
    insta::assert_snapshot!(shown(&["run", "--version", "3.1"]));
    insta::assert_snapshot!(shown(&["run", "--sut", "mosquitto", "--profile", "broker.yaml"]));
    insta::assert_snapshot!(shown(&["run", "--broker", "127.0.0.1:1883", "--provides", "restart"]));
    insta::assert_snapshot!(shown(&["run", "--i-own-this-broker"]));
}

#[test]
fn nobody_elses_broker_is_loaded_by_mistake() {
    insta::assert_snapshot!(shown(&["run", "--broker", "192.0.2.1:1883", "--resource-cases"]));
    insta::assert_snapshot!(shown(&[
        "run",
        "--broker",
        "127.0.0.1:1883",
        "--websocket",
        "ws://broker.example/mqtt",
        "--resource-cases"
    ]));
}

#[test]
fn explain() {
    let text = shown(&["explain", "MQTT-3.1.2-22"]);
    // The cases of a statement come and go.
    let is_case = |line: &&str| line.strip_prefix("  ").is_some_and(|id| id.starts_with(char::is_lowercase));
    let stable: Vec<&str> = text.lines().filter(|line| !is_case(line)).collect();
    let stable = stable.join("\n");
    let stable: String =
        stable.split("Cases: ").map(|part| part.trim_start_matches(char::is_numeric)).collect();
    insta::assert_snapshot!(stable);
    insta::assert_snapshot!(shown(&["explain", "3.1.1", "MQTT-3.1.2-25"]));
    insta::assert_snapshot!(shown(&["explain", "MQTT-9.9.9-9"]));
    insta::assert_snapshot!(shown(&["explain", "3.1.2-22"]));
    insta::assert_snapshot!(shown(&["explain", "5.0", "MQTT-3.1.2-99"]));
}

#[test]
fn decode() {
    insta::assert_snapshot!(shown(&[
        "decode",
        "10 10 00 04 4d 51 54 54 04 02 00 3c 00 04 61 62 63 64 c0 00"
    ]));
    insta::assert_snapshot!(shown(&["decode", "--from", "server", "--version", "5.0", "20 03 01 85 00"]));
    insta::assert_snapshot!(shown(&["decode", "--version", "3.1.1", "30 05 00 03 61 ff"]));
    insta::assert_snapshot!(shown(&["decode", "c0 0"]));
}

#[test]
fn nothing_selected() {
    insta::assert_snapshot!(shown(&["run", "conect/second-connect/*", "MQTT-9.9.9-9"]));
    assert_eq!(mqttspec(&["list", "no-such-case"]).status.code(), Some(4));
}

#[test]
fn a_broker_that_is_not_there() {
    // Port 1 of the loopback interface is served by nobody; the reports are written all the same.
    let folder = Folder::new("unreachable");
    let reports = ["--json", "out.json", "--junit", "out.xml"];
    let (code, text) =
        folder.run(&[&["run", "--broker", "127.0.0.1:1", "ping/ping/answered"], &reports[..]].concat());
    assert_eq!(code, 3, "{text}");
    assert!(folder.read("out.json").contains("\"broker-unreachable\""));
    assert!(folder.read("out.xml").contains("<error"));
}

#[test]
fn the_reference_broker_passes() {
    let output = mqttspec(&["run", "ping/ping/*"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn a_mistake_in_a_case_file() {
    let folder = Folder::new("mistake");
    folder.write("bad.yaml", "- id: bad\n  title: A bad case\n  covers: {5.0: [MQTT-3.1.0-2]}\n  script:\n    - connect: {clean_strat: true}\n");
    let path = folder.path().to_str().unwrap();
    for arguments in [["lint", path].as_slice(), &["run", "--cases", path]] {
        let text = shown(arguments).replace(path, "FOLDER");
        insta::assert_snapshot!(format!("mistake_{}", arguments[0]), text);
    }
    folder.write("bad.yaml", "- id: good\n  title: A good case\n  covers: {5.0: [MQTT-3.12.4-1]}\n  script:\n    - connect: {}\n    - ping: {proves: MQTT-3.12.4-1}\n");
    assert!(shown(&["lint", path]).contains("1 case, no mistake"));
}

#[test]
fn a_file_out_of_layout() {
    let folder = Folder::new("layout");
    let loose = "-   id: loose\n    title: Loose\n    covers: {5.0: [MQTT-3.12.4-1]}\n    script:\n    - connect: {}\n    - send: {pingreq: {}}\n    - expect: {pingresp: {}}\n";
    folder.write("loose.yaml", loose);
    assert_eq!(folder.run(&["fmt", "--check", "loose.yaml"]).0, 1);
    assert_eq!(folder.read("loose.yaml"), loose, "a check changes nothing");
    assert_eq!(folder.run(&["fmt", "loose.yaml"]).0, 0);
    assert_eq!(folder.run(&["fmt", "--check", "loose.yaml"]).0, 0);
}

#[test]
fn a_case_of_ones_own_is_linted_and_audited() {
    let guide =
        fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/writing-cases.md")).unwrap();
    let case = guide.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let folder = Folder::new("own-case");
    folder.write("mine/no-local.yaml", case);
    insta::assert_snapshot!(folder.shown(&["lint", "mine"]));
    insta::assert_snapshot!(folder.shown(&["fmt", "--check", "mine"]));
    insta::assert_snapshot!(folder.shown(&["audit", "--cases", "mine"]));
}

#[test]
fn a_switch_that_is_not_there() {
    insta::assert_snapshot!(shown(&["broker", "--without", "5.0/MQTT-9.9.9-9"]));
    insta::assert_snapshot!(shown(&["broker", "--without", "MQTT-3.12.4-1"]));
    insta::assert_snapshot!(shown(&["broker", "--without", "5.0/MQTT-3.12.4-2"]));
    insta::assert_snapshot!(shown(&["broker", "--without", "3.1.1/E5-48"]));
    insta::assert_snapshot!(shown(&["broker", "--without", "5.0/MQTT-3.1.0-2/z"]));
    insta::assert_snapshot!(shown(&["fuzz", "--sessions", "1", "--without", "5.0/MQTT-3.1.2-20"]));
}

#[test]
fn the_schema_is_json() {
    let output = mqttspec(&["schema"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap().is_object());
}

#[test]
fn the_dictionary_of_the_fuzz_targets_is_the_one_that_is_made() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/mqtt.dict");
    let made = mqttspec(&["corpus", "--dictionary"]).stdout;
    let message = "make it anew: mqttspec corpus --dictionary > fuzz/mqtt.dict";
    assert_eq!(String::from_utf8(made).unwrap(), fs::read_to_string(file).unwrap(), "{message}");
}

#[test]
fn every_shell_gets_a_script() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = String::from_utf8(mqttspec(&["completions", shell]).stdout).unwrap();
        assert!(script.contains("rerun-failed"), "{shell}");
    }
    assert_eq!(mqttspec(&["completions", "cmd"]).status.code(), Some(2));
}

#[cfg(unix)]
#[test]
fn bash_completes_commands_and_options() {
    let complete = |words: &str, index: u32| {
        let script = format!(
            "source <(\"$TOOL\" completions bash); COMP_WORDS=({words}); COMP_CWORD={index}; \
             _mqttspec mqttspec \"${{COMP_WORDS[{index}]}}\" \"${{COMP_WORDS[{index}-1]}}\"; echo \"${{COMPREPLY[@]}}\""
        );
        let output = Command::new("bash").args(["-c", &script]).env("TOOL", TOOL).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    assert_eq!(complete("mqttspec comp", 1), "compare completions");
    assert_eq!(complete("mqttspec run --fail", 2), "--fail-fast");
    assert_eq!(complete("mqttspec completions f", 2), "fish");
}

#[test]
fn a_corpus_is_made_of_the_packets_of_the_suite() {
    let folder = Folder::new("corpus");
    let (code, text) = folder.run(&["corpus", "."]);
    assert_eq!(code, 0, "{text}");
    // PINGREQ of a Client of 5.0.
    let names = [("decode", b"\xC0\0\x01".as_slice()), ("chunks", b"\xC0\0\0\0\x01")];
    for (target, seed) in names {
        let seeds = fs::read_dir(folder.path().join(target)).unwrap();
        let seeds: Vec<Vec<u8>> = seeds.map(|entry| fs::read(entry.unwrap().path()).unwrap()).collect();
        assert!(seeds.iter().any(|bytes| bytes == seed), "{target}");
        assert!(seeds.len() > 1_000, "{target} has {} seeds", seeds.len());
    }
    assert!(fs::read_dir(folder.path().join("intruder")).unwrap().count() > 1_000);
}

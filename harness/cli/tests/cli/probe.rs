//! `mqttspec probe`, and listeners for TLS: the reference broker as a program of its own.

use crate::tool::{Folder, TOOL, tool};

/// The reference broker with choices, said to be otherwise in some points.
const PROFILE: &str = "\
name: reference
title: a reference broker
listeners:
  - {port: main}
  - {port: tls, transport: tls}
  - {port: silent, transport: websocket}
files:
  choices.yaml: |
    versions: ['3.1.1']
    maximum_granted_qos: 1
    client_id_maximum: 100
    empty_client_id: false
start:
  - /bin/sh
  - -c
  - exec TOOL broker --config {{dir}}/choices.yaml --listen 127.0.0.1:{{port}} {{#tls}}--listen mqtts://127.0.0.1:{{port.tls}} --cert {{cert}} --key {{key}}{{/tls}}
declares:
  supports: [qos1, qos2, retain, no-wildcard, dollar-topics]
  lacks: [session]
  limits: {granted_qos: 2, client_id_length: 100, topic_length: 100}
";

/// The text without what is new in each run.
fn steady(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("127.0.0.1:") {
        out.push_str(&format!("{before}127.0.0.1:PORT"));
        rest = after.trim_start_matches(|c: char| c.is_ascii_digit());
    }
    out + rest
}

#[test]
fn what_is_found_stands_beside_what_is_declared() {
    let folder = Folder::new("probe");
    folder.write("broker.yaml", &PROFILE.replace("TOOL", TOOL));
    insta::assert_snapshot!(steady(&folder.shown(&[
        "probe",
        "--profile",
        "broker.yaml",
        "--json",
        "out.json"
    ])));
    let found: serde_json::Value = serde_json::from_str(&folder.read("out.json")).unwrap();
    assert_eq!(found["versions"], serde_json::json!(["3.1.1"]));
    assert_eq!(found["unserved"][0]["version"], "5.0");
    let findings = found["findings"].as_array().unwrap();
    let limit = findings.iter().find(|finding| finding["name"] == "client_id_length").unwrap();
    assert_eq!(limit["found"]["3.1.1"]["answer"], 100);
    assert_eq!(limit["contradicted"], serde_json::json!([]));
    let session = findings.iter().find(|finding| finding["name"] == "session").unwrap();
    assert_eq!(session["contradicted"], serde_json::json!(["3.1.1"]));
}

#[test]
fn what_is_found_can_be_declared() {
    let folder = Folder::new("probe-declares");
    let start = PROFILE.split("declares:").next().unwrap().replace("TOOL", TOOL);
    let profile = start
        .replace("{port: main}", "{port: main, versions: [3.1.1]}")
        .replace("\n  - {port: tls, transport: tls}\n  - {port: silent, transport: websocket}", "");
    let profile = profile
        .replace("{{#tls}}--listen mqtts://127.0.0.1:{{port.tls}} --cert {{cert}} --key {{key}}{{/tls}}", "");
    folder.write("broker.yaml", &profile);
    let (code, declares) = folder.run(&["probe", "--profile", "broker.yaml", "--declares"]);
    assert_eq!(code, 0, "{declares}");
    insta::assert_snapshot!(declares);
    folder.write("broker.yaml", &format!("{profile}{declares}"));
    let (code, text) = folder.run(&["probe", "--profile", "broker.yaml"]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("Nothing contradicts the profile."), "{text}");
}

#[test]
fn a_broker_that_is_not_there_or_lets_nobody_in_is_told() {
    let folder = Folder::new("probe-nobody");
    folder.write("choices.yaml", "anonymous: false\naccounts: {somebody: secret}\n");
    folder.write(
        "strict.yaml",
        &"\
name: strict
start: TOOL broker --listen 127.0.0.1:{{port}} --config {{here}}/choices.yaml
account: {user_name: somebody, password: secret}
"
        .replace("TOOL", TOOL),
    );
    let gone = folder.shown(&["probe", "--broker", "127.0.0.1:1"]);
    let alone = folder.shown(&["probe", "--transport", "tls"]);
    let (code, text) = folder.run(&["probe", "--profile", "strict.yaml", "--version", "5.0"]);
    assert_eq!(code, 0, "{text}");
    let lines: Vec<&str> =
        text.lines().filter(|line| line.contains("anonymous") || line.contains("auth ")).collect();
    insta::assert_snapshot!(format!("{gone}\n{alone}\n{}", lines.join("\n")));
}

#[test]
fn cases_are_played_over_tls_with_certificates_of_the_launch() {
    let folder = Folder::new("over-tls");
    let profile = PROFILE.replace("TOOL", TOOL).replace("\n  - {port: silent, transport: websocket}", "");
    folder.write("broker.yaml", &profile);
    let run = ["run", "--profile", "broker.yaml", "--version", "3.1.1", "ping/*"];
    let (code, text) = folder.run(&[&run[..], &["--transport", "tls"]].concat());
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("testing a reference broker at mqtts://127.0.0.1:"), "{text}");
    let (code, text) = folder.run(&[&run[..], &["--transport", "secure-websocket"]].concat());
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("has no listener for --transport secure-websocket"), "{text}");

    // Without openssl only who asks for TLS misses anything.
    folder.write("empty/README", "Nothing is installed here.");
    let without = |more: &[&str]| {
        let output = tool(&run)
            .args(more)
            .current_dir(folder.path())
            .env("PATH", folder.file("empty"))
            .output()
            .unwrap();
        let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        (output.status.code().unwrap(), text)
    };
    let (code, text) = without(&[]);
    assert_eq!(code, 0, "{text}");
    let (code, text) = without(&["--transport", "tls"]);
    assert_eq!(code, 2, "{text}");
    insta::assert_snapshot!(text);
}

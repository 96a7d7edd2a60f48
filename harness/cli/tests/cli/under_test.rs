//! Brokers that are started from profiles: the reference broker as a program of its own, and programs that are none.

use std::{env, fs};

use crate::tool::{Folder, TOOL, tool};

/// Exit code and output of a run with a profile of this text, in a folder of this test alone.
fn with_profile(name: &str, text: &str, arguments: &[&str]) -> (i32, String) {
    in_folder(&Folder::new(&format!("under-test-{name}")), text, arguments)
}

/// The same in a folder whose files are looked at.
fn in_folder(folder: &Folder, text: &str, arguments: &[&str]) -> (i32, String) {
    folder.write("broker.yaml", &text.replace("TOOL", TOOL));
    let profile = folder.file("broker.yaml");
    let (code, text) = folder.run(&[&["run", "--profile", &profile], arguments].concat());
    (code, text.replace(TOOL, "TOOL"))
}

const REFERENCE: &str = "\
name: reference
title: the reference broker in a process
version: TOOL --version
listeners:
  - {port: main}
  - {port: unused}
start: TOOL broker --listen 127.0.0.1:{{port}}
";

#[test]
fn a_broker_is_started_and_stopped_and_its_version_is_told() {
    let (code, text) =
        with_profile("started", REFERENCE.replace("  - {port: unused}\n", "").as_str(), &["ping/*"]);
    assert_eq!(code, 0, "{text}");
    let version = env!("CARGO_PKG_VERSION");
    assert!(
        text.contains(&format!("testing the reference broker in a process {version} at 127.0.0.1:")),
        "{text}"
    );
}

#[test]
fn a_broker_that_keeps_nothing_is_restarted_in_the_middle_of_a_case() {
    let profile = REFERENCE.replace("  - {port: unused}\n", "");
    let (code, text) = with_profile(
        "restarted",
        &profile,
        &["session/restart/code-for-shutdown", "session/restart/subscription"],
    );
    assert_eq!(code, 0, "{text}");
    // The code for a shutdown is seen; a session is not there any more, by the word of the broker.
    assert!(text.contains("unsupported") && text.contains("3.14  DISCONNECT     5.0         1"), "{text}");
}

#[test]
fn a_listener_that_never_answers_is_waited_for_only_so_long() {
    let profile = format!("{REFERENCE}ready_within: 300ms\n");
    let (code, text) = with_profile("silent", &profile, &["ping/*"]);
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("does not serve within 0.3 s: the connection could not be opened"), "{text}");
    assert!(text.contains("the reference broker serves MQTT 3.1.1 and 5.0 on 127.0.0.1:"), "{text}");
}

#[test]
fn what_keeps_a_broker_from_running_is_told() {
    let profiles = [
        ("not-installed", "name: broker\ninstall: make broker\nstart: ./broker\n"),
        ("not-whole", "name: broker\nrequires: [\"{{here}}/broker.jar\"]\nstart: sh -c true\n"),
        ("ended", "name: broker\nstart: [sh, -c, \"echo no licence; exit 7\"]\n"),
        ("killed", "name: broker\nstart: [sh, -c, \"kill -ABRT $$\"]\n"),
        ("setup", "name: broker\nsetup: [[sh, -c, \"echo no disk >&2; exit 2\"]]\nstart: sh -c true\n"),
        ("outside", "name: broker\nfiles: {../x.conf: x}\nstart: sh -c true\n"),
        ("mistake", "name: broker\nstart: broker {{prot}}\n"),
    ];
    let mut all = String::new();
    for (name, profile) in profiles {
        let (code, text) = with_profile(name, profile, &["ping/*"]);
        all.push_str(&format!("== {name}: exit {code}\n{text}"));
    }
    insta::assert_snapshot!(all);
}

#[test]
fn deviations_of_a_profile_are_a_baseline() {
    let broken = REFERENCE
        .replace("  - {port: unused}\n", "")
        .replace("broker --listen", "broker --without 5.0/MQTT-3.1.0-2 --listen");
    let deviations = "\
deviations:
  - filter: version(5.0) and id(connect/second-connect/closed)
    verdict: fail
    reason: It documents that a second CONNECT is answered.
";
    let selection = ["--version", "5.0", "connect/second-connect/closed"];
    let (code, text) = with_profile("undocumented", &broken, &selection);
    assert_eq!(code, 1, "{text}");
    let (code, text) = with_profile("documented", &format!("{broken}{deviations}"), &selection);
    assert_eq!(code, 0, "{text}");
    // A profile that documents what is not so is wrong as well.
    let whole = broken.replace(" --without 5.0/MQTT-3.1.0-2", "");
    let (code, text) = with_profile("mended", &format!("{whole}{deviations}"), &selection);
    assert_eq!(code, 1, "{text}");
}

/// What a reader of each report sees of a deviation that is documented and seen, and of one that is not seen.
#[test]
fn every_report_tells_what_is_documented() {
    let profile = "\
name: documented
title: a documented broker
start: TOOL broker --listen 127.0.0.1:{{port}} --without 5.0/MQTT-3.1.0-2
deviations:
  - filter: version(5.0) and id(connect/second-connect/closed)
    verdict: fail
    reason: It documents that a second CONNECT is answered.
  - filter: version(5.0) and id(ping/ping/answered)
    verdict: fail
    reason: It documents that it answers no PINGREQ.
notes:
  - {says: All of it is documented.}
  - {about: '3.1', version: 5.0, says: CONNECT has limits.}
  - {about: MQTT-3.1.0-2, says: It may be sent again.}
";
    let reports = ["report.html", "statement.md", "junit.xml", "summary.md"];
    let options = ["--html", "--statement", "--junit", "--markdown"];
    let mut arguments = vec!["-v", "--version", "5.0", "ping/ping/answered", "connect/second-connect/closed"];
    for (option, report) in options.iter().zip(reports) {
        arguments.extend([option, report]);
    }
    let folder = Folder::new("under-test-told");
    let (code, text) = in_folder(&folder, profile, &arguments);
    assert_eq!(code, 1, "{text}");
    let [html, statement, junit, summary] = reports.map(|report| folder.read(report));
    let broken = "It documents that a second CONNECT is answered";
    let kept = "It documents that it answers no PINGREQ";
    for (name, report) in [("console", &text), ("html", &html), ("junit", &junit), ("markdown", &summary)] {
        assert!(report.contains(broken), "{name}: {report}");
    }
    for (name, report) in [("console", &text), ("html", &html), ("junit", &junit), ("markdown", &summary)] {
        assert!(
            report.contains("the baseline foresees fail, but the broker is better now"),
            "{name}: {report}"
        );
    }
    assert!(statement.contains(&format!("Known deviation: {broken}.")), "{statement}");
    assert!(statement.contains(&format!("Said to deviate, and does not: {kept}.")), "{statement}");
    let documented: Vec<&str> = statement
        .lines()
        .filter(|line| line.contains("ocumented") && !line.contains("It documents"))
        .collect();
    insta::assert_snapshot!(documented.join("\n"));
}

#[test]
fn a_running_broker_is_judged_by_its_profile_and_one_that_only_runs_cannot_be_started() {
    let profile = "name: described\ntitle: a described broker\n";
    let (code, text) = with_profile("described", profile, &["ping/*"]);
    assert_eq!(code, 2, "{text}");
    insta::assert_snapshot!(text);
    let (code, text) =
        with_profile("described-gone", profile, &["--broker", "127.0.0.1:1", "ping/ping/answered"]);
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("broker      a described broker at 127.0.0.1:1"), "{text}");
}

#[test]
fn nothing_is_left_in_the_temporary_folder() {
    let profile =
        REFERENCE.replace("  - {port: unused}\n", "").replace("name: reference", "name: leaves-nothing");
    let (code, text) = with_profile("leaves", &profile, &["ping/*"]);
    assert_eq!(code, 0, "{text}");
    let left = fs::read_dir(env::temp_dir()).unwrap().filter_map(Result::ok);
    let left: Vec<_> = left
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with("mqttspec-leaves-nothing-"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn every_built_in_profile_can_be_read() {
    let output = tool(&["run", "--sut", "no-such-broker"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    insta::assert_snapshot!(String::from_utf8(output.stderr).unwrap());
    for (path, text) in mqttspec_cases::FILES.iter().filter(|(path, _)| path.starts_with("profiles/")) {
        match mqttspec_script::profile::Profile::read(*path, *text) {
            Ok(profile) => assert_eq!(*path, format!("profiles/{}.yaml", profile.name)),
            Err(mistakes) => panic!("{}", mistakes[0].render(false)),
        }
    }
}

#[test]
fn a_broker_that_demands_an_account_gets_one_from_every_client() {
    let profile = "\
name: strict
account: {user_name: mqttspec, password: secret}
files:
  choices.yaml: |
    anonymous: false
    accounts: {mqttspec: secret}
start: TOOL broker --listen 127.0.0.1:{{port}} --config {{dir}}/choices.yaml
";
    let selection = ["ping/*", "connect/flags/reserved-bit*", "connect/takeover/*"];
    let (code, text) = with_profile("strict", profile, &selection);
    assert_eq!(code, 0, "{text}");
    let (code, text) = with_profile(
        "lax",
        &format!("{}ready_within: 500ms\n", profile.replace("password: secret}", "password: wrong}")),
        &selection,
    );
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("does not serve within 0.5 s: the broker refuses a plain CONNECT"), "{text}");
}

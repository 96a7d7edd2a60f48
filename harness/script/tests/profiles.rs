//! Every word about a mistake in a profile.

use mqttspec_script::profile::Profile;

/// The mistakes in a profile as a user sees them.
fn mistakes(text: &str) -> String {
    match Profile::read("broker.yaml", text) {
        Ok(profile) => format!("no mistake in {}", profile.name),
        Err(diagnostics) => {
            let all: Vec<String> = diagnostics.iter().map(|diagnostic| diagnostic.render(false)).collect();
            all.join("\n\n")
        }
    }
}

#[test]
fn mistakes_are_shown_where_they_stand() {
    let texts = [
        ("no yaml", "name: [broker\n"),
        ("nothing said", "title: Broker\n"),
        ("unknown key", "name: broker\nstart: broker\nlisteners: [{port: main, tls: true}]\nportt: 5\n"),
        ("unknown placeholder", "name: broker\nstart: broker --port {{prot}} --dir {{folder}}\n"),
        (
            "unknown placeholder in a file",
            "name: broker\nfiles:\n  a.conf: |\n    listen {{port}}\n\n      tls {{port.tls}} {{dir}}\nstart: broker\n",
        ),
        ("two ports of one name", "name: broker\nlisteners: [{port: a}, {port: a}]\nstart: broker\n"),
        (
            "no listener for everything",
            "name: broker\nlisteners:\n  - {port: ws, transport: websocket}\nstart: broker\n",
        ),
        ("no program", "name: broker\nstart: []\n"),
        (
            "unknown capability",
            "name: broker\nlisteners: [{port: a}, {port: b, provides: [accounts]}]\nstart: b\n",
        ),
        ("unknown limit", "name: broker\nstart: broker\ndeclares: {limits: {recieve_maximum: 5}}\n"),
        (
            "deviations without a reason or with a wrong filter",
            "name: broker\nstart: broker\ndeviations:\n  - {filter: id(a), verdict: fail, reason: ''}\n  - {filter: idd(a), verdict: fail, reason: x}\n",
        ),
        ("note about nothing", "name: broker\nstart: broker\nnotes:\n  - {about: 3.8.4, version: 4}\n"),
        ("note about what is no place", "name: broker\nnotes: [{about: QoS 2, says: x}]\n"),
        (
            "certificates where there may be none",
            "name: broker\nstart: broker --cert {{cert}}\nfiles:\n  a: '{{#tls}}{{key}}'\n  b: '{{/tls}}'\n",
        ),
        ("folded string", "name: broker\nfiles:\n  a: >\n    x\nstart: broker\n"),
    ];
    let all: Vec<String> =
        texts.iter().map(|(name, text)| format!("== {name}\n{}", mistakes(text))).collect();
    insta::assert_snapshot!(all.join("\n\n"));
}

#[test]
fn a_profile_is_read_whole() {
    let text = "\
name: broker
title: The Broker
files:
  a.conf: |
    # no comment of YAML: stays
    listen {{port.old}}

      indented {{dir}}
listeners:
  - {port: old, versions: [3.1.1]}
  - {port: new, versions: [5.0], provides: [auth]}
start: [sh, -c, \"exec broker {{port}} 'two words'\"]
ready_within: 2.5s
declares: {supports: [qos2], limits: {receive_maximum: 20}}
deviations:
  - {filter: id(qos/*), verdict: fail, reason: QoS 2 is taken for QoS 1}
notes:
  - {about: MQTT-3.8.4-6, version: 3.1.1, says: QoS 1 is granted at most.}
";
    let profile = Profile::read("broker.yaml", text).unwrap_or_else(|errors| panic!("{errors:?}"));
    let shown = |placeholder: &mqttspec_script::profile::Placeholder| format!("<{placeholder:?}>");
    assert_eq!(
        profile.files[0].1.fill(true, shown),
        "# no comment of YAML: stays\nlisten <Port(Some(\"old\"))>\n\n  indented <Folder>\n"
    );
    let words: Vec<String> =
        profile.start.as_ref().unwrap().words.iter().map(|word| word.fill(true, shown)).collect();
    assert_eq!(words, ["sh", "-c", "exec broker <Port(None)> 'two words'"]);
    assert_eq!(profile.listeners[1].versions, [mqttspec_codec::Version::V5_0]);
    assert_eq!(profile.ready_within.as_millis(), 2_500);
    assert_eq!(profile.declares.limits, [("receive_maximum".to_owned(), 20)]);
    assert_eq!(profile.notes[0].about.as_deref(), Some("MQTT-3.8.4-6"));
    assert_eq!(profile.notes[0].version.as_deref(), Some("3.1.1"));
    let deviations = profile.deviations.unwrap();
    assert_eq!(deviations.entries.len(), 1);
    assert_eq!(deviations.place(&deviations.entries[0]), "broker.yaml:16");
}

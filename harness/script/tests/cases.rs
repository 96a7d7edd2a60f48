//! From case files to plans.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use mqttspec_codec::Version;
use mqttspec_codec::model::{Packet, QoS};
use mqttspec_script::plan::{
    Action, Case, Control, Edit, Outgoing, PacketSource, Pattern, Place, Role, Send, Until,
};
use mqttspec_script::{Scope, Suite};
use mqttspec_spec::Registry;

fn load(text: &str) -> Vec<Case> {
    let files = [
        ("mqtt-3.1.1.yaml", include_str!("../../../cases/statements/mqtt-3.1.1.yaml")),
        ("mqtt-5.0.yaml", include_str!("../../../cases/statements/mqtt-5.0.yaml")),
    ];
    let registry = Registry::read(files).unwrap();
    let sets = "bad:\n  - {label: lone, bytes: {hex: \"80\"}}\n  - {label: newer, bytes: {5.0: {hex: \"ff\"}, 3.1.1: {hex: \"fe\"}}}\n";
    match Suite::load([("topic/file.yaml", text)], Some(("sets.yaml", sets)), &registry) {
        Ok(suite) => suite.cases,
        Err(diagnostics) => {
            let all: Vec<String> = diagnostics.iter().map(|diagnostic| diagnostic.render(false)).collect();
            panic!("{}", all.join("\n"));
        }
    }
}

/// One case with this script, in both versions.
fn script(steps: &str) -> Vec<Case> {
    load(&format!(
        "- id: one\n  title: One\n  covers: {{3.1.1: [MQTT-3.1.0-1], 5.0: [MQTT-3.1.0-1]}}\n  script:\n{}\n    - expect: {{pingresp: {{}}}}\n",
        steps.trim_matches('\n')
    ))
}

fn sends(case: &Case) -> Vec<&Send> {
    let steps = case.steps.iter();
    let sends = steps.filter_map(|step| match &step.action {
        Action::Send(send) => Some(send),
        _ => None,
    });
    sends.collect()
}

fn packet(outgoing: &Outgoing) -> &Packet {
    match &outgoing.source {
        PacketSource::Packet(packet) => packet,
        PacketSource::Raw(bytes) => panic!("{bytes:?}"),
    }
}

/// A script in short: verbs of the plan, with packets.
fn outline(case: &Case) -> Vec<String> {
    let steps = case.steps.iter().map(|step| match &step.action {
        Action::Open { client, .. } => format!("open {client}"),
        Action::Send(send) => {
            let types: Vec<String> =
                send.packets.iter().map(|outgoing| packet(outgoing).packet_type().to_string()).collect();
            format!("send {}", types.join(", "))
        }
        Action::Expect { alternatives, .. } => {
            mqttspec_script::describe_alternatives(alternatives, case.version)
        }
        Action::Receive(receive) => format!("receive {}", receive.messages.len()),
        Action::Closed { pattern, .. } => pattern.describe(case.version),
        Action::End { how, .. } => format!("end {how:?}"),
        Action::Wait { time, rule } => format!("wait {time:?} {rule}"),
        Action::Restart { how } => format!("restart {how:?}"),
    });
    steps.collect()
}

#[test]
fn versions_choose_values_steps_and_items() {
    let cases = load(
        "\
- id: one
  title: One
  covers: {3.1.1: [MQTT-3.1.0-1], 5.0: [MQTT-3.1.0-2]}
  needs: [{5.0: session}, qos1]
  script:
    - connect: {keep_alive: {3.1.1: 10, 5.0: 20}, session_expiry_interval: {5.0: 30}}
    - 5.0: {ping: {}}
    - expect: {pingresp: {}}
",
    );
    let [old, new] = cases.as_slice() else { panic!("{}", cases.len()) };
    assert_eq!((old.version, new.version), (Version::V3_1_1, Version::V5_0));
    assert_eq!((old.id.as_str(), new.id.as_str()), ("topic/file/one", "topic/file/one"));
    assert_ne!(old.digest, new.digest);
    assert_eq!(old.covers[0].to_string(), "MQTT-3.1.0-1");
    assert_eq!(new.covers[0].to_string(), "MQTT-3.1.0-2");
    assert_eq!((old.needs.len(), new.needs.len()), (1, 2));
    let connect = |case: &Case| match packet(&sends(case)[0].packets[0]) {
        Packet::Connect(connect) => connect.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!((connect(old).keep_alive, connect(new).keep_alive), (10, 20));
    assert_eq!(connect(new).properties.session_expiry_interval(), Some(30));
    assert_eq!((sends(old).len(), sends(new).len()), (1, 2));
}

#[test]
fn a_restart_ends_every_connection_and_makes_a_case_exclusive() {
    let cases = load(
        "\
- id: one
  title: One
  covers: {5.0: [MQTT-3.1.2-23]}
  needs: [restart]
  script:
    - connect: {}
    - restart: {how: kill}
    - connect: {}
    - expect: {pingresp: {}}
    - restart: {}
",
    );
    assert!(cases[0].exclusive);
    let restarts: Vec<String> =
        outline(&cases[0]).into_iter().filter(|step| step.starts_with("restart")).collect();
    assert_eq!(restarts, ["restart Kill", "restart Orderly"]);
    let opened = outline(&cases[0]).iter().filter(|step| *step == "open client").count();
    assert_eq!(opened, 2);
}

#[test]
fn foreach_makes_a_case_for_each_combination() {
    let cases = load(
        "\
- id: one
  title: QoS <qos>
  covers: {5.0: [MQTT-1.5.4-1]}
  foreach:
    qos: [0, 1]
    row: set(bad)
    field: [topic, {label: short, value: topic.data}]
  script:
    - connect: {}
    - send: {publish: {topic: \"$t/<qos>\", qos: <qos>}, override: {<field>: <row.bytes>}, violates: MQTT-1.5.4-1}
    - expect: {pingresp: {}}
",
    );
    let ids: Vec<&str> = cases.iter().map(|case| case.id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "topic/file/one[0,lone,topic]",
            "topic/file/one[0,lone,short]",
            "topic/file/one[0,newer,topic]",
            "topic/file/one[0,newer,short]",
            "topic/file/one[1,lone,topic]",
            "topic/file/one[1,lone,short]",
            "topic/file/one[1,newer,topic]",
            "topic/file/one[1,newer,short]",
        ]
    );
    let last = &sends(&cases[7])[1].packets[0];
    match packet(last) {
        Packet::Publish(publish) => {
            assert_eq!(publish.qos, QoS::AtLeastOnce);
            assert_eq!(publish.topic, "$t/1");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(cases[7].title, "QoS 1");
    assert!(
        matches!(&last.edits[..], [Edit::Set { field, bytes, .. }] if field == "topic.data" && bytes == &[0xFF][..])
    );
    let digests: std::collections::BTreeSet<&str> = cases.iter().map(|case| case.digest.as_str()).collect();
    assert_eq!(digests.len(), 8);
}

#[test]
fn high_level_verbs_do_the_whole_exchange() {
    let cases = script(
        "
    - connect: {client_id: a, will: {topic: w, qos: 1}}
    - subscribe: {filters: [a, {filter: b, qos: 2}], qos: 1}
    - publish: {topic: a, qos: 2, payload: x}
    - unsubscribe: {filter: a}
    - fence: {}
    - disconnect: {}
    - connect: {expect: {session_present: true}}
    - drop: {how: rst}
    - open: {}
    - connect: {}
    - wait: {time: 1.5s, rule: MQTT-3.1.0-2}",
    );
    insta::assert_snapshot!(outline(&cases[1]).join("\n"));
    let roles: Vec<&Role> = cases[1].steps.iter().map(|step| &step.role).collect();
    let (last, others) = roles.split_last().unwrap();
    assert!(others.iter().all(|role| **role == Role::Setup));
    assert_eq!(**last, Role::Assertion(cases[1].covers.clone()));
    assert!(matches!(cases[0].control, Control::NotNeeded));
}

#[test]
fn proves_makes_a_verb_an_assertion() {
    let cases = script("    - connect: {proves: MQTT-3.1.0-2}");
    let proven: Vec<_> = cases[0]
        .steps
        .iter()
        .filter(|step| matches!(&step.role, Role::Assertion(ids) if ids[0].to_string() == "MQTT-3.1.0-2"))
        .collect();
    assert_eq!(proven.len(), 1);
    assert!(matches!(&proven[0].action, Action::Expect { .. }));
}

#[test]
fn a_twin_is_derived_from_what_is_changed() {
    let cases = load(
        "\
- id: one
  title: One
  covers: {5.0: [MQTT-2.1.3-1]}
  script:
    - connect: {}
    - send: {pingreq: {}, override: {flags: 1}, violates: MQTT-2.1.3-1}
    - closed: {reason: [malformed-packet, 0x82]}
",
    );
    assert!(matches!(cases[0].control, Control::Twin));
    let send = sends(&cases[0])[1];
    assert_eq!(send.twin.len(), 1);
    assert!(send.twin[0].edits.is_empty());
    assert_eq!(
        outline(&cases[0]).last().unwrap(),
        "the end of the connection, after a DISCONNECT (or a refusing CONNACK) 0x81 Malformed Packet or 0x82 Protocol Error or without"
    );
}

#[test]
fn steps_and_parts_know_where_they_stand() {
    let cases = script("    - connect: {}\n    - receive: {messages: [own, {payload: x, ..}], until: ping}");
    let case = &cases[0];
    assert_eq!(case.place, Place { line: 1, column: 3, length: 7 });
    let receive = case.steps.iter().find(|step| step.verb == "receive").unwrap();
    assert_eq!(receive.place, Place { line: 6, column: 7, length: 57 });
    let Action::Receive(action) = &receive.action else { panic!("{:?}", receive.action) };
    assert_eq!(action.until, Until::Ping);
    assert_eq!(action.messages[0].place, Place { line: 6, column: 28, length: 3 });
    assert_eq!(action.messages[1].pattern.fields[0].place, Place { line: 6, column: 34, length: 10 });
}

#[test]
fn a_pattern_can_say_much() {
    let cases = load(
        "\
- id: one
  title: One
  covers: {5.0: [MQTT-3.1.0-1]}
  clients: {a: {acknowledge: false, keep_alive: 0}, b: {version: 3.1.1, will: {topic: w}}}
  control:
    - connect: {client: a}
  script:
    - connect: {client: [a, b]}
    - drop: {client: b}
    - connect: {client: b, will: absent, client_id: $id.a}
    - expect:
        client: a
        publish:
          packet_id: {capture: first}
          qos: [1, 2]
          payload: {not: x}
          message_expiry_interval: [absent, 5]
          retain: {capture: r, value: true}
          user_properties: [[a, b]]
    - send: {client: a, puback: {packet_id: $(first)}}
    - expect:
        client: a
        any:
          - suback: {reason_codes: [{from: 0x90, to: 0x97}, [0, 1]]}
          - {puback: {reason_code: {from: 0, to: 0x10}}, by: S5-01}
          - {publish: {..}, grade: unsupported}
    - observe: {client: a, rule: S5-37, choices: {one: {pingresp: {}}, two: {publish: {..}}}}
",
    );
    insta::assert_snapshot!(outline(&cases[0]).join("\n"));
    let sent = sends(&cases[0]);
    let connects = sent.iter().filter_map(|send| match packet(&send.packets[0]) {
        Packet::Connect(connect) => Some(connect),
        _ => None,
    });
    let connects: Vec<_> = connects.collect();
    assert_eq!(connects.iter().map(|connect| connect.keep_alive).collect::<Vec<_>>(), [0, 60, 60]);
    assert_eq!(connects[1].protocol_level, 4);
    assert!(connects[1].will.is_some() && connects[2].will.is_none());
    let observed = cases[0].steps.iter().find_map(|step| match &step.action {
        Action::Expect { alternatives, observe: Some(rule), .. } => Some((rule, alternatives)),
        _ => None,
    });
    let (rule, choices) = observed.unwrap();
    assert_eq!((rule.to_string().as_str(), choices[1].label.as_deref()), ("S5-37", Some("two")));
    assert!(matches!(choices[0].pattern, Pattern::Packet(_)));
}

#[test]
fn bytes_are_built_as_written() {
    let cases = script(
        "
    - connect: {}
    - send:
        together:
          - {raw: \"c0 00\"}
          - {publish: {topic: $t/a, payload: {hex: \"00ff\"}}}
        chunks: each(3)",
    );
    let scope = Scope {
        topic_root: "r".into(),
        client_ids: [("client".to_owned(), "c".to_owned())].into(),
        ..Scope::default()
    };
    let send = sends(&cases[0])[1];
    let bytes: Vec<u8> = send
        .packets
        .iter()
        .flat_map(|outgoing| outgoing.build(&scope, "client", Version::V3_1_1, None, || 1).unwrap())
        .collect();
    assert_eq!(bytes, b"\xC0\0\x30\x07\0\x03r/a\0\xFF");
}

#[test]
fn handshakes_by_hand_are_legal() {
    let cases = load(
        "\
- id: one
  title: One
  covers: {3.1.1: [MQTT-3.1.0-1], 5.0: [MQTT-3.1.0-1]}
  clients: {client: {acknowledge: false}}
  script:
    - connect: {clean_start: false, session_expiry_interval: {5.0: 60}}
    - send: {publish: {topic: $t/a, qos: 2}}
    - send: {publish: {topic: $t/a, qos: 2, packet_id: 900}}
    - expect: {pubrec: {packet_id: {capture: mine}, ..}}
    - expect: {pubrec: {packet_id: 900}}
    - send: {together: [{pubrel: {packet_id: $(mine)}}, {pubrel: {}}]}
    - expect: {pubcomp: {packet_id: $(mine)}}
    - drop: {}
    - connect: {clean_start: false, session_expiry_interval: {5.0: 60}, expect: {session_present: true}}
    - send: {pubrel: {packet_id: 900}}
    - expect: {pubcomp: {}}
    - receive: {messages: [{payload: x, qos: 2}, {payload: y, qos: 1}]}
    - send: {puback: {}}
    - expect: {pubrel: {}}
",
    );
    assert_eq!(cases.len(), 2);
}

#[test]
fn mutants_make_a_case_each_that_knows_what_it_breaks_and_needs() {
    let cases = load(
        "- id: one\n  title: A SUBSCRIBE with <mutation.summary>\n  covers: {3.1.1: <mutation.rules>, 5.0: <mutation.rules>}\n  \
         foreach: {qos: [0, 1], mutation: \"mutants(must-close, subscription-qos-3, no-filter)\"}\n  script:\n    - connect: {}\n    \
         - send: {subscribe: {filter: $t/a, qos: <qos>}, mutation: <mutation>}\n    - closed: {reason: <mutation.reason>}\n",
    );
    let ids: Vec<String> = cases.iter().map(|case| format!("{} {}", case.version, case.id)).collect();
    assert_eq!(
        ids,
        [
            "3.1.1 topic/file/one[0,no-filter]",
            "3.1.1 topic/file/one[0,subscription-qos-3:filters.0]",
            "3.1.1 topic/file/one[1,no-filter]",
            "3.1.1 topic/file/one[1,subscription-qos-3:filters.0]",
            "5.0 topic/file/one[0,no-filter]",
            "5.0 topic/file/one[0,subscription-qos-3:filters.0]",
            "5.0 topic/file/one[1,no-filter]",
            "5.0 topic/file/one[1,subscription-qos-3:filters.0]",
        ]
    );
    let last = cases.last().unwrap();
    assert_eq!(last.title, "A SUBSCRIBE with a QoS of 3 in the Subscription Options");
    let ids = |ids: &[mqttspec_codec::StatementId]| ids.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(ids(&last.covers), ["E5-43", "MQTT-4.13.1-1"]);
    assert!(matches!(last.control, Control::Twin));
    let sends = sends(last);
    let send = sends.last().unwrap();
    assert_eq!(ids(&send.violates), ["E5-43", "MQTT-4.13.1-1"]);
    assert!(send.twin.iter().all(|twin| twin.edits.is_empty()));
    let scope = Scope { topic_root: "r".into(), ..Scope::default() };
    let bytes = send.packets.first().unwrap().build(&scope, "client", last.version, None, || 1).unwrap();
    assert_eq!(bytes.last(), Some(&3));
}

#[test]
fn a_mutant_brings_along_what_a_broker_needs_to_accept_it() {
    let cases = load(
        "- id: one\n  title: One\n  covers: {5.0: [MQTT-3.8.4-1]}\n  needs: [qos1]\n  script:\n    - connect: {}\n    \
         - send: {subscribe: {filter: $t/a}, mutation: \"wildcard:filters.0=plus\"}\n    - expect: {suback: {reason_codes: [0]}}\n",
    );
    let needs: Vec<&str> = cases.first().unwrap().needs.iter().map(String::as_str).collect();
    assert_eq!(needs, ["qos1", "wildcard"]);
}

#[test]
fn a_field_of_an_item_may_have_hyphens() {
    let cases = load(
        "- id: one\n  title: Of <row.the-kind>\n  covers: {5.0: [MQTT-3.1.0-1]}\n  foreach: {row: [{label: a, the-kind: letters}]}\n  script:\n    - connect: {}\n    - ping: {proves: MQTT-3.1.0-1}\n",
    );
    assert_eq!(cases.iter().map(|case| case.title.as_str()).collect::<Vec<_>>(), ["Of letters"]);
}

#[test]
fn a_rule_that_is_only_observed_is_only_recorded() {
    let rule = mqttspec_codec::statement!("S5-31");
    let records = |more: &str| {
        let text = format!(
            "- id: one\n  title: One\n  covers: {{5.0: [S5-31]}}\n  script:\n    - connect: {{}}\n    - send: {{pingreq: {{}}}}\n    - observe: {{rule: S5-31, choices: {{answer: {{pingresp: {{}}}}}}}}\n{more}"
        );
        load(&text).first().unwrap().only_records(rule)
    };
    assert!(records(""));
    assert!(!records("    - ping: {proves: [S5-31]}\n"));
}

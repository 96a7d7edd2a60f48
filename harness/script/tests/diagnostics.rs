//! Every word that a user sees when a case file is wrong.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use mqttspec_script::Suite;
use mqttspec_spec::Registry;

const SETS: &str = "ill-formed-utf-8:\n  - {label: lone-continuation, bytes: {hex: \"80\"}}\n";

fn registry() -> Registry {
    let files = [
        ("mqtt-3.1.1.yaml", include_str!("../../../cases/statements/mqtt-3.1.1.yaml")),
        ("mqtt-5.0.yaml", include_str!("../../../cases/statements/mqtt-5.0.yaml")),
    ];
    Registry::read(files).unwrap()
}

/// The errors of a file of cases, as they are shown.
fn errors(text: &str) -> String {
    match Suite::load([("topic/file.yaml", text)], Some(("sets.yaml", SETS)), &registry()) {
        Ok(suite) => format!("no errors, {} cases", suite.cases.len()),
        Err(diagnostics) => {
            let all: Vec<String> = diagnostics.iter().map(|diagnostic| diagnostic.render(false)).collect();
            all.join("\n\n")
        }
    }
}

/// The errors of one case with this script, in 5.0.
fn script(steps: &str) -> String {
    errors(&format!(
        "- id: one\n  title: One\n  covers: {{5.0: [MQTT-3.1.0-1]}}\n  script:\n{}\n",
        steps.trim_matches('\n')
    ))
}

/// The errors of one case with these keys, and a script without fault.
fn case(keys: &str) -> String {
    errors(&format!(
        "- id: one\n  title: One\n{}\n  script:\n    - connect: {{}}\n    - send: {{pingreq: {{}}}}\n    - expect: {{pingresp: {{}}}}\n",
        keys.trim_matches('\n')
    ))
}

/// The errors of one case about mutants of PINGREQ, in 5.0.
fn mutants_of(request: &str, change: &str) -> String {
    errors(&format!(
        "- id: one\n  title: One\n  covers: {{5.0: <mutation.rules>}}\n  foreach: {{mutation: {request}}}\n  script:\n    - connect: {{}}\n    - send: {{pingreq: {{}}, {change}}}\n    - closed: {{reason: <mutation.reason>}}\n"
    ))
}

macro_rules! golden {
    ($($group:ident { $($name:ident: $errors:expr;)* })*) => {
        $(
            #[test]
            fn $group() {
                let all = [$((stringify!($name), $errors)),*];
                let all = all.map(|(name, errors)| format!("== {name} ==\n{errors}\n"));
                insta::assert_snapshot!(stringify!($group), all.join("\n"));
            }
        )*
    };
}

/// The errors of one case with a client on WebSocket and this step.
fn websocket_step(step: &str) -> String {
    errors(&format!(
        "- id: one\n  title: One\n  covers: {{5.0: [MQTT-6.0.0-2]}}\n  needs: [websocket]\n  clients: {{client: {{transport: websocket}}}}\n  script:\n    - {step}\n    - connect: {{}}\n    - ping: {{proves: [MQTT-6.0.0-2]}}\n"
    ))
}

golden! {
    websocket {
        frames_of_any_transport: script("    - connect: {}\n    - send: {pingreq: {}, frames: text, violates: MQTT-6.0.0-1}\n    - closed: {}");
        offer_of_any_transport: script("    - open: {subprotocols: [mqtt]}\n    - connect: {}\n    - ping: {proves: [MQTT-3.1.0-1]}");
        no_need: case("  covers: {5.0: [MQTT-3.1.0-1]}\n  clients: {client: {transport: websocket}}");
        no_use: case("  covers: {5.0: [MQTT-3.1.0-1]}\n  needs: [websocket]");
        other_transport: case("  covers: {5.0: [MQTT-3.1.0-1]}\n  clients: {client: {transport: quic}}");
        offer_without_mqtt: websocket_step("open: {subprotocols: [other]}");
        offer_with_mqtt: websocket_step("open: {violates: [MQTT-6.0.0-3]}");
        refusal_without_control: websocket_step("open: {selected: [mqtt, refused]}");
        unknown_selection: websocket_step("open: {selected: none}");
        undeclared_text: websocket_step("open: {}\n    - send: {connect: {}, frames: text}\n    - drop: {}");
        no_fragments: websocket_step("open: {}\n    - send: {connect: {}, frames: fragmented}\n    - drop: {}");
        unknown_frames: websocket_step("send: {connect: {}, frames: textual}");
    }
    yaml {
        no_yaml: errors("- id: [\n");
        no_list_of_cases: errors("id: one\n");
        key_twice: errors("- id: one\n  title: One\n  id: two\n");
        anchors: errors("- &a id: one\n");
    }

    cases {
        unknown_key_of_a_case: case("  covers: {5.0: [MQTT-3.1.0-1]}\n  exclusiv: true");
        missing_keys: errors("- id: one\n  covers: {5.0: [MQTT-3.1.0-1]}\n");
        duplicate_id: errors("- {id: a, title: A, covers: {}}\n- {id: a, title: A, covers: {}}\n");
        covers_without_version: case("  covers: [MQTT-3.1.0-1]");
        covers_of_an_unknown_version: case("  covers: {3.1: [MQTT-3.1.0-1]}");
        covered_twice: case("  covers: {5.0: [MQTT-3.1.0-1, MQTT-3.1.0-1]}");
        unknown_capability: case("  covers: {5.0: [MQTT-3.1.0-1]}\n  needs: [qos3]");
    }

    statements {
        unknown_statement: case("  covers: {5.0: [MQTT-3.1.0-9]}");
        statement_without_form: case("  covers: {5.0: [3.1.0-1]}");
        statement_of_the_other_version: case("  covers: {3.1.1: [E5-48]}");
        unknown_clause: case("  covers: {5.0: [MQTT-1.5.4-1/z]}");
        clause_of_a_whole_statement: case("  covers: {5.0: [MQTT-3.1.0-1/a]}");
        not_observable: case("  covers: {5.0: [MQTT-3.1.2-20]}");
    }

    expansion {
        foreach_of_no_list: case("  covers: {5.0: [MQTT-3.1.0-1]}\n  foreach: {qos: 3}");
        foreach_of_an_unknown_set: case("  covers: {5.0: [MQTT-3.1.0-1]}\n  foreach: {bad: set(ill-formed-utf8)}");
        foreach_of_no_range: case("  covers: {5.0: [MQTT-3.1.0-1]}\n  foreach: {cut: \"range(5, 1)\"}");
        foreach_item_without_label: case("  covers: {5.0: [MQTT-3.1.0-1]}\n  foreach: {bad: [{hex: \"80\"}, \"a b\"]}");
        foreach_for_nothing: case("  covers: {5.0: [MQTT-3.1.0-1]}\n  foreach: {qos: [0, 1]}");
        foreach_labels_twice: case("  covers: {5.0: [MQTT-3.1.0-1]}\n  foreach: {qos: [1, \"1\"]}");
        unknown_name_in_brackets: script("    - connect: {client_id: <field>}");
        unknown_field_in_brackets: errors("- id: one\n  title: One\n  covers: {5.0: [MQTT-3.1.0-1]}\n  foreach: {row: [{label: a, topic: b}]}\n  script:\n    - connect: {client_id: <row.topics>}\n    - connect: {client_id: <row>}\n");
    }

    mutants {
        unknown_verdict: mutants_of("mutants(must-closed)", "mutation: <mutation>");
        no_verdict: mutants_of("mutants(all)", "mutation: <mutation>");
        unknown_operator: mutants_of("\"mutants(must-close, truncate)\"", "mutation: <mutation>");
        unknown_operator_left_out: mutants_of("\"mutants(must-close, without length)\"", "mutation: <mutation>");
        no_packet_is_changed: mutants_of("mutants(must-close)", "override: {flags: 1}");
        no_such_mutants: mutants_of("\"mutants(must-close, qos-3)\"", "mutation: <mutation>");
        packet_with_a_mistake: mutants_of("mutants(must-close)", "mutation: <mutation>, overide: {flags: 1}");
        unknown_mutant: script("    - connect: {}\n    - send: {pingreq: {}, mutation: \"reserved-flags:16\"}\n    - closed: {reason: malformed-packet}");
        mutant_far_from_any: script("    - connect: {}\n    - send: {pingreq: {}, mutation: broken}\n    - closed: {reason: malformed-packet}");
        mutant_of_bytes: script("    - connect: {}\n    - send: {raw: \"c000\", mutation: \"reserved-flags:1\"}\n    - closed: {reason: malformed-packet}");
        mutants_before_others: errors("- id: one\n  title: One\n  covers: {5.0: [MQTT-4.13.1-1]}\n  foreach: {mutation: mutants(must-close), qos: [0]}\n  script:\n    - connect: {}\n    - send: {publish: {topic: a, qos: <qos>}, mutation: <mutation>}\n    - closed: {reason: <mutation.reason>}\n");
    }

    forms {
        unknown_verb: script("    - conect: {}");
        two_verbs: script("    - {connect: {}, ping: {}}");
        unknown_key_of_a_packet: script("    - connect: {clean_sesion: true}");
        synonym_of_a_key: script("    - connect: {}\n    - publish: {topic: a, qos: 1, id: 7}");
        wrong_types: script("    - connect: {keep_alive: long, client_id: 5, clean_start: 1, receive_maximum: 70000}\n    - expect: []");
        bytes_without_form: script("    - connect: {}\n    - publish: {topic: a, payload: {hex: \"0\"}}\n    - publish: {topic: a, payload: {repeat: x}}\n    - publish: {topic: {hex: \"ff\"}}");
        only_in_5: errors("- id: one\n  title: One\n  covers: {3.1.1: [MQTT-3.1.0-1]}\n  script:\n    - connect: {receive_maximum: 5}\n    - expect: {pingresp: {}}\n");
        unknown_reason_code: script("    - connect: {}\n    - closed: {reason: protocol-eror}");
        two_packets_in_one_step: script("    - connect: {}\n    - expect: {pingresp: {}, puback: {}}\n    - send: {pingreq: {}, disconnect: {}}");
        no_packet_in_a_step: script("    - connect: {}\n    - expect: {}\n    - send: {}");
        wrong_pattern: script("    - connect: {}\n    - expect: {publish: {qos: many, retain: 1, payload: {nott: a}, user_properties: [a]}}");
        wrong_values_in_a_pattern: script("    - connect: {}\n    - expect: {publish: {qos: many, retain: 1, user_properties: [a], payload: {hex: \"00\", not: a}}}");
        strings_that_are_none: script("    - connect: {}\n    - publish: {topic: {hex: \"ff\"}, payload: {repeat: x}}");
        packet_that_brokers_do_not_send: script("    - connect: {}\n    - expect: {pingreq: {}}");
        lenient_without_clause: script("    - connect: {}\n    - expect: {any: [{pingresp: {}}, {publish: {..}, grade: lenient}]}");
    }

    clients {
        unknown_client: errors("- id: one\n  title: One\n  covers: {5.0: [MQTT-3.1.0-1]}\n  clients: {pub: {}, sub: {}}\n  script:\n    - connect: {client: pub}\n    - ping: {}\n");
        no_connection: script("    - ping: {}");
        connected_already: script("    - connect: {}\n    - connect: {}\n    - expect: {pingresp: {}}");
        long_client_id: script("    - connect: {client_id: 012345678901234567890123}\n    - ping: {proves: MQTT-3.1.0-1}");
    }

    soundness {
        too_many_bytes: script("    - connect: {}\n    - publish: {topic: $t/a, payload: {repeat: x, count: 13000000}}\n    - expect: {pingresp: {}}");
        too_many_bytes_on_request: errors("- id: one\n  title: One\n  covers: {5.0: [MQTT-3.1.0-1]}\n  tags: [resource]\n  script:\n    - connect: {}\n    - publish: {topic: $t/a, payload: {repeat: x, count: 34000000}}\n    - expect: {pingresp: {}}\n");
        label_with_control_character: errors("- id: one\n  title: One\n  covers: {5.0: [MQTT-3.1.0-1]}\n  foreach: {name: [\"a\\u0007\"]}\n  script:\n    - connect: {client_id: <name>}\n    - ping: {proves: MQTT-3.1.0-1}\n");
        case_that_can_only_pass: script("    - connect: {}\n    - ping: {}");
        case_with_a_marker_alone: script("    - connect: {}\n    - subscribe: {filter: $t/a}\n    - publish: {topic: $t/a, payload: marker}\n    - receive: {messages: [marker], proves: []}");
        absence_without_fence: script("    - connect: {}\n    - receive: {messages: []}");
        fence_of_another_connection: errors("- id: one\n  title: One\n  covers: {5.0: [MQTT-3.1.0-1]}\n  clients: {pub: {}, sub: {}}\n  script:\n    - connect: {client: [pub, sub]}\n    - send: {client: pub, publish: {topic: $t/a, payload: x}}\n    - receive: {client: sub, messages: [], until: ping}\n");
        step_that_does_not_say_what_it_proves: errors("- id: one\n  title: One\n  covers: {5.0: [MQTT-3.12.4-1, MQTT-3.8.4-1]}\n  script:\n    - connect: {}\n    - subscribe: {filter: $t/a, proves: MQTT-3.8.4-1}\n    - expect: {pingresp: {}}\n");
        step_that_proves_the_rule_of_one_version_in_both: errors("- id: one\n  title: One\n  covers: {3.1.1: [MQTT-3.8.4-1], 5.0: [MQTT-3.12.4-1]}\n  script:\n    - connect: {}\n    - ping: {proves: [MQTT-3.12.4-1]}\n");
        quiet_without_why: script("    - connect: {}\n    - receive: {messages: [], until: {quiet: 500ms}}");
        wait_without_rule: script("    - connect: {}\n    - wait: {time: 2}");
        missing_control: script("    - connect: {}\n    - closed: {}");
        missing_twin: script("    - connect: {}\n    - send: {connect: {}, violates: MQTT-3.1.0-2}\n    - closed: {}");
        twin_that_is_no_twin: script("    - connect: {}\n    - send: {connect: {}, violates: MQTT-3.1.0-2, twin: {connect: {}}}\n    - closed: {}");
        restart_without_need: script("    - connect: {}\n    - restart: {how: kill}\n    - connect: {}\n    - expect: {pingresp: {}}");
        unknown_way_to_restart: script("    - connect: {}\n    - restart: {how: reboot}\n    - connect: {}\n    - expect: {pingresp: {}}");
        unknown_placeholder: script("    - connect: {client_id: $id.other}\n    - publish: {topic: $(name)}\n    - expect: {pingresp: {}}");
    }

    legality {
        undeclared_violation_of_bytes: script("    - connect: {}\n    - send: {publish: {topic: a}, override: {flags: 6}}\n    - expect: {pingresp: {}}");
        undeclared_violation_of_order: script("    - open: {}\n    - send: {pingreq: {}}\n    - expect: {pingresp: {}}");
        undeclared_violation_of_identifiers: script("    - connect: {}\n    - send: {publish: {topic: a, qos: 1, packet_id: 7}}\n    - send: {subscribe: {filter: a, packet_id: 7}}\n    - expect: {suback: {reason_codes: [0]}}");
        declared_but_not_broken: script("    - connect: {}\n    - send: {pingreq: {}, violates: MQTT-3.1.0-2, twin: {pingreq: {}}}\n    - closed: {}");
        unknown_field: script("    - connect: {}\n    - send: {publish: {topic: a}, override: {topick: b}}\n    - expect: {pingresp: {}}");
        nothing_to_acknowledge: script("    - connect: {}\n    - send: {puback: {}}\n    - expect: {pingresp: {}}");
    }
}

#[test]
fn a_case_without_fault_has_no_errors() {
    assert_eq!(case("  covers: {3.1.1: [MQTT-3.1.0-1], 5.0: [MQTT-3.1.0-1]}"), "no errors, 2 cases");
}

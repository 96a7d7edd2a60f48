//! On brokers that do nothing right no case passes; on those that do a part right only what is listed here.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod registry;
mod suite;

use std::collections::BTreeSet;

use mqttspec_audit::{Degenerate, against_degenerate};
use mqttspec_spec::Verdict;

/// The families of cases with one of these verdicts on a degenerate broker.
fn families(broker: Degenerate, verdicts: &[Verdict]) -> BTreeSet<String> {
    against_degenerate(&suite::CASES, &registry::REGISTRY, broker)
        .unwrap()
        .into_iter()
        .filter(|(_, outcome)| verdicts.contains(&outcome.verdict))
        .map(|(case, _)| case.id.split('[').next().unwrap_or_default().to_owned())
        .collect()
}

#[test]
fn nothing_passes_on_brokers_that_do_nothing_right() {
    for broker in Degenerate::nothing_right() {
        let passes = families(broker, &[Verdict::Pass, Verdict::Lenient]);
        assert_eq!(passes, BTreeSet::new(), "on a broker that {broker}");
    }
}

/// What passes on a broker that acknowledges everything and routes nothing, and why that is true of it.
const TRUE_OF_ACKNOWLEDGING: &[(&str, &[&str])] = &[
    (
        "it accepts every client, keeps it, and answers its PINGREQ packets",
        &[
            "connect/accepted/again",
            "connect/accepted/keep-alive",
            "connect/accepted/minimal",
            "connect/accepted/no-keep-alive",
            "connect/accepted/ping-behind",
            "connect/client-identifier/ending",
            "connect/client-identifier/one-byte",
            "connect/client-identifier/plain",
            "connect/flags-legal/with-credentials",
            "connect/flags-legal/without-credentials",
            "connect/keep-alive/zero-is-off",
            "connect/payload-accepted/longest-will-payload",
            "connect/payload-accepted/password-bytes",
            "connect/payload-accepted/will-qos",
            "connect/properties-accepted/all",
            "connect/properties-accepted/user-properties",
            "connect/properties-accepted/value",
            "connect/properties-accepted/will-properties",
            "connect/properties-accepted/will-value",
            "data-representation/characters/password",
        ],
    ),
    (
        "it takes over no connection, so clients with different identifiers live side by side",
        &[
            "connect/client-identifier-empty/unique",
            "connect/client-identifier/upper-and-lower-case",
            "data-representation/byte-order-mark/client-id",
        ],
    ),
    (
        "it keeps no session, and says so in every CONNACK",
        &[
            "connack/session-present/clean-start",
            "connack/session-present/clean-start-over-session",
            "connack/session-present/ended-with-connection",
            "connack/session-present/expired",
            "connack/session-present/never-stored",
            "connack/session-present/success-clean",
            "connack/session-present/success-resumed",
        ],
    ),
    (
        "its CONNACK is well-formed, comes first and once, and names a Client Identifier",
        &[
            "connack/assigned-client-identifier/told",
            "connack/first-packet/form",
            "connack/first-packet/only-one",
            "connack/first-packet/pipelined",
            "connect/client-identifier-empty/told",
            "packet-format/flags-sent/connack",
        ],
    ),
    (
        "it knows no enhanced authentication, so nobody hears of it",
        &["auth/none-asked/no-auth", "auth/none-asked/no-auth-later", "auth/none-asked/no-method"],
    ),
    (
        "it sets no Maximum QoS, and takes messages and subscriptions of every QoS, and filters of every kind",
        &[
            "connack/capabilities/maximum-qos-subscribe",
            "connack/capabilities/maximum-qos-told",
            "subscribe/wildcards/supported",
            "subscribe/wildcards/supported-alone",
        ],
    ),
    (
        "its packets are as short as can be, without a text or a property",
        &[
            "connect/limits/no-problem-information",
            "connect/limits/no-response-information",
            "connect/limits/packet-size-connack",
            "data-representation/variable-byte-integer/answers",
            "packet-format/property-length/suback",
            "packet-format/property-length/unsuback",
        ],
    ),
    (
        "below MQTT its WebSocket end does all right",
        &[
            "websocket/frames/not-binary-at-first",
            "websocket/frames/not-binary-fragmented",
            "websocket/frames/not-binary-later",
            "websocket/frames/requests-behind-connect",
            "websocket/handshake/selects-mqtt",
            "websocket/handshake/selects-no-other",
        ],
    ),
    (
        "it answers every request with the right packet, flags and Packet Identifier, however the bytes come",
        &[
            "connect/payload-accepted/sent-ahead-all",
            "errors/acknowledgements/pubrel-accepted",
            "errors/boundaries/connect",
            "errors/boundaries/pieces-of-several",
            "errors/boundaries/pingreq",
            "errors/boundaries/publish-of-two-length-bytes",
            "errors/boundaries/pubrel",
            "errors/connect/accepted",
            "errors/connect/with-properties-accepted",
            "errors/publish/at-qos-1-accepted",
            "errors/publish/at-qos-2-accepted",
            "errors/subscribe/with-identifier-accepted",
            "errors/unsubscribe/accepted",
            "acks/forms/pubrel",
            "acks/reason-codes/puback",
            "acks/reason-codes/pubcomp",
            "acks/reason-codes/pubrec",
            "acks/reason-codes/pubrel-unknown",
            "publish/answer/each",
            "publish/answer/qos-0",
            "publish/answer/qos-1",
            "publish/answer/qos-2",
            "publish/denied/settled",
            "qos/expiry/finished",
            "qos/expiry/finished-for-absent",
            "qos/qos1-receiver/acknowledged",
            "qos/qos1-receiver/acknowledged-retained",
            "qos/qos2-receiver/acknowledged",
            "qos/qos2-receiver/completed",
            "qos/qos2-receiver/completed-each",
            "packet-format/acknowledged-identifiers/pipelined",
            "packet-format/acknowledged-identifiers/puback",
            "packet-format/acknowledged-identifiers/pubcomp",
            "packet-format/acknowledged-identifiers/pubrec",
            "packet-format/acknowledged-identifiers/requests-together",
            "packet-format/acknowledged-identifiers/suback",
            "packet-format/acknowledged-identifiers/unsuback",
            "packet-format/flags-sent/pingresp",
            "packet-format/flags-sent/puback",
            "packet-format/flags-sent/pubcomp",
            "packet-format/flags-sent/pubrec",
            "packet-format/flags-sent/suback",
            "packet-format/flags-sent/unsuback",
            "packet-format/fragmentation/connect-in-pieces",
            "packet-format/fragmentation/cut-between-packets",
            "packet-format/fragmentation/requests-behind-connect",
            "packet-format/fragmentation/several-in-one-write",
            "packet-format/remaining-length/four-bytes",
            "ping/ping/answered",
            "ping/ping/cut",
            "ping/ping/each-answered",
            "ping/ping/right-after-connect",
            "subscribe/answer/code-for-each-filter",
            "subscribe/answer/code-not-above",
            "subscribe/answer/codes-defined",
            "subscribe/answer/identifier",
            "subscribe/answer/identifier-each",
            "subscribe/answer/suback",
            "subscribe/answer/suback-each",
            "subscribe/answer/suback-to-known-filter",
            "unsubscribe/answer/identifier",
            "unsubscribe/answer/nothing-removed",
            "unsubscribe/answer/nothing-removed-again",
            "unsubscribe/answer/nothing-removed-among-others",
            "unsubscribe/answer/unsuback",
            "unsubscribe/answer/unsuback-behind-subscribe",
        ],
    ),
];

#[test]
fn only_what_is_true_passes_on_brokers_that_do_a_part_right() {
    for broker in Degenerate::partly_right() {
        let listed: BTreeSet<String> = match broker {
            Degenerate::AcknowledgesOnly => TRUE_OF_ACKNOWLEDGING
                .iter()
                .flat_map(|(_, families)| families.iter().map(|family| (*family).to_owned()))
                .collect(),
            // To serve a client is more than to accept it, so nothing is true of the others.
            _ => BTreeSet::new(),
        };
        let passes = families(broker, &[Verdict::Pass]);
        let unlisted: Vec<_> = passes.difference(&listed).collect();
        let stale: Vec<_> = listed.difference(&passes).collect();
        assert!(unlisted.is_empty() && stale.is_empty(), "{broker}: unlisted {unlisted:?}, stale {stale:?}");
    }
}

//! Bytes that break a rule, each refused with the statement that they break.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as the tests do")]

use bytes::Bytes;
use mqttspec_codec::{StatementId, annotate, decode, render};

#[path = "malformed/rows.rs"]
mod rows;

use rows::{Row, V3_1_1, V5_0};

#[test]
fn each_is_refused_with_the_statement_that_it_breaks() {
    for (name, context, bytes, statement) in V3_1_1.iter().chain(V5_0) {
        let statement: StatementId = statement.parse().unwrap();
        match decode(&Bytes::from_static(bytes), *context) {
            Ok(packet) => panic!("{name}: accepted as {packet:?}"),
            Err(violation) => assert_eq!(violation.statement(), statement, "{name}: {violation}"),
        }
    }
}

fn refusals(rows: &[Row]) -> String {
    let line = |(name, context, bytes, _): &Row| {
        let violation = decode(&Bytes::from_static(bytes), *context).unwrap_err();
        let statements: Vec<String> = violation.statements().iter().map(ToString::to_string).collect();
        format!("{name}\n  {violation}\n  {:?}, {}\n", violation.kind, statements.join(" "))
    };
    rows.iter().map(line).collect()
}

#[test]
fn refusals_of_3_1_1() {
    insta::assert_snapshot!(refusals(V3_1_1));
}

#[test]
fn refusals_of_5_0() {
    insta::assert_snapshot!(refusals(V5_0));
}

#[test]
fn annotated_refusals() {
    let names = [
        "Topic Name cut",
        "Will QoS 3",
        "empty Client Identifier",
        "Topic Alias 0",
        "AUTH without method",
        "undefined property in CONNECT",
        "reserved Subscription Options",
        "packet type 0",
        "no Property Length",
    ];
    let dumps: String = V3_1_1
        .iter()
        .chain(V5_0)
        .filter(|(name, ..)| names.contains(name))
        .map(|(name, context, bytes, _)| {
            format!("{name} ({})\n{}\n", context.version, render(bytes, &annotate(bytes, *context)))
        })
        .collect();
    insta::assert_snapshot!(dumps);
}

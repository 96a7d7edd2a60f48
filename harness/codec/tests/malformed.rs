//! Bytes that break a rule, each refused with the statement that they break.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as the tests do")]

use bytes::Bytes;
use mqttspec_codec::{Context, StatementId, Version, annotate, decode, render};

const CLIENT_3: Context = Context::from_client(Version::V3_1_1);
const SERVER_3: Context = Context::from_server(Version::V3_1_1);
const CLIENT_5: Context = Context::from_client(Version::V5_0);
const SERVER_5: Context = Context::from_server(Version::V5_0);

type Row = (&'static str, Context, &'static [u8], &'static str);

const V3_1_1: &[Row] = &[
    ("packet type 0", CLIENT_3, b"\x00\x00", "MQTT-4.8.0-1"),
    ("packet type 15", CLIENT_3, b"\xF0\x00", "MQTT-4.8.0-1"),
    ("CONNACK from a Client", CLIENT_3, b"\x20\x02\x00\x00", "MQTT-4.8.0-1"),
    ("SUBSCRIBE from a Server", SERVER_3, b"\x82\x06\x00\x01\x00\x01a\x00", "MQTT-4.8.0-1"),
    ("DISCONNECT from a Server", SERVER_3, b"\xE0\x00", "MQTT-4.8.0-1"),
    ("flags of PINGREQ", CLIENT_3, b"\xC1\x00", "MQTT-2.2.2-2"),
    ("flags of PUBREL", CLIENT_3, b"\x60\x02\x00\x01", "MQTT-3.6.1-1"),
    ("flags of SUBSCRIBE", CLIENT_3, b"\x80\x06\x00\x01\x00\x01a\x00", "MQTT-3.8.1-1"),
    ("flags of UNSUBSCRIBE", CLIENT_3, b"\xA0\x05\x00\x01\x00\x01a", "MQTT-3.10.1-1"),
    ("flags of DISCONNECT", CLIENT_3, b"\xE1\x00", "MQTT-3.14.1-1"),
    ("Remaining Length of five bytes", CLIENT_3, b"\xC0\x80\x80\x80\x80\x00", "S311-02"),
    ("PINGREQ with a body", CLIENT_3, b"\xC0\x01\x00", "S311-27"),
    ("PINGRESP with a body", SERVER_3, b"\xD0\x01\x00", "S311-27"),
    ("DISCONNECT with a body", CLIENT_3, b"\xE0\x01\x00", "MQTT-4.8.0-1"),
    ("PUBACK with a third byte", CLIENT_3, b"\x40\x03\x00\x01\x00", "S311-27"),
    ("PUBACK cut", CLIENT_3, b"\x40\x01\x00", "S311-27"),
    ("PUBACK of packet 0", CLIENT_3, b"\x40\x02\x00\x00", "MQTT-2.3.1-6"),
    ("Protocol Name", CLIENT_3, b"\x10\x0D\x00\x04MQTX\x04\x02\x00\x00\x00\x01c", "MQTT-3.1.2-1"),
    ("MQTT 3.1", CLIENT_3, b"\x10\x0F\x00\x06MQIsdp\x03\x02\x00\x00\x00\x01c", "MQTT-3.1.2-1"),
    ("Protocol Level", CLIENT_3, b"\x10\x0D\x00\x04MQTT\x06\x02\x00\x00\x00\x01c", "MQTT-3.1.2-2"),
    ("reserved Connect Flag", CLIENT_3, b"\x10\x0D\x00\x04MQTT\x04\x03\x00\x00\x00\x01c", "MQTT-3.1.2-3"),
    ("Will QoS without Will", CLIENT_3, b"\x10\x0D\x00\x04MQTT\x04\x0A\x00\x00\x00\x01c", "MQTT-3.1.2-13"),
    ("Will Retain without Will", CLIENT_3, b"\x10\x0D\x00\x04MQTT\x04\x22\x00\x00\x00\x01c", "MQTT-3.1.2-15"),
    (
        "Will QoS 3",
        CLIENT_3,
        b"\x10\x12\x00\x04MQTT\x04\x1E\x00\x00\x00\x01c\x00\x01w\x00\x00",
        "MQTT-3.1.2-14",
    ),
    ("no Will Topic", CLIENT_3, b"\x10\x0D\x00\x04MQTT\x04\x06\x00\x00\x00\x01c", "MQTT-3.1.2-9"),
    (
        "empty Will Topic",
        CLIENT_3,
        b"\x10\x11\x00\x04MQTT\x04\x06\x00\x00\x00\x01c\x00\x00\x00\x00",
        "MQTT-4.7.3-1",
    ),
    (
        "wildcard in Will Topic",
        CLIENT_3,
        b"\x10\x12\x00\x04MQTT\x04\x06\x00\x00\x00\x01c\x00\x01#\x00\x00",
        "MQTT-4.7.1-1",
    ),
    (
        "Password without User Name",
        CLIENT_3,
        b"\x10\x10\x00\x04MQTT\x04\x42\x00\x00\x00\x01c\x00\x01p",
        "MQTT-3.1.2-22",
    ),
    ("no User Name", CLIENT_3, b"\x10\x0D\x00\x04MQTT\x04\x82\x00\x00\x00\x01c", "MQTT-3.1.2-19"),
    ("no Password", CLIENT_3, b"\x10\x10\x00\x04MQTT\x04\xC2\x00\x00\x00\x01c\x00\x01u", "MQTT-3.1.2-21"),
    (
        "a User Name not announced",
        CLIENT_3,
        b"\x10\x10\x00\x04MQTT\x04\x02\x00\x00\x00\x01c\x00\x01u",
        "MQTT-3.1.2-18",
    ),
    (
        "a Password not announced",
        CLIENT_3,
        b"\x10\x13\x00\x04MQTT\x04\x82\x00\x00\x00\x01c\x00\x01u\x00\x01p",
        "MQTT-3.1.2-20",
    ),
    ("no Client Identifier", CLIENT_3, b"\x10\x0A\x00\x04MQTT\x04\x02\x00\x00", "MQTT-3.1.3-3"),
    (
        "ill-formed Client Identifier",
        CLIENT_3,
        b"\x10\x0D\x00\x04MQTT\x04\x02\x00\x00\x00\x01\xFF",
        "MQTT-3.1.3-4",
    ),
    (
        "U+0000 in Client Identifier",
        CLIENT_3,
        b"\x10\x0D\x00\x04MQTT\x04\x02\x00\x00\x00\x01\x00",
        "MQTT-1.5.3-2",
    ),
    ("empty Client Identifier", CLIENT_3, b"\x10\x0C\x00\x04MQTT\x04\x00\x00\x00\x00\x00", "MQTT-3.1.3-8"),
    ("CONNECT cut", CLIENT_3, b"\x10\x07\x00\x04MQTT\x04", "MQTT-3.1.4-1"),
    ("CONNACK too long", SERVER_3, b"\x20\x03\x00\x00\x00", "S311-20"),
    ("CONNACK flags", SERVER_3, b"\x20\x02\x02\x00", "S311-21"),
    ("CONNACK code", SERVER_3, b"\x20\x02\x00\x06", "MQTT-3.2.2-6"),
    ("refusal with a session", SERVER_3, b"\x20\x02\x01\x05", "MQTT-3.2.2-4"),
    ("PUBLISH with QoS 3", CLIENT_3, b"\x36\x05\x00\x01t\x00\x01", "MQTT-3.3.1-4"),
    ("DUP with QoS 0", SERVER_3, b"\x38\x03\x00\x01t", "MQTT-3.3.1-2"),
    ("PUBLISH without topic", CLIENT_3, b"\x30\x00", "MQTT-3.3.2-1"),
    ("Topic Name cut", CLIENT_3, b"\x30\x03\x00\x02t", "MQTT-3.3.2-1"),
    ("empty Topic Name", CLIENT_3, b"\x30\x02\x00\x00", "MQTT-4.7.3-1"),
    ("wildcard in Topic Name", CLIENT_3, b"\x30\x05\x00\x03t/+", "MQTT-3.3.2-2"),
    ("surrogate in Topic Name", CLIENT_3, b"\x30\x05\x00\x03\xED\xA0\x80", "MQTT-3.3.2-1"),
    ("PUBLISH of packet 0", CLIENT_3, b"\x32\x05\x00\x01t\x00\x00", "MQTT-2.3.1-1"),
    ("SUBSCRIBE of packet 0", CLIENT_3, b"\x82\x06\x00\x00\x00\x01a\x00", "MQTT-2.3.1-1"),
    ("SUBSCRIBE without filter", CLIENT_3, b"\x82\x02\x00\x01", "MQTT-3.8.3-3"),
    ("SUBSCRIBE with QoS 3", CLIENT_3, b"\x82\x06\x00\x01\x00\x01a\x03", "MQTT-3.8.3-4"),
    ("reserved bits beside QoS", CLIENT_3, b"\x82\x06\x00\x01\x00\x01a\x04", "MQTT-3.8.3-4"),
    ("empty filter", CLIENT_3, b"\x82\x05\x00\x01\x00\x00\x00", "MQTT-4.7.3-1"),
    ("filter a/#/b", CLIENT_3, b"\x82\x0A\x00\x01\x00\x05a/#/b\x00", "MQTT-4.7.1-2"),
    ("filter a+", CLIENT_3, b"\x82\x07\x00\x01\x00\x02a+\x00", "MQTT-4.7.1-3"),
    ("SUBACK code", SERVER_3, b"\x90\x03\x00\x01\x03", "MQTT-3.9.3-2"),
    ("SUBACK without code", SERVER_3, b"\x90\x02\x00\x01", "MQTT-3.8.4-5"),
    ("UNSUBSCRIBE without filter", CLIENT_3, b"\xA2\x02\x00\x01", "MQTT-3.10.3-2"),
    ("ill-formed filter", CLIENT_3, b"\xA2\x05\x00\x01\x00\x01\x80", "MQTT-3.10.3-1"),
    ("UNSUBACK with a code", SERVER_3, b"\xB0\x03\x00\x01\x00", "S311-27"),
];

const V5_0: &[Row] = &[
    ("packet type 0", CLIENT_5, b"\x00\x00", "E5-01"),
    ("SUBACK from a Client", CLIENT_5, b"\x90\x04\x00\x01\x00\x00", "E5-02"),
    ("PINGREQ from a Server", SERVER_5, b"\xC0\x00", "MQTT-4.13.1-1"),
    ("flags of PUBACK", CLIENT_5, b"\x41\x02\x00\x01", "MQTT-2.1.3-1"),
    ("flags of AUTH", CLIENT_5, b"\xF1\x00", "MQTT-3.15.1-1"),
    ("Remaining Length of five bytes", CLIENT_5, b"\xC0\x80\x80\x80\x80\x00", "E5-03"),
    ("Remaining Length not minimal", CLIENT_5, b"\xC0\x80\x00", "MQTT-1.5.5-1"),
    ("PINGREQ with a body", CLIENT_5, b"\xC0\x01\x00", "E5-48"),
    ("Protocol Version", CLIENT_5, b"\x10\x0E\x00\x04MQTT\x06\x02\x00\x00\x00\x00\x01c", "MQTT-3.1.2-2"),
    ("reserved Connect Flag", CLIENT_5, b"\x10\x0E\x00\x04MQTT\x05\x03\x00\x00\x00\x00\x01c", "MQTT-3.1.2-3"),
    (
        "Will QoS without Will",
        CLIENT_5,
        b"\x10\x0E\x00\x04MQTT\x05\x0A\x00\x00\x00\x00\x01c",
        "MQTT-3.1.2-11",
    ),
    (
        "Will Retain without Will",
        CLIENT_5,
        b"\x10\x0E\x00\x04MQTT\x05\x22\x00\x00\x00\x00\x01c",
        "MQTT-3.1.2-13",
    ),
    ("no Property Length", CLIENT_5, b"\x10\x0A\x00\x04MQTT\x05\x02\x00\x00", "MQTT-2.2.2-1"),
    ("Property Length too great", CLIENT_5, b"\x10\x0E\x00\x04MQTT\x05\x02\x00\x00\x09\x00\x01c", "E5-10"),
    (
        "Property Length not minimal",
        CLIENT_5,
        b"\x10\x0F\x00\x04MQTT\x05\x02\x00\x00\x80\x00\x00\x01c",
        "MQTT-1.5.5-1",
    ),
    (
        "undefined property in CONNECT",
        CLIENT_5,
        b"\x10\x10\x00\x04MQTT\x05\x02\x00\x00\x02\x7F\x00\x00\x01c",
        "E5-04",
    ),
    (
        "Topic Alias in CONNECT",
        CLIENT_5,
        b"\x10\x11\x00\x04MQTT\x05\x02\x00\x00\x03\x23\x00\x01\x00\x01c",
        "E5-04",
    ),
    (
        "Receive Maximum 0",
        CLIENT_5,
        b"\x10\x11\x00\x04MQTT\x05\x02\x00\x00\x03\x21\x00\x00\x00\x01c",
        "E5-12",
    ),
    (
        "Receive Maximum twice",
        CLIENT_5,
        b"\x10\x14\x00\x04MQTT\x05\x02\x00\x00\x06\x21\x00\x01\x21\x00\x01\x00\x01c",
        "E5-12",
    ),
    (
        "Request Problem Information 2",
        CLIENT_5,
        b"\x10\x10\x00\x04MQTT\x05\x02\x00\x00\x02\x17\x02\x00\x01c",
        "E5-16",
    ),
    (
        "Authentication Data alone",
        CLIENT_5,
        b"\x10\x11\x00\x04MQTT\x05\x02\x00\x00\x03\x16\x00\x00\x00\x01c",
        "E5-18",
    ),
    (
        "Payload Format Indicator twice in Will",
        CLIENT_5,
        b"\x10\x18\x00\x04MQTT\x05\x06\x00\x00\x00\x00\x01c\x04\x01\x00\x01\x00\x00\x01w\x00\x00",
        "E5-20",
    ),
    ("no User Name", CLIENT_5, b"\x10\x0E\x00\x04MQTT\x05\x82\x00\x00\x00\x00\x01c", "MQTT-3.1.2-17"),
    ("CONNACK flags", SERVER_5, b"\x20\x03\x80\x00\x00", "MQTT-3.2.2-1"),
    ("CONNACK code", SERVER_5, b"\x20\x03\x00\x01\x00", "MQTT-3.2.2-8"),
    ("refusal with a session", SERVER_5, b"\x20\x03\x01\x87\x00", "MQTT-3.2.2-6"),
    ("Maximum QoS 2", SERVER_5, b"\x20\x05\x00\x00\x02\x24\x02", "MQTT-4.13.1-1"),
    ("PUBLISH with QoS 3", CLIENT_5, b"\x36\x06\x00\x01t\x00\x01\x00", "MQTT-3.3.1-4"),
    ("DUP with QoS 0", CLIENT_5, b"\x38\x04\x00\x01t\x00", "MQTT-3.3.1-2"),
    ("wildcard in Topic Name", CLIENT_5, b"\x30\x04\x00\x01#\x00", "MQTT-3.3.2-2"),
    ("empty Topic Name", CLIENT_5, b"\x30\x03\x00\x00\x00", "E5-25"),
    ("PUBLISH of packet 0 by a Client", CLIENT_5, b"\x32\x06\x00\x01t\x00\x00\x00", "MQTT-2.2.1-3"),
    ("PUBLISH of packet 0 by a Server", SERVER_5, b"\x32\x06\x00\x01t\x00\x00\x00", "MQTT-2.2.1-4"),
    ("Topic Alias 0", CLIENT_5, b"\x30\x07\x00\x01t\x03\x23\x00\x00", "MQTT-3.3.2-8"),
    ("Topic Alias twice", CLIENT_5, b"\x30\x0A\x00\x01t\x06\x23\x00\x01\x23\x00\x01", "E5-27"),
    ("Subscription Identifier from a Client", CLIENT_5, b"\x30\x06\x00\x01t\x02\x0B\x01", "MQTT-3.3.4-6"),
    ("Subscription Identifier 0", SERVER_5, b"\x30\x06\x00\x01t\x02\x0B\x00", "E5-32"),
    ("wildcard in Response Topic", CLIENT_5, b"\x30\x08\x00\x01t\x04\x08\x00\x01+", "MQTT-3.3.2-14"),
    ("ill-formed Response Topic", CLIENT_5, b"\x30\x08\x00\x01t\x04\x08\x00\x01\xFF", "MQTT-3.3.2-13"),
    ("ill-formed Content Type", CLIENT_5, b"\x30\x08\x00\x01t\x04\x03\x00\x01\xFF", "MQTT-3.3.2-19"),
    ("ill-formed User Property", CLIENT_5, b"\x30\x0A\x00\x01t\x06\x26\x00\x01\xFF\x00\x00", "MQTT-1.5.7-1"),
    ("U+0000 in User Property", CLIENT_5, b"\x30\x0A\x00\x01t\x06\x26\x00\x00\x00\x01\x00", "MQTT-1.5.4-2"),
    ("Session Expiry Interval in PUBLISH", CLIENT_5, b"\x30\x09\x00\x01t\x05\x11\x00\x00\x00\x00", "E5-05"),
    ("value of a property cut", CLIENT_5, b"\x30\x07\x00\x01t\x03\x02\x00\x00", "E5-10"),
    ("PUBACK code", CLIENT_5, b"\x40\x03\x00\x01\x92", "MQTT-3.4.2-1"),
    ("PUBREL code", CLIENT_5, b"\x62\x03\x00\x01\x10", "MQTT-3.6.2-1"),
    ("Reason String twice in PUBREC", CLIENT_5, b"\x50\x0A\x00\x01\x00\x06\x1F\x00\x00\x1F\x00\x00", "E5-39"),
    ("SUBSCRIBE without filter", CLIENT_5, b"\x82\x03\x00\x01\x00", "MQTT-3.8.3-2"),
    ("SUBSCRIBE with QoS 3", CLIENT_5, b"\x82\x07\x00\x01\x00\x00\x01a\x03", "E5-43"),
    ("Retain Handling 3", CLIENT_5, b"\x82\x07\x00\x01\x00\x00\x01a\x30", "E5-44"),
    ("reserved Subscription Options", CLIENT_5, b"\x82\x07\x00\x01\x00\x00\x01a\x40", "MQTT-3.8.3-5"),
    ("No Local on a share", CLIENT_5, b"\x82\x10\x00\x01\x00\x00\x0A$share/g/a\x04", "MQTT-3.8.3-4"),
    ("empty ShareName", CLIENT_5, b"\x82\x0F\x00\x01\x00\x00\x09$share//a\x00", "MQTT-4.8.2-1"),
    ("no filter behind ShareName", CLIENT_5, b"\x82\x0E\x00\x01\x00\x00\x08$share/g\x00", "MQTT-4.8.2-2"),
    ("filter #/a", CLIENT_5, b"\x82\x09\x00\x01\x00\x00\x03#/a\x00", "MQTT-4.7.1-1"),
    (
        "Subscription Identifier twice",
        CLIENT_5,
        b"\x82\x0B\x00\x01\x04\x0B\x01\x0B\x01\x00\x01a\x00",
        "E5-42",
    ),
    ("SUBACK code", SERVER_5, b"\x90\x04\x00\x01\x00\x03", "MQTT-3.9.3-2"),
    ("UNSUBSCRIBE of packet 0", CLIENT_5, b"\xA2\x06\x00\x00\x00\x00\x01a", "MQTT-2.2.1-3"),
    ("UNSUBACK without code", SERVER_5, b"\xB0\x03\x00\x01\x00", "MQTT-3.11.3-2"),
    ("DISCONNECT code of a Server", CLIENT_5, b"\xE0\x01\x8E", "MQTT-3.14.2-1"),
    (
        "Session Expiry Interval from a Server",
        SERVER_5,
        b"\xE0\x07\x00\x05\x11\x00\x00\x00\x00",
        "MQTT-3.14.2-2",
    ),
    ("Receive Maximum in DISCONNECT", CLIENT_5, b"\xE0\x05\x00\x03\x21\x00\x01", "E5-09"),
    ("AUTH without method", CLIENT_5, b"\xF0\x02\x18\x00", "E5-54"),
    ("re-authentication by a Server", SERVER_5, b"\xF0\x05\x19\x03\x15\x00\x00", "MQTT-3.15.2-1"),
    ("AUTH with a Reason Code only", CLIENT_5, b"\xF0\x01\x18", "MQTT-2.2.2-1"),
    ("bytes after the packet", CLIENT_5, b"\xC0\x00\xC0\x00", "MQTT-4.13.1-1"),
];

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

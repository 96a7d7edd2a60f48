//! Every rule can be broken, and cites what there is to cite.

#![expect(clippy::expect_used, reason = "helpers of tests fail as the tests do")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use bytes::Bytes;
use mqttspec_codec::model::{
    Acknowledgement, Auth, ConnAck, Connect, Disconnect, Packet, PacketType, Properties, Property,
    PropertyId, Publish, QoS, ReasonCode, Sender, SubAck, Subscribe, Subscription, UnsubAck, Unsubscribe,
    Will,
};
use mqttspec_codec::{
    Context, FieldKind, Lengths, Rule, Version, Violation, Wire, WireError, decode, decode_tolerating, encode,
};

/// A rule as one version has it: its statements tell rules with the same words apart.
type Demand = (Version, &'static str, String);

fn demand(rule: &'static Rule, version: Version) -> Demand {
    (version, rule.summary, format!("{:?} {:?}", rule.kind, rule.statements(version)))
}

/// One packet of each type, with all that it can have, and variations that matter for rules.
fn packets(version: Version) -> Vec<(Context, Packet)> {
    let client = Context::from_client(version);
    let server = Context::from_server(version);
    let v5 = version == Version::V5_0;
    let method = || Properties::from_iter([Property::AuthenticationMethod("m".into())]);
    let ack = || Acknowledgement {
        reason_code: v5.then_some(ReasonCode::SUCCESS),
        properties: v5.then(Properties::default),
        ..Acknowledgement::new(1)
    };
    let will = Will { topic: "w".into(), payload: Bytes::from_static(b"x"), ..Will::default() };
    let full = Connect {
        will: Some(will),
        user_name: Some("u".into()),
        password: Some(Bytes::from_static(b"p")),
        ..Connect::new(version, "c")
    };
    let no_password = Connect { password: None, ..full.clone() };
    let no_user = Connect { user_name: None, ..no_password.clone() };
    let publish = Publish {
        qos: QoS::AtLeastOnce,
        topic: "t".into(),
        packet_id: Some(1),
        payload: Bytes::from_static(b"payload"),
        ..Publish::default()
    };
    let subscription =
        |filter: &'static str| Subscription { filter: filter.into(), ..Subscription::default() };
    let filters = vec![subscription("a"), subscription("$share/g/b")];
    let disconnect = Disconnect {
        reason_code: v5.then_some(ReasonCode::SUCCESS),
        properties: v5.then(Properties::default),
    };
    let mut packets = vec![
        (client, Packet::Connect(full)),
        (client, Packet::Connect(no_password)),
        (client, Packet::Connect(no_user)),
        (client, Packet::Connect(Connect::new(version, "c"))),
        (client, Packet::Connect(Connect { clean_start: v5, ..Connect::new(version, "") })),
        (
            server,
            Packet::ConnAck(ConnAck {
                session_present: false,
                reason_code: ReasonCode::SUCCESS,
                properties: Properties::default(),
            }),
        ),
        (
            server,
            Packet::ConnAck(ConnAck {
                session_present: false,
                reason_code: if v5 { ReasonCode::NOT_AUTHORIZED } else { ReasonCode(5) },
                properties: Properties::default(),
            }),
        ),
        (client, Packet::Publish(publish.clone())),
        (server, Packet::Publish(publish)),
        (client, Packet::PubAck(ack())),
        (client, Packet::PubRec(ack())),
        (client, Packet::PubRel(ack())),
        (client, Packet::PubComp(ack())),
        (client, Packet::Subscribe(Subscribe { packet_id: 1, filters, ..Subscribe::default() })),
        (
            server,
            Packet::SubAck(SubAck {
                packet_id: 1,
                reason_codes: vec![ReasonCode::SUCCESS],
                ..SubAck::default()
            }),
        ),
        (
            client,
            Packet::Unsubscribe(Unsubscribe {
                packet_id: 1,
                filters: vec!["a".into()],
                ..Unsubscribe::default()
            }),
        ),
        (
            server,
            Packet::UnsubAck(UnsubAck {
                packet_id: 1,
                reason_codes: if v5 { vec![ReasonCode::SUCCESS] } else { Vec::new() },
                ..UnsubAck::default()
            }),
        ),
        (client, Packet::PingReq),
        (server, Packet::PingResp),
        (client, Packet::Disconnect(disconnect.clone())),
    ];
    if v5 {
        packets.push((server, Packet::Disconnect(disconnect)));
        packets.push((
            client,
            Packet::Auth(Auth {
                reason_code: Some(ReasonCode::CONTINUE_AUTHENTICATION),
                properties: Some(method()),
            }),
        ));
    }
    packets
}

/// Each property with a value of the right type, right in most places or wrong in some.
fn property_bytes() -> Vec<Vec<u8>> {
    let strings: [&[u8]; 5] = [b"\x00\x01s", b"\x00\x00", b"\x00\x01+", b"\x00\x01\xFF", b"\x00\x01\x00"];
    let mut all = Vec::new();
    for id in PropertyId::ALL {
        let values: Vec<Vec<u8>> = match id {
            PropertyId::UserProperty => strings.iter().map(|text| [*text, text].concat()).collect(),
            PropertyId::SubscriptionIdentifier => {
                vec![vec![0], vec![1], vec![0x81, 0], vec![0x80; 4], vec![0x80, 0x80, 0x80, 0x80, 0]]
            }
            _ => {
                let numbers: Vec<Vec<u8>> =
                    [0, 1, 2].iter().flat_map(|n| [vec![*n], vec![0, *n], vec![0, 0, 0, *n]]).collect();
                numbers.into_iter().chain(strings.iter().map(|text| text.to_vec())).collect()
            }
        };
        all.extend(values.into_iter().map(|value| [vec![id as u8], value].concat()));
    }
    all.extend((0..=u8::MAX).map(|id| vec![id]));
    all.extend((0..=u8::MAX).map(|id| vec![id, 0, 0]));
    all
}

/// The packet with each field spoilt in each way that comes to mind.
fn spoilt(wire: &Wire) -> Vec<Bytes> {
    let mut all = Vec::new();
    let mut add = |change: &dyn Fn(&mut Wire) -> Result<(), WireError>| {
        let mut wire = wire.clone();
        change(&mut wire).expect("the field is there and the value fits");
        all.push(wire.to_bytes());
    };
    for offset in 0..wire.to_bytes().len() {
        add(&|wire| wire.truncate_at(offset, Lengths::Recomputed));
        add(&|wire| wire.truncate_at(offset, Lengths::Frozen));
    }
    for length in 1..4 {
        for lengths in [Lengths::Recomputed, Lengths::Frozen] {
            add(&|wire| {
                wire.append(&vec![0; length], lengths);
                Ok(())
            });
        }
    }
    let texts: [&[u8]; 12] = [
        b"",
        b"\xFF",
        b"\x00",
        b"+",
        b"#",
        b"a+",
        b"#/a",
        b"$share/",
        b"$share//a",
        b"$share/g",
        b"$share/g/#/a",
        b"MQTT",
    ];
    for field in wire.fields() {
        let name = field.name.as_str();
        match field.kind {
            FieldKind::FirstByte
            | FieldKind::Flags
            | FieldKind::Byte
            | FieldKind::ReasonCode
            | FieldKind::PropertyIdentifier => {
                for byte in 0..=u8::MAX {
                    add(&|wire| wire.set(name, &[byte], Lengths::Recomputed));
                }
            }
            FieldKind::TwoByteInteger => add(&|wire| wire.set_integer(name, 0)),
            FieldKind::Utf8String => {
                for text in texts {
                    add(&|wire| wire.set(name, text, Lengths::Recomputed));
                }
            }
            FieldKind::VariableLength => {
                for width in [2, 5] {
                    add(&|wire| {
                        let value = field.range.len();
                        let counted = wire.to_bytes().len() - field.range.start - value;
                        wire.set_variable_bytes(name, counted as u32, width)
                    });
                    add(&|wire| wire.set_variable_bytes(name, 0, width));
                }
                add(&|wire| wire.set_integer(name, 100));
            }
            FieldKind::Properties => {
                for bytes in property_bytes() {
                    add(&|wire| wire.set(name, &bytes, Lengths::Recomputed));
                    let twice = [bytes.clone(), bytes.clone()].concat();
                    add(&|wire| wire.set(name, &twice, Lengths::Recomputed));
                }
            }
            FieldKind::Element => add(&|wire| {
                while wire.remove(name, Lengths::Recomputed).is_ok() {}
                Ok(())
            }),
            _ => {}
        }
    }
    all
}

/// All packets, spoilt, as both ends might have sent them.
fn inputs(version: Version) -> Vec<(Context, Bytes)> {
    let mut all = Vec::new();
    for (context, packet) in packets(version) {
        let wire = Wire::of(&packet, version);
        assert_eq!(Wire::read(&encode(&packet, version), context), wire);
        all.push((context, wire.to_bytes()));
        all.extend(spoilt(&wire).into_iter().map(|bytes| (context, bytes)));
        for sender in [Sender::Client, Sender::Server] {
            all.push((Context { version, sender }, wire.to_bytes()));
        }
    }
    all
}

#[test]
fn every_rule_can_be_broken() {
    let mut broken: BTreeSet<Demand> = BTreeSet::new();
    for version in Version::ALL {
        for (context, bytes) in inputs(version) {
            assert_eq!(decode(&bytes, context), decode_tolerating(&bytes, context, &|_| false));
            if let Err(violation) = decode(&bytes, context) {
                assert!(!violation.statements().is_empty(), "{violation}");
                broken.insert(demand(violation.rule, version));
            }
        }
    }
    let mut known: BTreeSet<Demand> = BTreeSet::new();
    for version in Version::ALL {
        known.extend(
            Rule::all().filter(|rule| !rule.statements(version).is_empty()).map(|rule| demand(rule, version)),
        );
    }
    let unbroken: Vec<_> = known.difference(&broken).collect();
    assert!(unbroken.is_empty(), "never broken: {unbroken:#?}");
    let unknown: Vec<_> = broken.difference(&known).collect();
    assert!(unknown.is_empty(), "not listed: {unknown:#?}");
}

#[test]
fn every_breach_can_be_tolerated() {
    for version in Version::ALL {
        for (context, bytes) in inputs(version) {
            let Err(first) = decode(&bytes, context) else { continue };
            // A rule switched off must not be reported any more, whatever else is wrong.
            let second = decode_tolerating(&bytes, context, &|violation| violation.rule == first.rule);
            if let Err(second) = second {
                let no_reading = bytes.first().is_none_or(|byte| PacketType::from_bits(byte >> 4).is_none())
                    || bytes.windows(5).any(|bytes| bytes.iter().all(|byte| *byte >= 0x80));
                assert!(second.rule != first.rule || no_reading, "{first}: {bytes:?}");
            }
            let all = decode_tolerating(&bytes, context, &|_| true);
            let hopeless = |violation: &Violation| {
                bytes.is_empty()
                    || bytes[0] < 0x10
                    || bytes.windows(5).any(|bytes| bytes.iter().all(|byte| *byte >= 0x80))
                    || violation.offset > bytes.len()
            };
            assert!(all.as_ref().err().is_none_or(hopeless), "{all:?}: {bytes:?}");
        }
    }
}

#[test]
fn every_citation_is_in_the_register() {
    let register = |name: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cases/statements").join(name);
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let ids = text.lines().filter_map(|line| line.trim_start().strip_prefix("- id: "));
        ids.map(str::to_owned).collect::<BTreeSet<_>>()
    };
    for (version, name) in [(Version::V3_1_1, "mqtt-3.1.1.yaml"), (Version::V5_0, "mqtt-5.0.yaml")] {
        let known = register(name);
        for rule in Rule::all() {
            for id in rule.statements(version) {
                assert!(known.contains(&id.to_string()), "MQTT {version} has no {id}: {}", rule.summary);
            }
        }
    }
    for rule in Rule::all() {
        assert!(!rule.v3_1_1.is_empty() || !rule.v5_0.is_empty(), "{} cites nothing", rule.summary);
    }
}

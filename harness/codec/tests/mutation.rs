//! The operators and the strict decoder know the specification independently of each other: here they have to agree.

use std::collections::BTreeSet;

use mqttspec_codec::model::{
    Acknowledgement, Auth, Connect, Disconnect, Packet, Properties, Property, Publish, QoS, ReasonCode,
    Subscribe, Subscription, SubscriptionOptions, Unsubscribe, Will,
};
use mqttspec_codec::mutation::{Mutant, Picked, Verdict, contradiction, mutant, mutants, operators, pick};
use mqttspec_codec::strategies::packet;
use mqttspec_codec::{Context, Version, decode};
use proptest::prelude::*;

fn properties(list: Vec<Property>) -> Properties {
    Properties(list)
}

/// A packet of each type with all that a Client may put into it.
fn full(version: Version) -> Vec<Packet> {
    let will = Will {
        qos: QoS::AtLeastOnce,
        retain: false,
        properties: properties(vec![
            Property::WillDelayInterval(1),
            Property::MessageExpiryInterval(60),
            Property::ContentType("kind".into()),
            Property::ResponseTopic("answer".into()),
            Property::CorrelationData("tag".into()),
            Property::UserProperty(("a".into(), "b".into())),
        ]),
        topic: "will".into(),
        payload: "gone".into(),
    };
    let connect = Connect {
        keep_alive: 60,
        properties: properties(vec![
            Property::SessionExpiryInterval(60),
            Property::ReceiveMaximum(10),
            Property::MaximumPacketSize(1000),
            Property::TopicAliasMaximum(10),
            Property::RequestResponseInformation(1),
            Property::RequestProblemInformation(1),
            Property::UserProperty(("a".into(), "b".into())),
        ]),
        will: Some(will),
        user_name: Some("someone".into()),
        password: Some("secret".into()),
        ..Connect::new(version, "client")
    };
    let publish = Publish {
        qos: QoS::AtLeastOnce,
        topic: "a/b".into(),
        packet_id: Some(7),
        properties: properties(vec![
            Property::PayloadFormatIndicator(1),
            Property::MessageExpiryInterval(60),
            Property::ContentType("kind".into()),
            Property::ResponseTopic("answer".into()),
            Property::CorrelationData("tag".into()),
            Property::UserProperty(("a".into(), "b".into())),
        ]),
        payload: "text".into(),
        ..Publish::default()
    };
    let reasons = || {
        properties(vec![
            Property::ReasonString("why".into()),
            Property::UserProperty(("a".into(), "b".into())),
        ])
    };
    let ack = || Acknowledgement {
        packet_id: 7,
        reason_code: Some(ReasonCode::SUCCESS),
        properties: Some(reasons()),
    };
    let subscription =
        |filter: &str| Subscription { filter: filter.into(), options: SubscriptionOptions::default() };
    let subscribe = Subscribe {
        packet_id: 7,
        properties: properties(vec![
            Property::SubscriptionIdentifier(1),
            Property::UserProperty(("a".into(), "b".into())),
        ]),
        filters: vec![subscription("a/b"), subscription("a/c")],
    };
    let unsubscribe = Unsubscribe {
        packet_id: 7,
        properties: properties(vec![Property::UserProperty(("a".into(), "b".into()))]),
        filters: vec!["a/b".into(), "a/c".into()],
    };
    let mut packets = vec![
        Packet::Connect(Connect::new(version, "client")),
        Packet::Connect(connect),
        Packet::Publish(Publish { topic: "a/b".into(), ..Publish::default() }),
        Packet::Publish(publish),
        Packet::PubAck(ack()),
        Packet::PubRec(ack()),
        Packet::PubRel(ack()),
        Packet::PubComp(ack()),
        Packet::Subscribe(subscribe),
        Packet::Unsubscribe(unsubscribe),
        Packet::PingReq,
        Packet::Disconnect(Disconnect {
            reason_code: Some(ReasonCode::SUCCESS),
            properties: Some(reasons()),
        }),
    ];
    if version == Version::V5_0 {
        let method = Property::AuthenticationMethod("method".into());
        let data = Property::AuthenticationData("data".into());
        packets.push(Packet::Auth(Auth {
            reason_code: Some(ReasonCode::CONTINUE_AUTHENTICATION),
            properties: Some(properties(vec![method, data, Property::ReasonString("why".into())])),
        }));
    }
    packets
}

fn all() -> impl Iterator<Item = (Version, Packet, Mutant)> {
    Version::ALL.into_iter().flat_map(|version| {
        full(version).into_iter().flat_map(move |packet| {
            mutants(&packet, version).into_iter().map(move |mutant| (version, packet.clone(), mutant))
        })
    })
}

#[test]
fn the_decoder_refuses_what_must_be_refused_and_takes_what_must_be_taken() {
    let problems: Vec<String> =
        all().filter_map(|(version, packet, mutant)| contradiction(&packet, version, &mutant)).collect();
    assert!(problems.is_empty(), "{} disagreements:\n{}", problems.len(), problems.join("\n"));
}

#[test]
fn a_mutant_picked_alone_is_the_one_of_the_list() {
    for version in Version::ALL {
        for packet in full(version) {
            for (number, operator) in operators().enumerate() {
                let all = operator.apply(&packet, version);
                for index in 0..=all.len() {
                    let Picked { mutant, bytes } = pick(&packet, version, number, index).unwrap();
                    match all.get(index).or(all.first()) {
                        Some(wanted) => assert_eq!(format!("{mutant:?}"), format!("{wanted:?}")),
                        None => assert_ne!(mutant.operator.name, operator.name),
                    }
                    assert_eq!(bytes, mutant.bytes(&packet, version));
                }
            }
        }
    }
}

#[test]
fn labels_are_unique_and_lead_back_to_the_mutant() {
    for version in Version::ALL {
        for packet in full(version) {
            let mut labels = BTreeSet::new();
            for one in mutants(&packet, version) {
                let label = one.label();
                assert!(
                    !label.contains(['[', ']', '(', ')', ',', '"', '\'', ' ']),
                    "{label} cannot stand in the id of a case"
                );
                assert_eq!(mutant(&packet, version, &label).unwrap().edits, one.edits);
                assert!(labels.insert(label.clone()), "{label} stands for two mutants");
            }
        }
    }
}

#[test]
fn what_must_be_refused_differs_from_its_packet() {
    for (version, packet, mutant) in all() {
        if matches!(mutant.expectation.verdict, Verdict::MustClose | Verdict::MustRefuse) {
            let before = mqttspec_codec::encode(&packet, version);
            assert_ne!(mutant.bytes(&packet, version).unwrap(), before, "{version} {}", mutant.label());
        }
    }
}

#[test]
fn each_operator_applies_somewhere_and_half_of_all_mutants_need_not_be_refused() {
    let mut names = BTreeSet::new();
    let (mut broken, mut rest) = (0_u32, 0_u32);
    for (_, _, mutant) in all() {
        names.insert(mutant.operator.name);
        match mutant.expectation.verdict {
            Verdict::MustClose | Verdict::MustRefuse => broken += 1,
            Verdict::MustAccept | Verdict::Either => rest += 1,
        }
    }
    let known: BTreeSet<&str> = operators().map(|operator| operator.name).collect();
    assert_eq!(names, known);
    assert!(rest * 2 > broken, "{broken} to refuse, {rest} others");
}

/// The operators by packet, with the number of their mutants: what exists, at a glance.
#[test]
fn table() {
    let mut lines: Vec<String> = Vec::new();
    for version in Version::ALL {
        for operator in operators() {
            let mut counts = Vec::new();
            for packet in full(version) {
                let made = operator.apply(&packet, version);
                if let Some(first) = made.first() {
                    let verdicts: BTreeSet<&str> =
                        made.iter().map(|mutant| mutant.expectation.verdict.as_str()).collect();
                    let verdicts = verdicts.into_iter().collect::<Vec<_>>().join("/");
                    let ids: Vec<String> =
                        first.expectation.statements.iter().map(ToString::to_string).collect();
                    counts.push(format!(
                        "  {} {} {verdicts} {}",
                        packet.packet_type(),
                        made.len(),
                        ids.join(" ")
                    ));
                }
            }
            if !counts.is_empty() {
                lines.push(format!("{version} {}: {}", operator.name, operator.summary));
                lines.extend(counts.into_iter().map(|line| line.trim_end().to_owned()));
            }
        }
    }
    insta::assert_snapshot!(lines.join("\n"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn mutants_of_any_packet_are_judged_as_the_decoder_does(
        (version, packet) in proptest::sample::select(Version::ALL.to_vec())
            .prop_flat_map(|version| packet(Context::from_client(version)).prop_map(move |it| (version, it)))
    ) {
        prop_assert!(decode(&mqttspec_codec::encode(&packet, version), Context::from_client(version)).is_ok());
        for mutant in mutants(&packet, version) {
            prop_assert_eq!(contradiction(&packet, version, &mutant), None);
        }
    }
}

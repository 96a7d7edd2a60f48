//! The targets hold on what is drawn at random, and can fail.

use arbitrary::{Arbitrary, Unstructured};
use fastrand::Rng;
use mqttspec_broker::Rules;
use mqttspec_codec::model::PacketType;
use mqttspec_codec::mutation::{Picked, contradiction, operators, pick};
use mqttspec_codec::{Citation, Context, StatementId, Version, decode, encode, statement};
use mqttspec_fuzz_targets::{ChangedPacket, LegalPacket, Mutator, Session, TARGETS, intruder_under};
use mqttspec_second_judge::play;

const MUTATOR: Mutator = Mutator::with_operators(0);

/// Tapes as a fuzzer makes them, the same every time.
fn tapes() -> impl Iterator<Item = Vec<u8>> {
    let mut random = Rng::with_seed(311_500);
    std::iter::repeat_with(move || (0..random.usize(0..400)).map(|_| random.u8(..)).collect())
}

#[test]
fn each_target_holds_on_random_input() {
    for (name, target) in TARGETS {
        println!("{name}");
        tapes().take(2_000).for_each(|tape| target(&tape));
    }
}

#[test]
fn legal_packets_are_of_all_types_in_both_versions() {
    let mut missing: Vec<(Version, PacketType)> = Version::ALL
        .into_iter()
        .flat_map(|version| PacketType::ALL.map(|packet_type| (version, packet_type)))
        .filter(|drawn| *drawn != (Version::V3_1_1, PacketType::Auth))
        .collect();
    for tape in tapes().take(2_000) {
        let legal = LegalPacket::arbitrary_take_rest(Unstructured::new(&tape)).unwrap();
        missing.retain(|drawn| *drawn != (legal.version, legal.packet.packet_type()));
    }
    assert_eq!(missing, []);
}

#[test]
fn every_operator_gets_its_turn_and_a_wrong_expectation_would_be_noticed() {
    let mut missing: Vec<&str> = operators().map(|operator| operator.name).collect();
    let mut noticed = 0;
    for tape in tapes().take(20_000) {
        let ChangedPacket { version, packet, operator, .. } =
            ChangedPacket::arbitrary_take_rest(Unstructured::new(&tape)).unwrap();
        if let Some(Picked { mut mutant, .. }) = pick(&packet, version, operator, 0) {
            missing.retain(|name| *name != mutant.operator.name);
            mutant.expectation.statements = vec![statement!("MQTT-9.9.9-9")];
            noticed += usize::from(contradiction(&packet, version, &mutant).is_some());
        }
    }
    assert_eq!(missing, [""; 0]);
    assert!(noticed > 1_000, "{noticed}");
}

#[test]
fn bugs_planted_in_the_broker_are_found() {
    let planted: [(Version, StatementId); 4] = [
        (Version::V3_1_1, statement!("MQTT-4.3.2-1/c")),
        (Version::V5_0, statement!("MQTT-4.3.3-10/b")),
        (Version::V5_0, statement!("MQTT-3.3.1-6/b")),
        (Version::V5_0, statement!("S5-49")),
    ];
    for (version, id) in planted {
        let rules = Rules::without([Citation { version, id }]);
        let found = tapes().take(20_000).any(|tape| {
            let session = Session::arbitrary_take_rest(Unstructured::new(&tape)).unwrap();
            play(&session.0, &rules).is_err()
        });
        assert!(found, "no session shows that {version} {id} is broken");
    }
}

/// CONNECT of 3.1.1, then PUBLISH with a Topic Name that is no UTF-8.
const ILL_FORMED_TOPIC: &[u8] = b"\x10\x0D\x00\x04MQTT\x04\x02\x00\x00\x00\x01i\x30\x03\x00\x01\xFF";

#[test]
#[should_panic(expected = "the connection is not closed")]
fn an_ill_formed_topic_that_is_accepted_is_found() {
    let rules = Rules::without([Citation { version: Version::V3_1_1, id: statement!("MQTT-1.5.3-1") }]);
    intruder_under(ILL_FORMED_TOPIC, &rules);
}

#[test]
fn mutations_fit_depend_on_the_seed_alone_and_make_legal_packets_as_well() {
    let connect = &ILL_FORMED_TOPIC[..15];
    let (mut legal, mut changed) = (0, 0);
    for seed in 0..20_000 {
        let mut twice = [(); 2].map(|()| {
            let mut data = connect.to_vec();
            data.resize(64, 0);
            let size = MUTATOR.mutate(&mut data, connect.len(), 64, seed, |_, size, _| size);
            data.truncate(size);
            data
        });
        let [first, second] = &mut twice;
        assert_eq!(first, second);
        if first != connect {
            changed += 1;
            let context = Context::from_client(Version::V3_1_1);
            legal += usize::from(
                decode(&std::mem::take(first).into(), context)
                    .is_ok_and(|packet| !encode(&packet, Version::V3_1_1).is_empty()),
            );
        }
    }
    assert!(changed > 500 && legal > 5, "{changed} changed, {legal} of them one legal packet");
}

#[test]
fn packets_are_cut_to_their_fixed_header_with_and_without_what_follows() {
    let publish = b"\x32\x08\x00\x03a/b\x00\x01x";
    let mut missing = vec![&b"\x32\x00"[..], b"\x32\x00\x00\x03a/b\x00\x01x"];
    for seed in 0..20_000 {
        let mut data = publish.to_vec();
        data.resize(64, 0);
        let size = MUTATOR.mutate(&mut data, publish.len(), 64, seed, |_, size, _| size);
        missing.retain(|cut| *cut != &data[..size]);
    }
    assert_eq!(missing, [b""; 0]);
}

//! The list of switches, and that what the server sends changes with them.

use mqttspec_codec::model::{Packet, QoS};
use mqttspec_codec::{Context, StatementId, Version, decode, statement};

use super::{Network, V3_1_1, V5_0};
use crate::{Rule, switches};

#[test]
fn every_rule_has_words_and_statements() {
    for rule in Rule::all() {
        assert!(!rule.summary().is_empty());
        assert!(rule.citations().next().is_some(), "{}", rule.summary());
    }
}

#[test]
fn a_statement_has_a_switch_for_itself_or_for_its_clauses() {
    let all: Vec<_> = switches().collect();
    for switch in &all {
        let whole = switch.id.statement();
        let both = switch.id != whole && all.iter().any(|it| it.version == switch.version && it.id == whole);
        assert!(!both, "{switch} and the whole of it");
    }
}

/// What the server sends in a session that uses most packets, with one statement off.
fn sent_without(version: Version, id: StatementId) -> Vec<bytes::Bytes> {
    let mut network = Network::without(version, id);
    let id = network.open(version);
    let mut connect = mqttspec_codec::model::Connect::new(version, "a");
    connect.clean_start = false;
    network.send(id, &Packet::Connect(connect));
    let filter = mqttspec_codec::model::Subscription {
        filter: "t".into(),
        options: mqttspec_codec::model::SubscriptionOptions { qos: QoS::ExactlyOnce, ..Default::default() },
    };
    let subscribe =
        mqttspec_codec::model::Subscribe { packet_id: 5, filters: vec![filter], ..Default::default() };
    network.send(id, &Packet::Subscribe(subscribe));
    for qos in [QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce] {
        network.publish(id, "t", "m", qos);
    }
    network.send(id, &Packet::PingReq);
    network.raw(id)
}

#[test]
fn the_codec_cites_the_statement_whose_bytes_are_wrong() {
    for (version, id) in [
        (V3_1_1, statement!("MQTT-2.2.2-1")),
        (V3_1_1, statement!("MQTT-1.5.3-2/a")),
        (V3_1_1, statement!("MQTT-3.3.1-4/a")),
        (V3_1_1, statement!("MQTT-3.3.1-2")),
        (V3_1_1, statement!("MQTT-3.9.3-2")),
        (V5_0, statement!("MQTT-2.1.3-1")),
        (V5_0, statement!("MQTT-1.5.5-1")),
        (V5_0, statement!("MQTT-3.2.2-1")),
        (V5_0, statement!("MQTT-3.3.2-2")),
        (V5_0, statement!("MQTT-2.2.1-4/a")),
        (V5_0, statement!("MQTT-3.4.2-1")),
    ] {
        let context = Context::from_server(version);
        let violations: Vec<_> =
            sent_without(version, id).iter().filter_map(|bytes| decode(bytes, context).err()).collect();
        assert!(!violations.is_empty(), "{version} {id}");
        for violation in violations {
            assert!(violation.statements().contains(&id.statement()), "{version} {id}: {violation}");
        }
    }
}

#[test]
fn answers_have_the_wrong_identifier_with_the_switch_off() {
    for (version, id) in [(V3_1_1, statement!("MQTT-3.8.4-2")), (V5_0, statement!("MQTT-2.2.1-6/a"))] {
        let context = Context::from_server(version);
        let wrong = sent_without(version, id).iter().any(
            |bytes| matches!(decode(bytes, context), Ok(Packet::SubAck(suback)) if suback.packet_id != 5),
        );
        assert!(wrong, "{version}");
    }
}

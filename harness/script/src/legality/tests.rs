//! The model of a client, rule by rule.

use mqttspec_codec::Version::{self, V3_1_1, V5_0};
use mqttspec_codec::model::{
    Acknowledgement, Auth, ConnAck, Connect, Disconnect, Packet, Properties, Property, Publish, QoS,
    ReasonCode, SubAck, Subscribe, Subscription, Unsubscribe,
};

use super::ClientModel;

fn connected(version: Version, properties: Vec<Property>) -> ClientModel {
    let mut model = ClientModel::new(version);
    reconnect(&mut model, version, true, properties);
    model
}

fn reconnect(model: &mut ClientModel, version: Version, clean_start: bool, properties: Vec<Property>) {
    model.opened();
    let connect = Connect { clean_start, ..Connect::new(version, "c") };
    assert_eq!(model.sent(&Packet::Connect(connect)), Ok(()));
    model.received(&Packet::ConnAck(ConnAck {
        session_present: !clean_start,
        reason_code: ReasonCode::SUCCESS,
        properties: Properties(properties),
    }));
}

fn publish(qos: QoS, id: u16, dup: bool) -> Packet {
    let packet_id = (qos != QoS::AtMostOnce).then_some(id);
    Packet::Publish(Publish { dup, qos, packet_id, topic: "a".into(), ..Publish::default() })
}

fn qos1(id: u16) -> Packet {
    publish(QoS::AtLeastOnce, id, false)
}

fn qos2(id: u16) -> Packet {
    publish(QoS::ExactlyOnce, id, false)
}

fn subscribe(id: u16, filter: &str, properties: Vec<Property>) -> Packet {
    let filters = vec![Subscription { filter: filter.into(), ..Subscription::default() }];
    Packet::Subscribe(Subscribe { packet_id: id, properties: Properties(properties), filters })
}

fn ack(id: u16) -> Acknowledgement {
    Acknowledgement::new(id)
}

/// The first statement that the packet breaks; empty when none.
fn broken(model: &mut ClientModel, packet: &Packet) -> String {
    match model.sent(packet) {
        Ok(()) => String::new(),
        Err(breach) => breach.statements.first().map(ToString::to_string).unwrap_or_default(),
    }
}

#[test]
fn connect_comes_first_and_once() {
    for version in Version::ALL {
        let mut model = ClientModel::new(version);
        model.opened();
        assert_eq!(broken(&mut model, &Packet::PingReq), "MQTT-3.1.0-1");
        let mut model = connected(version, vec![]);
        assert_eq!(broken(&mut model, &Packet::PingReq), "");
        assert_eq!(broken(&mut model, &Packet::Connect(Connect::new(version, "c"))), "MQTT-3.1.0-2");
    }
}

#[test]
fn nothing_follows_a_disconnect() {
    for (version, statement) in [(V3_1_1, "MQTT-3.14.4-2"), (V5_0, "MQTT-3.14.4-1")] {
        let mut model = connected(version, vec![]);
        assert_eq!(broken(&mut model, &Packet::Disconnect(Disconnect::default())), "");
        assert_eq!(broken(&mut model, &Packet::PingReq), statement);
    }
}

#[test]
fn packets_may_follow_a_connect_at_once() {
    let mut model = ClientModel::new(V5_0);
    model.opened();
    assert_eq!(model.sent(&Packet::Connect(Connect::new(V5_0, "c"))), Ok(()));
    assert_eq!(broken(&mut model, &qos1(1)), "");
    model.received(&Packet::ConnAck(ConnAck {
        session_present: false,
        reason_code: ReasonCode::SUCCESS,
        properties: Properties::default(),
    }));
    assert_eq!(broken(&mut model, &qos1(1)), "MQTT-2.2.1-3");
}

#[test]
fn identifiers_in_use_are_not_taken_again() {
    for (version, statement) in [(V3_1_1, "MQTT-2.3.1-2"), (V5_0, "MQTT-2.2.1-3")] {
        let mut model = connected(version, vec![]);
        assert_eq!(broken(&mut model, &subscribe(7, "a", vec![])), "");
        assert_eq!(broken(&mut model, &qos1(7)), statement);
        model.received(&Packet::SubAck(SubAck { packet_id: 7, ..SubAck::default() }));
        assert_eq!(broken(&mut model, &qos1(7)), "");
        let unsubscribe = Unsubscribe { packet_id: 7, ..Unsubscribe::default() };
        assert_eq!(broken(&mut model, &Packet::Unsubscribe(unsubscribe)), statement);
        model.received(&Packet::PubAck(ack(7)));
        assert_eq!(broken(&mut model, &qos2(7)), "");
    }
}

#[test]
fn the_handshake_of_qos_2_keeps_its_order() {
    for (version, early, late) in
        [(V3_1_1, "MQTT-2.3.1-6", "MQTT-4.3.3-1"), (V5_0, "MQTT-2.2.1-5", "MQTT-4.3.3-6")]
    {
        let mut model = connected(version, vec![]);
        assert_eq!(broken(&mut model, &qos2(1)), "");
        assert_eq!(broken(&mut model, &Packet::PubRel(ack(1))), early);
        model.received(&Packet::PubRec(ack(1)));
        assert_eq!(broken(&mut model, &Packet::PubRel(ack(1))), "");
        assert_eq!(broken(&mut model, &publish(QoS::ExactlyOnce, 1, true)), late);
        model.received(&Packet::PubComp(ack(1)));
        assert_eq!(broken(&mut model, &Packet::PubRel(ack(1))), early);
    }
}

#[test]
fn pubrels_follow_the_order_of_pubrecs() {
    let mut model = connected(V5_0, vec![]);
    for id in [1, 2] {
        assert_eq!(broken(&mut model, &qos2(id)), "");
    }
    model.received(&Packet::PubRec(ack(2)));
    model.received(&Packet::PubRec(ack(1)));
    assert_eq!(broken(&mut model, &Packet::PubRel(ack(1))), "MQTT-4.6.0-4");
    assert_eq!(broken(&mut model, &Packet::PubRel(ack(2))), "");
}

#[test]
fn a_refused_message_is_settled() {
    let mut model = connected(V5_0, vec![Property::ReceiveMaximum(1)]);
    assert_eq!(broken(&mut model, &qos2(1)), "");
    let refusal = Acknowledgement { reason_code: Some(ReasonCode::QUOTA_EXCEEDED), ..ack(1) };
    model.received(&Packet::PubRec(refusal));
    assert_eq!(broken(&mut model, &qos2(1)), "");
    assert_eq!(broken(&mut model, &qos1(2)), "MQTT-3.3.4-7");
}

#[test]
fn only_what_was_received_is_acknowledged_and_in_order() {
    let mut model = connected(V5_0, vec![]);
    assert_eq!(broken(&mut model, &Packet::PubAck(ack(5))), "MQTT-2.2.1-5");
    for id in [5, 6] {
        model.received(&qos1(id));
    }
    assert_eq!(broken(&mut model, &Packet::PubAck(ack(6))), "MQTT-4.6.0-2");
    assert_eq!(broken(&mut model, &Packet::PubAck(ack(5))), "");
    assert_eq!(broken(&mut model, &Packet::PubAck(ack(5))), "MQTT-2.2.1-5");
    model.received(&qos2(5));
    assert_eq!(broken(&mut model, &Packet::PubComp(ack(5))), "MQTT-2.2.1-5");
    assert_eq!(broken(&mut model, &Packet::PubRec(ack(5))), "");
    model.received(&Packet::PubRel(ack(5)));
    assert_eq!(broken(&mut model, &Packet::PubComp(ack(5))), "");
}

#[test]
fn repeats_come_after_a_reconnect_only_in_5() {
    for (version, live) in [(V3_1_1, ""), (V5_0, "MQTT-4.4.0-1")] {
        let mut model = connected(version, vec![]);
        assert_eq!(broken(&mut model, &qos1(1)), "");
        assert_eq!(broken(&mut model, &publish(QoS::AtLeastOnce, 1, true)), live);
        model.closed();
        reconnect(&mut model, version, false, vec![]);
        assert_eq!(broken(&mut model, &publish(QoS::AtLeastOnce, 1, true)), "");
        model.closed();
        reconnect(&mut model, version, false, vec![]);
        assert_eq!(broken(&mut model, &qos1(1)), "MQTT-3.3.1-1");
    }
}

#[test]
fn a_first_publish_has_no_dup() {
    for (version, statement) in [(V3_1_1, "MQTT-4.3.2-1"), (V5_0, "MQTT-4.3.2-2")] {
        let mut model = connected(version, vec![]);
        assert_eq!(broken(&mut model, &publish(QoS::AtLeastOnce, 1, true)), statement);
    }
}

#[test]
fn a_clean_start_forgets_the_session() {
    let mut model = connected(V3_1_1, vec![]);
    assert_eq!(broken(&mut model, &qos1(1)), "");
    model.closed();
    reconnect(&mut model, V3_1_1, true, vec![]);
    assert_eq!(broken(&mut model, &qos1(1)), "");
}

#[test]
fn limits_of_the_connack_hold() {
    let limits = vec![
        Property::MaximumQoS(1),
        Property::RetainAvailable(0),
        Property::TopicAliasMaximum(2),
        Property::WildcardSubscriptionAvailable(0),
        Property::SharedSubscriptionAvailable(0),
        Property::SubscriptionIdentifiersAvailable(0),
        Property::MaximumPacketSize(20),
    ];
    let mut model = connected(V5_0, limits);
    let retained = Publish { retain: true, topic: "a".into(), ..Publish::default() };
    let aliased = |topic: &str, alias| {
        Packet::Publish(Publish {
            topic: topic.into(),
            properties: Properties(vec![Property::TopicAlias(alias)]),
            ..Publish::default()
        })
    };
    assert_eq!(broken(&mut model, &qos2(1)), "MQTT-3.2.2-11");
    assert_eq!(broken(&mut model, &Packet::Publish(retained)), "MQTT-3.2.2-14");
    assert_eq!(broken(&mut model, &aliased("a", 3)), "MQTT-3.2.2-17");
    assert_eq!(broken(&mut model, &aliased("", 2)), "E5-26");
    assert_eq!(broken(&mut model, &aliased("a", 2)), "");
    assert_eq!(broken(&mut model, &aliased("", 2)), "");
    assert_eq!(broken(&mut model, &subscribe(2, "a/#", vec![])), "E5-45");
    assert_eq!(broken(&mut model, &subscribe(3, "$share/g/a", vec![])), "E5-47");
    assert_eq!(broken(&mut model, &subscribe(4, "a", vec![Property::SubscriptionIdentifier(1)])), "E5-46");
    assert!(model.judge_size(20).is_ok());
    assert_eq!(model.judge_size(21).unwrap_err().statements.len(), 2);
    model.closed();
    reconnect(&mut model, V5_0, true, vec![]);
    assert_eq!(broken(&mut model, &aliased("a", 1)), "MQTT-3.2.2-18");
    assert_eq!(broken(&mut model, &qos2(9)), "");
}

#[test]
fn auth_needs_a_method() {
    let mut model = connected(V5_0, vec![]);
    assert_eq!(broken(&mut model, &Packet::Auth(Auth::default())), "MQTT-4.12.0-7");
    let method = |name: &str| Properties(vec![Property::AuthenticationMethod(name.into())]);
    let mut model = ClientModel::new(V5_0);
    model.opened();
    let connect = Connect { properties: method("M"), ..Connect::new(V5_0, "c") };
    assert_eq!(model.sent(&Packet::Connect(connect)), Ok(()));
    assert_eq!(broken(&mut model, &Packet::PingReq), "MQTT-3.1.2-30");
    let auth = |code, name: &str| {
        Packet::Auth(Auth { reason_code: Some(ReasonCode(code)), properties: Some(method(name)) })
    };
    assert_eq!(broken(&mut model, &auth(0x18, "M")), "");
    assert_eq!(broken(&mut model, &auth(0x18, "N")), "MQTT-4.12.0-5");
    assert_eq!(broken(&mut model, &auth(0x19, "M")), "MQTT-4.12.0-3");
}

#[test]
fn a_session_expiry_cannot_be_had_late() {
    let disconnect = Packet::Disconnect(Disconnect {
        reason_code: Some(ReasonCode::SUCCESS),
        properties: Some(Properties(vec![Property::SessionExpiryInterval(9)])),
    });
    let mut model = connected(V5_0, vec![]);
    assert_eq!(broken(&mut model, &disconnect), "E5-50");
}

#[test]
fn packets_of_servers_are_not_sent() {
    let mut model = connected(V5_0, vec![]);
    assert_eq!(broken(&mut model, &Packet::PingResp), "E5-02");
    let breach = model.sent(&Packet::PingResp).unwrap_err();
    assert_eq!(breach.to_string(), "PINGRESP is a packet that only servers send (E5-02)");
}

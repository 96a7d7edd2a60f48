//! PUBLISH at all levels of QoS, and the send quota.

use mqttspec_codec::model::{
    Acknowledgement, Connect, Packet, Properties, Property, Publish, QoS, ReasonCode,
};
use mqttspec_codec::{Version, statement};

use super::{Network, V3_1_1, V5_0, payloads, publish};

#[test]
fn each_qos_is_answered_and_delivered() {
    for version in Version::ALL {
        let mut network = Network::new();
        let id = network.connect(version, "s");
        network.subscribe(id, "t", QoS::ExactlyOnce);
        let publisher = network.connect(version, "p");
        for qos in [QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce] {
            network.publish(publisher, "t", "m", qos);
            let answer = network.packets(publisher);
            match qos {
                QoS::AtMostOnce => assert!(answer.is_empty()),
                QoS::AtLeastOnce => assert_eq!(answer, [Packet::PubAck(Acknowledgement::new(11))]),
                QoS::ExactlyOnce => assert_eq!(answer, [Packet::PubRec(Acknowledgement::new(11))]),
            }
            let delivered = network.packets(id);
            assert!(matches!(&delivered[..], [Packet::Publish(it)] if it.qos == qos && !it.dup));
            network.acknowledge(id, &delivered);
            let released = network.packets(id);
            assert_eq!(released.len(), usize::from(qos == QoS::ExactlyOnce), "PUBREL");
            network.acknowledge(id, &released);
        }
        network.send(publisher, &Packet::PubRel(Acknowledgement::new(11)));
        assert_eq!(network.packets(publisher), [Packet::PubComp(Acknowledgement::new(11))]);
    }
}

#[test]
fn a_repeated_qos_2_publish_is_delivered_once() {
    for (network, expected) in
        [(Network::new(), 1), (Network::without(V5_0, statement!("MQTT-4.3.3-10/b")), 2)]
    {
        let mut network = network;
        let id = network.connect(V5_0, "s");
        network.subscribe(id, "t", QoS::AtMostOnce);
        for _ in 0..2 {
            network.publish(id, "t", "m", QoS::ExactlyOnce);
        }
        let packets = network.packets(id);
        assert_eq!(payloads(&packets).len(), expected);
        assert_eq!(packets.len() - expected, 2, "each gets a PUBREC");
    }
}

#[test]
fn a_message_goes_at_the_lower_qos() {
    for (network, expected) in [
        (Network::new(), QoS::AtMostOnce),
        (Network::without(V3_1_1, statement!("MQTT-3.8.4-6")), QoS::ExactlyOnce),
    ] {
        let mut network = network;
        let id = network.connect(V3_1_1, "s");
        assert_eq!(network.subscribe(id, "t", QoS::ExactlyOnce), [2]);
        network.publish(id, "t", "m", QoS::AtMostOnce);
        assert!(matches!(&network.packets(id)[..], [Packet::Publish(it)] if it.qos == expected));
    }
}

#[test]
fn receive_maximum_holds_messages_back() {
    let mut network = Network::new();
    let mut connect = Connect::new(V5_0, "s");
    connect.properties.push(Property::ReceiveMaximum(1));
    let (id, _) = network.connect_with(V5_0, connect);
    network.subscribe(id, "t", QoS::AtLeastOnce);
    let publisher = network.connect(V5_0, "p");
    for payload in ["1", "2", "3"] {
        network.publish(publisher, "t", payload, QoS::AtLeastOnce);
    }
    for expected in ["1", "2", "3"] {
        let packets = network.packets(id);
        assert_eq!(payloads(&packets), [expected]);
        network.acknowledge(id, &packets);
    }
}

#[test]
fn a_client_may_not_exceed_the_receive_maximum_of_the_broker() {
    let mut network = Network::configured(|it| it.receive_maximum = 2);
    let id = network.connect(V5_0, "p");
    for packet_id in 1..=3 {
        let publish = Publish {
            qos: QoS::ExactlyOnce,
            packet_id: Some(packet_id),
            topic: "t".into(),
            ..Publish::default()
        };
        network.send(id, &Packet::Publish(publish));
    }
    assert!(network.is_closed(id));
    let packets = network.packets(id);
    assert!(matches!(
        packets.last(),
        Some(Packet::Disconnect(it)) if it.reason() == ReasonCode::RECEIVE_MAXIMUM_EXCEEDED
    ));
}

#[test]
fn topic_aliases_work_both_ways() {
    let mut network = Network::new();
    let mut connect = Connect::new(V5_0, "s");
    connect.properties.push(Property::TopicAliasMaximum(1));
    let (id, _) = network.connect_with(V5_0, connect);
    network.subscribe(id, "#", QoS::AtMostOnce);
    let alias = || Properties(vec![Property::TopicAlias(3)]);
    network.send(id, &publish("long/topic", "1", QoS::AtMostOnce, false, alias()));
    network.send(id, &publish("", "2", QoS::AtMostOnce, false, alias()));
    network.publish(id, "other", "3", QoS::AtMostOnce);
    let sent: Vec<_> = network
        .packets(id)
        .into_iter()
        .map(|packet| match packet {
            Packet::Publish(it) => (it.topic.to_string(), it.properties.topic_alias()),
            other => panic!("{other:?}"),
        })
        .collect();
    let expected = [("long/topic", Some(1)), ("", Some(1)), ("other", None)];
    assert_eq!(sent, expected.map(|(topic, alias)| (topic.to_owned(), alias)));
}

#[test]
fn a_message_too_long_for_the_client_is_left_out() {
    let mut network = Network::new();
    let mut connect = Connect::new(V5_0, "s");
    connect.properties.push(Property::MaximumPacketSize(40));
    let (id, _) = network.connect_with(V5_0, connect);
    network.subscribe(id, "t", QoS::AtLeastOnce);
    let publisher = network.connect(V5_0, "p");
    network.publish(publisher, "t", &"x".repeat(60), QoS::AtLeastOnce);
    network.publish(publisher, "t", "short", QoS::AtLeastOnce);
    assert_eq!(payloads(&network.packets(id)), ["short"]);
    assert!(!network.is_closed(id));
}

#[test]
fn an_expired_message_is_not_sent_and_the_interval_is_reduced() {
    let mut network = Network::new();
    let (id, _) = network.resume(V5_0, "s");
    network.subscribe(id, "t", QoS::AtLeastOnce);
    network.drop(id);
    let publisher = network.connect(V5_0, "p");
    for (payload, seconds) in [("short", 5), ("long", 60)] {
        let properties = Properties(vec![Property::MessageExpiryInterval(seconds)]);
        network.send(publisher, &publish("t", payload, QoS::AtLeastOnce, false, properties));
    }
    network.wait(std::time::Duration::from_secs(10));
    let (id, _) = network.resume(V5_0, "s");
    let packets = network.packets(id);
    assert_eq!(payloads(&packets), ["long"]);
    assert_eq!(packets[0].properties().unwrap().message_expiry_interval(), Some(50));
}

#[test]
fn a_denied_publish_is_settled() {
    let mut network = Network::new();
    let id = network.connect(V5_0, "p");
    network.publish(id, "denied/t", "m", QoS::AtLeastOnce);
    assert!(matches!(
        &network.packets(id)[..],
        [Packet::PubAck(it)] if it.reason() == ReasonCode::NOT_AUTHORIZED && it.properties.is_some()
    ));
    let id = network.connect(V3_1_1, "q");
    network.publish(id, "denied/t", "m", QoS::AtLeastOnce);
    assert_eq!(network.packets(id), [Packet::PubAck(Acknowledgement::new(11))]);
}

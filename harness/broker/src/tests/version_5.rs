//! What only 5.0 has: limits of the broker, request and response information.

use std::time::Duration;

use mqttspec_codec::model::{Acknowledgement, Connect, Packet, Properties, Property, QoS, ReasonCode};

use super::{Network, V5_0, publish};

#[test]
fn capabilities_are_told_and_held() {
    let mut network = Network::configured(|it| {
        it.maximum_qos = QoS::AtMostOnce;
        it.retain_available = false;
    });
    let (id, connack) = network.connect_with(V5_0, Connect::new(V5_0, "a"));
    assert_eq!(connack.properties.maximum_qos(), Some(0));
    assert_eq!(connack.properties.retain_available(), Some(0));
    network.publish(id, "t", "m", QoS::AtLeastOnce);
    assert!(network.is_closed(id));
    let id = network.connect(V5_0, "a");
    network.send(id, &publish("t", "m", QoS::AtMostOnce, true, Properties::default()));
    let packets = network.packets(id);
    assert!(matches!(
        &packets[..],
        [Packet::Disconnect(it)] if it.reason() == ReasonCode::RETAIN_NOT_SUPPORTED
    ));
}

#[test]
fn problem_information_is_left_out_where_it_is_not_wanted() {
    for wanted in [true, false] {
        let mut network = Network::new();
        let mut connect = Connect::new(V5_0, "a");
        connect.properties.push(Property::RequestProblemInformation(u8::from(wanted)));
        let (id, _) = network.connect_with(V5_0, connect);
        network.send(id, &Packet::PubRel(Acknowledgement::new(99)));
        let packets = network.packets(id);
        let [Packet::PubComp(pubcomp)] = &packets[..] else { panic!("{packets:?}") };
        assert_eq!(pubcomp.reason(), ReasonCode::PACKET_IDENTIFIER_NOT_FOUND);
        let told = pubcomp.properties.as_ref().is_some_and(|it| it.reason_string().is_some());
        assert_eq!(told, wanted);
    }
}

#[test]
fn response_information_comes_on_request() {
    let mut network = Network::new();
    let mut connect = Connect::new(V5_0, "a");
    assert_eq!(network.connect_with(V5_0, connect.clone()).1.properties.response_information(), None);
    connect.properties.push(Property::RequestResponseInformation(1));
    assert!(network.connect_with(V5_0, connect).1.properties.response_information().is_some());
}

#[test]
fn a_packet_above_the_maximum_packet_size_is_refused_before_it_is_complete() {
    let mut network = Network::configured(|it| it.maximum_packet_size = Some(100));
    let id = network.connect(V5_0, "a");
    network.send_bytes(id, &[0x30, 0xFF, 0xFF, 0x7F]);
    assert!(network.is_closed(id));
}

#[test]
fn a_client_too_small_for_connack_is_sent_nothing() {
    for keep_alive in [0, 60] {
        let mut network = Network::new();
        let mut connect = Connect::new(V5_0, "");
        connect.keep_alive = keep_alive;
        connect.properties.push(Property::MaximumPacketSize(8));
        let id = network.open(V5_0);
        network.send(id, &Packet::Connect(connect));
        network.wait(Duration::from_secs(600));
        assert_eq!(network.packets(id), []);
        assert!(network.is_closed(id));
    }
}

#[test]
fn another_server_is_named() {
    let mut network = Network::configured(|it| {
        it.redirection = Some((ReasonCode::USE_ANOTHER_SERVER, "elsewhere:1883".into()));
    });
    let (id, connack) = network.connect_with(V5_0, Connect::new(V5_0, "a"));
    assert_eq!(connack.reason_code, ReasonCode::USE_ANOTHER_SERVER);
    assert_eq!(connack.properties.server_reference().as_deref(), Some("elsewhere:1883"));
    assert!(network.is_closed(id));
}

#[test]
fn nobody_listening_is_reported() {
    let mut network = Network::new();
    let id = network.connect(V5_0, "a");
    network.publish(id, "nobody", "m", QoS::AtLeastOnce);
    assert!(matches!(
        &network.packets(id)[..],
        [Packet::PubAck(it)] if it.reason() == ReasonCode::NO_MATCHING_SUBSCRIBERS
    ));
}

//! Sessions: takeover, resumption, expiry, and messages for Clients that are away.

use std::time::Duration;

use mqttspec_codec::model::{Acknowledgement, Connect, Packet, Property, Publish, QoS, ReasonCode};
use mqttspec_codec::{Version, statement};

use super::{Network, V3_1_1, V5_0, payloads, will};
use crate::Stop;

#[test]
fn the_same_client_identifier_takes_over() {
    for version in Version::ALL {
        let mut network = Network::new();
        let first = network.connect(version, "a");
        let second = network.connect(version, "a");
        assert!(network.is_closed(first));
        assert!(!network.is_closed(second));
        let told = network.packets(first);
        match version {
            V3_1_1 => assert!(told.is_empty()),
            V5_0 => assert!(matches!(
                &told[..],
                [Packet::Disconnect(disconnect)] if disconnect.reason() == ReasonCode::SESSION_TAKEN_OVER
            )),
        }
    }
}

#[test]
fn messages_wait_for_a_client_that_is_away() {
    for version in Version::ALL {
        let mut network = Network::new();
        let (id, connack) = network.resume(version, "a");
        assert!(!connack.session_present);
        network.subscribe(id, "t", QoS::ExactlyOnce);
        network.drop(id);
        let publisher = network.connect(version, "p");
        for (payload, qos) in
            [("zero", QoS::AtMostOnce), ("one", QoS::AtLeastOnce), ("two", QoS::ExactlyOnce)]
        {
            network.publish(publisher, "t", payload, qos);
        }
        let (id, connack) = network.resume(version, "a");
        assert!(connack.session_present);
        assert_eq!(payloads(&network.packets(id)), ["one", "two"]);
    }
}

#[test]
fn open_packets_come_again_with_their_identifiers() {
    for version in Version::ALL {
        let mut network = Network::new();
        let (id, _) = network.resume(version, "a");
        network.subscribe(id, "t", QoS::ExactlyOnce);
        let publisher = network.connect(version, "p");
        network.publish(publisher, "t", "one", QoS::AtLeastOnce);
        network.publish(publisher, "t", "two", QoS::ExactlyOnce);
        let first = network.packets(id);
        let ids: Vec<_> = first.iter().filter_map(Packet::packet_id).collect();
        network.send(id, &Packet::PubRec(Acknowledgement::new(ids[1])));
        network.drop(id);
        let (id, _) = network.resume(version, "a");
        let again = network.packets(id);
        assert!(again.contains(&Packet::PubRel(Acknowledgement::new(ids[1]))));
        assert!(again.iter().any(|packet| matches!(
            packet,
            Packet::Publish(Publish { dup: true, packet_id, .. }) if *packet_id == Some(ids[0])
        )));
        assert_eq!(again.len(), 2);
        network.acknowledge(id, &again);
        network.drop(id);
        let (id, _) = network.resume(version, "a");
        assert!(network.packets(id).is_empty());
    }
}

#[test]
fn without_the_rule_open_publishes_do_not_come_again() {
    let mut network = Network::without(V3_1_1, statement!("MQTT-4.4.0-1/a"));
    let (id, _) = network.resume(V3_1_1, "a");
    network.subscribe(id, "t", QoS::AtLeastOnce);
    network.publish(id, "t", "one", QoS::AtLeastOnce);
    network.drop(id);
    let (id, connack) = network.resume(V3_1_1, "a");
    assert!(connack.session_present);
    assert!(network.packets(id).is_empty());
}

#[test]
fn a_session_goes_on_in_the_other_version() {
    let mut network = Network::new();
    let (id, _) = network.resume(V3_1_1, "a");
    network.subscribe(id, "t", QoS::AtLeastOnce);
    network.drop(id);
    let (id, connack) = network.resume(V5_0, "a");
    assert!(connack.session_present);
    network.publish(id, "t", "x", QoS::AtMostOnce);
    assert_eq!(payloads(&network.packets(id)), ["x"]);
}

#[test]
fn clean_start_discards_and_expiry_ends_a_session() {
    let mut network = Network::new();
    let (id, _) = network.resume(V3_1_1, "a");
    network.drop(id);
    let id = network.connect(V3_1_1, "a");
    network.drop(id);
    assert!(!network.resume(V3_1_1, "a").1.session_present);

    let mut connect = Connect::new(V5_0, "b");
    connect.clean_start = false;
    connect.properties.push(Property::SessionExpiryInterval(5));
    let (id, _) = network.connect_with(V5_0, connect.clone());
    network.drop(id);
    network.wait(Duration::from_secs(4));
    let (id, connack) = network.connect_with(V5_0, connect.clone());
    assert!(connack.session_present);
    network.drop(id);
    network.wait(Duration::from_secs(6));
    assert!(!network.connect_with(V5_0, connect).1.session_present);
}

#[test]
fn session_present_has_its_switches() {
    let mut network = Network::without(V5_0, statement!("MQTT-3.2.2-2/a"));
    let id = network.open(V5_0);
    network.send(id, &Packet::Connect(Connect::new(V5_0, "a")));
    assert_eq!(network.raw(id)[0][2], 1);
    let mut network = Network::without(V3_1_1, statement!("MQTT-3.2.2-2"));
    let (id, _) = network.resume(V3_1_1, "a");
    network.drop(id);
    assert!(!network.resume(V3_1_1, "a").1.session_present);
    assert!(!network.resume(V5_0, "b").1.session_present);
}

#[test]
fn a_restart_ends_connections_and_keeps_what_is_stored() {
    for (version, stop) in Version::ALL.into_iter().flat_map(|v| [(v, Stop::Orderly), (v, Stop::Kill)]) {
        let mut network = Network::new();
        let (id, _) = network.resume(version, "a");
        network.subscribe(id, "t", QoS::AtLeastOnce);
        let publisher = network.connect(version, "p");
        network.restart(stop);
        assert!(network.is_closed(id) && network.is_closed(publisher));
        let told = network.packets(publisher);
        match (version, stop) {
            (V5_0, Stop::Orderly) => assert!(matches!(
                &told[..],
                [Packet::Disconnect(disconnect)] if disconnect.reason() == ReasonCode::SERVER_SHUTTING_DOWN
            )),
            _ => assert!(told.is_empty(), "{told:?}"),
        }
        let publisher = network.connect(version, "p");
        network.publish(publisher, "t", "one", QoS::AtLeastOnce);
        let (id, connack) = network.resume(version, "a");
        assert!(connack.session_present);
        assert_eq!(payloads(&network.packets(id)), ["one"]);
    }
}

#[test]
fn a_will_message_that_a_kill_brings_waits_for_its_receiver() {
    for version in Version::ALL {
        let mut network = Network::new();
        let (id, _) = network.resume(version, "a");
        network.subscribe(id, "w", QoS::AtLeastOnce);
        let mut will = will(None, QoS::AtLeastOnce, false);
        will.properties.0.retain(|_| version == V5_0);
        network.connect_with(version, Connect { will: Some(will), ..Connect::new(version, "b") });
        network.restart(Stop::Kill);
        assert!(network.packets(id).iter().all(|packet| !matches!(packet, Packet::Publish(_))));
        let (id, _) = network.resume(version, "a");
        assert_eq!(payloads(&network.packets(id)), ["will"]);
    }
}

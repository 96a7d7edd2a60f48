//! CONNECT, CONNACK, PINGREQ, DISCONNECT, Keep Alive and enhanced authentication.

use std::time::Duration;

use bytes::Bytes;
use mqttspec_codec::model::{Auth, Connect, Disconnect, Packet, Property, QoS, ReasonCode, Will};
use mqttspec_codec::{Version, statement};

use super::{Network, V3_1_1, V5_0, payloads};

fn will(topic: &str) -> Will {
    Will { topic: topic.into(), payload: Bytes::from_static(b"gone"), ..Will::default() }
}

#[test]
fn both_versions_connect_ping_and_disconnect() {
    for version in Version::ALL {
        let mut network = Network::new();
        let (id, connack) = network.connect_with(version, Connect::new(version, "a"));
        assert_eq!((connack.reason_code, connack.session_present), (ReasonCode::SUCCESS, false));
        network.send(id, &Packet::PingReq);
        assert_eq!(network.packets(id), [Packet::PingResp]);
        network.send(id, &Packet::Disconnect(Disconnect::default()));
        assert!(network.is_closed(id));
    }
}

#[test]
fn bytes_may_come_one_by_one() {
    let mut network = Network::new();
    let id = network.open(V3_1_1);
    for byte in mqttspec_codec::encode(&Packet::Connect(Connect::new(V3_1_1, "a")), V3_1_1) {
        network.send_bytes(id, &[byte]);
    }
    assert_eq!(network.packets(id).len(), 1);
}

#[test]
fn a_second_connect_closes() {
    for version in Version::ALL {
        let mut network = Network::new();
        let id = network.connect(version, "a");
        network.send(id, &Packet::Connect(Connect::new(version, "a")));
        assert!(network.is_closed(id));
        let told = network.packets(id);
        assert_eq!(told.len(), usize::from(version == V5_0), "3.1.1 has no DISCONNECT of the server");
    }
}

#[test]
fn without_the_rule_a_second_connect_gets_another_connack() {
    for version in Version::ALL {
        let mut network = Network::without(version, statement!("MQTT-3.1.0-2"));
        let id = network.connect(version, "a");
        network.send(id, &Packet::Connect(Connect::new(version, "a")));
        network.send(id, &Packet::PingReq);
        assert!(!network.is_closed(id));
        assert!(matches!(network.packets(id)[..], [Packet::ConnAck(_), Packet::PingResp]));
    }
}

#[test]
fn another_first_packet_closes_without_a_word() {
    let mut network = Network::new();
    let id = network.open(V5_0);
    network.send(id, &Packet::PingReq);
    assert!(network.is_closed(id));
    assert!(network.raw(id).is_empty());
}

#[test]
fn unknown_versions_are_refused_in_a_form_they_may_know() {
    for (level, expected) in [(3, &[0x20, 0x02, 0x00, 0x01][..]), (9, &[0x20][..])] {
        let mut network = Network::new();
        let id = network.open(V3_1_1);
        let connect = Connect { protocol_level: level, ..Connect::new(V3_1_1, "a") };
        network.send(id, &Packet::Connect(connect));
        assert!(network.is_closed(id));
        assert!(network.raw(id)[0].starts_with(expected));
    }
}

#[test]
fn a_malformed_connect_gets_no_connack_in_3_1_1_and_one_in_5_0() {
    for version in Version::ALL {
        let mut network = Network::new();
        let id = network.open(version);
        let mut bytes =
            mqttspec_codec::encode(&Packet::Connect(Connect::new(version, "a")), version).to_vec();
        bytes[9] |= 0x01;
        network.send_bytes(id, &bytes);
        assert!(network.is_closed(id));
        let codes: Vec<_> = network
            .packets(id)
            .into_iter()
            .map(|packet| match packet {
                Packet::ConnAck(connack) => connack.reason_code,
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(codes, if version == V5_0 { vec![ReasonCode::MALFORMED_PACKET] } else { vec![] });
    }
}

#[test]
fn client_identifiers_are_assigned_and_refused() {
    let mut network = Network::new();
    let (first, connack) = network.connect_with(V5_0, Connect::new(V5_0, ""));
    let assigned = connack.properties.assigned_client_identifier().unwrap();
    let (_, connack) = network.connect_with(V5_0, Connect::new(V5_0, ""));
    assert_ne!(connack.properties.assigned_client_identifier().unwrap(), assigned);
    assert!(!network.is_closed(first));

    let mut lasting = Connect::new(V3_1_1, "");
    lasting.clean_start = false;
    let (id, connack) = network.connect_with(V3_1_1, lasting);
    assert_eq!(connack.reason_code, ReasonCode(2));
    assert!(network.is_closed(id));
    let (id, connack) = network.connect_with(V5_0, Connect::new(V5_0, "rejected-a"));
    assert_eq!(connack.reason_code, ReasonCode::CLIENT_IDENTIFIER_NOT_VALID);
    assert!(network.is_closed(id));
}

#[test]
fn a_wrong_password_is_refused() {
    for (version, code) in [(V3_1_1, ReasonCode(4)), (V5_0, ReasonCode::BAD_USER_NAME_OR_PASSWORD)] {
        let mut network = Network::configured(|it| {
            it.accounts = vec![("mqttspec".into(), Bytes::from_static(b"secret"))];
        });
        let mut connect = Connect::new(version, "a");
        connect.user_name = Some("mqttspec".into());
        connect.password = Some(Bytes::from_static(b"wrong"));
        let (id, connack) = network.connect_with(version, connect.clone());
        assert_eq!(connack.reason_code, code);
        assert!(network.is_closed(id));
        connect.password = Some(Bytes::from_static(b"secret"));
        assert_eq!(network.connect_with(version, connect).1.reason_code, ReasonCode::SUCCESS);
    }
}

#[test]
fn what_follows_a_refused_connect_has_no_effect() {
    for (rule_is_off, expected) in [(false, 0), (true, 1)] {
        let mut network =
            if rule_is_off { Network::without(V3_1_1, statement!("MQTT-3.1.4-5")) } else { Network::new() };
        let observer = network.connect(V3_1_1, "observer");
        network.subscribe(observer, "t", QoS::AtMostOnce);
        let id = network.open(V3_1_1);
        let mut connect = Connect::new(V3_1_1, "");
        connect.clean_start = false;
        let mut bytes = mqttspec_codec::encode(&Packet::Connect(connect), V3_1_1).to_vec();
        bytes.extend_from_slice(b"\x30\x04\x00\x01tx");
        network.send_bytes(id, &bytes);
        network.wait(Duration::from_secs(1));
        assert!(network.is_closed(id));
        assert_eq!(network.packets(observer).len(), expected);
    }
}

#[test]
fn silence_ends_the_connection_and_publishes_the_will() {
    let mut network = Network::new();
    let observer = network.connect(V5_0, "observer");
    network.subscribe(observer, "w", QoS::AtMostOnce);
    let mut connect = Connect::new(V5_0, "a");
    connect.keep_alive = 2;
    connect.will = Some(will("w"));
    let (id, _) = network.connect_with(V5_0, connect);
    network.wait(Duration::from_millis(2900));
    network.send(id, &Packet::PingReq);
    network.wait(Duration::from_millis(2900));
    assert!(!network.is_closed(id));
    network.wait(Duration::from_millis(200));
    assert!(network.is_closed(id));
    assert_eq!(payloads(&network.packets(observer)), ["gone"]);
}

#[test]
fn a_connection_without_connect_is_closed_in_time() {
    let mut network = Network::new();
    let id = network.open(V3_1_1);
    network.wait(Duration::from_secs(3));
    assert!(network.is_closed(id));
}

#[test]
fn a_normal_disconnect_discards_the_will_and_0x04_does_not() {
    for (code, expected) in [(ReasonCode::SUCCESS, 0), (ReasonCode::DISCONNECT_WITH_WILL_MESSAGE, 1)] {
        let mut network = Network::new();
        let observer = network.connect(V3_1_1, "observer");
        network.subscribe(observer, "w", QoS::AtMostOnce);
        let mut connect = Connect::new(V5_0, "a");
        connect.will = Some(will("w"));
        let (id, _) = network.connect_with(V5_0, connect);
        network.send(id, &Packet::Disconnect(Disconnect { reason_code: Some(code), properties: None }));
        assert_eq!(network.packets(observer).len(), expected);
    }
}

#[test]
fn a_will_waits_for_its_delay_and_is_cancelled_by_resumption() {
    let mut network = Network::new();
    let observer = network.connect(V5_0, "observer");
    network.subscribe(observer, "w", QoS::AtMostOnce);
    let mut delayed = will("w");
    delayed.properties.push(Property::WillDelayInterval(10));
    let mut connect = Connect::new(V5_0, "a");
    connect.clean_start = false;
    connect.properties.push(Property::SessionExpiryInterval(60));
    connect.will = Some(delayed);
    for (away, expected) in [(5, 0), (15, 1)] {
        let (id, _) = network.connect_with(V5_0, connect.clone());
        network.drop(id);
        network.wait(Duration::from_secs(away));
        assert_eq!(network.packets(observer).len(), expected, "{away} s");
    }
}

#[test]
fn the_end_of_the_session_brings_the_will_before_its_delay() {
    let mut network = Network::new();
    let observer = network.connect(V5_0, "observer");
    network.subscribe(observer, "w", QoS::AtMostOnce);
    let mut delayed = will("w");
    delayed.properties.push(Property::WillDelayInterval(100));
    let mut connect = Connect::new(V5_0, "a");
    connect.properties.push(Property::SessionExpiryInterval(2));
    connect.will = Some(delayed);
    let (id, _) = network.connect_with(V5_0, connect);
    network.drop(id);
    network.wait(Duration::from_secs(1));
    assert!(network.packets(observer).is_empty());
    network.wait(Duration::from_secs(2));
    assert_eq!(payloads(&network.packets(observer)), ["gone"]);
}

fn auth(code: ReasonCode, data: Option<Vec<u8>>) -> Packet {
    let mut properties = vec![Property::AuthenticationMethod("MQTTSPEC-CHALLENGE".into())];
    properties.extend(data.map(|data| Property::AuthenticationData(data.into())));
    Packet::Auth(Auth { reason_code: Some(code), properties: Some(properties.into_iter().collect()) })
}

fn answer(packets: &[Packet]) -> Vec<u8> {
    match packets {
        [
            Packet::Auth(Auth {
                reason_code: Some(ReasonCode::CONTINUE_AUTHENTICATION),
                properties: Some(it),
            }),
        ] => it.authentication_data().unwrap().iter().rev().copied().collect(),
        other => panic!("expected a challenge, got {other:?}"),
    }
}

#[test]
fn a_challenge_is_answered_and_authentication_renewed() {
    let mut network = Network::new();
    let id = network.open(V5_0);
    let mut connect = Connect::new(V5_0, "a");
    connect.properties.push(Property::AuthenticationMethod("MQTTSPEC-CHALLENGE".into()));
    network.send(id, &Packet::Connect(connect));
    let right = answer(&network.packets(id));
    network.send(id, &auth(ReasonCode::CONTINUE_AUTHENTICATION, Some(right)));
    assert!(
        matches!(&network.packets(id)[..], [Packet::ConnAck(connack)] if !connack.reason_code.is_error())
    );
    network.send(id, &auth(ReasonCode::RE_AUTHENTICATE, None));
    let right = answer(&network.packets(id));
    network.send(id, &auth(ReasonCode::CONTINUE_AUTHENTICATION, Some(right)));
    assert!(matches!(&network.packets(id)[..], [Packet::Auth(auth)] if auth.reason() == ReasonCode::SUCCESS));
    network.send(id, &auth(ReasonCode::RE_AUTHENTICATE, None));
    network.packets(id);
    network.send(id, &auth(ReasonCode::CONTINUE_AUTHENTICATION, Some(vec![1])));
    assert!(network.is_closed(id));
}

#[test]
fn an_unknown_method_is_refused() {
    let mut network = Network::new();
    let mut connect = Connect::new(V5_0, "a");
    connect.properties.push(Property::AuthenticationMethod("x".into()));
    let (id, connack) = network.connect_with(V5_0, connect);
    assert_eq!(connack.reason_code, ReasonCode::BAD_AUTHENTICATION_METHOD);
    assert!(network.is_closed(id));
}

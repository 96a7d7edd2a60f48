use bytes::Bytes;
use bytestring::ByteString;
use mqttspec_codec::Version::{self, V3_1_1, V5_0};
use mqttspec_codec::model::{
    Acknowledgement, ConnAck, Connect, Disconnect, Packet, Properties, Property, Publish, QoS, ReasonCode,
    SubAck, Subscribe, Subscription, UnsubAck, Unsubscribe,
};

use super::Conduct;

fn connect(version: Version, properties: Vec<Property>) -> Packet {
    Packet::Connect(Connect { properties: Properties(properties), ..Connect::new(version, "c") })
}

fn connack(code: u8) -> Packet {
    Packet::ConnAck(ConnAck {
        session_present: false,
        reason_code: ReasonCode(code),
        properties: Properties::default(),
    })
}

fn publish(packet_id: u16, properties: Vec<Property>) -> Packet {
    Packet::Publish(Publish {
        qos: QoS::AtLeastOnce,
        packet_id: Some(packet_id),
        topic: "t".into(),
        properties: Properties(properties),
        payload: Bytes::from_static(b"m"),
        ..Publish::default()
    })
}

fn suback(packet_id: u16, codes: usize) -> Packet {
    Packet::SubAck(SubAck {
        packet_id,
        properties: Properties::default(),
        reason_codes: vec![ReasonCode(0); codes],
    })
}

fn subscribe(packet_id: u16) -> Packet {
    Packet::Subscribe(Subscribe {
        packet_id,
        properties: Properties::default(),
        filters: vec![Subscription { filter: "t".into(), ..Subscription::default() }],
    })
}

/// The rules that the last packet of the broker breaks, after a client was accepted and what else came.
fn broken(version: Version, connected_with: Vec<Property>, exchange: Vec<Step>) -> Vec<String> {
    let mut conduct = Conduct::new(version);
    conduct.sent(&connect(version, connected_with));
    let mut found = None;
    for step in exchange {
        match step {
            Ours(packet) => conduct.sent(&packet),
            Theirs(packet) => {
                found = conduct.received(&packet, 40);
            }
        }
    }
    found.iter().flat_map(|misconduct| &misconduct.statements).map(ToString::to_string).collect()
}

enum Step {
    Ours(Packet),
    Theirs(Packet),
}
use Step::{Ours, Theirs};

#[test]
fn what_is_right_breaks_nothing() {
    for version in Version::ALL {
        let exchange = vec![
            Theirs(connack(0)),
            Ours(subscribe(7)),
            Theirs(suback(7, 1)),
            Theirs(publish(1, Vec::new())),
            Ours(Packet::PubAck(Acknowledgement::new(1))),
            Theirs(publish(1, Vec::new())),
        ];
        assert_eq!(broken(version, Vec::new(), exchange), Vec::<String>::new());
    }
}

#[test]
fn connack_comes_first_and_once() {
    for version in Version::ALL {
        assert_eq!(broken(version, vec![], vec![Theirs(Packet::PingResp)]), ["MQTT-3.2.0-1"]);
    }
    let twice = || vec![Theirs(connack(0)), Theirs(connack(0))];
    assert_eq!(broken(V5_0, vec![], twice()), ["MQTT-3.2.0-2"]);
    assert!(broken(V3_1_1, vec![], twice()).is_empty(), "3.1.1 has no such statement");
}

#[test]
fn disconnect_is_for_accepted_clients_and_is_the_last_word() {
    let disconnect = || Packet::Disconnect(Disconnect::default());
    assert_eq!(broken(V5_0, vec![], vec![Theirs(disconnect())]), ["MQTT-3.14.0-1"]);
    let after = vec![Theirs(connack(0)), Theirs(disconnect()), Theirs(Packet::PingResp)];
    assert_eq!(broken(V5_0, vec![], after), ["MQTT-3.14.4-1"]);
}

#[test]
fn a_clean_start_finds_no_session() {
    let present = Packet::ConnAck(ConnAck {
        session_present: true,
        reason_code: ReasonCode::SUCCESS,
        properties: Properties::default(),
    });
    assert_eq!(broken(V3_1_1, vec![], vec![Theirs(present.clone())]), ["MQTT-3.2.2-1"]);
    assert_eq!(broken(V5_0, vec![], vec![Theirs(present)]), ["MQTT-3.2.2-2"]);
}

#[test]
fn acknowledgements_answer_what_was_sent() {
    let stray = || vec![Theirs(connack(0)), Ours(subscribe(7)), Theirs(suback(8, 1))];
    assert_eq!(broken(V3_1_1, vec![], stray()), ["MQTT-2.3.1-7"]);
    assert_eq!(broken(V5_0, vec![], stray()), ["MQTT-2.2.1-6"]);
    let miscounted = || vec![Theirs(connack(0)), Ours(subscribe(7)), Theirs(suback(7, 2))];
    assert_eq!(broken(V3_1_1, vec![], miscounted()), ["MQTT-3.8.4-5"]);
    assert_eq!(broken(V5_0, vec![], miscounted()), ["MQTT-3.8.4-6"]);
    let unsubscribe = |filters: &[&'static str]| {
        Packet::Unsubscribe(Unsubscribe {
            packet_id: 7,
            filters: filters.iter().map(|&filter| ByteString::from_static(filter)).collect(),
            ..Unsubscribe::default()
        })
    };
    let unsuback = |codes: usize| {
        Packet::UnsubAck(UnsubAck {
            packet_id: 7,
            reason_codes: vec![ReasonCode::SUCCESS; codes],
            ..UnsubAck::default()
        })
    };
    let twice = |filters: &[&'static str]| {
        let answer = || Theirs(unsuback(filters.len()));
        vec![Theirs(connack(0)), Ours(unsubscribe(filters)), answer(), answer()]
    };
    for version in Version::ALL {
        assert_eq!(broken(version, vec![], twice(&["a", "b"])), ["MQTT-3.10.4-6/b"]);
    }
    assert_eq!(broken(V5_0, vec![], twice(&["a"])), ["MQTT-2.2.1-6"]);
    let twice = || vec![Theirs(connack(0)), Ours(subscribe(7)), Theirs(suback(7, 1)), Theirs(suback(7, 1))];
    assert_eq!(broken(V5_0, vec![], twice()), ["MQTT-2.2.1-6"]);
    let puback = || vec![Theirs(connack(0)), Theirs(Packet::PubAck(Acknowledgement::new(3)))];
    assert_eq!(broken(V3_1_1, vec![], puback()), ["MQTT-2.3.1-6"]);
    assert_eq!(broken(V5_0, vec![], puback()), ["MQTT-2.2.1-5"]);
    for version in Version::ALL {
        let message =
            Publish { qos: QoS::ExactlyOnce, packet_id: Some(3), topic: "t".into(), ..Publish::default() };
        let wrong_kind = vec![
            Theirs(connack(0)),
            Ours(Packet::Publish(message)),
            Theirs(Packet::PubAck(Acknowledgement::new(3))),
        ];
        assert_eq!(broken(version, vec![], wrong_kind), ["MQTT-3.3.4-1"]);
    }
}

#[test]
fn a_receipt_is_still_due_when_its_release_came_too_early() {
    let Packet::Publish(message) = publish(9, vec![]) else { unreachable!("it is a PUBLISH") };
    let ack = || Acknowledgement::new(9);
    let receipts = |count: usize| (0..count).map(|_| Theirs(Packet::PubRec(ack())));
    let exchange = |before: usize, after: usize| {
        let message = Publish { qos: QoS::ExactlyOnce, ..message.clone() };
        let mut all = vec![Theirs(connack(0)), Ours(Packet::Publish(message)), Ours(Packet::PubRel(ack()))];
        all.extend(receipts(before));
        all.push(Theirs(Packet::PubComp(ack())));
        all.extend(receipts(after));
        all
    };
    for (version, stray) in [(V3_1_1, "MQTT-2.3.1-6"), (V5_0, "MQTT-2.2.1-5")] {
        assert_eq!(broken(version, vec![], exchange(0, 1)), [""; 0]);
        assert_eq!(broken(version, vec![], exchange(0, 2)), [stray]);
        assert_eq!(broken(version, vec![], exchange(1, 1)), [stray]);
    }
}

#[test]
fn an_identifier_in_use_is_not_given_away() {
    let publish = || Theirs(publish(1, Vec::new()));
    let reuse = || vec![Theirs(connack(0)), Ours(subscribe(7)), publish(), publish()];
    assert_eq!(broken(V3_1_1, vec![], reuse()), ["MQTT-2.3.1-4"]);
    assert_eq!(broken(V5_0, vec![], reuse()), ["MQTT-2.2.1-4"]);
}

#[test]
fn a_delivery_was_asked_for() {
    for version in Version::ALL {
        let exchange = vec![Theirs(connack(0)), Theirs(publish(1, Vec::new()))];
        assert_eq!(broken(version, vec![], exchange), ["MQTT-3.3.2-3"]);
    }
}

#[test]
fn what_the_client_asked_for_is_kept() {
    let accepted = |packet| vec![Theirs(connack(0)), Theirs(packet)];
    let window = vec![Property::ReceiveMaximum(1)];
    let two = vec![Theirs(connack(0)), Theirs(publish(1, vec![])), Theirs(publish(2, vec![]))];
    assert_eq!(broken(V5_0, window, two), ["MQTT-3.3.4-9", "MQTT-4.9.0-2", "MQTT-4.9.0-1"]);
    let aliased = |alias| accepted(publish(1, vec![Property::TopicAlias(alias)]));
    assert_eq!(broken(V5_0, vec![], aliased(1)), ["MQTT-3.1.2-27", "MQTT-3.3.2-11"]);
    assert_eq!(
        broken(V5_0, vec![Property::TopicAliasMaximum(1)], aliased(2)),
        ["MQTT-3.1.2-26", "MQTT-3.3.2-11"]
    );
    let size = vec![Property::MaximumPacketSize(39)];
    assert_eq!(broken(V5_0, size, accepted(publish(1, vec![]))), ["MQTT-3.1.2-24"]);
    let explained = Packet::PubAck(Acknowledgement {
        packet_id: 3,
        reason_code: Some(ReasonCode::SUCCESS),
        properties: Some(Properties(vec![Property::ReasonString("why".into())])),
    });
    let message = Packet::Publish(Publish {
        qos: QoS::AtLeastOnce,
        packet_id: Some(3),
        topic: "t".into(),
        ..Publish::default()
    });
    let quiet = vec![Property::RequestProblemInformation(0)];
    let exchange = vec![Theirs(connack(0)), Ours(message), Theirs(explained)];
    assert_eq!(broken(V5_0, quiet, exchange), ["MQTT-3.1.2-29"]);
}

#[test]
fn a_resumed_session_may_say_again_what_was_received() {
    let sent = || {
        let Packet::Publish(message) = publish(9, vec![]) else { unreachable!("it is a PUBLISH") };
        Packet::Publish(Publish { qos: QoS::ExactlyOnce, ..message })
    };
    let receipt = Packet::PubRec(Acknowledgement::new(9));
    let left_over = |session_present: bool, times: usize| {
        let mut conduct = Conduct::new(V3_1_1);
        conduct.sent(&connect(V3_1_1, vec![]));
        let Packet::ConnAck(connack) = connack(0) else { unreachable!("it is a CONNACK") };
        conduct.received(&Packet::ConnAck(ConnAck { session_present, ..connack }), 4);
        (0..times).for_each(|_| conduct.sent(&sent()));
        let mut seen = Vec::new();
        for _ in 0..=times {
            seen.push(conduct.is_left_over(&receipt));
            conduct.received(&receipt, 4);
        }
        seen
    };
    assert_eq!(left_over(true, 1), [false, true]);
    assert_eq!(left_over(true, 2), [false, false, true]);
    assert_eq!(left_over(false, 1), [false, false]);
}

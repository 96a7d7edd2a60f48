//! Every switch does something: with it off, some session ends differently.

use std::time::Duration;

use bytes::Bytes;
use mqttspec_codec::model::{
    Acknowledgement, Auth, Connect, Disconnect, Packet, Properties, Property, Publish, QoS, ReasonCode,
    RetainHandling, Subscribe, Subscription, SubscriptionOptions, Unsubscribe,
};
use mqttspec_codec::{
    Citation, Context, Framer, FramingError, Version, Violation, decode, decode_tolerating,
};

use super::variants::variants;
use super::{Network, V3_1_1, V5_0, publish, will};
use crate::{Configuration, ConnectionId, Output, Overlapping, Rules, Stop, switches};

type Log = Vec<(Duration, Output)>;
type Session = fn(&mut Network, Version);

const QOS: [QoS; 3] = [QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce];

/// Takes what a Client was sent, whatever it looks like.
fn take(network: &mut Network, id: ConnectionId) -> Vec<Packet> {
    let context = Context::from_server(network.versions[&id]);
    let all = |_: &Violation| true;
    network.raw(id).iter().filter_map(|bytes| decode_tolerating(bytes, context, &all).ok()).collect()
}

fn acknowledge_all(network: &mut Network, id: ConnectionId) {
    for _ in 0..20 {
        let packets = take(network, id);
        if packets.is_empty() {
            return;
        }
        network.acknowledge(id, &packets);
    }
}

fn open_with(network: &mut Network, version: Version, connect: Connect) -> ConnectionId {
    let id = network.open(version);
    network.send(id, &Packet::Connect(connect));
    id
}

fn lasting(version: Version, client_id: &str) -> Connect {
    let mut connect = Connect::new(version, client_id);
    connect.clean_start = false;
    if version == V5_0 {
        connect.properties.push(Property::SessionExpiryInterval(30));
    }
    connect
}

fn join(
    network: &mut Network,
    id: ConnectionId,
    filters: &[(&str, SubscriptionOptions)],
    number: Option<u32>,
) {
    let subscribe = Subscribe {
        packet_id: 3,
        properties: number.map(Property::SubscriptionIdentifier).into_iter().collect(),
        filters: filters
            .iter()
            .map(|&(filter, options)| Subscription { filter: filter.into(), options })
            .collect(),
    };
    network.send(id, &Packet::Subscribe(subscribe));
}

fn at(qos: QoS) -> SubscriptionOptions {
    SubscriptionOptions { qos, ..SubscriptionOptions::default() }
}

fn leave(network: &mut Network, id: ConnectionId, filters: &[&str]) {
    let filters = filters.iter().map(|&filter| filter.into()).collect();
    network.send(id, &Packet::Unsubscribe(Unsubscribe { packet_id: 4, filters, ..Unsubscribe::default() }));
}

fn send_publish(network: &mut Network, id: ConnectionId, packet_id: u16, dup: bool, qos: QoS, payload: &str) {
    let publish = Publish {
        qos,
        dup,
        packet_id: (qos > QoS::AtMostOnce).then_some(packet_id),
        topic: "t".into(),
        payload: Bytes::copy_from_slice(payload.as_bytes()),
        ..Publish::default()
    };
    network.send(id, &Packet::Publish(publish));
}

/// Publishes, and finishes the exchange from this side.
fn say(network: &mut Network, id: ConnectionId, topic: &str, payload: &str, qos: QoS, retain: bool) {
    network.send(id, &publish(topic, payload, qos, retain, Properties::default()));
    if qos == QoS::ExactlyOnce {
        network.send(id, &Packet::PubRel(Acknowledgement::new(11)));
    }
}

fn connecting(network: &mut Network, version: Version) {
    for client_id in ["", "", "x", "abcdefghijklmnopqrstuvw", "rejected-x", "a1"] {
        open_with(network, version, Connect::new(version, client_id));
    }
    let assigned = open_with(network, version, lasting(version, ""));
    join(network, assigned, &[("assigned", at(QOS[1]))], None);
    network.publish(assigned, "assigned", "m", QOS[1]);
    let id = open_with(network, version, Connect::new(version, ""));
    join(network, id, &[("assigned", at(QOS[1]))], None);
    network.publish(id, "assigned", "m", QOS[1]);
    for number in 1..6 {
        open_with(network, version, lasting(version, &format!("assigned{number}")));
    }
    for level in [3, 6] {
        open_with(network, version, Connect { protocol_level: level, ..Connect::new(version, "a2") });
    }
    let name = "MQTX".into();
    open_with(network, version, Connect { protocol_name: name, ..Connect::new(version, "a3") });
    let id = open_with(network, version, Connect::new(version, "a4"));
    network.send(id, &Packet::Connect(Connect::new(version, "a4")));
    network.send(id, &Packet::PingReq);
    open_with(network, version, Connect::new(version, "a4"));
    let id = network.open(version);
    network.send(id, &Packet::PingReq);
    let id = network.open(version);
    network.wait(Duration::from_secs(5));
    network.send(id, &Packet::PingReq);
    for password in ["secret", "wrong"] {
        let mut connect = Connect::new(version, "a5");
        connect.user_name = Some("mqttspec".into());
        connect.password = Some(Bytes::copy_from_slice(password.as_bytes()));
        let id = open_with(network, version, connect);
        network.publish(id, "t", "after", QOS[1]);
        network.wait(Duration::from_secs(1));
    }
    let mut connect = Connect::new(version, "a6");
    connect.properties.push(Property::RequestResponseInformation(1));
    connect.properties.push(Property::MaximumPacketSize(20));
    open_with(network, version, connect.clone());
    connect.client_id = "rejected-y".into();
    open_with(network, version, connect);
    for keep_alive in [0, 2] {
        let mut connect = Connect::new(version, "a7");
        connect.keep_alive = keep_alive;
        connect.will = Some(will(None, QOS[0], true));
        open_with(network, version, connect);
        network.wait(Duration::from_secs(5));
    }
}

fn sessions(network: &mut Network, version: Version) {
    let publisher = open_with(network, version, Connect::new(version, "p"));
    for clean in [false, true, false] {
        let id = open_with(network, version, Connect { clean_start: clean, ..lasting(version, "s") });
        join(network, id, &[("t", at(QOS[2]))], None);
        network.send(id, &Packet::PingReq);
        for (packet_id, qos) in (20..).zip([QOS[1], QOS[2], QOS[1], QOS[2], QOS[2]]) {
            send_publish(network, publisher, packet_id, false, qos, "open");
        }
        let ids: Vec<_> = take(network, id)
            .iter()
            .filter_map(|packet| match packet {
                Packet::Publish(it) if it.qos == QoS::ExactlyOnce => it.packet_id,
                _ => None,
            })
            .collect();
        for packet_id in ids.iter().take(2).rev() {
            network.send(id, &Packet::PubRec(Acknowledgement::new(*packet_id)));
        }
        network.drop(id);
        for packet_id in 30..33 {
            send_publish(network, publisher, packet_id, false, QOS[usize::from(packet_id % 3)], "queued");
        }
        let id = open_with(network, version, lasting(version, "s"));
        acknowledge_all(network, id);
        network.drop(id);
        let id = open_with(network, version, lasting(version, "s"));
        acknowledge_all(network, id);
        let retained = publish("kept", "m", QOS[1], true, Properties::default());
        network.send(id, &retained);
        network.drop(id);
    }
    network.wait(Duration::from_secs(40));
    let id = open_with(network, version, lasting(version, "s"));
    join(network, id, &[("kept", at(QOS[0]))], None);
    let id = open_with(network, version, Connect { clean_start: true, ..Connect::new(version, "c") });
    join(network, id, &[("t", at(QOS[1]))], None);
    network.publish(id, "t", "1", QOS[0]);
    network.publish(id, "t", "2", QOS[0]);
    network.send(id, &publish("mine", "m", QOS[0], true, Properties::default()));
    network.drop(id);
    let id = open_with(network, version, lasting(version, "c"));
    join(network, id, &[("mine", at(QOS[0]))], None);
    network.publish(id, "t", "3", QOS[0]);
    let id = open_with(network, version, Connect::new(version, "c"));
    network.send(id, &Packet::Disconnect(Disconnect::default()));
    network.send(id, &Packet::PingReq);
}

fn wills(network: &mut Network, version: Version) {
    let observer = open_with(network, version, Connect::new(version, "o"));
    join(network, observer, &[("w", at(QOS[2]))], None);
    for (qos, retain) in [(QOS[0], false), (QOS[1], true), (QOS[2], false)] {
        for normal in [false, true] {
            let mut connect = lasting(version, "w");
            connect.will = Some(will(None, qos, retain));
            let id = open_with(network, version, connect);
            if normal {
                network.send(id, &Packet::Disconnect(Disconnect::default()));
            } else {
                network.drop(id);
            }
            acknowledge_all(network, observer);
            let id = open_with(network, version, lasting(version, "w"));
            network.drop(id);
            acknowledge_all(network, observer);
        }
        let late = open_with(network, version, Connect::new(version, "late"));
        join(network, late, &[("w", at(QOS[2]))], None);
    }
    for (delay, expiry, away) in [(3, 30, 1), (3, 30, 10), (60, 2, 10), (60, 0, 1)] {
        let mut connect = Connect::new(version, "d");
        connect.clean_start = false;
        connect.properties.push(Property::SessionExpiryInterval(expiry));
        connect.will = Some(will(Some(delay), QOS[0], false));
        let id = open_with(network, version, connect);
        network.drop(id);
        network.wait(Duration::from_secs(away));
    }
    let mut bad = lasting(version, "bad");
    bad.will = Some(will(None, QOS[0], false));
    let id = open_with(network, version, bad);
    network.send_bytes(id, &[0xE1, 0x00]);
    let mut silent = lasting(version, "silent");
    silent.keep_alive = 1;
    silent.will = Some(will(None, QOS[0], false));
    open_with(network, version, silent);
    network.wait(Duration::from_secs(60));
}

fn receiving(network: &mut Network, version: Version) {
    let id = open_with(network, version, Connect::new(version, "r"));
    join(network, id, &[("t", at(QOS[0]))], None);
    for qos in QOS {
        for dup in [false, true] {
            send_publish(network, id, 8, dup && qos > QOS[0], qos, "m");
        }
        network.send(id, &Packet::PubRel(Acknowledgement::new(8)));
        send_publish(network, id, 8, qos > QOS[0], qos, "again");
        network.send(id, &Packet::PubRel(Acknowledgement::new(8)));
    }
    network.send(id, &Packet::PubRel(Acknowledgement::new(99)));
    network.publish(id, "nobody", "m", QOS[1]);
    say(network, id, "nobody", "m", QOS[2], false);
    network.publish(id, "denied/x", "m", QOS[2]);
    say(network, id, "t", "m", QOS[2], false);
    network.publish(id, "denied/x", "m", QOS[1]);
    let expiring: Properties = [Property::MessageExpiryInterval(1)].into_iter().collect();
    network.send(id, &publish("t", "expiring", QOS[2], false, expiring));
    network.wait(Duration::from_secs(3));
    network.send(id, &Packet::PubRel(Acknowledgement::new(11)));
    let topics = ["\u{feff}t", "t\u{feff}", "T", "\u{1F600}", "$x/t", "a/b/t", "t", "", "a/#"];
    for filter in ["t", "\u{feff}t", "+/t", "a/+/t", "#", "?", "\u{1F600}", "t/#"] {
        let id = open_with(network, version, Connect::new(version, filter));
        join(network, id, &[(filter, at(QOS[0]))], None);
    }
    for topic in topics {
        let id = open_with(network, version, Connect::new(version, "q"));
        network.publish(id, topic, "m", QOS[0]);
    }
    let filters = ["a#", "a/#/b", "+a", "", "$share//a", "$share/+/a", "$share/s", "$share/s/"];
    for filter in filters {
        join(network, id, &[(filter, at(QOS[0]))], None);
    }
}

fn sending(network: &mut Network, version: Version) {
    let publisher = open_with(network, version, Connect::new(version, "p"));
    let mut connect = lasting(version, "s");
    connect.properties.push(Property::ReceiveMaximum(2));
    connect.properties.push(Property::TopicAliasMaximum(1));
    connect.properties.push(Property::MaximumPacketSize(200));
    let id = open_with(network, version, connect);
    join(network, id, &[("t", at(QOS[2])), ("u", at(QOS[1]))], None);
    for (packet_id, qos) in (50..).zip([QOS[1], QOS[2], QOS[0], QOS[1], QOS[2]]) {
        send_publish(network, publisher, packet_id, qos > QOS[0], qos, "m");
    }
    network.wait(Duration::from_millis(100));
    network.send(id, &Packet::PingReq);
    join(network, id, &[("v", at(QOS[2])), ("denied/x", at(QOS[0]))], None);
    for topic in ["u", "v", "u"] {
        network.publish(publisher, topic, "m", QOS[0]);
    }
    let long = "x".repeat(300);
    network.publish(publisher, "v", &long, QOS[1]);
    network.publish(publisher, "v", &"y".repeat(150), QOS[1]);
    leave(network, id, &["t", "nothing"]);
    leave(network, id, &["nothing"]);
    leave(network, id, &["+"]);
    network.publish(publisher, "u", "m", QOS[0]);
    leave(network, id, &["u", "v"]);
    for topic in ["t", "u", "v"] {
        network.publish(publisher, topic, "m", QOS[1]);
    }
    acknowledge_all(network, id);
    let expiring: Properties = [Property::MessageExpiryInterval(5)].into_iter().collect();
    join(network, id, &[("t", at(QOS[2]))], None);
    network.send(publisher, &publish("t", "begun", QOS[2], false, expiring.clone()));
    network.send(publisher, &Packet::PubRel(Acknowledgement::new(11)));
    network.drop(id);
    network.send(publisher, &publish("t", "short", QOS[1], false, expiring));
    let longer = [Property::MessageExpiryInterval(60)].into_iter().collect();
    network.send(publisher, &publish("t", "longer", QOS[1], false, longer));
    network.wait(Duration::from_secs(10));
    let id = open_with(network, version, lasting(version, "s"));
    acknowledge_all(network, id);
    say(network, publisher, "t", "refused", QOS[1], false);
    say(network, publisher, "t", "refused", QOS[2], false);
    for packet in take(network, id) {
        let refusal = Acknowledgement {
            reason_code: Some(ReasonCode::UNSPECIFIED_ERROR),
            ..Acknowledgement::new(packet.packet_id().unwrap_or(1))
        };
        network.send(id, &Packet::PubAck(refusal.clone()));
        network.send(id, &Packet::PubRec(refusal));
    }
    network.send(id, &Packet::PubRec(Acknowledgement::new(999)));
    network.drop(id);
    let id = open_with(network, version, lasting(version, "s"));
    acknowledge_all(network, id);
    say(network, publisher, "t", "begun", QOS[1], false);
    say(network, publisher, "t", "begun", QOS[2], false);
    leave(network, id, &["t"]);
    network.drop(id);
    let id = open_with(network, version, lasting(version, "s"));
    acknowledge_all(network, id);
}

fn ordering(network: &mut Network, version: Version) {
    let publisher = open_with(network, version, Connect::new(version, "p"));
    let id = open_with(network, version, lasting(version, "s"));
    join(network, id, &[("t", at(QOS[2]))], None);
    for packet_id in 1..4 {
        send_publish(network, publisher, packet_id, false, QOS[2], "m");
    }
    network.wait(Duration::from_millis(100));
    let ids: Vec<_> = take(network, id)
        .iter()
        .filter(|packet| matches!(packet, Packet::Publish(_)))
        .filter_map(Packet::packet_id)
        .collect();
    for packet_id in ids.into_iter().rev() {
        network.send(id, &Packet::PubRec(Acknowledgement::new(packet_id)));
    }
    network.drop(id);
    open_with(network, version, lasting(version, "s"));
}

fn subscribing(network: &mut Network, version: Version) {
    let id = open_with(network, version, Connect::new(version, "s"));
    for (qos, payload) in [(QOS[1], "old"), (QOS[0], "new"), (QOS[1], ""), (QOS[1], "last")] {
        network.send(id, &publish("r/a", payload, qos, true, Properties::default()));
        let late = open_with(network, version, Connect::new(version, "late"));
        join(network, late, &[("r/a", at(QOS[2]))], None);
    }
    for topic in ["r/b", "r/empty"] {
        network.send(id, &publish(topic, "b", QOS[1], true, Properties::default()));
    }
    network.publish(id, "r/a", "plain", QOS[0]);
    network.publish(id, "r/new", "plain", QOS[0]);
    network.publish(id, "r/empty", "", QOS[0]);
    let short = [Property::MessageExpiryInterval(1)].into_iter().collect();
    network.send(id, &publish("r/short", "b", QOS[1], true, short));
    network.wait(Duration::from_secs(3));
    for retain_handling in [RetainHandling::Send, RetainHandling::SendIfNew, RetainHandling::DoNotSend] {
        for retain_as_published in [false, true] {
            let options = SubscriptionOptions { retain_handling, retain_as_published, ..at(QOS[1]) };
            join(network, id, &[("r/#", options), ("$share/s/r/#", options)], Some(5));
            for _ in 0..2 {
                say(network, id, "r/a", "live", QOS[2], true);
            }
        }
        leave(network, id, &["r/#", "$share/s/r/#"]);
    }
    let local = SubscriptionOptions { no_local: true, ..at(QOS[0]) };
    join(network, id, &[("o/+", local), ("$share/s/x", at(QOS[0]))], Some(1));
    network.publish(id, "o/x", "own", QOS[1]);
    join(network, id, &[("o/#", at(QOS[2])), ("o/+", at(QOS[0]))], Some(2));
    join(network, id, &[("o/x", at(QOS[1]))], None);
    let other = open_with(network, version, Connect::new(version, "other"));
    join(network, other, &[("o/#", at(QOS[1]))], Some(3));
    say(network, id, "o/x", "m", QOS[2], false);
    join(network, other, &[("o/#", at(QOS[0]))], None);
    say(network, id, "o/x", "m", QOS[2], false);
    let rich = [
        Property::PayloadFormatIndicator(1),
        Property::ContentType("text".into()),
        Property::ResponseTopic("answer".into()),
        Property::CorrelationData(Bytes::from_static(b"c")),
        Property::UserProperty(("a".into(), "1".into())),
        Property::UserProperty(("b".into(), "2".into())),
    ];
    network.send(id, &publish("o/x", "m", QOS[0], false, rich.into_iter().collect()));
    let shared = SubscriptionOptions { no_local: true, ..at(QOS[0]) };
    join(network, other, &[("$share/s/x", shared)], None);
}

fn sharing(network: &mut Network, version: Version) {
    let publisher = open_with(network, version, Connect::new(version, "p"));
    let mut members = ["a", "b"].map(|name| open_with(network, version, lasting(version, name)));
    join(network, members[0], &[("$share/s/t", at(QOS[1]))], None);
    join(network, members[1], &[("$share/s/t", at(QOS[2]))], None);
    for (packet_id, qos) in (1..).zip([QOS[2], QOS[2], QOS[1], QOS[1], QOS[2], QOS[2]]) {
        send_publish(network, publisher, packet_id, false, qos, "m");
    }
    for packet in take(network, members[0]) {
        let refusal = Acknowledgement {
            reason_code: Some(ReasonCode::UNSPECIFIED_ERROR),
            ..Acknowledgement::new(packet.packet_id().unwrap_or(1))
        };
        network.send(members[0], &Packet::PubAck(refusal));
    }
    network.drop(members[1]);
    members[1] = open_with(network, version, lasting(version, "b"));
    network.drop(members[1]);
    open_with(network, version, Connect { clean_start: true, ..lasting(version, "b") });
}

fn aliases(network: &mut Network, version: Version) {
    let id = open_with(network, version, Connect::new(version, "a"));
    join(network, id, &[("#", at(QOS[0]))], None);
    let with = |alias| [Property::TopicAlias(alias)].into_iter().collect::<Properties>();
    for (topic, alias) in [("x", 1), ("", 1), ("y", 1), ("", 1), ("z", 2), ("", 10)] {
        network.send(id, &publish(topic, "m", QOS[0], false, with(alias)));
    }
    for (topic, alias) in [("", 1), ("x", 0), ("x", 99)] {
        let id = open_with(network, version, Connect::new(version, "a"));
        network.send(id, &publish(topic, "m", QOS[0], false, with(alias)));
    }
    let id = open_with(network, version, Connect::new(version, "a"));
    network.send(id, &publish("", "m", QOS[0], false, Properties::default()));
}

fn authenticating(network: &mut Network, version: Version) {
    if version == V3_1_1 {
        return;
    }
    let auth = |code, method: &str, data: &[u8]| {
        let properties = [
            Property::AuthenticationMethod(method.to_owned().into()),
            Property::AuthenticationData(Bytes::copy_from_slice(data)),
        ];
        Packet::Auth(Auth { reason_code: Some(code), properties: Some(properties.into_iter().collect()) })
    };
    let right = |packets: &[Packet]| {
        packets
            .iter()
            .rev()
            .find_map(|packet| packet.properties().and_then(Properties::authentication_data))
            .map(|data| data.iter().rev().copied().collect::<Vec<u8>>())
            .unwrap_or_default()
    };
    let method = "MQTTSPEC-CHALLENGE";
    let go_on = ReasonCode::CONTINUE_AUTHENTICATION;
    for (asked, code, honest, renewals) in [
        (method, go_on, true, [(method, true), ("other", true)]),
        (method, go_on, true, [(method, true), (method, false)]),
        (method, go_on, false, [(method, true); 2]),
        ("x", go_on, true, [(method, true); 2]),
        (method, ReasonCode::RE_AUTHENTICATE, true, [(method, true); 2]),
    ] {
        let mut connect = Connect::new(version, "a");
        connect.properties.push(Property::AuthenticationMethod(asked.into()));
        connect.properties.push(Property::MaximumPacketSize(60));
        let id = open_with(network, version, connect);
        let answer = right(&take(network, id));
        let data = if honest { &answer[..] } else { b"wrong" };
        network.send(id, &auth(code, method, data));
        for (renewed, honest) in renewals {
            network.send(id, &auth(ReasonCode::RE_AUTHENTICATE, renewed, b""));
            let answer = right(&take(network, id));
            network.send(id, &auth(go_on, method, if honest { &answer } else { b"wrong" }));
        }
        network.send(id, &Packet::PingReq);
    }
    let mut connect = Connect::new(version, "b");
    connect.properties.push(Property::AuthenticationMethod(method.into()));
    let id = open_with(network, version, connect);
    network.send(id, &Packet::PingReq);
    let id = open_with(network, version, Connect::new(version, "c"));
    network.send(id, &auth(go_on, method, b""));
}

fn problems(network: &mut Network, version: Version) {
    for (wanted, size) in [(1, None), (0, None), (1, Some(30)), (1, Some(12))] {
        let mut connect = Connect::new(version, "s");
        connect.properties.push(Property::RequestProblemInformation(wanted));
        connect.properties.0.extend(size.map(Property::MaximumPacketSize));
        let id = open_with(network, version, connect);
        join(network, id, &[("a#", at(QOS[0]))], None);
        leave(network, id, &["nothing"]);
        network.publish(id, "denied/x", "m", QOS[1]);
        network.publish(id, "denied/x", "m", QOS[2]);
        network.send(id, &Packet::PubRel(Acknowledgement::new(77)));
        network.send(id, &Packet::PubRec(Acknowledgement::new(77)));
        network.send(id, &Packet::Connect(Connect::new(version, "s")));
    }
    for (first, late) in [(0, 5), (5, 1)] {
        let mut connect = Connect::new(version, "e");
        connect.clean_start = false;
        connect.properties.push(Property::SessionExpiryInterval(first));
        let id = open_with(network, version, connect.clone());
        let properties = [Property::SessionExpiryInterval(late)].into_iter().collect();
        let code = Some(ReasonCode::SUCCESS);
        network.send(id, &Packet::Disconnect(Disconnect { reason_code: code, properties: Some(properties) }));
        network.wait(Duration::from_secs(3));
        open_with(network, version, connect);
    }
    let id = open_with(network, version, Connect::new(version, "l"));
    network.publish(id, "t", &"x".repeat(100), QOS[0]);
    let id = open_with(network, version, Connect::new(version, "q"));
    for packet_id in 1..25 {
        send_publish(network, id, packet_id, false, QOS[2], "m");
    }
}

fn restarting(network: &mut Network, version: Version) {
    for stop in [Stop::Orderly, Stop::Kill] {
        let keeper = open_with(network, version, lasting(version, "k1"));
        join(network, keeper, &[("w", at(QOS[1])), ("t", at(QOS[1]))], None);
        let mut connect = Connect::new(version, "k2");
        let mut message = will(None, QOS[1], false);
        message.properties.0.retain(|_| version == V5_0);
        connect.will = Some(message);
        open_with(network, version, connect);
        let publisher = open_with(network, version, Connect::new(version, "k3"));
        say(network, publisher, "r", "retained", QOS[1], true);
        network.restart(stop);
        let keeper = open_with(network, version, lasting(version, "k1"));
        join(network, keeper, &[("r", at(QOS[1]))], None);
        acknowledge_all(network, keeper);
    }
}

const SESSIONS: [Session; 12] = [
    connecting,
    sessions,
    wills,
    receiving,
    sending,
    ordering,
    subscribing,
    sharing,
    aliases,
    authenticating,
    problems,
    restarting,
];

fn limited() -> Configuration {
    Configuration {
        maximum_qos: QoS::AtMostOnce,
        retain_available: false,
        wildcard_subscriptions: false,
        subscription_identifiers: false,
        shared_subscriptions: false,
        accounts: vec![("mqttspec".into(), Bytes::from_static(b"secret"))],
        topic_alias_maximum: 0,
        maximum_packet_size: Some(80),
        session_expiry_maximum: Some(20),
        ..Configuration::default()
    }
}

fn several_copies() -> Configuration {
    Configuration { overlapping: Overlapping::EachSubscription, ..Configuration::default() }
}

fn log(session: Session, version: Version, configuration: Configuration, rules: Rules) -> Log {
    let mut network = Network::with(configuration, rules);
    session(&mut network, version);
    network.log
}

/// What the broker does with one packet.
fn log_of_packet(bytes: &Bytes, version: Version, rules: Rules) -> Log {
    let mut network = Network::with(Configuration::default(), rules);
    if bytes[0] >> 4 == 1 {
        let id = network.open(version);
        network.send_bytes(id, bytes);
    } else {
        let id = open_with(&mut network, version, Connect::new(version, "a"));
        network.send_bytes(id, bytes);
    }
    network.log
}

fn first_violation(bytes: &Bytes, version: Version) -> Option<Violation> {
    let mut framer = Framer::new(Context::from_client(version), usize::MAX);
    framer.push(bytes);
    match framer.next_frame() {
        Err(FramingError::Violation(violation)) => Some(violation),
        _ => decode(bytes, Context::from_client(version)).err(),
    }
}

#[test]
fn the_intact_broker_sends_nothing_that_is_wrong() {
    for version in Version::ALL {
        for configuration in CONFIGURATIONS {
            for session in SESSIONS {
                judge(&log(session, version, configuration(), Rules::all()), version);
            }
        }
        for bytes in variants(version) {
            judge(&log_of_packet(&bytes, version, Rules::all()), version);
        }
    }
}

fn judge(log: &Log, version: Version) {
    for (_, output) in log {
        let Output::Send { bytes, .. } = output else { continue };
        let decoded = decode(bytes, Context::from_server(version));
        // A CONNACK for an unknown version has the form of the version that is nearest to it.
        let refused = [V3_1_1, V5_0]
            .into_iter()
            .any(|it| matches!(decode(bytes, Context::from_server(it)), Ok(Packet::ConnAck(_))));
        if let Err(violation) = decoded
            && !refused
        {
            panic!("{violation}: {bytes:02X?}");
        }
    }
}

const CONFIGURATIONS: [fn() -> Configuration; 3] = [Configuration::default, limited, several_copies];

#[test]
fn every_switch_changes_something() {
    let mut dead = Vec::new();
    for version in Version::ALL {
        let cases: Vec<_> = CONFIGURATIONS
            .into_iter()
            .flat_map(|configuration| SESSIONS.map(|session| (session, configuration)))
            .map(|(session, configuration)| {
                (session, configuration, log(session, version, configuration(), Rules::all()))
            })
            .collect();
        let broken: Vec<_> = variants(version)
            .into_iter()
            .filter_map(|bytes| {
                let violation = first_violation(&bytes, version)?;
                let log = log_of_packet(&bytes, version, Rules::all());
                Some((violation, bytes, log))
            })
            .collect();
        for switch in switches().filter(|switch| switch.version == version) {
            let rules = || Rules::without([Citation { ..switch }]);
            let in_sessions = || {
                cases.iter().any(|(session, configuration, intact)| {
                    log(*session, version, configuration(), rules()) != *intact
                })
            };
            let in_packets = || {
                broken.iter().any(|(violation, bytes, intact)| {
                    violation.statements().contains(&switch.id.statement())
                        && log_of_packet(bytes, version, rules()) != *intact
                })
            };
            let in_websocket = || super::websocket::log(&rules()) != super::websocket::log(&Rules::all());
            if !in_packets() && !in_websocket() && !in_sessions() {
                dead.push(switch.to_string());
            }
        }
    }
    assert!(dead.is_empty(), "{} switches change nothing: {dead:#?}", dead.len());
}

#[test]
fn a_broker_that_keeps_to_nothing_does_not_panic() {
    for version in Version::ALL {
        let rules = || Rules::without(switches());
        for configuration in CONFIGURATIONS {
            for session in SESSIONS {
                log(session, version, configuration(), rules());
            }
        }
        for bytes in variants(version) {
            log_of_packet(&bytes, version, rules());
        }
    }
}

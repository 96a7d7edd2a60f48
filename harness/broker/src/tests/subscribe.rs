//! SUBSCRIBE, UNSUBSCRIBE and retained messages.

use mqttspec_codec::model::{
    Packet, Properties, Property, Publish, QoS, ReasonCode, RetainHandling, SubAck, Subscribe, Subscription,
    SubscriptionOptions, Unsubscribe,
};
use mqttspec_codec::{Version, statement};

use super::{Network, V3_1_1, V5_0, payloads, publish};
use crate::Configuration;

const QOS_0: QoS = QoS::AtMostOnce;

#[test]
fn filters_are_granted_refused_and_answered_in_order() {
    let mut network = Network::new();
    let id = network.connect(V5_0, "a");
    let filters = ["a/+", "a#", "denied/x", "$share/s/b"]
        .map(|filter| Subscription { filter: filter.into(), options: SubscriptionOptions::default() });
    let subscribe = Subscribe { packet_id: 9, properties: Properties::default(), filters: filters.into() };
    network.send(id, &Packet::Subscribe(subscribe));
    let packets = network.packets(id);
    let [Packet::SubAck(SubAck { packet_id: 9, reason_codes, .. })] = &packets[..] else {
        panic!("{packets:?}")
    };
    let expected =
        [ReasonCode(0), ReasonCode::TOPIC_FILTER_INVALID, ReasonCode::NOT_AUTHORIZED, ReasonCode(0)];
    assert_eq!(reason_codes[..], expected);
}

#[test]
fn unsubscribe_stops_messages_and_is_always_answered() {
    for version in Version::ALL {
        let mut network = Network::new();
        let id = network.connect(version, "a");
        network.subscribe(id, "t/+", QOS_0);
        let unsubscribe =
            |filter: &str| Unsubscribe { packet_id: 3, filters: vec![filter.into()], ..Default::default() };
        network.send(id, &Packet::Unsubscribe(unsubscribe("t/x")));
        network.publish(id, "t/x", "1", QOS_0);
        network.send(id, &Packet::Unsubscribe(unsubscribe("t/+")));
        network.publish(id, "t/x", "2", QOS_0);
        let packets = network.packets(id);
        assert!(matches!(packets[..], [Packet::UnsubAck(_), Packet::Publish(_), Packet::UnsubAck(_)]));
    }
}

#[test]
fn retained_messages_come_with_a_new_subscription() {
    for version in Version::ALL {
        let mut network = Network::new();
        let id = network.connect(version, "a");
        for (topic, payload) in [("r/1", "old"), ("r/1", "new"), ("r/2", "x"), ("r/2", "")] {
            network.send(id, &publish(topic, payload, QOS_0, true, Properties::default()));
        }
        network.publish(id, "r/1", "live", QOS_0);
        network.subscribe(id, "r/#", QOS_0);
        let packets = network.packets(id);
        assert_eq!(payloads(&packets), ["new"]);
        assert!(matches!(&packets[0], Packet::Publish(Publish { retain: true, .. })));
    }
}

#[test]
fn retain_handling_and_retain_as_published() {
    let mut network = Network::new();
    let id = network.connect(V5_0, "a");
    network.send(id, &publish("r", "kept", QOS_0, true, Properties::default()));
    let handling = |retain_handling| SubscriptionOptions { retain_handling, ..Default::default() };
    for (options, expected) in [
        (handling(RetainHandling::DoNotSend), 0),
        (handling(RetainHandling::SendIfNew), 0),
        (handling(RetainHandling::Send), 1),
    ] {
        network.subscribe_with(id, "r", options, None);
        assert_eq!(network.packets(id).len(), expected, "{options:?}");
    }
    for retain_as_published in [false, true] {
        let options = SubscriptionOptions {
            retain_as_published,
            retain_handling: RetainHandling::DoNotSend,
            ..Default::default()
        };
        network.subscribe_with(id, "r", options, None);
        network.send(id, &publish("r", "live", QOS_0, true, Properties::default()));
        let packets = network.packets(id);
        assert!(matches!(&packets[..], [Packet::Publish(it)] if it.retain == retain_as_published));
    }
}

#[test]
fn overlapping_subscriptions_bring_one_copy_or_several() {
    for (overlapping, expected) in [
        (crate::Overlapping::Once, vec![vec![1, 2]]),
        (crate::Overlapping::EachSubscription, vec![vec![1], vec![2]]),
    ] {
        let mut network = Network::configured(|it: &mut Configuration| it.overlapping = overlapping);
        let id = network.connect(V5_0, "a");
        network.subscribe_with(id, "o/#", SubscriptionOptions::default(), Some(1));
        network.subscribe_with(id, "o/+", SubscriptionOptions::default(), Some(2));
        network.publish(id, "o/x", "m", QOS_0);
        let identifiers: Vec<Vec<u32>> = network
            .packets(id)
            .iter()
            .map(|packet| packet.properties().unwrap().subscription_identifiers().collect())
            .collect();
        assert_eq!(identifiers, expected);
    }
}

#[test]
fn no_local_spares_the_publisher_only() {
    for (network, expected) in [
        (Network::new(), vec!["other"]),
        (Network::without(V5_0, statement!("MQTT-3.8.3-3")), vec!["own", "other"]),
    ] {
        let mut network = network;
        let id = network.connect(V5_0, "a");
        let other = network.connect(V5_0, "b");
        let options = SubscriptionOptions { no_local: true, ..Default::default() };
        network.subscribe_with(id, "t", options, None);
        network.publish(id, "t", "own", QOS_0);
        network.publish(other, "t", "other", QOS_0);
        assert_eq!(payloads(&network.packets(id)), expected);
    }
}

#[test]
fn a_share_gives_each_message_to_one_member_in_turn() {
    let mut network = Network::new();
    let members = ["a", "b"].map(|name| network.connect(V5_0, name));
    for id in members {
        network.subscribe(id, "$share/s/t", QOS_0);
    }
    let publisher = network.connect(V3_1_1, "p");
    for payload in ["1", "2", "3", "4"] {
        network.publish(publisher, "t", payload, QOS_0);
    }
    assert_eq!(payloads(&network.packets(members[0])), ["1", "3"]);
    assert_eq!(payloads(&network.packets(members[1])), ["2", "4"]);
}

#[test]
fn an_invalid_filter_may_close() {
    let mut network =
        Network::configured(|it: &mut Configuration| it.invalid_filter = crate::InvalidFilter::Close);
    let id = network.connect(V3_1_1, "a");
    let filters = vec![Subscription { filter: "a/#/b".into(), options: SubscriptionOptions::default() }];
    network.send(id, &Packet::Subscribe(Subscribe { packet_id: 1, filters, ..Default::default() }));
    assert!(network.is_closed(id));
    assert!(network.packets(id).is_empty());
}

#[test]
fn user_properties_are_passed_on_in_order() {
    let mut network = Network::new();
    let id = network.connect(V5_0, "a");
    network.subscribe(id, "t", QOS_0);
    let pairs = [("b", "1"), ("a", "2"), ("b", "3")];
    let properties: Properties =
        pairs.map(|(name, value)| Property::UserProperty((name.into(), value.into()))).into_iter().collect();
    network.send(id, &publish("t", "m", QOS_0, false, properties));
    let packets = network.packets(id);
    let got: Vec<_> = packets[0].properties().unwrap().user_properties().map(|(n, v)| (&**n, &**v)).collect();
    assert_eq!(got, pairs);
}

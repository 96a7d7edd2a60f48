//! Scenarios, drawn at random.

use mqttspec_codec::Version;
use mqttspec_codec::model::{QoS, RetainHandling, SubscriptionOptions};
use mqttspec_second_judge::{
    Choices, Connection, FILTERS, Filter, Leave, Message, Pick, Scenario, Step, TOPICS, Unread,
};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;

const MOST_CLIENTS: usize = 4;
const MOST_STEPS: usize = 30;

fn qos() -> impl Strategy<Value = QoS> {
    prop::sample::select(vec![QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce])
}

fn connection() -> impl Strategy<Value = Connection> {
    let version = prop::sample::select(vec![Version::V5_0, Version::V5_0, Version::V3_1_1]);
    let expiry = prop::sample::select(vec![0, u32::MAX, 3, 100]);
    let will = of((message(), prop::sample::select(vec![0, 2, 5])));
    (version, any::<bool>(), expiry, of(1..3_u16), 0..3_u16, will).prop_map(
        |(version, clean, session_expiry, receive_maximum, alias_maximum, will)| Connection {
            version,
            clean,
            session_expiry,
            receive_maximum,
            alias_maximum,
            will,
        },
    )
}

fn message() -> impl Strategy<Value = Message> {
    let weighted = prop::bool::weighted;
    (0..TOPICS.len(), qos(), weighted(0.3), weighted(0.2), of(1..4_u32), of(1..3_u16)).prop_map(
        |(topic, qos, retain, empty, expiry, alias)| Message { topic, qos, retain, empty, expiry, alias },
    )
}

fn filter() -> impl Strategy<Value = Filter> {
    let handling = prop::sample::select(vec![
        RetainHandling::Send,
        RetainHandling::SendIfNew,
        RetainHandling::DoNotSend,
    ]);
    (0..FILTERS.len(), qos(), prop::bool::weighted(0.2), any::<bool>(), handling).prop_map(
        |(filter, qos, no_local, retain_as_published, retain_handling)| Filter {
            filter,
            options: SubscriptionOptions { qos, no_local, retain_as_published, retain_handling },
        },
    )
}

fn client() -> impl Strategy<Value = usize> {
    0..MOST_CLIENTS
}

fn connect() -> impl Strategy<Value = Step> {
    (client(), connection()).prop_map(|(client, connection)| Step::Connect(client, connection))
}

fn subscribe() -> impl Strategy<Value = Step> {
    (client(), vec(filter(), 1..3), of(1..4_u8))
        .prop_map(|(client, filters, identifier)| Step::Subscribe(client, filters, identifier))
}

fn step() -> impl Strategy<Value = Step> {
    let unread = prop::sample::select(vec![Unread::Arrives, Unread::GetsLost]);
    let leave = (any::<bool>(), of(prop::sample::select(vec![0, 3])))
        .prop_map(|(with_will, session_expiry)| Leave { with_will, session_expiry });
    let pick = (0..6_usize, prop::bool::weighted(0.2)).prop_map(|(index, refuse)| Pick { index, refuse });
    prop_oneof![
        2 => (1..5_u8).prop_map(Step::Wait),
        2 => (client(), unread).prop_map(|(client, unread)| Step::Drop(client, unread)),
        1 => (client(), leave).prop_map(|(client, leave)| Step::Disconnect(client, leave)),
        1 => client().prop_map(Step::Ping),
        1 => (client(), vec(0..FILTERS.len(), 1..3))
            .prop_map(|(client, filters)| Step::Unsubscribe(client, filters)),
        3 => subscribe(),
        4 => (client(), of(pick)).prop_map(|(client, pick)| Step::Acknowledge(client, pick)),
        8 => (client(), message()).prop_map(|(client, message)| Step::Publish(client, message)),
        4 => connect(),
    ]
}

/// Sessions of two to four Clients, of which most connect and subscribe before anything else happens.
pub(crate) fn scenario() -> impl Strategy<Value = Scenario> {
    let granted = prop::sample::select(vec![QoS::ExactlyOnce, QoS::ExactlyOnce, QoS::AtLeastOnce]);
    let receive_maximum = prop::sample::select(vec![20, 2]);
    let choices = (prop::bool::weighted(0.3), any::<bool>(), granted, receive_maximum).prop_map(
        |(each_subscription, queue_qos0, granted, receive_maximum)| Choices {
            each_subscription,
            queue_qos0,
            granted,
            receive_maximum,
        },
    );
    let steps = (vec(connect(), 0..6), vec(subscribe(), 0..8), vec(step(), 1..MOST_STEPS));
    let steps = steps.prop_map(|(connects, subscribes, steps)| [connects, subscribes, steps].concat());
    (2..=MOST_CLIENTS, choices, steps).prop_map(|(clients, choices, steps)| Scenario {
        clients,
        choices,
        steps,
    })
}

//! Packets on one line, and byte by byte.

use bytes::Bytes;
use mqttspec_codec::model::{
    Acknowledgement, Auth, ConnAck, Connect, Disconnect, Packet, Properties, Property, Publish, QoS,
    ReasonCode, RetainHandling, SubAck, Subscribe, Subscription, SubscriptionOptions, UnsubAck, Unsubscribe,
    Will,
};
use mqttspec_codec::{Context, Version, annotate, describe, encode, render};

fn packets() -> Vec<(Context, Packet)> {
    let client_3 = Context::from_client(Version::V3_1_1);
    let server_3 = Context::from_server(Version::V3_1_1);
    let client_5 = Context::from_client(Version::V5_0);
    let server_5 = Context::from_server(Version::V5_0);
    let reason = |code, text: &'static str| {
        (Some(ReasonCode(code)), Some(Properties::from_iter([Property::ReasonString(text.into())])))
    };
    let (ack_code, ack_properties) = reason(0x87, "no");
    let (end_code, end_properties) = reason(0x8B, "bye\n\"now\"");
    vec![
        (client_3, Packet::Connect(Connect::new(Version::V3_1_1, "c"))),
        (
            client_5,
            Packet::Connect(Connect {
                keep_alive: 60,
                properties: Properties::from_iter([
                    Property::ReceiveMaximum(20),
                    Property::AuthenticationMethod("SCRAM".into()),
                    Property::AuthenticationData(Bytes::from_static(b"\xFF\x00")),
                ]),
                will: Some(Will {
                    qos: QoS::AtLeastOnce,
                    retain: true,
                    properties: Properties::from_iter([Property::WillDelayInterval(5)]),
                    topic: "w/\u{1F600}".into(),
                    payload: Bytes::from_static(b"gone"),
                }),
                user_name: Some("u".into()),
                password: Some(Bytes::from_static(b"secret")),
                ..Connect::new(Version::V5_0, "client")
            }),
        ),
        (
            server_3,
            Packet::ConnAck(ConnAck {
                session_present: true,
                reason_code: ReasonCode::SUCCESS,
                properties: Properties::default(),
            }),
        ),
        (
            server_5,
            Packet::ConnAck(ConnAck {
                session_present: false,
                reason_code: ReasonCode::SUCCESS,
                properties: Properties::from_iter([Property::MaximumQoS(1)]),
            }),
        ),
        (
            client_5,
            Packet::Publish(Publish {
                dup: true,
                qos: QoS::ExactlyOnce,
                topic: "a/b".into(),
                packet_id: Some(7),
                properties: Properties::from_iter([
                    Property::MessageExpiryInterval(10),
                    Property::UserProperty(("k".into(), "v".into())),
                ]),
                payload: Bytes::from_static(b"hello"),
                ..Publish::default()
            }),
        ),
        (
            client_3,
            Packet::Publish(Publish {
                topic: "long".into(),
                retain: true,
                payload: "x".repeat(150).into(),
                ..Publish::default()
            }),
        ),
        (server_3, Packet::PubAck(Acknowledgement::new(7))),
        (
            server_5,
            Packet::PubRec(Acknowledgement {
                packet_id: 7,
                reason_code: ack_code,
                properties: ack_properties,
            }),
        ),
        (
            client_5,
            Packet::Subscribe(Subscribe {
                packet_id: 9,
                properties: Properties::from_iter([Property::SubscriptionIdentifier(200)]),
                filters: vec![Subscription {
                    filter: "a/#".into(),
                    options: SubscriptionOptions {
                        qos: QoS::AtLeastOnce,
                        no_local: true,
                        retain_as_published: false,
                        retain_handling: RetainHandling::DoNotSend,
                    },
                }],
            }),
        ),
        (
            server_3,
            Packet::SubAck(SubAck {
                packet_id: 9,
                reason_codes: vec![ReasonCode(0), ReasonCode(0x80)],
                ..SubAck::default()
            }),
        ),
        (
            client_3,
            Packet::Unsubscribe(Unsubscribe {
                packet_id: 10,
                filters: vec!["a/#".into(), "b".into()],
                ..Unsubscribe::default()
            }),
        ),
        (
            server_5,
            Packet::UnsubAck(UnsubAck {
                packet_id: 10,
                reason_codes: vec![ReasonCode::NO_SUBSCRIPTION_EXISTED],
                ..UnsubAck::default()
            }),
        ),
        (client_3, Packet::PingReq),
        (client_3, Packet::Disconnect(Disconnect::default())),
        (server_5, Packet::Disconnect(Disconnect { reason_code: end_code, properties: end_properties })),
        (
            client_5,
            Packet::Auth(Auth {
                reason_code: Some(ReasonCode::CONTINUE_AUTHENTICATION),
                properties: Some(Properties::from_iter([Property::AuthenticationMethod("SCRAM".into())])),
            }),
        ),
    ]
}

#[test]
fn packets_on_one_line() {
    let lines: Vec<String> =
        packets().iter().map(|(context, packet)| describe(packet, context.version)).collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn packets_byte_by_byte() {
    let dumps: Vec<String> = packets()
        .iter()
        .map(|(context, packet)| {
            let bytes = encode(packet, context.version);
            render(&bytes, &annotate(&bytes, *context))
        })
        .collect();
    insta::assert_snapshot!(dumps.join("\n"));
}

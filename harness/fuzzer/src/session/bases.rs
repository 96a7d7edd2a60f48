//! Well-formed packets with many fields, for the operators to change.

use bytes::Bytes;
use bytestring::ByteString;
use mqttspec_codec::Version;
use mqttspec_codec::model::{
    Acknowledgement, Connect, Disconnect, Packet, Properties, Property, Publish, QoS, ReasonCode, Subscribe,
    Subscription, SubscriptionOptions, Unsubscribe, Will,
};
use mqttspec_script::profile::Account;

const TEXT: ByteString = ByteString::from_static("text");

/// The Keep Alive of clients, in seconds: longer than any session lasts. Some brokers take no client with 0.
const KEEP_ALIVE: u16 = 60;

/// A CONNECT with nothing but what every one has.
pub(crate) fn plain_connect(version: Version, client_id: ByteString) -> Connect {
    Connect { keep_alive: KEEP_ALIVE, ..Connect::new(version, client_id) }
}

/// The names that a session uses.
pub(super) struct Names<'a> {
    number: u64,
    /// What each client has to show.
    account: Option<&'a Account>,
}

/// How many sessions pass before a topic comes up again: what is retained there stays bounded.
const TOPIC_ROOTS: u64 = 4_096;

impl<'a> Names<'a> {
    pub(super) const fn new(number: u64, account: Option<&'a Account>) -> Self {
        Self { number, account }
    }

    /// The smallest CONNECT that the broker takes.
    pub(super) fn connect(&self, version: Version, client: usize) -> Connect {
        Connect {
            user_name: self.account.map(|account| account.user_name.clone().into()),
            password: self.account.map(|account| account.password.clone().into()),
            ..plain_connect(version, self.client_id(client))
        }
    }

    pub(super) fn client_id(&self, client: usize) -> ByteString {
        format!("fz{}c{client}", self.number).into()
    }

    pub(super) fn topic(&self, rest: &str) -> ByteString {
        format!("fz/{}/{rest}", self.number % TOPIC_ROOTS).into()
    }
}

fn user_property() -> Property {
    Property::UserProperty((ByteString::from_static("a"), ByteString::from_static("b")))
}

fn in_5_0(version: Version, properties: Vec<Property>) -> Properties {
    if version == Version::V5_0 { Properties(properties) } else { Properties::default() }
}

/// What a Will and a message can say about themselves.
fn about_a_message(names: &Names<'_>) -> Vec<Property> {
    vec![
        Property::PayloadFormatIndicator(0),
        Property::MessageExpiryInterval(60),
        Property::ContentType(TEXT),
        Property::ResponseTopic(names.topic("answer")),
        Property::CorrelationData(Bytes::from_static(b"tag")),
        user_property(),
    ]
}

/// A CONNECT with a Will.
pub(super) fn connect_with_will(names: &Names<'_>, version: Version) -> Connect {
    let mut properties = about_a_message(names);
    properties.insert(0, Property::WillDelayInterval(0));
    Connect {
        will: Some(Will {
            qos: QoS::AtMostOnce,
            retain: false,
            properties: in_5_0(version, properties),
            topic: names.topic("will"),
            payload: Bytes::from_static(b"gone"),
        }),
        properties: in_5_0(
            version,
            vec![
                Property::SessionExpiryInterval(0),
                Property::ReceiveMaximum(10),
                Property::MaximumPacketSize(100_000),
                Property::TopicAliasMaximum(10),
                Property::RequestResponseInformation(1),
                Property::RequestProblemInformation(1),
                user_property(),
            ],
        ),
        ..names.connect(version, 0)
    }
}

/// A PUBLISH with all properties.
pub(super) fn publish(names: &Names<'_>, version: Version, qos: QoS) -> Publish {
    Publish {
        qos,
        topic: names.topic("a"),
        packet_id: (qos != QoS::AtMostOnce).then_some(1),
        properties: in_5_0(version, about_a_message(names)),
        payload: Bytes::from_static(b"text"),
        ..Publish::default()
    }
}

fn acknowledgement(version: Version) -> Acknowledgement {
    match version {
        Version::V3_1_1 => Acknowledgement::new(1),
        Version::V5_0 => Acknowledgement {
            packet_id: 1,
            reason_code: Some(ReasonCode::SUCCESS),
            properties: Some(Properties(vec![Property::ReasonString(TEXT), user_property()])),
        },
    }
}

/// Everything that a client can send when it is connected.
pub(super) fn packets(names: &Names<'_>, version: Version) -> Vec<Packet> {
    let subscription = |rest: &str, qos| Subscription {
        filter: names.topic(rest),
        options: SubscriptionOptions { qos, ..SubscriptionOptions::default() },
    };
    let disconnect = match version {
        Version::V3_1_1 => Disconnect::default(),
        Version::V5_0 => Disconnect {
            reason_code: Some(ReasonCode::SUCCESS),
            properties: Some(Properties(vec![Property::ReasonString(TEXT), user_property()])),
        },
    };
    vec![
        Packet::Publish(publish(names, version, QoS::AtMostOnce)),
        Packet::Publish(publish(names, version, QoS::AtLeastOnce)),
        Packet::Publish(publish(names, version, QoS::ExactlyOnce)),
        Packet::PubAck(acknowledgement(version)),
        Packet::PubRec(acknowledgement(version)),
        Packet::PubRel(acknowledgement(version)),
        Packet::PubComp(acknowledgement(version)),
        Packet::Subscribe(Subscribe {
            packet_id: 1,
            properties: in_5_0(version, vec![user_property()]),
            filters: vec![subscription("a", QoS::AtMostOnce), subscription("b", QoS::AtLeastOnce)],
        }),
        Packet::Unsubscribe(Unsubscribe {
            packet_id: 1,
            properties: in_5_0(version, vec![user_property()]),
            filters: vec![names.topic("a"), names.topic("b")],
        }),
        Packet::PingReq,
        Packet::Disconnect(disconnect),
    ]
}

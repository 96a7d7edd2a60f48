//! Packets that are almost right.

use bytes::Bytes;
use mqttspec_codec::model::{
    Acknowledgement, Auth, Connect, Disconnect, Packet, Properties, Property, QoS, ReasonCode, Subscribe,
    Subscription, SubscriptionOptions, Unsubscribe,
};
use mqttspec_codec::{Version, encode};

use super::{publish, will};

/// Packets of a Client that are right, and those that differ from one by little.
pub(crate) fn variants(version: Version) -> Vec<Bytes> {
    let mut connect = Connect::new(version, "id");
    connect.will = Some(will(Some(1), QoS::AtLeastOnce, true));
    connect.user_name = Some("mqttspec".into());
    connect.password = Some(Bytes::from_static(b"secret"));
    let mut with_will = Connect::new(version, "id");
    with_will.will = Some(will(None, QoS::AtLeastOnce, true));
    let mut bare = Connect::new(version, "id");
    let user = || Property::UserProperty(("n".into(), "v".into()));
    for property in [
        Property::SessionExpiryInterval(1),
        Property::ReceiveMaximum(2),
        Property::MaximumPacketSize(3000),
        Property::TopicAliasMaximum(2),
        Property::RequestResponseInformation(1),
        Property::RequestProblemInformation(1),
        Property::AuthenticationMethod("m".into()),
        Property::AuthenticationData(Bytes::from_static(b"d")),
        user(),
    ] {
        bare.properties.push(property);
    }
    let reason = || Property::ReasonString("r".into());
    let ack = Acknowledgement {
        packet_id: 1,
        reason_code: Some(ReasonCode::SUCCESS),
        properties: Some([reason(), user()].into_iter().collect()),
    };
    let properties = [
        Property::ResponseTopic("ab".into()),
        Property::ContentType("c".into()),
        Property::CorrelationData(Bytes::from_static(b"d")),
        Property::TopicAlias(1),
        Property::PayloadFormatIndicator(1),
        Property::MessageExpiryInterval(1),
        user(),
    ];
    let end = Some([reason(), user()].into_iter().collect::<Properties>());
    let method: Properties = [
        Property::AuthenticationMethod("MQTTSPEC-CHALLENGE".into()),
        Property::AuthenticationData(Bytes::from_static(b"d")),
        reason(),
    ]
    .into_iter()
    .collect();
    let packets = [
        Packet::Connect(connect),
        Packet::Connect(bare),
        Packet::Connect(with_will),
        Packet::Connect(Connect { password: Some(Bytes::new()), ..Connect::new(version, "id") }),
        publish(
            "topic",
            "m",
            QoS::AtMostOnce,
            false,
            [Property::SubscriptionIdentifier(0)].into_iter().collect(),
        ),
        publish(
            "topic",
            "m",
            QoS::AtMostOnce,
            false,
            [Property::SubscriptionIdentifier(1)].into_iter().collect(),
        ),
        Packet::Connect(Connect::new(version, "id")),
        publish("topic", "m", QoS::AtLeastOnce, false, properties.into_iter().collect()),
        publish("topic", "m", QoS::AtMostOnce, false, Properties::default()),
        Packet::PubAck(ack.clone()),
        Packet::PubRec(ack.clone()),
        Packet::PubRel(ack.clone()),
        Packet::PubComp(ack),
        Packet::Subscribe(Subscribe {
            packet_id: 2,
            properties: [Property::SubscriptionIdentifier(1), user()].into_iter().collect(),
            filters: vec![Subscription { filter: "ab".into(), options: SubscriptionOptions::default() }],
        }),
        Packet::Subscribe(Subscribe { packet_id: 2, ..Subscribe::default() }),
        Packet::Unsubscribe(Unsubscribe {
            packet_id: 2,
            properties: [user()].into_iter().collect(),
            filters: vec!["ab".into()],
        }),
        Packet::Unsubscribe(Unsubscribe { packet_id: 2, ..Unsubscribe::default() }),
        Packet::PingReq,
        Packet::Disconnect(Disconnect { reason_code: Some(ReasonCode::SUCCESS), properties: end }),
        Packet::Auth(Auth { reason_code: Some(ReasonCode::RE_AUTHENTICATE), properties: Some(method) }),
        Packet::Disconnect(Disconnect {
            reason_code: Some(ReasonCode::SUCCESS),
            properties: Some([Property::SessionExpiryInterval(0)].into_iter().collect()),
        }),
    ];
    let mut variants = vec![Bytes::from_static(b"\xD0\x00"), Bytes::from_static(b"\x00\x00")];
    variants.push(Bytes::from_static(b"\xC0\x80\x80\x80\x80\x00"));
    for packet in &packets {
        let whole = encode(packet, version).to_vec();
        for position in (0..whole.len()).filter(|&position| position != 1) {
            let flipped = (0..8).map(|bit| whole[position] ^ 1 << bit);
            for value in [0, 3, 0x23, 0x80, 0xED, 0xFF, whole[position] | 0x30].into_iter().chain(flipped) {
                let mut bytes = whole.clone();
                bytes[position] = value;
                variants.push(bytes.into());
            }
            // An encoded surrogate, and a cut.
            if position > 8 && position + 3 <= whole.len() {
                let mut bytes = whole.clone();
                bytes.splice(position..position + 2, [0xED, 0xA0]);
                variants.push(bytes.into());
            }
            if position > 2 {
                let mut bytes = whole[..position].to_vec();
                bytes[1] = u8::try_from(position - 2).unwrap();
                variants.push(bytes.into());
            }
        }
        let mut longer = whole.clone();
        longer.push(0);
        longer[1] += 1;
        variants.push(longer.into());
        variants.extend(repeated_properties(packet, version));
    }
    variants
}

/// A packet with each of its properties twice in turn.
fn repeated_properties(packet: &Packet, version: Version) -> Vec<Bytes> {
    let twice = |properties: &mut Properties, index: usize| {
        let property = properties.0[index].clone();
        properties.push(property);
    };
    let count = packet.properties().map_or(0, |properties| properties.0.len());
    let mut found = Vec::new();
    for index in 0..count {
        let mut packet = packet.clone();
        match &mut packet {
            Packet::Connect(it) => twice(&mut it.properties, index),
            Packet::Subscribe(it) => twice(&mut it.properties, index),
            other => {
                if let Some(properties) = crate::send::properties_mut(other) {
                    twice(properties, index);
                }
            }
        }
        found.push(encode(&packet, version));
    }
    if let Packet::Connect(connect) = packet
        && let Some(will) = &connect.will
    {
        for property in [
            Property::WillDelayInterval(1),
            Property::PayloadFormatIndicator(0),
            Property::MessageExpiryInterval(1),
            Property::ContentType("c".into()),
            Property::ResponseTopic("r".into()),
            Property::CorrelationData(Bytes::from_static(b"c")),
        ] {
            let mut will = will.clone();
            will.properties = [property.clone(), property].into_iter().collect();
            let connect = Connect { will: Some(will), ..connect.clone() };
            found.push(encode(&Packet::Connect(connect), version));
        }
    }
    found
}

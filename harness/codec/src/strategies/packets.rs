//! Legal packets.

use bytes::Bytes;
use bytestring::ByteString;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::properties::{properties, will_properties};
use super::text::{payload, text, topic_filter, topic_name};
use crate::model::{
    Acknowledgement, Auth, ConnAck, Connect, Disconnect, Packet, PacketType, Properties, Property, Publish,
    QoS, ReasonCode, RetainHandling, Sender, SubAck, Subscribe, Subscription, SubscriptionOptions, UnsubAck,
    Unsubscribe, Will,
};
use crate::{Context, Version};

/// A legal packet of this version from this sender.
pub fn packet(context: Context) -> BoxedStrategy<Packet> {
    let Context { version, sender } = context;
    let ack = |packet_type| acknowledgement(packet_type, context);
    let mut packets = vec![
        publish(context).prop_map(Packet::Publish).boxed(),
        ack(PacketType::PubAck).prop_map(Packet::PubAck).boxed(),
        ack(PacketType::PubRec).prop_map(Packet::PubRec).boxed(),
        ack(PacketType::PubRel).prop_map(Packet::PubRel).boxed(),
        ack(PacketType::PubComp).prop_map(Packet::PubComp).boxed(),
    ];
    match sender {
        Sender::Client => packets.extend([
            connect(version).prop_map(Packet::Connect).boxed(),
            subscribe(version).prop_map(Packet::Subscribe).boxed(),
            unsubscribe(version).prop_map(Packet::Unsubscribe).boxed(),
            Just(Packet::PingReq).boxed(),
        ]),
        Sender::Server => packets.extend([
            connack(version).prop_map(Packet::ConnAck).boxed(),
            suback(version).prop_map(Packet::SubAck).boxed(),
            unsuback(version).prop_map(Packet::UnsubAck).boxed(),
            Just(Packet::PingResp).boxed(),
        ]),
    }
    if version == Version::V5_0 || sender == Sender::Client {
        packets.push(disconnect(context).prop_map(Packet::Disconnect).boxed());
    }
    if version == Version::V5_0 {
        packets.push(auth(context).prop_map(Packet::Auth).boxed());
    }
    proptest::strategy::Union::new(packets).boxed()
}

fn in_version(version: Version, properties: BoxedStrategy<Properties>) -> BoxedStrategy<Properties> {
    match version {
        Version::V3_1_1 => Just(Properties::default()).boxed(),
        Version::V5_0 => properties,
    }
}

fn qos() -> impl Strategy<Value = QoS> {
    select(vec![QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce])
}

fn packet_id() -> impl Strategy<Value = u16> {
    prop_oneof![1..=u16::MAX, Just(1), Just(u16::MAX)]
}

fn binary() -> impl Strategy<Value = Bytes> {
    vec(any::<u8>(), 0..12).prop_map(Bytes::from)
}

fn reason_code(packet_type: PacketType, context: Context) -> impl Strategy<Value = ReasonCode> {
    let defined = |code: &ReasonCode| code.defined_for(packet_type, context.sender, context.version);
    select((0..=u8::MAX).map(ReasonCode).filter(defined).collect::<Vec<_>>())
}

fn will(version: Version) -> impl Strategy<Value = Will> {
    (qos(), any::<bool>(), in_version(version, will_properties()), topic_name(), binary()).prop_map(
        |(qos, retain, properties, topic, payload)| Will { qos, retain, properties, topic, payload },
    )
}

fn connect(version: Version) -> impl Strategy<Value = Connect> {
    let head =
        (any::<bool>(), any::<u16>(), in_version(version, properties(PacketType::Connect, Sender::Client)));
    let payload = (text(), option::of(will(version)), option::of(text()), option::of(binary()));
    (head, payload).prop_map(
        move |((clean_start, keep_alive, properties), (client_id, will, user_name, password))| {
            let v5 = version == Version::V5_0;
            Connect {
                clean_start: clean_start || (!v5 && client_id.is_empty()),
                keep_alive,
                properties,
                will,
                password: if v5 || user_name.is_some() { password } else { None },
                user_name,
                ..Connect::new(version, client_id)
            }
        },
    )
}

fn connack(version: Version) -> impl Strategy<Value = ConnAck> {
    let context = Context::from_server(version);
    let code = prop_oneof![Just(ReasonCode::SUCCESS), reason_code(PacketType::ConnAck, context)];
    let properties = in_version(version, properties(PacketType::ConnAck, Sender::Server));
    (any::<bool>(), code, properties).prop_map(|(session_present, reason_code, properties)| ConnAck {
        session_present: session_present && reason_code == ReasonCode::SUCCESS,
        reason_code,
        properties,
    })
}

fn publish(context: Context) -> impl Strategy<Value = Publish> {
    let Context { version, sender } = context;
    let flags = (any::<bool>(), qos(), any::<bool>());
    let header = (topic_name(), packet_id(), in_version(version, properties(PacketType::Publish, sender)));
    (flags, header, payload(), any::<bool>()).prop_map(
        |((dup, qos, retain), (topic, packet_id, properties), payload, by_alias)| {
            let aliased = properties.iter().any(|property| matches!(property, Property::TopicAlias(_)));
            Publish {
                dup: dup && qos != QoS::AtMostOnce,
                qos,
                retain,
                topic: if by_alias && aliased { ByteString::new() } else { topic },
                packet_id: (qos != QoS::AtMostOnce).then_some(packet_id),
                properties,
                payload,
            }
        },
    )
}

/// Reason Code and properties that may be left out, the latter first.
fn trailer(
    packet_type: PacketType,
    context: Context,
) -> BoxedStrategy<(Option<ReasonCode>, Option<Properties>)> {
    if context.version == Version::V3_1_1 {
        return Just((None, None)).boxed();
    }
    let list = properties(packet_type, context.sender);
    let list =
        if packet_type == PacketType::Auth { list.prop_map(Some).boxed() } else { option::of(list).boxed() };
    option::of((reason_code(packet_type, context), list))
        .prop_map(|trailer| match trailer {
            Some((code, properties)) => (Some(code), properties),
            None => (None, None),
        })
        .boxed()
}

fn acknowledgement(packet_type: PacketType, context: Context) -> impl Strategy<Value = Acknowledgement> {
    (packet_id(), trailer(packet_type, context)).prop_map(|(packet_id, (reason_code, properties))| {
        Acknowledgement { packet_id, reason_code, properties }
    })
}

fn subscription(version: Version) -> impl Strategy<Value = Subscription> {
    let handling = select(vec![RetainHandling::Send, RetainHandling::SendIfNew, RetainHandling::DoNotSend]);
    let options = (qos(), any::<bool>(), any::<bool>(), handling);
    (topic_filter(version), options).prop_map(
        move |(filter, (qos, no_local, retain_as_published, retain_handling))| {
            let options = match version {
                Version::V3_1_1 => SubscriptionOptions { qos, ..SubscriptionOptions::default() },
                Version::V5_0 => SubscriptionOptions {
                    qos,
                    no_local: no_local && !filter.starts_with("$share/"),
                    retain_as_published,
                    retain_handling,
                },
            };
            Subscription { filter, options }
        },
    )
}

fn subscribe(version: Version) -> impl Strategy<Value = Subscribe> {
    let properties = in_version(version, properties(PacketType::Subscribe, Sender::Client));
    (packet_id(), properties, vec(subscription(version), 1..5))
        .prop_map(|(packet_id, properties, filters)| Subscribe { packet_id, properties, filters })
}

fn suback(version: Version) -> impl Strategy<Value = SubAck> {
    let properties = in_version(version, properties(PacketType::SubAck, Sender::Server));
    let codes = vec(reason_code(PacketType::SubAck, Context::from_server(version)), 1..5);
    (packet_id(), properties, codes).prop_map(|(packet_id, properties, reason_codes)| SubAck {
        packet_id,
        properties,
        reason_codes,
    })
}

fn unsubscribe(version: Version) -> impl Strategy<Value = Unsubscribe> {
    let properties = in_version(version, properties(PacketType::Unsubscribe, Sender::Client));
    (packet_id(), properties, vec(topic_filter(version), 1..5))
        .prop_map(|(packet_id, properties, filters)| Unsubscribe { packet_id, properties, filters })
}

fn unsuback(version: Version) -> BoxedStrategy<UnsubAck> {
    if version == Version::V3_1_1 {
        return packet_id().prop_map(|packet_id| UnsubAck { packet_id, ..UnsubAck::default() }).boxed();
    }
    let codes = vec(reason_code(PacketType::UnsubAck, Context::from_server(version)), 1..5);
    (packet_id(), properties(PacketType::UnsubAck, Sender::Server), codes)
        .prop_map(|(packet_id, properties, reason_codes)| UnsubAck { packet_id, properties, reason_codes })
        .boxed()
}

fn disconnect(context: Context) -> impl Strategy<Value = Disconnect> {
    trailer(PacketType::Disconnect, context)
        .prop_map(|(reason_code, properties)| Disconnect { reason_code, properties })
}

fn auth(context: Context) -> impl Strategy<Value = Auth> {
    trailer(PacketType::Auth, context).prop_map(|(reason_code, properties)| Auth { reason_code, properties })
}

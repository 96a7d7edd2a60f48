//! Properties that may stand together in one place.

use bytes::Bytes;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::subsequence;

use super::text::{text, topic_name};
use crate::model::{PacketType, Properties, Property, PropertyId, Sender};

/// The greatest value of a Variable Byte Integer.
const VARIABLE_MAX: u32 = 268_435_455;

/// Properties that the sender may put into the packet.
pub fn properties(packet_type: PacketType, sender: Sender) -> BoxedStrategy<Properties> {
    let repeats = matches!((packet_type, sender), (PacketType::Publish, Sender::Server));
    let allowed = PropertyId::ALL.into_iter().filter(|id| id.allowed_in(packet_type, sender)).collect();
    list(allowed, repeats)
        .prop_map(move |mut properties| {
            let has_method = properties.authentication_method().is_some();
            match packet_type {
                PacketType::Connect if !has_method => {
                    properties.0.retain(|property| property.id() != PropertyId::AuthenticationData);
                }
                PacketType::Auth if !has_method => {
                    properties.push(Property::AuthenticationMethod("method".into()));
                }
                _ => {}
            }
            properties
        })
        .boxed()
}

/// Properties of a Will.
pub fn will_properties() -> BoxedStrategy<Properties> {
    list(PropertyId::ALL.into_iter().filter(|id| id.allowed_in_will()).collect(), false)
}

/// Some of the properties in any order, each once, but for User Properties and, in a PUBLISH of a Server,
/// Subscription Identifiers.
fn list(allowed: Vec<PropertyId>, repeats: bool) -> BoxedStrategy<Properties> {
    let count = allowed.len();
    let more: Vec<PropertyId> = allowed
        .iter()
        .copied()
        .filter(|id| match id {
            PropertyId::UserProperty => true,
            PropertyId::SubscriptionIdentifier => repeats,
            _ => false,
        })
        .collect();
    let more = if more.is_empty() {
        Just(Vec::new()).boxed()
    } else {
        vec(proptest::sample::select(more), 0..3).boxed()
    };
    (subsequence(allowed, 0..=count.min(6)), more)
        .prop_map(|(once, more)| once.into_iter().chain(more).collect::<Vec<_>>())
        .prop_shuffle()
        .prop_flat_map(|ids| ids.into_iter().map(property).collect::<Vec<_>>())
        .prop_map(Properties)
        .boxed()
}

/// A property with any value that is allowed somewhere.
fn property(id: PropertyId) -> BoxedStrategy<Property> {
    use PropertyId as Id;

    match id {
        Id::PayloadFormatIndicator => flag(Property::PayloadFormatIndicator),
        Id::MessageExpiryInterval => any::<u32>().prop_map(Property::MessageExpiryInterval).boxed(),
        Id::ContentType => text().prop_map(Property::ContentType).boxed(),
        Id::ResponseTopic => topic_name().prop_map(Property::ResponseTopic).boxed(),
        Id::CorrelationData => binary().prop_map(Property::CorrelationData).boxed(),
        Id::SubscriptionIdentifier => {
            let edges = proptest::sample::select(vec![1, 127, 128, 16_383, 16_384, VARIABLE_MAX]);
            prop_oneof![1..=VARIABLE_MAX, edges].prop_map(Property::SubscriptionIdentifier).boxed()
        }
        Id::SessionExpiryInterval => any::<u32>().prop_map(Property::SessionExpiryInterval).boxed(),
        Id::AssignedClientIdentifier => text().prop_map(Property::AssignedClientIdentifier).boxed(),
        Id::ServerKeepAlive => any::<u16>().prop_map(Property::ServerKeepAlive).boxed(),
        Id::AuthenticationMethod => text().prop_map(Property::AuthenticationMethod).boxed(),
        Id::AuthenticationData => binary().prop_map(Property::AuthenticationData).boxed(),
        Id::RequestProblemInformation => flag(Property::RequestProblemInformation),
        Id::WillDelayInterval => any::<u32>().prop_map(Property::WillDelayInterval).boxed(),
        Id::RequestResponseInformation => flag(Property::RequestResponseInformation),
        Id::ResponseInformation => text().prop_map(Property::ResponseInformation).boxed(),
        Id::ServerReference => text().prop_map(Property::ServerReference).boxed(),
        Id::ReasonString => text().prop_map(Property::ReasonString).boxed(),
        Id::ReceiveMaximum => (1..=u16::MAX).prop_map(Property::ReceiveMaximum).boxed(),
        Id::TopicAliasMaximum => any::<u16>().prop_map(Property::TopicAliasMaximum).boxed(),
        Id::TopicAlias => (1..=u16::MAX).prop_map(Property::TopicAlias).boxed(),
        Id::MaximumQoS => flag(Property::MaximumQoS),
        Id::RetainAvailable => flag(Property::RetainAvailable),
        Id::UserProperty => (text(), text()).prop_map(Property::UserProperty).boxed(),
        Id::MaximumPacketSize => (1..=u32::MAX).prop_map(Property::MaximumPacketSize).boxed(),
        Id::WildcardSubscriptionAvailable => flag(Property::WildcardSubscriptionAvailable),
        Id::SubscriptionIdentifiersAvailable => flag(Property::SubscriptionIdentifiersAvailable),
        Id::SharedSubscriptionAvailable => flag(Property::SharedSubscriptionAvailable),
    }
}

fn flag(property: fn(u8) -> Property) -> BoxedStrategy<Property> {
    (0_u8..=1).prop_map(property).boxed()
}

fn binary() -> impl Strategy<Value = Bytes> {
    vec(any::<u8>(), 0..12).prop_map(Bytes::from)
}

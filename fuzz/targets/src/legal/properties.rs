//! Properties that may stand together in one place.

use arbitrary::{Result, Unstructured};
use mqttspec_codec::model::{PacketType, Properties, Property, PropertyId, Sender};

use super::text::{binary, text, topic_name};

/// The greatest value of a Variable Byte Integer.
const VARIABLE_MAX: u32 = 268_435_455;

/// The most properties of a packet.
const MOST: usize = 6;

/// Properties that the sender may put into the packet.
pub(super) fn properties(
    tape: &mut Unstructured<'_>,
    packet_type: PacketType,
    sender: Sender,
) -> Result<Properties> {
    let repeats = (packet_type, sender) == (PacketType::Publish, Sender::Server);
    let mut properties = list(tape, |id| id.allowed_in(packet_type, sender), repeats)?;
    if properties.authentication_method().is_none() {
        match packet_type {
            PacketType::Connect => {
                properties.0.retain(|property| property.id() != PropertyId::AuthenticationData);
            }
            PacketType::Auth => properties.push(Property::AuthenticationMethod("method".into())),
            _ => {}
        }
    }
    Ok(properties)
}

/// Properties of a Will.
pub(super) fn will_properties(tape: &mut Unstructured<'_>) -> Result<Properties> {
    list(tape, PropertyId::allowed_in_will, false)
}

/// Properties in any order, each once, but for User Properties and, where they may, Subscription Identifiers.
fn list(
    tape: &mut Unstructured<'_>,
    allowed: impl Fn(PropertyId) -> bool,
    repeats: bool,
) -> Result<Properties> {
    let mut properties = Properties::default();
    for _ in 0..tape.int_in_range(0..=MOST)? {
        let id = *tape.choose(&PropertyId::ALL)?;
        let again = id == PropertyId::UserProperty || repeats && id == PropertyId::SubscriptionIdentifier;
        if allowed(id) && (again || properties.iter().all(|other| other.id() != id)) {
            properties.push(property(tape, id)?);
        }
    }
    Ok(properties)
}

/// A property with any value that is allowed somewhere.
fn property(tape: &mut Unstructured<'_>, id: PropertyId) -> Result<Property> {
    use PropertyId as Id;

    Ok(match id {
        Id::PayloadFormatIndicator => Property::PayloadFormatIndicator(flag(tape)?),
        Id::MessageExpiryInterval => Property::MessageExpiryInterval(tape.arbitrary()?),
        Id::ContentType => Property::ContentType(text(tape)?),
        Id::ResponseTopic => Property::ResponseTopic(topic_name(tape)?),
        Id::CorrelationData => Property::CorrelationData(binary(tape)?),
        Id::SubscriptionIdentifier => {
            let widest = *tape.choose(&[127, 16_383, 2_097_151, VARIABLE_MAX])?;
            Property::SubscriptionIdentifier(tape.int_in_range(1..=widest)?)
        }
        Id::SessionExpiryInterval => Property::SessionExpiryInterval(tape.arbitrary()?),
        Id::AssignedClientIdentifier => Property::AssignedClientIdentifier(text(tape)?),
        Id::ServerKeepAlive => Property::ServerKeepAlive(tape.arbitrary()?),
        Id::AuthenticationMethod => Property::AuthenticationMethod(text(tape)?),
        Id::AuthenticationData => Property::AuthenticationData(binary(tape)?),
        Id::RequestProblemInformation => Property::RequestProblemInformation(flag(tape)?),
        Id::WillDelayInterval => Property::WillDelayInterval(tape.arbitrary()?),
        Id::RequestResponseInformation => Property::RequestResponseInformation(flag(tape)?),
        Id::ResponseInformation => Property::ResponseInformation(text(tape)?),
        Id::ServerReference => Property::ServerReference(text(tape)?),
        Id::ReasonString => Property::ReasonString(text(tape)?),
        Id::ReceiveMaximum => Property::ReceiveMaximum(tape.int_in_range(1..=u16::MAX)?),
        Id::TopicAliasMaximum => Property::TopicAliasMaximum(tape.arbitrary()?),
        Id::TopicAlias => Property::TopicAlias(tape.int_in_range(1..=u16::MAX)?),
        Id::MaximumQoS => Property::MaximumQoS(flag(tape)?),
        Id::RetainAvailable => Property::RetainAvailable(flag(tape)?),
        Id::UserProperty => Property::UserProperty((text(tape)?, text(tape)?)),
        Id::MaximumPacketSize => Property::MaximumPacketSize(tape.int_in_range(1..=u32::MAX)?),
        Id::WildcardSubscriptionAvailable => Property::WildcardSubscriptionAvailable(flag(tape)?),
        Id::SubscriptionIdentifiersAvailable => Property::SubscriptionIdentifiersAvailable(flag(tape)?),
        Id::SharedSubscriptionAvailable => Property::SharedSubscriptionAvailable(flag(tape)?),
    })
}

fn flag(tape: &mut Unstructured<'_>) -> Result<u8> {
    tape.int_in_range(0..=1)
}

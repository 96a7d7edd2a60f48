//! Properties of 5.0.

use bytestring::ByteString;
use mqttspec_codec::model::{Properties, Property, PropertyId};

use super::context::Context;
use crate::yaml::{Entry, Node};

const USER_PROPERTIES: &str = "user_properties";
const ANY: &str = "properties";

impl Context<'_> {
    /// The properties among the keys of a packet, in the order of the file.
    pub(super) fn properties(&mut self, node: &Node) -> Properties {
        let mut properties = Properties::default();
        for entry in node.entries() {
            match entry.key.text.as_str() {
                USER_PROPERTIES => {
                    for pair in entry.value.items() {
                        properties.push(Property::UserProperty(self.pair(pair)));
                    }
                }
                ANY => {
                    for item in entry.value.items() {
                        properties.0.extend(item.entries().iter().filter_map(|entry| self.property(entry)));
                    }
                }
                _ => properties.0.extend(self.property(entry)),
            }
        }
        properties
    }

    /// The properties, when the packet names any, or names the list as empty.
    pub(super) fn optional_properties(&mut self, node: &Node) -> Option<Properties> {
        let properties = self.properties(node);
        (!properties.is_empty() || node.get(ANY).is_some()).then_some(properties)
    }

    /// A name and a value.
    pub(super) fn pair(&mut self, node: &Node) -> (ByteString, ByteString) {
        if let [name, value] = node.items() {
            return (self.string(name), self.string(value));
        }
        self.problems.add(node.place, "a User Property is a name and a value", "expected [name, value]");
        (ByteString::new(), ByteString::new())
    }

    fn property(&mut self, entry: &Entry) -> Option<Property> {
        let id = PropertyId::ALL.into_iter().find(|id| id.name() == entry.key.text)?;
        let node = &entry.value;
        let number = u32::try_from(node.integer().unwrap_or_default()).unwrap_or_default();
        // The tables have checked that the number fits.
        let byte = u8::try_from(number).unwrap_or_default();
        let short = u16::try_from(number).unwrap_or_default();
        Some(match id {
            PropertyId::PayloadFormatIndicator => Property::PayloadFormatIndicator(byte),
            PropertyId::MessageExpiryInterval => Property::MessageExpiryInterval(number),
            PropertyId::ContentType => Property::ContentType(self.string(node)),
            PropertyId::ResponseTopic => Property::ResponseTopic(self.string(node)),
            PropertyId::CorrelationData => Property::CorrelationData(self.bytes(node)),
            PropertyId::SubscriptionIdentifier => Property::SubscriptionIdentifier(number),
            PropertyId::SessionExpiryInterval => Property::SessionExpiryInterval(number),
            PropertyId::AssignedClientIdentifier => Property::AssignedClientIdentifier(self.string(node)),
            PropertyId::ServerKeepAlive => Property::ServerKeepAlive(short),
            PropertyId::AuthenticationMethod => Property::AuthenticationMethod(self.string(node)),
            PropertyId::AuthenticationData => Property::AuthenticationData(self.bytes(node)),
            PropertyId::RequestProblemInformation => Property::RequestProblemInformation(byte),
            PropertyId::WillDelayInterval => Property::WillDelayInterval(number),
            PropertyId::RequestResponseInformation => Property::RequestResponseInformation(byte),
            PropertyId::ResponseInformation => Property::ResponseInformation(self.string(node)),
            PropertyId::ServerReference => Property::ServerReference(self.string(node)),
            PropertyId::ReasonString => Property::ReasonString(self.string(node)),
            PropertyId::ReceiveMaximum => Property::ReceiveMaximum(short),
            PropertyId::TopicAliasMaximum => Property::TopicAliasMaximum(short),
            PropertyId::TopicAlias => Property::TopicAlias(short),
            PropertyId::MaximumQoS => Property::MaximumQoS(byte),
            PropertyId::RetainAvailable => Property::RetainAvailable(byte),
            PropertyId::UserProperty => Property::UserProperty(self.pair(node)),
            PropertyId::MaximumPacketSize => Property::MaximumPacketSize(number),
            PropertyId::WildcardSubscriptionAvailable => Property::WildcardSubscriptionAvailable(byte),
            PropertyId::SubscriptionIdentifiersAvailable => Property::SubscriptionIdentifiersAvailable(byte),
            PropertyId::SharedSubscriptionAvailable => Property::SharedSubscriptionAvailable(byte),
        })
    }
}

//! The fields of a packet by the names that patterns use.

use std::borrow::Cow;

use bytestring::ByteString;
use mqttspec_codec::Version;
use mqttspec_codec::model::{Packet, Properties, Property, PropertyId, ReasonCode};

use crate::plan::Value;

/// A field's name and its value.
pub type Fact = (Cow<'static, str>, Value);

/// The fields of a packet that differ from their defaults, by the names that patterns use.
///
/// A flag is by default false, a number 0, a string empty and a list empty. A property is by default
/// absent, or present with the value that the specification gives to its absence. What 3.1.1 does not put on
/// the wire is left out there.
#[must_use]
pub fn facts(packet: &Packet, version: Version) -> Vec<Fact> {
    let mut facts = Facts { list: Vec::new() };
    facts.fields(packet);
    if version == Version::V5_0
        && let Some(properties) = packet.properties()
    {
        facts.properties(properties);
    }
    facts.list
}

/// The value that a field has when the packet does not show it, if there is one.
#[must_use]
pub(crate) fn default_of(name: &str) -> Option<Value> {
    match PropertyId::ALL.into_iter().find(|id| id.name() == name) {
        Some(id) => property_default(id).map(Value::Number),
        None => Some(match name {
            "session_present" | "dup" | "retain" | "clean_start" | "will_retain" => Value::Flag(false),
            "reason_code" | "packet_id" | "qos" | "keep_alive" | "protocol_level" | "will_qos" => {
                Value::Number(0)
            }
            "topic" | "client_id" | "protocol_name" | "user_name" | "will_topic" => {
                Value::Text(ByteString::new())
            }
            "payload" | "password" | "will_payload" => Value::Bytes(bytes::Bytes::new()),
            _ => Value::List(Vec::new()),
        }),
    }
}

/// What the specification says that the absence of a property means, where that is a number.
const fn property_default(id: PropertyId) -> Option<u32> {
    match id {
        PropertyId::PayloadFormatIndicator
        | PropertyId::WillDelayInterval
        | PropertyId::RequestResponseInformation
        | PropertyId::TopicAliasMaximum => Some(0),
        PropertyId::RequestProblemInformation
        | PropertyId::RetainAvailable
        | PropertyId::WildcardSubscriptionAvailable
        | PropertyId::SubscriptionIdentifiersAvailable
        | PropertyId::SharedSubscriptionAvailable => Some(1),
        PropertyId::MaximumQoS => Some(2),
        PropertyId::ReceiveMaximum => Some(u16::MAX as u32),
        _ => None,
    }
}

/// The value of a property.
pub(crate) fn property_value(property: &Property) -> Value {
    match property {
        Property::PayloadFormatIndicator(value)
        | Property::RequestProblemInformation(value)
        | Property::RequestResponseInformation(value)
        | Property::MaximumQoS(value)
        | Property::RetainAvailable(value)
        | Property::WildcardSubscriptionAvailable(value)
        | Property::SubscriptionIdentifiersAvailable(value)
        | Property::SharedSubscriptionAvailable(value) => Value::Number((*value).into()),
        Property::ServerKeepAlive(value)
        | Property::ReceiveMaximum(value)
        | Property::TopicAliasMaximum(value)
        | Property::TopicAlias(value) => Value::Number((*value).into()),
        Property::MessageExpiryInterval(value)
        | Property::SubscriptionIdentifier(value)
        | Property::SessionExpiryInterval(value)
        | Property::WillDelayInterval(value)
        | Property::MaximumPacketSize(value) => Value::Number(*value),
        Property::ContentType(text)
        | Property::ResponseTopic(text)
        | Property::AssignedClientIdentifier(text)
        | Property::AuthenticationMethod(text)
        | Property::ResponseInformation(text)
        | Property::ServerReference(text)
        | Property::ReasonString(text) => Value::Text(text.clone()),
        Property::CorrelationData(bytes) | Property::AuthenticationData(bytes) => Value::Bytes(bytes.clone()),
        Property::UserProperty((name, value)) => {
            Value::List(vec![Value::Text(name.clone()), Value::Text(value.clone())])
        }
    }
}

struct Facts {
    list: Vec<Fact>,
}

impl Facts {
    fn add(&mut self, name: &'static str, value: Value) {
        if default_of(name).as_ref() != Some(&value) {
            self.list.push((Cow::Borrowed(name), value));
        }
    }

    fn flag(&mut self, name: &'static str, value: bool) {
        self.add(name, Value::Flag(value));
    }

    fn number(&mut self, name: &'static str, value: impl Into<u32>) {
        self.add(name, Value::Number(value.into()));
    }

    fn text(&mut self, name: &'static str, value: &ByteString) {
        self.add(name, Value::Text(value.clone()));
    }

    fn codes(&mut self, codes: &[ReasonCode]) {
        self.add(
            "reason_codes",
            Value::List(codes.iter().map(|code| Value::Number(code.0.into())).collect()),
        );
    }

    fn fields(&mut self, packet: &Packet) {
        if let Some(id) = packet.packet_id() {
            self.number("packet_id", id);
        }
        match packet {
            Packet::Connect(connect) => {
                self.text("protocol_name", &connect.protocol_name);
                self.number("protocol_level", connect.protocol_level);
                self.flag("clean_start", connect.clean_start);
                self.number("keep_alive", connect.keep_alive);
                self.text("client_id", &connect.client_id);
                if let Some(will) = &connect.will {
                    self.text("will_topic", &will.topic);
                    self.add("will_payload", Value::Bytes(will.payload.clone()));
                    self.number("will_qos", will.qos.bits());
                    self.flag("will_retain", will.retain);
                }
                if let Some(name) = &connect.user_name {
                    self.text("user_name", name);
                }
                if let Some(password) = &connect.password {
                    self.add("password", Value::Bytes(password.clone()));
                }
            }
            Packet::ConnAck(ack) => {
                self.flag("session_present", ack.session_present);
                self.number("reason_code", ack.reason_code.0);
            }
            Packet::Publish(publish) => {
                self.flag("dup", publish.dup);
                self.number("qos", publish.qos.bits());
                self.flag("retain", publish.retain);
                self.text("topic", &publish.topic);
                self.add("payload", Value::Bytes(publish.payload.clone()));
            }
            Packet::PubAck(ack) | Packet::PubRec(ack) | Packet::PubRel(ack) | Packet::PubComp(ack) => {
                self.number("reason_code", ack.reason().0);
            }
            Packet::Subscribe(subscribe) => {
                let filters = subscribe.filters.iter().map(|entry| Value::Text(entry.filter.clone()));
                self.add("filters", Value::List(filters.collect()));
            }
            Packet::SubAck(ack) => self.codes(&ack.reason_codes),
            Packet::Unsubscribe(unsubscribe) => {
                let filters = unsubscribe.filters.iter().map(|filter| Value::Text(filter.clone()));
                self.add("filters", Value::List(filters.collect()));
            }
            Packet::UnsubAck(ack) => self.codes(&ack.reason_codes),
            Packet::PingReq | Packet::PingResp => {}
            Packet::Disconnect(disconnect) => self.number("reason_code", disconnect.reason().0),
            Packet::Auth(auth) => self.number("reason_code", auth.reason().0),
        }
    }

    fn properties(&mut self, properties: &Properties) {
        let mut users = Vec::new();
        let mut subscriptions = Vec::new();
        for property in properties {
            match property {
                Property::UserProperty(_) => users.push(property_value(property)),
                Property::SubscriptionIdentifier(id) => subscriptions.push(Value::Number(*id)),
                other => self.add(other.id().name(), property_value(other)),
            }
        }
        self.add("user_properties", Value::List(users));
        self.add("subscription_identifiers", Value::List(subscriptions));
    }
}

#[cfg(test)]
mod tests {
    use super::{Value, facts};
    use mqttspec_codec::Version;
    use mqttspec_codec::model::{ConnAck, Packet, Properties, Property, Publish, QoS, ReasonCode};

    fn value(packet: &Packet, version: Version, name: &str) -> Option<Value> {
        facts(packet, version).into_iter().find(|(fact, _)| fact == name).map(|(_, value)| value)
    }

    #[test]
    fn defaults_are_left_out() {
        let packet = Packet::ConnAck(ConnAck {
            session_present: false,
            reason_code: ReasonCode::SUCCESS,
            properties: Properties(vec![Property::TopicAliasMaximum(0), Property::MaximumQoS(1)]),
        });
        assert_eq!(facts(&packet, Version::V5_0), [("maximum_qos".into(), Value::Number(1))]);
        assert_eq!(facts(&packet, Version::V3_1_1), []);
    }

    #[test]
    fn repeated_properties_are_lists() {
        let packet = Packet::Publish(Publish {
            qos: QoS::AtLeastOnce,
            packet_id: Some(7),
            properties: Properties(vec![
                Property::SubscriptionIdentifier(2),
                Property::UserProperty(("a".into(), "b".into())),
                Property::SubscriptionIdentifier(1),
            ]),
            ..Publish::default()
        });
        let numbers = Value::List(vec![Value::Number(2), Value::Number(1)]);
        assert_eq!(value(&packet, Version::V5_0, "subscription_identifiers"), Some(numbers));
        assert_eq!(value(&packet, Version::V5_0, "packet_id"), Some(Value::Number(7)));
        assert!(value(&packet, Version::V5_0, "user_properties").is_some());
    }
}

//! The PUBLISH that carries a message to a Client (3.3).

use mqttspec_codec::Version;
use mqttspec_codec::model::{Packet, Properties, Property, Publish, QoS, ReasonCode};

use crate::broker::Broker;
use crate::connection::{ConnectionId, Ending};
use crate::faults::Fault;
use crate::message::Delivery;
use crate::rules::rules;
use crate::topic::forwarded;

rules! {
    /// A PUBLISH that is sent again has DUP 1.
    RESENT_HAS_DUP: ["MQTT-3.3.1-1"], ["MQTT-3.3.1-1"];
    /// A PUBLISH at QoS 0 has DUP 0.
    QOS0_WITHOUT_DUP: ["MQTT-3.3.1-2", "MQTT-4.3.1-1"], ["MQTT-3.3.1-2", "MQTT-4.3.1-1"];
    /// DUP of the publisher is not passed on.
    DUP_NOT_PASSED_ON: ["MQTT-3.3.1-3"], ["MQTT-3.3.1-3"];
    /// The first PUBLISH of a QoS 1 message has QoS 1 and its identifier.
    QOS1_FIRST_SENDING: ["MQTT-4.3.2-1/b"], ["MQTT-4.3.2-2/b"];
    /// The first PUBLISH of a QoS 2 message has DUP 0.
    QOS2_FIRST_SENDING: ["MQTT-4.3.3-1/b"], ["MQTT-4.3.3-2/b"];
    /// A message that is due at QoS 1 has QoS 1.
    QOS1_SENT_AT_QOS1: [], ["MQTT-4.3.2-2/a"];
    /// A message that is due at QoS 2 has QoS 2.
    QOS2_SENT_AT_QOS2: [], ["MQTT-4.3.3-2/a"];
    /// The topic is one that the subscription matches.
    TOPIC_MATCHES: ["MQTT-3.3.2-3"], ["MQTT-3.3.2-3"];
    /// The Payload Format Indicator is passed on.
    FORMAT_PASSED_ON: [], ["MQTT-3.3.2-4"];
    /// The Message Expiry Interval is passed on, less the time spent in the broker.
    EXPIRY_REDUCED: [], ["MQTT-3.3.2-6"];
    /// The Response Topic is passed on.
    RESPONSE_TOPIC_PASSED_ON: [], ["MQTT-3.3.2-15"];
    /// Correlation Data is passed on.
    CORRELATION_DATA_PASSED_ON: [], ["MQTT-3.3.2-16"];
    /// User Properties are passed on.
    USER_PROPERTIES_PASSED_ON: [], ["MQTT-3.3.2-17"];
    /// User Properties keep their order.
    USER_PROPERTIES_IN_ORDER: [], ["MQTT-3.3.2-18"];
    /// The Content Type is passed on.
    CONTENT_TYPE_PASSED_ON: [], ["MQTT-3.3.2-20"];
    /// A message that is too long for the Client is left out, and nothing else suffers.
    TOO_LONG_IS_LEFT_OUT: [], ["MQTT-3.1.2-25/a"];
}

/// The bytes that a Topic Alias adds to a packet.
const ALIAS_LENGTH: usize = 3;

impl Broker {
    /// Builds the PUBLISH of a message. `resent` says that it was sent on an earlier connection.
    pub(crate) fn publish_packet(
        &self,
        id: ConnectionId,
        delivery: &Delivery,
        packet_id: Option<u16>,
        resent: bool,
    ) -> Publish {
        let version = self.connections.get(&id).map_or(Version::V5_0, |connection| connection.version);
        let keeps = |rule| self.rules.enforce(version, rule);
        let message = &delivery.message;
        let mut topic = forwarded(&self.rules, version, &message.topic).into_owned();
        if !keeps(&TOPIC_MATCHES) {
            topic.push_str("/elsewhere");
        }
        let mut qos = delivery.qos;
        let mut dup = resent && keeps(&RESENT_HAS_DUP);
        match qos {
            QoS::AtMostOnce => dup = !keeps(&QOS0_WITHOUT_DUP),
            _ if resent => {}
            QoS::AtLeastOnce => dup = !keeps(&QOS1_FIRST_SENDING),
            QoS::ExactlyOnce => dup = !keeps(&QOS2_FIRST_SENDING),
        }
        let dup_counts = !keeps(&DUP_NOT_PASSED_ON) || self.rules.has(Fault::WaitingHasDup);
        if qos > QoS::AtMostOnce && message.dup && dup_counts {
            dup = true;
        }
        if qos == QoS::AtLeastOnce && !keeps(&QOS1_SENT_AT_QOS1) {
            qos = QoS::ExactlyOnce;
        } else if qos == QoS::ExactlyOnce && !keeps(&QOS2_SENT_AT_QOS2) {
            qos = QoS::AtLeastOnce;
        }
        let properties = match version {
            Version::V3_1_1 => Properties::default(),
            Version::V5_0 => self.publish_properties(delivery),
        };
        Publish {
            dup,
            qos,
            retain: delivery.retain,
            topic: topic.into(),
            packet_id,
            properties,
            payload: message.payload.clone(),
        }
    }

    fn publish_properties(&self, delivery: &Delivery) -> Properties {
        let keeps = |rule| self.rules.enforce(Version::V5_0, rule);
        let message = &delivery.message;
        let mut properties: Properties = message
            .properties
            .iter()
            .filter(|property| match property {
                Property::PayloadFormatIndicator(_) => keeps(&FORMAT_PASSED_ON),
                Property::ContentType(_) => keeps(&CONTENT_TYPE_PASSED_ON),
                Property::ResponseTopic(_) => keeps(&RESPONSE_TOPIC_PASSED_ON),
                Property::CorrelationData(_) => keeps(&CORRELATION_DATA_PASSED_ON),
                Property::UserProperty(_) => keeps(&USER_PROPERTIES_PASSED_ON),
                _ => true,
            })
            .cloned()
            .collect();
        if !keeps(&USER_PROPERTIES_IN_ORDER) {
            properties.0.reverse();
        }
        if self.rules.has(Fault::PropertiesTrimmed) {
            properties.0.iter_mut().for_each(trim);
        }
        if self.rules.has(Fault::PropertiesInvented) {
            properties = [Property::ContentType("made up".into())].into_iter().collect();
        }
        let interval = match message.expiry_interval {
            Some(_) if self.rules.has(Fault::ExpiryDropped) => None,
            None if self.rules.has(Fault::ExpiryInvented) => Some(3600),
            interval => interval,
        };
        if let Some(interval) = interval {
            let age = if keeps(&EXPIRY_REDUCED) { message.age(self.now) } else { 0 };
            properties.push(Property::MessageExpiryInterval(interval.saturating_sub(age)));
        }
        for &identifier in &delivery.identifiers {
            properties.push(Property::SubscriptionIdentifier(identifier));
        }
        properties
    }

    /// Sends a PUBLISH, with a Topic Alias where one can be used. Tells whether it was short enough.
    pub(crate) fn send_publish(&mut self, id: ConnectionId, publish: Publish) -> bool {
        let now = self.now;
        let counts = self.rules.has(Fault::DeliveriesCountAsActivity);
        if let Some(connection) = self.connections.get_mut(&id).filter(|_| counts) {
            connection.last_packet_at = now;
        }
        let Some(connection) = self.connections.get(&id) else { return false };
        let maximum = connection.maximum_packet_size.map_or(usize::MAX, |size| size as usize);
        let known = connection.aliases_sent.get(&publish.topic).is_some();
        let mut aliased = publish.clone();
        let room = maximum.saturating_sub(if known { 0 } else { ALIAS_LENGTH });
        let packet = Packet::Publish(publish);
        if known || self.encoded_length(id, &packet) <= room {
            self.apply_alias(id, &mut aliased);
            if self.send(id, Packet::Publish(aliased)) {
                return true;
            }
        } else if self.send(id, packet) {
            return true;
        }
        if !self.enforce(id, &TOO_LONG_IS_LEFT_OUT) {
            self.disconnect(id, ReasonCode::PACKET_TOO_LARGE, "message too long", Ending::Failure);
        }
        false
    }
}

/// Leaves U+FEFF out of the strings of a property.
fn trim(property: &mut Property) {
    let trimmed = |text: &bytestring::ByteString| text.replace('\u{feff}', "").into();
    match property {
        Property::ContentType(text) | Property::ResponseTopic(text) => *text = trimmed(text),
        Property::UserProperty((name, value)) => (*name, *value) = (trimmed(name), trimmed(value)),
        _ => {}
    }
}

//! Topic Aliases (3.3.2.3.4 of 5.0), both ways.

use std::collections::BTreeMap;

use bytestring::ByteString;
use mqttspec_codec::Version;
use mqttspec_codec::model::{Property, Publish, ReasonCode};

use crate::broker::Broker;
use crate::connection::ConnectionId;
use crate::failure::Failure;
use crate::rules::rules;

rules! {
    /// A Topic Alias from the Client is not above the Topic Alias Maximum of the broker.
    ALIAS_WITHIN_SERVER_MAXIMUM: [], ["MQTT-3.2.2-17", "MQTT-3.3.2-9", "E5-37"];
    /// No Topic Alias is taken where the broker announced no Topic Alias Maximum, or 0.
    NO_ALIAS_UNANNOUNCED: [], ["MQTT-3.2.2-18", "MQTT-3.3.2-9", "E5-37"];
    /// Topic Alias 0 does not exist.
    ALIAS_NOT_ZERO: [], ["MQTT-3.3.2-8", "E5-37"];
    /// Every Topic Alias up to the announced maximum is taken.
    ALL_ALIASES_ACCEPTED: [], ["MQTT-3.3.2-12"];
    /// A mapping lives no longer than its Network Connection.
    ALIASES_END_WITH_CONNECTION: [], ["MQTT-3.3.2-7"];
    /// An empty Topic Name needs an alias that was set before.
    ALIAS_MUST_BE_KNOWN: [], ["E5-26"];
    /// A Topic Name that comes with a known alias takes the place of the old one.
    ALIAS_CAN_BE_SET_ANEW: [], ["S5-29"];
    /// Aliases sent stay within the Topic Alias Maximum of the Client.
    ALIAS_WITHIN_CLIENT_MAXIMUM: [], ["MQTT-3.1.2-26", "MQTT-3.3.2-11"];
    /// A Client without Topic Alias Maximum, or with 0 there, is sent no alias.
    NO_ALIAS_UNASKED: [], ["MQTT-3.1.2-27"];
    /// The broker sends no Topic Alias 0.
    SENT_ALIAS_NOT_ZERO: [], ["MQTT-3.3.2-8"];
}

/// The aliases that the broker has given out on a connection.
#[derive(Debug, Default)]
pub(crate) struct AliasesSent {
    maximum: u16,
    topics: BTreeMap<ByteString, u16>,
}

impl AliasesSent {
    pub(crate) const fn new(maximum: u16) -> Self {
        Self { maximum, topics: BTreeMap::new() }
    }

    /// The alias of a topic.
    pub(crate) fn get(&self, topic: &ByteString) -> Option<u16> {
        self.topics.get(topic).copied()
    }
}

impl Broker {
    /// Puts the Topic Name in the place of a Topic Alias, and remembers new aliases.
    pub(crate) fn resolve_alias(&mut self, id: ConnectionId, publish: &mut Publish) -> Result<(), Failure> {
        let Some(connection) = self.connections.get_mut(&id) else { return Ok(()) };
        let version = connection.version;
        if version == Version::V3_1_1 {
            return Ok(());
        }
        let maximum = self.configuration.topic_alias_maximum;
        let Some(alias) = publish.properties.topic_alias() else { return Ok(()) };
        let invalid = |reason| Err(Failure::new(ReasonCode::TOPIC_ALIAS_INVALID, reason));
        if alias == 0 && self.rules.enforce(version, &ALIAS_NOT_ZERO) {
            return invalid("Topic Alias 0");
        }
        if maximum == 0 && self.rules.enforce(version, &NO_ALIAS_UNANNOUNCED)
            || maximum > 0 && alias > maximum && self.rules.enforce(version, &ALIAS_WITHIN_SERVER_MAXIMUM)
        {
            return invalid("Topic Alias above the maximum");
        }
        if alias > 1 && !self.rules.enforce(version, &ALL_ALIASES_ACCEPTED) {
            return invalid("only Topic Alias 1 is taken");
        }
        let lasting = !self.rules.enforce(version, &ALIASES_END_WITH_CONNECTION);
        if !publish.topic.is_empty() {
            let known = connection.aliases_received.contains_key(&alias);
            if !known || self.rules.enforce(version, &ALIAS_CAN_BE_SET_ANEW) {
                connection.aliases_received.insert(alias, publish.topic.clone());
            }
            if lasting {
                self.lasting_aliases.insert((connection.client_id.clone(), alias), publish.topic.clone());
            }
            return Ok(());
        }
        let mut known = connection.aliases_received.get(&alias).cloned();
        if known.is_none() && lasting {
            known = self.lasting_aliases.get(&(connection.client_id.clone(), alias)).cloned();
        }
        match known {
            Some(topic) => publish.topic = topic,
            None if self.rules.enforce(version, &ALIAS_MUST_BE_KNOWN) => {
                return Err(Failure::new(ReasonCode::PROTOCOL_ERROR, "unknown Topic Alias"));
            }
            None => publish.topic = ByteString::from_static("unknown-alias"),
        }
        Ok(())
    }

    /// Uses an alias for an outgoing PUBLISH where the Client allows it.
    pub(crate) fn apply_alias(&mut self, id: ConnectionId, publish: &mut Publish) {
        let Some(connection) = self.connections.get_mut(&id) else { return };
        let version = connection.version;
        let aliases = &mut connection.aliases_sent;
        if version == Version::V3_1_1 || !self.configuration.sends_topic_aliases {
            return;
        }
        let unasked = aliases.maximum == 0;
        if !unasked && !self.rules.enforce(version, &SENT_ALIAS_NOT_ZERO) {
            publish.properties.push(Property::TopicAlias(0));
            return;
        }
        if unasked && self.rules.enforce(version, &NO_ALIAS_UNASKED) {
            return;
        }
        if let Some(alias) = aliases.get(&publish.topic) {
            publish.topic = ByteString::new();
            publish.properties.push(Property::TopicAlias(alias));
            return;
        }
        let next = u16::try_from(aliases.topics.len()).unwrap_or(u16::MAX).saturating_add(1);
        if unasked || next <= aliases.maximum {
            aliases.topics.insert(publish.topic.clone(), next);
            publish.properties.push(Property::TopicAlias(next));
        } else if !self.rules.enforce(version, &ALIAS_WITHIN_CLIENT_MAXIMUM) {
            let above = aliases.maximum.saturating_add(1);
            publish.properties.push(Property::TopicAlias(above));
        }
    }
}

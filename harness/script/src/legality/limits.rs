//! What the CONNACK of 5.0 allows a client to send (3.2.2.3).

use std::collections::BTreeMap;

use bytestring::ByteString;
use mqttspec_codec::Version;
use mqttspec_codec::model::{ConnAck, Publish, QoS, Subscribe};

use super::breach::{Breach, Rule};

/// The limits of one connection.
#[derive(Clone, Debug)]
pub(super) struct Limits {
    pub(super) receive_maximum: u16,
    maximum_qos: QoS,
    retain_available: bool,
    pub(super) maximum_packet_size: u32,
    topic_alias_maximum: u16,
    wildcards: bool,
    shared: bool,
    identifiers: bool,
    aliases: BTreeMap<u16, ByteString>,
}

impl Limits {
    /// What holds until the CONNACK says otherwise (S5-17): nothing is forbidden but Topic Aliases.
    pub(super) fn before_connack() -> Self {
        Self {
            receive_maximum: u16::MAX,
            maximum_qos: QoS::ExactlyOnce,
            retain_available: true,
            maximum_packet_size: u32::MAX,
            topic_alias_maximum: 0,
            wildcards: true,
            shared: true,
            identifiers: true,
            aliases: BTreeMap::new(),
        }
    }

    /// Takes over what a CONNACK says.
    pub(super) fn adopt(&mut self, ack: &ConnAck) {
        let properties = &ack.properties;
        let available = |value: Option<u8>| value != Some(0);
        self.receive_maximum = properties.receive_maximum().unwrap_or(u16::MAX);
        self.maximum_qos = properties.maximum_qos().and_then(QoS::from_bits).unwrap_or(QoS::ExactlyOnce);
        self.retain_available = available(properties.retain_available());
        self.maximum_packet_size = properties.maximum_packet_size().unwrap_or(u32::MAX);
        self.topic_alias_maximum = properties.topic_alias_maximum().unwrap_or(0);
        self.wildcards = available(properties.wildcard_subscription_available());
        self.shared = available(properties.shared_subscription_available());
        self.identifiers = available(properties.subscription_identifiers_available());
    }

    /// Judges a PUBLISH, and learns its Topic Alias.
    pub(super) fn publish(&mut self, publish: &Publish) -> Result<(), Breach> {
        let broken = |rule: Rule, message: String| Err(rule.broken(Version::V5_0, message));
        let alias = publish.properties.topic_alias();
        let mut bound = true;
        if let Some(alias) = alias {
            if publish.topic.is_empty() {
                bound = self.aliases.contains_key(&alias);
            } else {
                self.aliases.insert(alias, publish.topic.clone());
            }
        }
        if publish.qos > self.maximum_qos {
            return broken(Rule::MaximumQoS, format!("the broker's Maximum QoS is {}", self.maximum_qos));
        }
        if publish.retain && !self.retain_available {
            return broken(Rule::RetainAvailable, "the broker has no retained messages".to_owned());
        }
        match alias {
            Some(alias) if self.topic_alias_maximum == 0 => {
                broken(Rule::NoTopicAlias, format!("Topic Alias {alias} to a broker that takes none"))
            }
            Some(alias) if alias > self.topic_alias_maximum => {
                let maximum = self.topic_alias_maximum;
                broken(
                    Rule::TopicAliasMaximum,
                    format!("Topic Alias {alias} is above the broker's Topic Alias Maximum {maximum}"),
                )
            }
            Some(alias) if !bound => broken(
                Rule::UnboundTopicAlias,
                format!("Topic Alias {alias} has no topic on this connection"),
            ),
            _ => Ok(()),
        }
    }

    /// Judges a SUBSCRIBE.
    pub(super) fn subscribe(&self, subscribe: &Subscribe) -> Result<(), Breach> {
        let broken = |rule: Rule, message: &str| Err(rule.broken(Version::V5_0, message));
        let any = |test: fn(&str) -> bool| subscribe.filters.iter().any(|entry| test(&entry.filter));
        if !self.identifiers && subscribe.properties.subscription_identifier().is_some() {
            return broken(Rule::IdentifiersAvailable, "the broker has no Subscription Identifiers");
        }
        if !self.shared && any(|filter| filter.starts_with("$share/")) {
            return broken(Rule::SharedAvailable, "the broker has no Shared Subscriptions");
        }
        if !self.wildcards && any(|filter| filter.contains(['+', '#'])) {
            return broken(Rule::WildcardAvailable, "the broker has no wildcard subscriptions");
        }
        Ok(())
    }
}

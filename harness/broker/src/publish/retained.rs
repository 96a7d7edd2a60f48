//! Retained messages (3.3.1.3) and when a subscription brings them (3.8.3.1).

use std::sync::Arc;

use bytestring::ByteString;
use mqttspec_codec::Version;
use mqttspec_codec::model::{QoS, RetainHandling};

use crate::broker::Broker;
use crate::connection::ConnectionId;
use crate::faults::Fault;
use crate::message::{Delivery, Message};
use crate::rules::{Rule, rules};
use crate::topic::{matches, parts};

rules! {
    /// A message with RETAIN 1 is stored.
    RETAINED_STORED: ["MQTT-3.3.1-5/a"], ["MQTT-3.3.1-5/a"];
    /// Its QoS is stored with it.
    RETAINED_QOS_STORED: ["MQTT-3.3.1-5/b"], [];
    /// It takes the place of an earlier one.
    RETAINED_REPLACED: ["MQTT-3.3.1-6/b"], ["MQTT-3.3.1-5/b"];
    /// At QoS 0 too it does away with the earlier one.
    QOS0_REPLACES_RETAINED: ["MQTT-3.3.1-7"], [];
    /// At QoS 0 too it is stored.
    QOS0_RETAINED_STORED: ["S311-23"], ["S5-22"];
    /// An empty one removes what is retained on the topic.
    EMPTY_CLEARS_RETAINED: ["MQTT-3.3.1-10/b"], ["MQTT-3.3.1-6/b"];
    /// An empty one is not stored.
    EMPTY_NOT_RETAINED: ["MQTT-3.3.1-11"], ["MQTT-3.3.1-7"];
    /// A message with RETAIN 0 is not stored.
    PLAIN_NOT_RETAINED: ["MQTT-3.3.1-12/a"], ["MQTT-3.3.1-8/a"];
    /// It does not replace what is retained.
    PLAIN_REPLACES_NOTHING: ["MQTT-3.3.1-12/b"], ["MQTT-3.3.1-8/b"];
    /// It does not remove what is retained, even if it is empty.
    PLAIN_CLEARS_NOTHING: ["MQTT-3.3.1-12/c"], ["MQTT-3.3.1-8/b"];
    /// A retained message that has expired is discarded.
    RETAINED_EXPIRES: [], ["S5-23"];
    /// A new subscription brings the retained messages of all topics that match.
    ALL_RETAINED_SENT: ["MQTT-3.3.1-6/a"], [];
    /// They have RETAIN 1.
    RETAINED_FLAG_SET: ["MQTT-3.3.1-8"], ["S5-24"];
    /// With Retain Handling 0, every SUBSCRIBE brings retained messages.
    HANDLING_0_SENDS: [], ["MQTT-3.3.1-9"];
    /// A subscription that replaces another brings them again (with Retain Handling 0).
    SENT_AGAIN_ON_REPLACEMENT: ["MQTT-3.8.4-3/b"], ["MQTT-3.8.4-4/a"];
    /// With Retain Handling 1, a new subscription brings them.
    HANDLING_1_SENDS_IF_NEW: [], ["MQTT-3.3.1-10/a"];
    /// With Retain Handling 1, a subscription that was there does not.
    HANDLING_1_SPARES_OLD: [], ["MQTT-3.3.1-10/b"];
    /// With Retain Handling 2, none are sent.
    HANDLING_2_SENDS_NONE: [], ["MQTT-3.3.1-11"];
    /// A Shared Subscription brings none.
    NONE_FOR_SHARES: [], ["S5-34"];
    /// A retained message is sent at the lower of its own QoS and the QoS granted.
    RETAINED_AT_LOWER_QOS: ["MQTT-3.8.4-6"], ["MQTT-3.8.4-8"];
}

impl Broker {
    /// Stores or clears the retained message of a topic, as the message asks.
    pub(crate) fn retain(&mut self, message: &Message) {
        let version = message.version;
        let topic = &message.topic;
        let keeps = |rule: &Rule| self.rules.enforce(version, rule);
        let empty = message.payload.is_empty();
        if !message.retain && self.rules.has(Fault::PassingClearsRetained) {
            self.retained.remove(topic);
            return;
        }
        if message.retain && self.rules.has(Fault::RetainingClearsOthers) {
            self.retained.retain(|other, _| other == topic);
        }
        if !message.retain {
            let earlier = self.retained.contains_key(topic);
            let clears = earlier && empty && !keeps(&PLAIN_CLEARS_NOTHING);
            let replaces = earlier && !empty && !keeps(&PLAIN_REPLACES_NOTHING);
            let stored = !earlier && !empty && !keeps(&PLAIN_NOT_RETAINED);
            if clears {
                self.retained.remove(topic);
            } else if replaces || stored {
                self.retained.insert(topic.clone(), message.clone());
            }
            return;
        }
        if version == Version::V5_0 && !self.configuration.retain_available {
            return;
        }
        if empty {
            if !keeps(&EMPTY_NOT_RETAINED) {
                self.retained.insert(topic.clone(), message.clone());
            } else if keeps(&EMPTY_CLEARS_RETAINED) {
                self.retained.remove(topic);
            }
            return;
        }
        let mut stored = message.clone();
        if !keeps(&RETAINED_QOS_STORED) {
            stored.qos = QoS::AtMostOnce;
        }
        let earlier = self.retained.contains_key(topic);
        if message.qos == QoS::AtMostOnce {
            if earlier && !keeps(&QOS0_REPLACES_RETAINED) {
                return;
            }
            if !keeps(&QOS0_RETAINED_STORED) {
                self.retained.remove(topic);
                return;
            }
        }
        if keeps(&RETAINED_STORED) && (!earlier || keeps(&RETAINED_REPLACED)) {
            self.retained.insert(topic.clone(), stored);
        }
    }

    /// Sends the retained messages that a SUBSCRIBE brings. `new` says that there was no such subscription.
    pub(crate) fn send_retained(&mut self, id: ConnectionId, filter: &ByteString, new: bool) {
        let Some(connection) = self.connections.get(&id) else { return };
        let (version, key) = (connection.version, connection.session.clone());
        let Some(subscribed) = self
            .sessions
            .get(&key)
            .and_then(|session| session.subscriptions.iter().find(|held| held.filter == *filter))
            .cloned()
        else {
            return;
        };
        let parts = parts(version, filter);
        let shared = parts.share_name.is_some() && self.rules.enforce(version, &NONE_FOR_SHARES);
        if shared || !self.brings_retained(version, subscribed.options.retain_handling, new) {
            return;
        }
        self.discard_expired_retained();
        let found = self
            .retained
            .values()
            .filter(|message| matches(&self.rules, version, parts.filter, &message.topic));
        let limit = if self.rules.enforce(version, &ALL_RETAINED_SENT) { usize::MAX } else { 1 };
        let found: Vec<_> = found.take(limit).cloned().collect();
        for message in found {
            if self.rules.has(Fault::RetainedNotToPublisher) && message.publisher == key {
                continue;
            }
            if self.rules.has(Fault::RetainedSentOnce) {
                self.retained.remove(&message.topic);
            }
            let granted = subscribed.options.qos;
            let lower = self.rules.enforce(version, &RETAINED_AT_LOWER_QOS);
            let delivery = Delivery {
                qos: if lower { message.qos.min(granted) } else { granted },
                retain: self.rules.enforce(version, &RETAINED_FLAG_SET),
                identifiers: subscribed.identifier.into_iter().collect(),
                share: None,
                message: Arc::new(message),
            };
            self.enqueue(&key, delivery);
        }
    }

    fn brings_retained(&self, version: Version, handling: RetainHandling, new: bool) -> bool {
        let keeps = |rule| self.rules.enforce(version, rule);
        match (handling, new) {
            (RetainHandling::Send, true) => keeps(&HANDLING_0_SENDS),
            (RetainHandling::Send, false) => keeps(&HANDLING_0_SENDS) && keeps(&SENT_AGAIN_ON_REPLACEMENT),
            (RetainHandling::SendIfNew, true) => keeps(&HANDLING_1_SENDS_IF_NEW),
            (RetainHandling::SendIfNew, false) => !keeps(&HANDLING_1_SPARES_OLD),
            (RetainHandling::DoNotSend, _) => !keeps(&HANDLING_2_SENDS_NONE),
        }
    }

    fn discard_expired_retained(&mut self) {
        let now = self.now;
        if self.rules.has(Fault::RetainedExpiresSoon) {
            self.retained.retain(|_, message| message.age(now) == 0);
        }
        if self.rules.enforce(Version::V5_0, &RETAINED_EXPIRES) {
            self.retained.retain(|_, message| !message.has_expired(now));
        } else {
            for message in self.retained.values_mut().filter(|message| message.has_expired(now)) {
                message.expiry_interval = None;
            }
        }
    }
}

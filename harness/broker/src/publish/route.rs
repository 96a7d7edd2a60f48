//! Which Sessions a message goes to (3.3.4, 3.3.5 of 3.1.1, 4.5, 4.8.2).

use std::collections::BTreeMap;
use std::sync::Arc;

use bytestring::ByteString;
use mqttspec_codec::Version;
use mqttspec_codec::model::QoS;

use crate::broker::Broker;
use crate::configuration::Overlapping;
use crate::connection::ConnectionId;
use crate::faults::Fault;
use crate::message::{Delivery, Message};
use crate::rules::{Rules, rules};
use crate::session::{Session, Subscribed};
use crate::topic::{is_unusual, matches, parts};

rules! {
    /// A message goes to every Session with a matching subscription.
    EVERY_MATCHING_SESSION: ["MQTT-4.5.0-1"], ["MQTT-4.5.0-1"];
    /// With No Local, a message does not go back to its publisher.
    NO_LOCAL: [], ["MQTT-3.8.3-3"];
    /// Of several matching subscriptions, the highest QoS counts.
    HIGHEST_QOS_COUNTS: ["MQTT-3.3.5-1"], ["MQTT-3.3.4-2"];
    /// A message is sent at the lower of its own QoS and the QoS granted.
    LOWER_QOS_COUNTS: ["MQTT-3.8.4-6"], ["MQTT-3.8.4-8"];
    /// A member of a share gets no message above the QoS it was granted.
    SHARED_QOS_HELD: [], ["MQTT-4.8.2-3"];
    /// RETAIN is 0 when a message goes to a subscription that was there.
    RETAIN_CLEARED: ["MQTT-3.3.1-9"], ["MQTT-3.3.1-12"];
    /// With Retain As Published, RETAIN is as the publisher set it.
    RETAIN_AS_PUBLISHED: [], ["MQTT-3.3.1-13"];
    /// Subscription Identifiers of overlapping subscriptions come with the message.
    IDENTIFIERS_SENT: [], ["MQTT-3.3.4-3"];
    /// A single copy has the Subscription Identifiers of all subscriptions that match.
    ALL_IDENTIFIERS_ON_ONE_COPY: [], ["MQTT-3.3.4-4"];
    /// Of several copies, each has the Subscription Identifier of its own subscription.
    OWN_IDENTIFIER_ON_EACH_COPY: [], ["MQTT-3.3.4-5"];
    /// A shared message goes to one member only.
    ONE_MEMBER_OF_A_SHARE: [], ["S5-49"];
    /// An empty message with RETAIN 1 goes to the current subscribers.
    EMPTY_RETAINED_IS_DELIVERED: ["MQTT-3.3.1-10/a"], ["MQTT-3.3.1-6/a"];
}

impl Broker {
    /// Takes a message over from the broker itself: a Will Message.
    pub(crate) fn accept_message(&mut self, message: Message) {
        self.accept_message_from(None, message);
    }

    /// Takes a message over: it is retained if so asked, and goes to every matching Session. Tells whether
    /// there was one.
    pub(crate) fn accept_message_from(&mut self, from: Option<ConnectionId>, message: Message) -> bool {
        let version = message.version;
        if self.rules.has(Fault::UnusualTopicsDropped) && is_unusual(&message.topic) {
            return true;
        }
        self.retain(&message);
        if message.retain
            && message.payload.is_empty()
            && !self.rules.enforce(version, &EMPTY_RETAINED_IS_DELIVERED)
        {
            return true;
        }
        let message = Arc::new(message);
        if self.rules.has(Fault::SharesTakeAll) && self.route_to_shares(&message) {
            return true;
        }
        let mut reached = self.route_to_sessions(&message);
        reached |= self.route_to_shares(&message);
        if let Some(from) = from.filter(|_| reached) {
            self.lose_state(from);
        }
        reached
    }

    fn route_to_sessions(&mut self, message: &Arc<Message>) -> bool {
        let mut deliveries = Vec::new();
        let one_copy = self.configuration.overlapping == Overlapping::Once;
        for (key, session) in &mut self.sessions {
            let matching = matching(&self.rules, session, message, key);
            if matching.is_empty() {
                continue;
            }
            let version = session.version;
            let groups: Vec<&[Subscribed]> =
                if one_copy { vec![&matching] } else { matching.chunks(1).collect() };
            let first_identifier = matching.iter().find_map(|subscribed| subscribed.identifier);
            for group in groups {
                let mut delivery = delivery(&self.rules, version, message, group);
                if matching.len() > 1 && !self.rules.enforce(version, &IDENTIFIERS_SENT) {
                    delivery.identifiers.clear();
                }
                if !one_copy && !self.rules.enforce(version, &OWN_IDENTIFIER_ON_EACH_COPY) {
                    delivery.identifiers = first_identifier.into_iter().collect();
                }
                deliveries.push((version, key.clone(), delivery));
            }
        }
        if self.rules.has(Fault::SubscriptionIdentifiersMixed) {
            let all: Vec<_> = deliveries.iter().flat_map(|(_, _, it)| it.identifiers.clone()).collect();
            deliveries.iter_mut().for_each(|(_, _, delivery)| delivery.identifiers.clone_from(&all));
        }
        let reached = !deliveries.is_empty();
        let first = deliveries.first().map(|(_, key, _)| key.clone());
        for (version, key, delivery) in deliveries {
            if Some(&key) == first.as_ref() || self.rules.enforce(version, &EVERY_MATCHING_SESSION) {
                self.enqueue(&key, delivery);
            }
        }
        reached
    }

    fn route_to_shares(&mut self, message: &Arc<Message>) -> bool {
        let mut shares: BTreeMap<ByteString, Vec<ByteString>> = BTreeMap::new();
        for (key, session) in &self.sessions {
            for subscribed in &session.subscriptions {
                let parts = parts(session.version, &subscribed.filter);
                if parts.share_name.is_some()
                    && matches(&self.rules, session.version, parts.filter, &message.topic)
                {
                    shares.entry(subscribed.filter.clone()).or_default().push(key.clone());
                }
            }
        }
        for (filter, members) in &shares {
            if self.rules.enforce(Version::V5_0, &ONE_MEMBER_OF_A_SHARE) {
                self.give_to_member(message, filter, members);
            } else {
                for member in members {
                    self.give_to_member(message, filter, std::slice::from_ref(member));
                }
            }
        }
        !shares.is_empty()
    }

    /// Gives a shared message to the member whose turn it is, one that is connected if there is any.
    fn give_to_member(&mut self, message: &Arc<Message>, filter: &ByteString, members: &[ByteString]) {
        let connected: Vec<_> = members
            .iter()
            .filter(|key| self.sessions.get(*key).is_some_and(|session| session.connection.is_some()))
            .cloned()
            .collect();
        let candidates = if connected.is_empty() { members } else { &connected };
        let turn = self.turns.entry(filter.clone()).or_default();
        let Some(key) = turn.checked_rem(candidates.len()).and_then(|index| candidates.get(index)) else {
            return;
        };
        *turn += 1;
        let Some(session) = self.sessions.get(key) else { return };
        let Some(subscribed) = session.subscriptions.iter().find(|held| held.filter == *filter) else {
            return;
        };
        let mut delivery = delivery(&self.rules, session.version, message, std::slice::from_ref(subscribed));
        delivery.share = Some(filter.clone());
        if !self.rules.enforce(session.version, &SHARED_QOS_HELD) {
            delivery.qos = message.qos;
        }
        let key = key.clone();
        self.enqueue(&key, delivery);
    }

    /// Gives messages of shares that lost their member to the members that are left.
    pub(crate) fn redistribute(&mut self, deliveries: Vec<Delivery>) {
        for delivery in deliveries {
            if let Some(filter) = &delivery.share {
                self.give_to_share(&delivery.message, filter, |_| true);
            }
        }
    }

    /// Gives a shared message to a member of the share that the caller allows.
    pub(crate) fn give_to_share(
        &mut self,
        message: &Arc<Message>,
        filter: &ByteString,
        allowed: impl Fn(&ByteString) -> bool,
    ) {
        let members: Vec<_> = self
            .sessions
            .iter()
            .filter(|(key, session)| {
                allowed(key) && session.subscriptions.iter().any(|held| held.filter == *filter)
            })
            .map(|(key, _)| key.clone())
            .collect();
        self.give_to_member(message, filter, &members);
    }
}

/// The non-shared subscriptions of a Session that bring it the message.
fn matching(rules: &Rules, session: &mut Session, message: &Message, key: &ByteString) -> Vec<Subscribed> {
    let version = session.version;
    let mut found = Vec::new();
    for subscribed in &mut session.subscriptions {
        let parts = parts(version, &subscribed.filter);
        if parts.share_name.is_some() || !matches(rules, version, parts.filter, &message.topic) {
            continue;
        }
        let own = message.publisher == *key && subscribed.options.no_local;
        if subscribed.options.no_local && rules.has(Fault::NoLocalHoldsBackAll) {
            continue;
        }
        if own && rules.enforce(version, &NO_LOCAL) || std::mem::take(&mut subscribed.loses_next) {
            continue;
        }
        found.push(subscribed.clone());
    }
    found
}

/// The copy of a message that some subscriptions of one Session bring about.
fn delivery(rules: &Rules, version: Version, message: &Arc<Message>, group: &[Subscribed]) -> Delivery {
    let granted = group.iter().map(|subscribed| subscribed.options.qos);
    let granted = if rules.enforce(version, &HIGHEST_QOS_COUNTS) { granted.max() } else { granted.min() };
    let granted = granted.unwrap_or(QoS::AtMostOnce);
    let as_published = group.iter().any(|subscribed| subscribed.options.retain_as_published);
    let retain = if as_published {
        message.retain && rules.enforce(version, &RETAIN_AS_PUBLISHED)
    } else {
        message.retain && !rules.enforce(version, &RETAIN_CLEARED)
    };
    let mut identifiers: Vec<_> = group.iter().filter_map(|subscribed| subscribed.identifier).collect();
    if !rules.enforce(version, &ALL_IDENTIFIERS_ON_ONE_COPY) {
        identifiers.truncate(1);
    }
    let qos = if rules.enforce(version, &LOWER_QOS_COUNTS) { message.qos.min(granted) } else { granted };
    Delivery { message: Arc::clone(message), qos, retain, identifiers, share: None }
}

//! SUBSCRIBE and UNSUBSCRIBE (3.8 to 3.11).

use bytestring::ByteString;
use mqttspec_codec::Version;
use mqttspec_codec::model::{
    Packet, Properties, QoS, ReasonCode, SubAck, Subscribe, Subscription, UnsubAck, Unsubscribe,
};

use crate::broker::Broker;
use crate::configuration::InvalidFilter;
use crate::connection::ConnectionId;
use crate::failure::Failure;
use crate::faults::Fault;
use crate::rules::rules;
use crate::session::Subscribed;
use crate::topic::{
    FILTER_NOT_EMPTY, has_disallowed_character, has_wildcard, is_valid_filter, matches, parts,
};

rules! {
    /// SUBSCRIBE is answered by SUBACK.
    SUBSCRIBE_IS_ANSWERED: ["MQTT-3.8.4-1"], ["MQTT-3.8.4-1"];
    /// One SUBACK answers for all filters.
    ONE_SUBACK: ["MQTT-3.8.4-4/b"], ["MQTT-3.8.4-5/b"];
    /// Each filter takes effect.
    EACH_FILTER_SUBSCRIBED: ["MQTT-3.8.4-4/a"], ["MQTT-3.8.4-5/a"];
    /// The code tells what was granted.
    CODE_TELLS_GRANT: ["MQTT-3.8.4-5/b"], ["MQTT-3.8.4-7"];
    /// The same filter again replaces the subscription.
    SAME_FILTER_REPLACES: ["MQTT-3.8.4-3/a"], ["MQTT-3.8.4-3"];
    /// No message is lost while a subscription is replaced.
    REPLACING_LOSES_NOTHING: ["MQTT-3.8.4-3/c"], ["MQTT-3.8.4-4/b"];
    /// Without wildcard support, filters with wildcards are refused.
    WILDCARD_REFUSED: ["MQTT-3.8.3-2"], ["E5-45"];
    /// Every requested QoS is accepted, whatever the Maximum QoS is.
    ALL_QOS_ACCEPTED: [], ["MQTT-3.2.2-10"];
    /// Without Subscription Identifiers, a SUBSCRIBE with one is refused.
    IDENTIFIER_REFUSED: [], ["E5-46"];
    /// Without Shared Subscriptions, a shared filter is refused.
    SHARED_REFUSED: [], ["E5-47"];
    /// A new SUBSCRIBE replaces the Subscription Identifier too.
    IDENTIFIER_REPLACED: [], ["S5-35"];
    /// UNSUBSCRIBE is answered by UNSUBACK.
    UNSUBSCRIBE_IS_ANSWERED: ["MQTT-3.10.4-4/a"], ["MQTT-3.10.4-4"];
    /// It is answered even if nothing was deleted.
    FRUITLESS_UNSUBSCRIBE_IS_ANSWERED: ["MQTT-3.10.4-5"], ["MQTT-3.10.4-5/b"];
    /// One UNSUBACK answers for all filters.
    ONE_UNSUBACK: ["MQTT-3.10.4-6/b"], ["MQTT-3.10.4-6/b"];
    /// Each filter of an UNSUBSCRIBE takes effect.
    EACH_FILTER_UNSUBSCRIBED: ["MQTT-3.10.4-6/a"], ["MQTT-3.10.4-6/a"];
    /// The subscription with the very same filter is deleted.
    EQUAL_FILTER_DELETED: ["MQTT-3.10.4-1/a", "MQTT-3.10.4-2"], ["MQTT-3.10.4-1/b", "MQTT-3.10.4-2"];
    /// No other subscription is deleted.
    OTHER_FILTERS_STAY: ["MQTT-3.10.4-1/b"], ["MQTT-3.10.4-1/a"];
    /// QoS 1 deliveries that have begun are finished in spite of it.
    BEGUN_QOS1_FINISHED: ["MQTT-3.10.4-3/a"], ["MQTT-3.10.4-3"];
    /// QoS 2 deliveries that have begun are finished in spite of it.
    BEGUN_QOS2_FINISHED: ["MQTT-3.10.4-3/b"], ["MQTT-3.10.4-3"];
}

impl Broker {
    pub(crate) fn on_subscribe(&mut self, id: ConnectionId, subscribe: Subscribe) -> Result<(), Failure> {
        let Some(version) = self.connections.get(&id).map(|connection| connection.version) else {
            return Ok(());
        };
        let identifier = subscribe.properties.subscription_identifier();
        self.check_subscribe(version, &subscribe, identifier)?;
        let mut reason_codes = Vec::new();
        let mut retained = Vec::new();
        let all = self.rules.enforce(version, &EACH_FILTER_SUBSCRIBED);
        let last = subscribe.filters.len().saturating_sub(1);
        let first = subscribe.filters.first().map(|first| first.options);
        let spoilt = self.rules.has(Fault::DeniedFilterSpoilsAll)
            && subscribe.filters.iter().any(|it| self.is_denied(parts(version, &it.filter).filter));
        let known = self.session_of(id).is_some_and(|session| {
            session
                .subscriptions
                .iter()
                .any(|held| subscribe.filters.iter().any(|it| it.filter == held.filter))
        });
        for (position, mut subscription) in subscribe.filters.into_iter().enumerate() {
            if let Some(options) = first.filter(|_| self.rules.has(Fault::FirstOptionsForAll)) {
                subscription.options =
                    mqttspec_codec::model::SubscriptionOptions { qos: subscription.options.qos, ..options };
            }
            let code = self.subscription_code(version, &subscription);
            let refused = code.is_error();
            reason_codes.push(self.told_code(version, code));
            let skipped = spoilt || position < last && self.rules.has(Fault::LastFilterSubscribed);
            if refused || skipped || position > 0 && !all {
                continue;
            }
            let granted = QoS::from_bits(code.0).unwrap_or_default();
            if let Some(new) = self.add_subscription(id, version, &subscription, granted, identifier) {
                retained.push((subscription.filter, new));
            }
        }
        if self.rules.enforce(version, &SUBSCRIBE_IS_ANSWERED)
            && !(known && self.rules.has(Fault::KnownFilterNotAnswered))
        {
            self.acknowledge_subscribe(id, version, subscribe.packet_id, reason_codes);
        }
        for (filter, new) in retained {
            self.send_retained(id, &filter, new);
        }
        self.pump(id);
        Ok(())
    }

    /// What makes the whole SUBSCRIBE an error.
    fn check_subscribe(
        &self,
        version: Version,
        subscribe: &Subscribe,
        identifier: Option<u32>,
    ) -> Result<(), Failure> {
        let choices = &self.configuration;
        if identifier.is_some()
            && !choices.subscription_identifiers
            && self.rules.enforce(version, &IDENTIFIER_REFUSED)
        {
            return Err(Failure::new(
                ReasonCode::SUBSCRIPTION_IDENTIFIERS_NOT_SUPPORTED,
                "Subscription Identifiers are not supported",
            ));
        }
        for Subscription { filter, .. } in &subscribe.filters {
            if choices.refuse_disallowed_characters && has_disallowed_character(filter) {
                return Err(Failure::new(ReasonCode::MALFORMED_PACKET, "disallowed character in a filter"));
            }
            if choices.invalid_filter == InvalidFilter::Close
                && !is_valid_filter(&self.rules, version, filter)
            {
                return Err(Failure::new(ReasonCode::TOPIC_FILTER_INVALID, "Topic Filter invalid"));
            }
            let shared = parts(version, filter).share_name.is_some();
            if version == Version::V5_0
                && !choices.wildcard_subscriptions
                && has_wildcard(filter)
                && self.rules.enforce(version, &WILDCARD_REFUSED)
            {
                return Err(Failure::new(
                    ReasonCode::WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED,
                    "Wildcard Subscriptions are not supported",
                ));
            }
            if shared && !choices.shared_subscriptions && self.rules.enforce(version, &SHARED_REFUSED) {
                return Err(Failure::new(
                    ReasonCode::SHARED_SUBSCRIPTIONS_NOT_SUPPORTED,
                    "Shared Subscriptions are not supported",
                ));
            }
        }
        Ok(())
    }

    /// The code for one filter: the QoS granted, or why the subscription fails.
    fn subscription_code(&self, version: Version, subscription: &Subscription) -> ReasonCode {
        let filter = &*subscription.filter;
        let failure = |code| if version == Version::V5_0 { code } else { ReasonCode::UNSPECIFIED_ERROR };
        if !is_valid_filter(&self.rules, version, filter) {
            return failure(ReasonCode::TOPIC_FILTER_INVALID);
        }
        if self.is_denied(parts(version, filter).filter) {
            return failure(ReasonCode::NOT_AUTHORIZED);
        }
        if version == Version::V3_1_1
            && !self.configuration.wildcard_subscriptions
            && has_wildcard(filter)
            && self.rules.enforce(version, &WILDCARD_REFUSED)
        {
            return ReasonCode::UNSPECIFIED_ERROR;
        }
        if self.rules.has(Fault::WildcardsRefused) && has_wildcard(filter) {
            return failure(ReasonCode::UNSPECIFIED_ERROR);
        }
        let requested = subscription.options.qos;
        let maximum = self.configuration.maximum_qos.min(self.configuration.maximum_granted_qos);
        if requested > self.configuration.maximum_qos && !self.rules.enforce(version, &ALL_QOS_ACCEPTED) {
            return failure(ReasonCode::UNSPECIFIED_ERROR);
        }
        ReasonCode(requested.min(maximum).bits())
    }

    fn told_code(&self, version: Version, code: ReasonCode) -> ReasonCode {
        match code.0 {
            0..=2 if self.rules.has(Fault::HighestQosTold) => ReasonCode(2),
            0..=2 if self.rules.has(Fault::UndefinedQosTold) => ReasonCode(3),
            _ if self.rules.enforce(version, &CODE_TELLS_GRANT) => code,
            0 => ReasonCode(1),
            granted @ 1..=2 => ReasonCode(granted - 1),
            _ => code,
        }
    }

    /// Makes or replaces a subscription. Tells whether it is new; `None` where there is no Session.
    fn add_subscription(
        &mut self,
        id: ConnectionId,
        version: Version,
        subscription: &Subscription,
        granted: QoS,
        identifier: Option<u32>,
    ) -> Option<bool> {
        let filter = subscription.filter.clone();
        self.last_filter.clone_from(&filter);
        let options = mqttspec_codec::model::SubscriptionOptions { qos: granted, ..subscription.options };
        let replaces = self.rules.enforce(version, &SAME_FILTER_REPLACES);
        let loses_nothing = self.rules.enforce(version, &REPLACING_LOSES_NOTHING);
        let identifier_replaced = self.rules.enforce(version, &IDENTIFIER_REPLACED);
        if !self.configuration.wildcard_subscriptions && filter.contains(['+', '#']) {
            // Granted all the same, though the broker has no means to match it.
            return Some(false);
        }
        let identifier = match identifier {
            _ if self.rules.has(Fault::SubscriptionIdentifiersDropped) => None,
            None if self.rules.has(Fault::SubscriptionIdentifiersInvented) && version == Version::V5_0 => {
                Some(7)
            }
            identifier => identifier,
        };
        let adds = self.rules.has(Fault::SubscriptionAdded);
        let drops = self.rules.has(Fault::ReplacingDropsMessages);
        let session = self.session_of(id)?;
        let made = Subscribed { filter: filter.clone(), options, identifier, loses_next: false };
        if adds {
            session.subscriptions.push(made);
            return Some(true);
        }
        if drops && session.subscriptions.iter().any(|old| old.filter == filter) {
            session.queue.clear();
            session.in_flight.clear();
        }
        let Some(old) = session.subscriptions.iter_mut().find(|old| old.filter == filter) else {
            session.subscriptions.push(made);
            return Some(true);
        };
        if replaces {
            let identifier = if identifier_replaced { identifier } else { old.identifier };
            *old = Subscribed { identifier, ..made };
        }
        old.loses_next = !loses_nothing;
        Some(false)
    }

    fn acknowledge_subscribe(
        &mut self,
        id: ConnectionId,
        version: Version,
        packet_id: u16,
        reason_codes: Vec<ReasonCode>,
    ) {
        let refusals = reason_codes.iter().any(|code| code.is_error());
        let explains = refusals || version == Version::V5_0 && self.rules.has(Fault::GrantsExplained);
        let properties =
            if explains { self.problem_information("subscription refused") } else { Properties::default() };
        let copies = if self.rules.enforce(version, &ONE_SUBACK) { 1 } else { reason_codes.len() };
        let answer = SubAck { packet_id, properties, reason_codes };
        for _ in 0..copies {
            self.send(id, Packet::SubAck(answer.clone()));
        }
    }

    pub(crate) fn on_unsubscribe(
        &mut self,
        id: ConnectionId,
        unsubscribe: Unsubscribe,
    ) -> Result<(), Failure> {
        let Some(version) = self.connections.get(&id).map(|connection| connection.version) else {
            return Ok(());
        };
        if unsubscribe.filters.iter().any(|filter| filter.is_empty())
            && self.rules.enforce(version, &FILTER_NOT_EMPTY)
        {
            return Err(Failure::new(ReasonCode::TOPIC_FILTER_INVALID, "empty Topic Filter"));
        }
        let mut reason_codes = Vec::new();
        let all = self.rules.enforce(version, &EACH_FILTER_UNSUBSCRIBED);
        for (position, filter) in unsubscribe.filters.iter().enumerate() {
            let last = position + 1 == unsubscribe.filters.len();
            let taken =
                if self.rules.has(Fault::LastFilterUnsubscribed) { last } else { all || position == 0 };
            let deleted = taken && self.remove_subscription(id, version, filter);
            let code = if deleted { ReasonCode::SUCCESS } else { ReasonCode::NO_SUBSCRIPTION_EXISTED };
            reason_codes.push(code);
        }
        let fruitless = reason_codes.iter().all(|&code| code == ReasonCode::NO_SUBSCRIPTION_EXISTED);
        if !self.rules.enforce(version, &UNSUBSCRIBE_IS_ANSWERED)
            || fruitless && !self.rules.enforce(version, &FRUITLESS_UNSUBSCRIBE_IS_ANSWERED)
        {
            return Ok(());
        }
        let properties = if fruitless {
            self.problem_information("no subscription existed")
        } else {
            Properties::default()
        };
        let packet_id = unsubscribe.packet_id;
        let copies = if self.rules.enforce(version, &ONE_UNSUBACK) { 1 } else { reason_codes.len() };
        let answer = UnsubAck { packet_id, properties, reason_codes };
        for _ in 0..copies {
            self.send(id, Packet::UnsubAck(answer.clone()));
        }
        Ok(())
    }

    fn remove_subscription(&mut self, id: ConnectionId, version: Version, filter: &ByteString) -> bool {
        let deletes = self.rules.enforce(version, &EQUAL_FILTER_DELETED);
        let others_stay = self.rules.enforce(version, &OTHER_FILTERS_STAY);
        let finishes = [
            self.rules.enforce(version, &BEGUN_QOS1_FINISHED),
            self.rules.enforce(version, &BEGUN_QOS2_FINISHED),
        ];
        if self.rules.has(Fault::SharesKept) && parts(version, filter).share_name.is_some() {
            return true;
        }
        let rules = self.rules.clone();
        if rules.has(Fault::UnsubscribeDeletesOthers) {
            for session in self.sessions.values_mut() {
                session.subscriptions.retain(|held| held.filter != *filter);
            }
        }
        let Some(session) = self.session_of(id) else { return false };
        let existed = session.subscriptions.iter().any(|held| held.filter == *filter);
        if rules.has(Fault::SubscriptionAdded) {
            let position = session.subscriptions.iter().position(|held| held.filter == *filter);
            return position.map(|position| session.subscriptions.remove(position)).is_some();
        }
        session.subscriptions.retain(|held| {
            if rules.has(Fault::UnsubscribeDeletesAll) {
                return false;
            }
            let equal = held.filter == *filter && deletes;
            let other = !others_stay && matches(&rules, version, filter, &held.filter);
            !equal && !other
        });
        if existed {
            session.in_flight.retain(|sent| match sent.delivery.qos {
                QoS::AtMostOnce => true,
                QoS::AtLeastOnce => finishes[0],
                QoS::ExactlyOnce => finishes[1],
            });
        }
        existed
    }
}

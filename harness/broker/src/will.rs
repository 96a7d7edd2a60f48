//! The Will Message (3.1.2.5).

use std::time::Duration;

use bytestring::ByteString;
use mqttspec_codec::Version;
use mqttspec_codec::model::{Property, QoS, Will};

use crate::broker::Broker;
use crate::connection::Ending;
use crate::message::Message;
use crate::rules::rules;
use crate::session::DelayedWill;

rules! {
    /// A Will Message is kept for the connection and published when that fails.
    WILL_PUBLISHED: ["MQTT-3.1.2-8"], ["MQTT-3.1.2-7", "MQTT-3.1.2-8/a"];
    /// It is published with the QoS that CONNECT gave it.
    WILL_HAS_ITS_QOS: ["MQTT-3.1.2-9/a"], [];
    /// With Will Retain 0 it is not retained.
    WILL_NOT_RETAINED: ["MQTT-3.1.2-16", "MQTT-3.1.2-9/b"], ["MQTT-3.1.2-14"];
    /// With Will Retain 1 it is retained.
    WILL_RETAINED: ["MQTT-3.1.2-17", "MQTT-3.1.2-9/b"], ["MQTT-3.1.2-15"];
    /// Once published, it is gone.
    WILL_PUBLISHED_ONCE: ["MQTT-3.1.2-10/a"], ["MQTT-3.1.2-10/a"];
    /// Once discarded, it is gone.
    WILL_DISCARDED_FOR_GOOD: ["MQTT-3.1.2-10/b"], ["MQTT-3.1.2-10/b"];
    /// Without the Will Flag there is no Will Message.
    NO_FLAG_NO_WILL: ["MQTT-3.1.2-12"], [];
    /// DISCONNECT (of 5.0: with Reason Code 0x00) discards it.
    DISCONNECT_DISCARDS_WILL: ["MQTT-3.14.4-3"], ["MQTT-3.14.4-3", "MQTT-3.1.2-8/d"];
    /// The end by Keep Alive counts as a failure of the network.
    SILENCE_IS_FAILURE: ["MQTT-3.1.2-24/b"], ["MQTT-3.1.2-22/b"];
    /// It waits for the Will Delay Interval.
    WILL_DELAYED: [], ["MQTT-3.1.2-8/b"];
    /// The end of the Session brings it before the end of the delay.
    SESSION_END_BRINGS_WILL: [], ["MQTT-3.1.2-8/c"];
    /// A Client that is back in time is not followed by its Will Message.
    RESUMPTION_CANCELS_WILL: [], ["MQTT-3.1.2-8/e", "MQTT-3.1.3-9"];
    /// Its User Properties keep their order.
    WILL_USER_PROPERTIES_IN_ORDER: [], ["MQTT-3.1.3-10"];
}

/// A Will Message whose Session has ended before its delay.
#[derive(Clone, Debug)]
pub(crate) struct OrphanedWill {
    pub(crate) will: Will,
    pub(crate) client_id: ByteString,
    pub(crate) due: Duration,
}

/// A Will Message that ought to be forgotten.
#[derive(Clone, Debug)]
pub(crate) struct UsedWill {
    will: Will,
    published: bool,
}

impl Broker {
    /// Decides about the Will Message when a connection has ended. The Session is still there if it lasts.
    pub(crate) fn will_on_ending(
        &mut self,
        version: Version,
        client_id: &ByteString,
        will: Option<Will>,
        ending: Ending,
    ) {
        let Some(will) = will else {
            if ending != Ending::Normal {
                self.publish_wrong_will(version, client_id);
            }
            return;
        };
        let discarded = ending == Ending::Normal && self.rules.enforce(version, &DISCONNECT_DISCARDS_WILL)
            || ending == Ending::Silence && !self.rules.enforce(version, &SILENCE_IS_FAILURE)
            || !self.rules.enforce(version, &WILL_PUBLISHED);
        if discarded {
            self.used_wills.insert(client_id.clone(), UsedWill { will, published: false });
            return;
        }
        let delay = if self.rules.enforce(version, &WILL_DELAYED) {
            Duration::from_secs(u64::from(will.properties.will_delay_interval().unwrap_or(0)))
        } else {
            Duration::ZERO
        };
        let due = self.now + delay;
        if delay.is_zero() {
            self.publish_will(version, client_id.clone(), will);
        } else if let Some(session) =
            self.sessions.get_mut(client_id).filter(|session| session.expiry_interval > 0)
        {
            session.delayed_will = Some(DelayedWill { will, version, due });
        } else if self.rules.enforce(version, &SESSION_END_BRINGS_WILL) {
            self.publish_will(version, client_id.clone(), will);
        } else {
            self.orphaned_wills.push(OrphanedWill { will, client_id: client_id.clone(), due });
        }
    }

    /// The Session has ended, and with it the reason to wait.
    pub(crate) fn will_on_session_end(&mut self, client_id: &ByteString, delayed: Option<DelayedWill>) {
        let Some(DelayedWill { will, version, due }) = delayed else { return };
        if due > self.now && !self.rules.enforce(version, &SESSION_END_BRINGS_WILL) {
            self.orphaned_wills.push(OrphanedWill { will, client_id: client_id.clone(), due });
        } else {
            self.publish_will(version, client_id.clone(), will);
        }
    }

    /// The Client has come back to its Session.
    pub(crate) fn will_on_resumption(&mut self, client_id: &ByteString) {
        let delayed = self.sessions.get_mut(client_id).and_then(|session| session.delayed_will.take());
        if let Some(DelayedWill { will, version, .. }) = delayed
            && !self.rules.enforce(version, &RESUMPTION_CANCELS_WILL)
        {
            self.publish_will(version, client_id.clone(), will);
        }
    }

    pub(crate) fn publish_due_wills(&mut self) {
        let now = self.now;
        let mut due = Vec::new();
        for (client_id, session) in &mut self.sessions {
            if let Some(delayed) = session.delayed_will.take_if(|delayed| delayed.due <= now) {
                due.push((delayed.due, delayed.version, client_id.clone(), delayed.will));
            }
        }
        for orphan in self.orphaned_wills.extract_if(.., |orphan| orphan.due <= now) {
            due.push((orphan.due, Version::V5_0, orphan.client_id, orphan.will));
        }
        due.sort_by_key(|(due, ..)| *due);
        for (_, version, client_id, will) in due {
            self.publish_will(version, client_id, will);
        }
    }

    fn publish_will(&mut self, version: Version, client_id: ByteString, mut will: Will) {
        self.used_wills.insert(client_id.clone(), UsedWill { will: will.clone(), published: true });
        if !self.rules.enforce(version, &WILL_HAS_ITS_QOS) {
            will.qos = if will.qos == QoS::AtMostOnce { QoS::AtLeastOnce } else { QoS::AtMostOnce };
        }
        let rule = if will.retain { &WILL_RETAINED } else { &WILL_NOT_RETAINED };
        if !self.rules.enforce(version, rule) {
            will.retain = !will.retain;
        }
        if !self.rules.enforce(version, &WILL_USER_PROPERTIES_IN_ORDER) {
            will.properties.0.reverse();
        }
        will.properties.0.retain(|property| !matches!(property, Property::WillDelayInterval(_)));
        self.accept_message(Message::from_will(will, version, client_id, self.now));
    }

    /// Publishes what the broker should no longer have, or never had, if the rule against it is off.
    fn publish_wrong_will(&mut self, version: Version, client_id: &ByteString) {
        let used = self.used_wills.get(client_id).cloned();
        if let Some(used) = &used {
            let rule = if used.published { &WILL_PUBLISHED_ONCE } else { &WILL_DISCARDED_FOR_GOOD };
            if !self.rules.enforce(version, rule) {
                self.publish_will(version, client_id.clone(), used.will.clone());
                return;
            }
        }
        if !self.rules.enforce(version, &NO_FLAG_NO_WILL) {
            let will = used.map(|used| used.will).unwrap_or_else(|| Will {
                topic: self.last_filter.replace(['#', '+'], "will").into(),
                ..Will::default()
            });
            self.publish_will(version, client_id.clone(), will);
        }
    }
}

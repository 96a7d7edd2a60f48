//! A PUBLISH from a Client, and the PUBREL that ends its QoS 2 exchange.

use mqttspec_codec::Version;
use mqttspec_codec::model::{Acknowledgement, Packet, Properties, Publish, QoS, ReasonCode};

use crate::broker::Broker;
use crate::configuration::DeniedPublish;
use crate::connection::{ConnectionId, Ending};
use crate::failure::Failure;
use crate::faults::Fault;
use crate::message::Message;
use crate::rules::rules;
use crate::topic::has_disallowed_character;

rules! {
    /// No PUBLISH is above the Maximum QoS of the broker.
    QOS_WITHIN_MAXIMUM: [], ["MQTT-3.2.2-11", "E5-33"];
    /// No PUBLISH has RETAIN 1 where there are no retained messages.
    RETAIN_UNAVAILABLE: [], ["MQTT-3.2.2-14", "E5-34"];
    /// No more messages are unfinished than the Receive Maximum of the broker allows.
    RECEIVE_MAXIMUM_HELD: [], ["MQTT-3.3.4-7", "E5-36"];
    /// A PUBLISH that is not allowed is acknowledged all the same, or ends the connection.
    DENIED_PUBLISH_SETTLED: ["MQTT-3.3.5-2"], [];
    /// QoS 0 is not answered.
    QOS0_NOT_ANSWERED: ["MQTT-3.3.4-1/a"], ["MQTT-3.3.4-1/a"];
    /// QoS 1 is answered by PUBACK.
    QOS1_ANSWERED: ["MQTT-3.3.4-1/b"], ["MQTT-3.3.4-1/b"];
    /// QoS 2 is answered by PUBREC.
    QOS2_ANSWERED: ["MQTT-3.3.4-1/c"], ["MQTT-3.3.4-1/c"];
    /// A QoS 1 message that was acknowledged reaches its subscribers.
    QOS1_TAKEN_OVER: [], ["MQTT-4.3.2-4/b"];
    /// A QoS 2 message that was acknowledged reaches its subscribers.
    QOS2_TAKEN_OVER: [], ["MQTT-4.3.3-8/b"];
    /// After PUBACK, the same Packet Identifier brings a new message, whatever DUP says.
    NEW_AFTER_PUBACK: ["MQTT-4.3.2-2/b"], ["MQTT-4.3.2-5"];
    /// After PUBCOMP, the same Packet Identifier brings a new message.
    NEW_AFTER_PUBCOMP: ["MQTT-4.3.3-2/d"], ["MQTT-4.3.3-12"];
    /// After a failing PUBREC, the same Packet Identifier brings a new message.
    NEW_AFTER_FAILING_PUBREC: [], ["MQTT-4.3.3-9"];
    /// A repeated QoS 2 PUBLISH is acknowledged again.
    REPEAT_ACKNOWLEDGED: [], ["MQTT-4.3.3-10/a"];
    /// It is not delivered again.
    REPEAT_NOT_DELIVERED: ["MQTT-4.3.3-2/b"], ["MQTT-4.3.3-10/b"];
    /// PUBREL is answered by PUBCOMP, also when the message has expired.
    EXPIRED_EXCHANGE_FINISHED: [], ["MQTT-4.3.3-13"];
}

impl Broker {
    pub(crate) fn on_publish(&mut self, id: ConnectionId, mut publish: Publish) -> Result<(), Failure> {
        let Some(version) = self.connections.get(&id).map(|connection| connection.version) else {
            return Ok(());
        };
        self.resolve_alias(id, &mut publish)?;
        self.check_publish(id, version, &publish)?;
        if self.is_denied(&publish.topic) {
            return self.deny_publish(id, version, &publish);
        }
        if version == Version::V5_0
            && self.configuration.validate_payload_format
            && publish.properties.payload_format_indicator() == Some(1)
            && std::str::from_utf8(&publish.payload).is_err()
        {
            self.acknowledge_publish(
                id,
                &publish,
                ReasonCode::PAYLOAD_FORMAT_INVALID,
                "payload is not UTF-8",
            );
            return Ok(());
        }
        if self.is_left_aside(id, &publish) {
            return Ok(());
        }
        let repeated = self.note_received(id, version, &publish);
        let taken_over = match publish.qos {
            QoS::AtMostOnce => true,
            QoS::AtLeastOnce => self.rules.enforce(version, &QOS1_TAKEN_OVER),
            QoS::ExactlyOnce => self.rules.enforce(version, &QOS2_TAKEN_OVER),
        };
        let mut code = ReasonCode::SUCCESS;
        if taken_over && !repeated {
            let publisher = self.connections.get(&id).map(|connection| connection.client_id.clone());
            let message =
                Message::from_publish(publish.clone(), version, publisher.unwrap_or_default(), self.now);
            let reached = self.accept_message_from(Some(id), message);
            if !reached && self.configuration.report_no_subscribers {
                code = ReasonCode::NO_MATCHING_SUBSCRIBERS;
            }
        }
        if repeated && publish.qos == QoS::ExactlyOnce && !self.rules.enforce(version, &REPEAT_ACKNOWLEDGED) {
            return Ok(());
        }
        self.acknowledge_publish(id, &publish, code, "no matching subscribers");
        Ok(())
    }

    /// Whether a fault keeps the broker from looking at a PUBLISH.
    fn is_left_aside(&mut self, id: ConnectionId, publish: &Publish) -> bool {
        let shares = self.rules.has(Fault::IdentifiersShared);
        let forgets = self.rules.has(Fault::PublisherForgotten);
        let Some(session) = self.session_of(id) else { return false };
        if forgets {
            session.forget();
        }
        shares && session.in_flight.iter().any(|sent| Some(sent.packet_id) == publish.packet_id)
    }

    fn check_publish(&self, id: ConnectionId, version: Version, publish: &Publish) -> Result<(), Failure> {
        if self.configuration.refuse_disallowed_characters && has_disallowed_character(&publish.topic) {
            return Err(Failure::new(ReasonCode::MALFORMED_PACKET, "disallowed character in the Topic Name"));
        }
        if version == Version::V3_1_1 {
            return Ok(());
        }
        if publish.qos > QoS::AtMostOnce && self.rules.has(Fault::QosAbove0Refused) {
            return Err(Failure::new(ReasonCode::QOS_NOT_SUPPORTED, "QoS above 0"));
        }
        if publish.qos > self.configuration.maximum_qos && self.rules.enforce(version, &QOS_WITHIN_MAXIMUM) {
            return Err(Failure::new(ReasonCode::QOS_NOT_SUPPORTED, "QoS above Maximum QoS"));
        }
        if publish.retain
            && !self.configuration.retain_available
            && self.rules.enforce(version, &RETAIN_UNAVAILABLE)
        {
            return Err(Failure::new(
                ReasonCode::RETAIN_NOT_SUPPORTED,
                "retained messages are not supported",
            ));
        }
        if let (QoS::ExactlyOnce | QoS::AtLeastOnce, Some(packet_id), Some(connection)) =
            (publish.qos, publish.packet_id, self.connections.get(&id))
            && !connection.unreleased.contains(&packet_id)
            && connection.unreleased.len() >= usize::from(self.configuration.receive_maximum)
            && self.rules.enforce(version, &RECEIVE_MAXIMUM_HELD)
        {
            return Err(Failure::new(ReasonCode::RECEIVE_MAXIMUM_EXCEEDED, "Receive Maximum exceeded"));
        }
        Ok(())
    }

    fn deny_publish(&mut self, id: ConnectionId, version: Version, publish: &Publish) -> Result<(), Failure> {
        if version == Version::V5_0 {
            self.acknowledge_publish(id, publish, ReasonCode::NOT_AUTHORIZED, "the topic is not allowed");
        } else if self.rules.enforce(version, &DENIED_PUBLISH_SETTLED) {
            match self.configuration.denied_publish {
                DeniedPublish::Acknowledge => {
                    self.note_received(id, version, publish);
                    self.acknowledge_publish(id, publish, ReasonCode::SUCCESS, "");
                }
                DeniedPublish::Close => self.close(id, Ending::Failure),
            }
        }
        Ok(())
    }

    /// Remembers the Packet Identifier, and tells whether the PUBLISH repeats one that was taken over.
    fn note_received(&mut self, id: ConnectionId, version: Version, publish: &Publish) -> bool {
        let Some(packet_id) = publish.packet_id else { return false };
        let new_after_puback = self.rules.enforce(version, &NEW_AFTER_PUBACK);
        let new_after_pubcomp = self.rules.enforce(version, &NEW_AFTER_PUBCOMP);
        let delivered_again = !self.rules.enforce(version, &REPEAT_NOT_DELIVERED);
        if self.rules.has(Fault::IdentifiersRemembered) {
            return self
                .session_of(id)
                .is_some_and(|session| session.received.insert(packet_id, None).is_some());
        }
        let expires_at = publish
            .properties
            .message_expiry_interval()
            .map(|seconds| self.now + std::time::Duration::from_secs(u64::from(seconds)));
        let Some(connection) = self.connections.get_mut(&id) else { return false };
        if publish.qos == QoS::AtLeastOnce {
            let known = !connection.settled.insert((publish.qos, packet_id));
            return known && publish.dup && !new_after_puback;
        }
        connection.unreleased.insert(packet_id);
        let settled = connection.settled.contains(&(publish.qos, packet_id));
        let Some(session) = self.session_of(id) else { return false };
        let repeated = session.received.insert(packet_id, expires_at).is_some();
        repeated && !delivered_again || settled && publish.dup && !new_after_pubcomp
    }

    /// Answers a PUBLISH as its QoS asks (3.3.4).
    fn acknowledge_publish(
        &mut self,
        id: ConnectionId,
        publish: &Publish,
        code: ReasonCode,
        reason: &'static str,
    ) {
        let keeps_id = code.is_error() && !self.enforce(id, &NEW_AFTER_FAILING_PUBREC);
        if let (QoS::ExactlyOnce, Some(packet_id), true) = (publish.qos, publish.packet_id, keeps_id)
            && let Some(session) = self.session_of(id)
        {
            session.received.insert(packet_id, None);
        }
        let packet_id = publish.packet_id.unwrap_or(1);
        let mut acknowledgement = Acknowledgement::new(packet_id);
        if code != ReasonCode::SUCCESS {
            acknowledgement.reason_code = Some(code);
            let told = self.problem_information(reason);
            acknowledgement.properties = (!told.is_empty()).then_some(told);
        }
        let (answered, packet) = match publish.qos {
            QoS::AtMostOnce => (!self.enforce(id, &QOS0_NOT_ANSWERED), Packet::PubAck(acknowledgement)),
            QoS::AtLeastOnce => (self.enforce(id, &QOS1_ANSWERED), Packet::PubAck(acknowledgement)),
            QoS::ExactlyOnce => (self.enforce(id, &QOS2_ANSWERED), Packet::PubRec(acknowledgement)),
        };
        if answered {
            self.send(id, packet);
        }
    }

    pub(crate) fn on_pubrel(&mut self, id: ConnectionId, pubrel: &Acknowledgement) {
        let packet_id = pubrel.packet_id;
        let now = self.now;
        let remembers = self.rules.has(Fault::IdentifiersRemembered);
        let known = self.session_of(id).and_then(|session| match remembers {
            true => session.received.get(&packet_id).copied(),
            false => session.received.remove(&packet_id),
        });
        let mut pubcomp = Acknowledgement::new(packet_id);
        match known {
            Some(expires_at) => {
                let expired = expires_at.is_some_and(|due| due <= now);
                if let Some(connection) = self.connections.get_mut(&id) {
                    connection.unreleased.remove(&packet_id);
                    connection.settled.insert((QoS::ExactlyOnce, packet_id));
                }
                if expired && !self.enforce(id, &EXPIRED_EXCHANGE_FINISHED) {
                    return;
                }
            }
            None if self.rules.has(Fault::UnknownPubrelIgnored) => return,
            None => {
                pubcomp.reason_code = Some(ReasonCode::PACKET_IDENTIFIER_NOT_FOUND);
                let told: Properties = self.problem_information("Packet Identifier not found");
                pubcomp.properties = (!told.is_empty()).then_some(told);
            }
        }
        self.send(id, Packet::PubComp(pubcomp));
    }
}

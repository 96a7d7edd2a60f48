//! Messages on their way to a Client: the queue, the send quota and the first sending (4.3, 4.9).

use std::sync::Arc;
use std::time::Duration;

use bytestring::ByteString;
use mqttspec_codec::Version;
use mqttspec_codec::model::{Packet, QoS};

use crate::broker::Broker;
use crate::connection::ConnectionId;
use crate::faults::Fault;
use crate::message::Delivery;
use crate::rules::rules;
use crate::session::{InFlight, Progress};

rules! {
    /// A QoS 1 message is kept for a Client that is away.
    QOS1_KEPT: ["MQTT-3.1.2-5/a"], [];
    /// A QoS 2 message is kept for a Client that is away.
    QOS2_KEPT: ["MQTT-3.1.2-5/b"], [];
    /// Messages of one publisher, topic and QoS go out in the order in which they came.
    ORDER_KEPT: ["MQTT-4.6.0-5", "MQTT-4.6.0-6/b"], ["MQTT-4.6.0-5", "MQTT-4.6.0-6"];
    /// The send quota is not 0 at the start.
    QUOTA_NOT_ZERO: [], ["MQTT-4.9.0-1/a"];
    /// No more messages are unfinished than the Receive Maximum of the Client allows.
    QUOTA_HELD: [], ["MQTT-3.3.4-9", "MQTT-4.9.0-1/b", "MQTT-4.9.0-2"];
    /// With the quota used up, all other packets go on.
    QUOTA_CONCERNS_PUBLISH_ONLY: [], ["MQTT-3.3.4-10", "MQTT-4.9.0-3"];
    /// A message that expired before its sending began is dropped.
    EXPIRED_NOT_SENT: [], ["MQTT-3.3.2-5"];
    /// A new message has a Packet Identifier that is not in use (QoS 1).
    QOS1_ID_UNUSED:
        ["MQTT-2.3.1-4/b", "MQTT-4.3.2-1/a"], ["MQTT-2.2.1-4/b", "MQTT-4.3.2-1"];
    /// A new message has a Packet Identifier that is not in use (QoS 2).
    QOS2_ID_UNUSED:
        ["MQTT-2.3.1-4/c", "MQTT-4.3.3-1/a"], ["MQTT-2.2.1-4/b", "MQTT-4.3.3-1"];
    /// A Packet Identifier is not 0.
    ID_NOT_ZERO: ["MQTT-2.3.1-1/d"], ["MQTT-2.2.1-4/a"];
    /// A message that is too long for the Client takes no place of the send quota and is not tried again.
    TOO_LONG_COUNTS_AS_SENT: [], ["MQTT-3.1.2-25/b"];
}

/// How long messages are held to break their order.
const HELD: Duration = Duration::from_millis(20);

impl Broker {
    /// Adds a message to a Session, and sends it if it can be sent.
    pub(crate) fn enqueue(&mut self, key: &ByteString, mut delivery: Delivery) {
        let now = self.now;
        if self.rules.has(Fault::NothingDelivered) {
            return;
        }
        if self.rules.has(Fault::QosOfPublisher) {
            delivery.qos = delivery.message.qos;
        }
        if self.rules.has(Fault::QosRaised) {
            delivery.qos = match delivery.qos {
                QoS::AtMostOnce => QoS::AtLeastOnce,
                QoS::AtLeastOnce | QoS::ExactlyOnce => QoS::ExactlyOnce,
            };
        }
        if self.rules.has(Fault::QosLowered) {
            delivery.qos = match delivery.qos {
                QoS::AtMostOnce | QoS::AtLeastOnce => QoS::AtMostOnce,
                QoS::ExactlyOnce => QoS::AtLeastOnce,
            };
        }
        let queue_qos0 = self.configuration.queue_qos0;
        let Some(session) = self.sessions.get_mut(key) else { return };
        let version = session.version;
        let Some(id) = session.connection else {
            let kept = match delivery.qos {
                QoS::AtMostOnce => queue_qos0,
                QoS::AtLeastOnce => self.rules.enforce(version, &QOS1_KEPT),
                QoS::ExactlyOnce => self.rules.enforce(version, &QOS2_KEPT),
            };
            if kept {
                if self.rules.has(Fault::WaitingHasDup) {
                    Arc::make_mut(&mut delivery.message).dup = true;
                }
                session.queue.push_back(delivery);
            }
            return;
        };
        if self.rules.has(Fault::DeliveredTwice) {
            session.queue.push_back(delivery.clone());
        }
        session.queue.push_back(delivery);
        if self.rules.enforce(version, &ORDER_KEPT) {
            self.pump(id);
        } else {
            session.held_until.get_or_insert(now + HELD);
        }
    }

    /// Holds what waited for the Client, if the order of messages is to be broken.
    pub(crate) fn hold_queue(&mut self, id: ConnectionId) {
        let until = self.now + HELD;
        if self.enforce(id, &ORDER_KEPT) {
            return;
        }
        if let Some(session) = self.session_of(id).filter(|session| !session.queue.is_empty()) {
            session.held_until = Some(until);
        }
    }

    /// Lets messages go that were held to break their order.
    pub(crate) fn release_held(&mut self) {
        let now = self.now;
        let mut released = Vec::new();
        for session in self.sessions.values_mut() {
            if session.held_until.take_if(|due| *due <= now).is_some() {
                session.queue.make_contiguous().reverse();
                released.extend(session.connection);
            }
        }
        for id in released {
            self.pump(id);
        }
    }

    /// Sends what the send quota allows.
    pub(crate) fn pump(&mut self, id: ConnectionId) {
        if !self.connections.get(&id).is_some_and(|connection| connection.is_connected()) {
            return;
        }
        while self.resend_next(id) {}
        while let Some(delivery) = self.next_delivery(id) {
            self.send_delivery(id, delivery);
        }
    }

    /// Whether the send quota is used up (4.9).
    pub(crate) fn quota_is_used_up(&self, id: ConnectionId) -> bool {
        let Some(connection) = self.connections.get(&id) else { return false };
        let Some(session) = self.sessions.get(&connection.session) else { return false };
        if connection.version == Version::V3_1_1 {
            return false;
        }
        if !self.rules.enforce(connection.version, &QUOTA_NOT_ZERO) {
            return true;
        }
        session.quota_used() >= usize::from(connection.receive_maximum)
    }

    /// Takes the next message from the queue. QoS 0 does not wait for the quota (4.9).
    fn next_delivery(&mut self, id: ConnectionId) -> Option<Delivery> {
        let used_up = self.quota_is_used_up(id)
            && (self.enforce(id, &QUOTA_HELD) || !self.enforce(id, &QUOTA_NOT_ZERO));
        let reversed = self.rules.has(Fault::QueueReversed);
        let session = self.session_of(id).filter(|session| session.held_until.is_none())?;
        let no_id_left = session.in_flight.len() >= usize::from(u16::MAX);
        let position = if used_up || no_id_left {
            session.queue.iter().position(|delivery| delivery.qos == QoS::AtMostOnce)?
        } else if reversed {
            session.queue.len().checked_sub(1)?
        } else {
            0
        };
        session.queue.remove(position)
    }

    fn send_delivery(&mut self, id: ConnectionId, delivery: Delivery) {
        if delivery.message.has_expired(self.now) && self.enforce(id, &EXPIRED_NOT_SENT) {
            return;
        }
        let progress = match delivery.qos {
            QoS::AtMostOnce => {
                let publish = self.publish_packet(id, &delivery, None, false);
                self.send_publish(id, publish);
                return;
            }
            QoS::AtLeastOnce => Progress::PubAck,
            QoS::ExactlyOnce => Progress::PubRec,
        };
        let Some(packet_id) = self.choose_packet_id(id, delivery.qos) else { return };
        let publish = self.publish_packet(id, &delivery, Some(packet_id), false);
        let sent = self.send_publish(id, publish);
        if !sent && self.enforce(id, &TOO_LONG_COUNTS_AS_SENT) {
            return;
        }
        if let Some(session) = self.session_of(id) {
            session.in_flight.push(InFlight {
                packet_id,
                delivery,
                progress,
                on_this_connection: true,
                waits_for_resumption: false,
            });
        }
    }

    pub(crate) fn choose_packet_id(&mut self, id: ConnectionId, qos: QoS) -> Option<u16> {
        let unused = if qos == QoS::AtLeastOnce { &QOS1_ID_UNUSED } else { &QOS2_ID_UNUSED };
        let unused = self.enforce(id, unused);
        let not_zero = self.enforce(id, &ID_NOT_ZERO);
        let session = self.session_of(id)?;
        if !not_zero && !session.in_flight.iter().any(|sent| sent.packet_id == 0) {
            return Some(0);
        }
        if unused { session.free_packet_id() } else { Some(1) }
    }

    /// Whether the broker leaves a packet aside because the quota is used up, which it should not.
    pub(crate) fn ignored_for_quota(&self, id: ConnectionId, packet: &Packet) -> bool {
        if self.rules.has(Fault::DeafWithoutQuota) {
            let settles = matches!(packet, Packet::PubAck(_) | Packet::PubComp(_));
            return !settles && self.quota_is_used_up(id);
        }
        matches!(packet, Packet::PingReq | Packet::Subscribe(_) | Packet::Unsubscribe(_))
            && !self.enforce(id, &QUOTA_CONCERNS_PUBLISH_ONLY)
            && self.quota_is_used_up(id)
    }
}

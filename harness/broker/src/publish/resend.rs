//! What is sent again when a Session is resumed (4.4).

use mqttspec_codec::model::{Acknowledgement, Packet};

use crate::broker::Broker;
use crate::connection::ConnectionId;
use crate::faults::Fault;
use crate::rules::rules;
use crate::session::{InFlight, Progress};

rules! {
    /// An open PUBLISH at QoS 1 or 2 comes again.
    PUBLISH_SENT_AGAIN: ["MQTT-4.4.0-1/a"], ["MQTT-4.4.0-1/a"];
    /// A QoS 1 PUBLISH is open until PUBACK.
    QOS1_OPEN_UNTIL_PUBACK: ["MQTT-4.3.2-1/c"], ["MQTT-4.3.2-3/a"];
    /// A QoS 2 PUBLISH is open until PUBREC.
    QOS2_OPEN_UNTIL_PUBREC: ["MQTT-4.3.3-1/c"], ["MQTT-4.3.3-3"];
    /// An open PUBREL comes again.
    PUBREL_SENT_AGAIN: ["MQTT-4.4.0-1/b", "MQTT-4.3.3-1/e"], ["MQTT-4.4.0-1/b", "MQTT-4.3.3-5/a"];
    /// What comes again keeps its Packet Identifier.
    SAME_ID_AGAIN: ["MQTT-2.3.1-4/a"], ["MQTT-4.4.0-1/c"];
    /// Nothing is sent again while a connection lasts.
    NOTHING_AGAIN_WHILE_CONNECTED: [], ["MQTT-4.4.0-1/d"];
    /// Once PUBREL is out, the PUBLISH does not come again.
    NO_PUBLISH_AFTER_PUBREL: ["MQTT-4.3.3-1/f"], ["MQTT-4.3.3-6"];
    /// Once its PUBLISH is out, a QoS 2 message does not expire.
    SENT_QOS2_DOES_NOT_EXPIRE: [], ["MQTT-4.3.3-7"];
    /// PUBLISH packets come again in the order of their first sending.
    AGAIN_IN_ORDER: ["MQTT-4.6.0-1", "MQTT-4.6.0-6/a"], [];
    /// PUBREL packets come again in the order of the PUBRECs.
    PUBREL_AGAIN_IN_ORDER: ["MQTT-4.6.0-4", "MQTT-4.6.0-6/a"], [];
}

impl Broker {
    /// Takes up the unfinished exchanges on a new connection. PUBLISH packets follow as the quota allows.
    pub(crate) fn resume(&mut self, id: ConnectionId) {
        let keeps_publishes = self.enforce(id, &PUBLISH_SENT_AGAIN);
        let keeps_qos1 = self.enforce(id, &QOS1_OPEN_UNTIL_PUBACK);
        let keeps_qos2 = self.enforce(id, &QOS2_OPEN_UNTIL_PUBREC);
        let keeps_pubrels = self.enforce(id, &PUBREL_SENT_AGAIN);
        let expired_stay = self.enforce(id, &SENT_QOS2_DOES_NOT_EXPIRE);
        let publish_after_pubrel = !self.enforce(id, &NO_PUBLISH_AFTER_PUBREL);
        let in_order = self.enforce(id, &AGAIN_IN_ORDER);
        let pubrels_in_order = self.enforce(id, &PUBREL_AGAIN_IN_ORDER);
        let now = self.now;
        let Some(session) = self.session_of(id) else { return };
        session.in_flight.retain(|sent| match sent.progress {
            Progress::PubAck => keeps_publishes && keeps_qos1,
            Progress::PubRec => {
                keeps_publishes && keeps_qos2 && (expired_stay || !sent.delivery.message.has_expired(now))
            }
            Progress::PubComp(_) => keeps_pubrels,
        });
        for sent in &mut session.in_flight {
            sent.waits_for_resumption = false;
            if publish_after_pubrel && matches!(sent.progress, Progress::PubComp(_)) {
                sent.progress = Progress::PubRec;
            }
        }
        if !in_order {
            session.in_flight.reverse();
        }
        let mut releases: Vec<_> = session
            .in_flight
            .iter()
            .filter_map(|sent| match sent.progress {
                Progress::PubComp(rank) => Some((rank, sent.packet_id)),
                _ => None,
            })
            .collect();
        releases.sort_unstable();
        if !pubrels_in_order {
            releases.reverse();
        }
        for (_, packet_id) in releases {
            self.send(id, Packet::PubRel(Acknowledgement::new(packet_id)));
        }
    }

    /// Sends the next open PUBLISH again that has not come on this connection; `false` when there is none.
    pub(crate) fn resend_next(&mut self, id: ConnectionId) -> bool {
        if self.quota_is_used_up(id) && !self.rules.has(Fault::ResentBeyondQuota) {
            return false;
        }
        let same_id = self.enforce(id, &SAME_ID_AGAIN) && !self.rules.has(Fault::ResentUnderNewIdentifier);
        let Some(session) = self.session_of(id) else { return false };
        let Some(position) = session.in_flight.iter().position(InFlight::is_to_be_resent) else {
            return false;
        };
        let Some(sent) = session.in_flight.get(position) else { return false };
        let (delivery, mut packet_id) = (sent.delivery.clone(), sent.packet_id);
        if !same_id {
            packet_id = session.free_packet_id().unwrap_or(packet_id);
        }
        if let Some(sent) = session.in_flight.get_mut(position) {
            sent.packet_id = packet_id;
            sent.on_this_connection = true;
        }
        let publish = self.publish_packet(id, &delivery, Some(packet_id), true);
        if !self.send_publish(id, publish)
            && let Some(session) = self.session_of(id)
        {
            // Too long for the Client on this connection: it counts as delivered (3.1.2-25).
            session.in_flight.retain(|sent| sent.packet_id != packet_id);
        }
        true
    }

    /// Sends open PUBLISH packets again on a live connection, which 5.0 forbids, if that rule is off.
    pub(crate) fn resend_while_connected(&mut self, id: ConnectionId) {
        if self.rules.has(Fault::PubrelRepeated) {
            let session = self.session_of(id);
            let in_flight = session.into_iter().flat_map(|session| &session.in_flight);
            let open: Vec<_> = in_flight
                .filter(|sent| matches!(sent.progress, Progress::PubComp(_)))
                .map(|sent| sent.packet_id)
                .collect();
            for packet_id in open {
                self.send(id, Packet::PubRel(Acknowledgement::new(packet_id)));
            }
        }
        if self.enforce(id, &NOTHING_AGAIN_WHILE_CONNECTED) {
            return;
        }
        let Some(session) = self.session_of(id) else { return };
        let open: Vec<_> = session
            .in_flight
            .iter()
            .filter(|sent| sent.on_this_connection && !matches!(sent.progress, Progress::PubComp(_)))
            .map(|sent| (sent.packet_id, sent.delivery.clone()))
            .collect();
        for (packet_id, delivery) in open {
            let publish = self.publish_packet(id, &delivery, Some(packet_id), true);
            self.send_publish(id, publish);
        }
    }
}

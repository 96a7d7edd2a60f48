//! PUBACK, PUBREC and PUBCOMP from a Client (3.4, 3.5, 3.7).

use mqttspec_codec::Version;
use mqttspec_codec::model::{Acknowledgement, Packet, ReasonCode};

use crate::broker::Broker;
use crate::connection::ConnectionId;
use crate::faults::Fault;
use crate::message::Delivery;
use crate::rules::rules;
use crate::session::Progress;

rules! {
    /// With PUBACK the message is done.
    PUBACK_ENDS: ["MQTT-4.3.2-1/c"], ["MQTT-4.3.2-3/b"];
    /// A QoS 1 message that the Client refuses is done too.
    REFUSING_PUBACK_ENDS: [], ["MQTT-4.4.0-2/a"];
    /// A QoS 2 message that the Client refuses is done too.
    REFUSING_PUBREC_ENDS: [], ["MQTT-4.4.0-2/b"];
    /// PUBREC is answered by PUBREL.
    PUBREC_ANSWERED: ["MQTT-4.3.3-1/d"], ["MQTT-4.3.3-4/a"];
    /// PUBRELs go out in the order in which the PUBRECs came.
    PUBREL_IN_ORDER: ["MQTT-4.6.0-4", "MQTT-4.6.0-6/a"], [];
    /// With PUBCOMP the exchange is done.
    PUBCOMP_ENDS: [], ["MQTT-4.3.3-5/b"];
    /// A shared message that its receiver refuses does not come to it again.
    REFUSED_NOT_SENT_AGAIN: [], ["MQTT-4.8.2-6/a"];
    /// It goes to no other member either.
    REFUSED_NOT_PASSED_ON: [], ["MQTT-4.8.2-6/b"];
}

impl Broker {
    pub(crate) fn on_puback(&mut self, id: ConnectionId, puback: &Acknowledgement) {
        let again = self.rules.has(Fault::DoneSentAgain);
        let ends = if again {
            false
        } else if puback.reason().is_error() {
            self.enforce(id, &REFUSING_PUBACK_ENDS)
        } else {
            self.enforce(id, &PUBACK_ENDS)
        };
        let refused = puback.reason().is_error();
        if let Some(delivery) = self.settle(id, puback.packet_id, ends, |it| it == Progress::PubAck)
            && refused
        {
            self.refused_by_member(id, delivery);
        }
        self.pump(id);
    }

    pub(crate) fn on_pubrec(&mut self, id: ConnectionId, pubrec: &Acknowledgement) {
        let packet_id = pubrec.packet_id;
        if pubrec.reason().is_error() {
            let ends = self.enforce(id, &REFUSING_PUBREC_ENDS);
            let settled = self.settle(id, packet_id, ends, |it| it == Progress::PubRec);
            if let Some(delivery) = settled {
                self.refused_by_member(id, delivery);
            }
            self.pump(id);
            return;
        }
        let Some(session) = self.session_of(id) else { return };
        session.releases += 1;
        let rank = session.releases;
        let known = session
            .in_flight
            .iter_mut()
            .find(|sent| sent.packet_id == packet_id && sent.progress != Progress::PubAck);
        match known {
            Some(sent) if sent.progress == Progress::PubRec => sent.progress = Progress::PubComp(rank),
            Some(_) => {}
            None => {
                self.send_pubrel_for_unknown(id, packet_id);
                return;
            }
        }
        if !self.enforce(id, &PUBREC_ANSWERED) {
            return;
        }
        if self.enforce(id, &PUBREL_IN_ORDER) {
            self.send(id, Packet::PubRel(Acknowledgement::new(packet_id)));
        } else {
            self.send_pubrels_in_publish_order(id, packet_id);
        }
    }

    fn send_pubrel_for_unknown(&mut self, id: ConnectionId, packet_id: u16) {
        let mut pubrel = Acknowledgement::new(packet_id);
        if self.connections.get(&id).is_some_and(|connection| connection.version == Version::V5_0) {
            let told = self.problem_information("Packet Identifier not found");
            pubrel.reason_code = Some(ReasonCode::PACKET_IDENTIFIER_NOT_FOUND);
            pubrel.properties = (!told.is_empty()).then_some(told);
        }
        self.send(id, Packet::PubRel(pubrel));
    }

    /// Sends PUBRELs in the order of the PUBLISHes, which holds some back, and is wrong.
    fn send_pubrels_in_publish_order(&mut self, id: ConnectionId, packet_id: u16) {
        let Some(session) = self.session_of(id) else { return };
        let position = session.in_flight.iter().position(|sent| sent.packet_id == packet_id).unwrap_or(0);
        let (earlier, later) = session.in_flight.split_at(position);
        if earlier.iter().any(|sent| sent.progress == Progress::PubRec) {
            return;
        }
        let free: Vec<_> = later
            .iter()
            .take_while(|sent| sent.progress != Progress::PubRec)
            .filter(|sent| matches!(sent.progress, Progress::PubComp(_)))
            .map(|sent| sent.packet_id)
            .collect();
        for packet_id in free {
            self.send(id, Packet::PubRel(Acknowledgement::new(packet_id)));
        }
    }

    pub(crate) fn on_pubcomp(&mut self, id: ConnectionId, pubcomp: &Acknowledgement) {
        let ends = self.enforce(id, &PUBCOMP_ENDS);
        if self.rules.has(Fault::DoneSentAgain) {
            self.settle(id, pubcomp.packet_id, false, |it| matches!(it, Progress::PubComp(_)));
            let session = self.session_of(id);
            for sent in session.into_iter().flat_map(|session| &mut session.in_flight) {
                if sent.waits_for_resumption {
                    sent.progress = Progress::PubRec;
                }
            }
            self.pump(id);
            return;
        }
        self.settle(id, pubcomp.packet_id, ends, |it| matches!(it, Progress::PubComp(_)));
        self.pump(id);
    }

    /// Takes a message out of what is in flight. One that does not end stays for the next connection.
    fn settle(
        &mut self,
        id: ConnectionId,
        packet_id: u16,
        ends: bool,
        state: impl Fn(Progress) -> bool,
    ) -> Option<Delivery> {
        let session = self.session_of(id)?;
        let position =
            session.in_flight.iter().position(|sent| sent.packet_id == packet_id && state(sent.progress))?;
        if ends {
            return Some(session.in_flight.remove(position).delivery);
        }
        let sent = session.in_flight.get_mut(position)?;
        sent.on_this_connection = false;
        sent.waits_for_resumption = true;
        Some(sent.delivery.clone())
    }

    fn refused_by_member(&mut self, id: ConnectionId, delivery: Delivery) {
        let Some(filter) = &delivery.share else { return };
        let Some(own) = self.connections.get(&id).map(|connection| connection.session.clone()) else {
            return;
        };
        if !self.enforce(id, &REFUSED_NOT_SENT_AGAIN) {
            self.give_to_share(&delivery.message, filter, |key| *key == own);
        } else if !self.enforce(id, &REFUSED_NOT_PASSED_ON) {
            self.give_to_share(&delivery.message, filter, |key| *key != own);
        }
    }
}

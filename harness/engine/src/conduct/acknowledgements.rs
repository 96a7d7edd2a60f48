//! An acknowledgement answers a packet that the client sent and that is still unanswered.

use std::collections::BTreeMap;

use mqttspec_codec::model::{Packet, PacketType, QoS};
use mqttspec_codec::{StatementId, Version, statement};

use super::Misconduct;

/// The Packet Identifier of an acknowledgement that comes when none of its type is due. It contradicts who speaks of a
/// certain Packet Identifier, but not who only wants to be answered.
pub(crate) const ONE_TOO_MANY: &str = "packet_id of one too many";

/// What a Packet Identifier of ours waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Awaited {
    PubAck,
    /// PUBREC, and PUBREC again when the PUBLISH was sent again.
    PubRec,
    PubComp,
    SubAck {
        filters: usize,
    },
    UnsubAck {
        filters: usize,
    },
}

#[derive(Clone, Debug, Default)]
pub(super) struct Acknowledgements {
    awaited: BTreeMap<u16, Awaited>,
    /// How many PUBRECs are due for a Packet Identifier: one for each time that its PUBLISH was sent.
    receipts_due: BTreeMap<u16, u32>,
    /// Packet Identifiers of requests with several Topic Filters that are answered, with the type of the answer.
    answered_for_several: BTreeMap<u16, PacketType>,
    /// Whether a PUBLISH at QoS 0 was sent, and none at a higher QoS.
    only_qos_0: bool,
    disturbed: bool,
    /// Whether the broker has kept the Session of an earlier connection.
    resumed: bool,
}

impl Acknowledgements {
    pub(super) const fn disturb(&mut self) {
        self.disturbed = true;
    }

    pub(super) const fn is_disturbed(&self) -> bool {
        self.disturbed
    }

    /// Whether a packet repeats what the broker had said on an earlier connection of the Session.
    pub(super) fn is_left_over(&self, packet: &Packet) -> bool {
        let Packet::PubRec(ack) = packet else { return false };
        self.resumed
            && match self.awaited.get(&ack.packet_id) {
                None | Some(Awaited::PubComp) => true,
                Some(Awaited::PubRec) => !self.receipts_due.contains_key(&ack.packet_id),
                Some(Awaited::PubAck | Awaited::SubAck { .. } | Awaited::UnsubAck { .. }) => false,
            }
    }

    /// Whether an acknowledgement of this type is awaited.
    fn is_due(&self, name: PacketType) -> bool {
        self.awaited.values().any(|awaited| {
            matches!(
                (awaited, name),
                (Awaited::PubAck, PacketType::PubAck)
                    | (Awaited::PubRec, PacketType::PubRec)
                    | (Awaited::PubComp, PacketType::PubComp)
                    | (Awaited::SubAck { .. }, PacketType::SubAck)
                    | (Awaited::UnsubAck { .. }, PacketType::UnsubAck)
            )
        })
    }

    pub(super) fn sent(&mut self, packet: &Packet) {
        match packet {
            Packet::Publish(publish) => {
                let awaited = match publish.qos {
                    QoS::AtMostOnce => {
                        self.only_qos_0 |= self.awaited.is_empty();
                        return;
                    }
                    QoS::AtLeastOnce => Awaited::PubAck,
                    QoS::ExactlyOnce => Awaited::PubRec,
                };
                self.only_qos_0 = false;
                if let Some(id) = publish.packet_id {
                    if awaited == Awaited::PubRec {
                        *self.receipts_due.entry(id).or_default() += 1;
                    }
                    self.awaited.insert(id, awaited);
                }
            }
            Packet::PubRel(ack) => {
                self.awaited.insert(ack.packet_id, Awaited::PubComp);
            }
            Packet::Subscribe(subscribe) => {
                self.answered_for_several.remove(&subscribe.packet_id);
                self.awaited
                    .insert(subscribe.packet_id, Awaited::SubAck { filters: subscribe.filters.len() });
            }
            Packet::Unsubscribe(unsubscribe) => {
                self.answered_for_several.remove(&unsubscribe.packet_id);
                self.awaited
                    .insert(unsubscribe.packet_id, Awaited::UnsubAck { filters: unsubscribe.filters.len() });
            }
            _ => {}
        }
    }

    pub(super) fn received(&mut self, packet: &Packet, version: Version) -> Option<Misconduct> {
        if let Packet::ConnAck(connack) = packet {
            self.resumed = connack.session_present;
        }
        if self.disturbed {
            return None;
        }
        let name = packet.packet_type();
        let (id, codes) = match packet {
            Packet::PubAck(ack) | Packet::PubRec(ack) | Packet::PubComp(ack) => (ack.packet_id, None),
            Packet::SubAck(ack) => (ack.packet_id, Some(ack.reason_codes.len())),
            Packet::UnsubAck(ack) => (ack.packet_id, Some(ack.reason_codes.len())),
            _ => return None,
        };
        let answered = match (self.awaited.get(&id), name) {
            (Some(Awaited::PubAck), PacketType::PubAck)
            | (Some(Awaited::PubRec), PacketType::PubRec)
            | (Some(Awaited::PubComp), PacketType::PubComp) => None,
            (Some(Awaited::SubAck { filters }), PacketType::SubAck)
            | (Some(Awaited::UnsubAck { filters }), PacketType::UnsubAck) => Some(*filters),
            // A PUBREC may have crossed our PUBREL when the PUBLISH was sent twice.
            (Some(Awaited::PubComp), PacketType::PubRec) => None,
            (Some(Awaited::PubAck), PacketType::PubRec) | (Some(Awaited::PubRec), PacketType::PubAck) => {
                let message = format!("{name} answers a PUBLISH whose QoS asks for another packet");
                return Some(Misconduct::new(&[ANSWERED_BY_QOS], message));
            }
            // It was late, and a PUBREL that did not wait for it is answered already.
            (None, PacketType::PubRec) if self.receipts_due.contains_key(&id) => None,
            // It may answer what was sent on an earlier connection of the Session.
            (None, PacketType::PubAck | PacketType::PubRec | PacketType::PubComp) if self.resumed => {
                return None;
            }
            (None, PacketType::PubAck | PacketType::PubRec) if self.only_qos_0 => {
                return Some(Misconduct::new(
                    &[ANSWERED_BY_QOS],
                    format!("{name} answers a PUBLISH at QoS 0"),
                ));
            }
            _ if self.answered_for_several.get(&id) == Some(&name) => {
                let message = format!("{name} answers once more what named several Topic Filters");
                return Some(Misconduct::of_field(&[more_than_one(name, version)], ONE_TOO_MANY, message));
            }
            _ => {
                let message =
                    format!("{name} has Packet Identifier {id}, which answers nothing that was sent");
                let field = if self.is_due(name) { "packet_id" } else { ONE_TOO_MANY };
                return Some(Misconduct::of_field(&[stray(name, version)], field, message));
            }
        };
        if name == PacketType::PubRec {
            self.receipts_due.entry(id).and_modify(|due| *due = due.saturating_sub(1));
            self.receipts_due.retain(|_, due| *due > 0);
        } else {
            self.awaited.remove(&id);
        }
        let (Some(filters), Some(codes)) = (answered, codes) else { return None };
        if filters > 1 {
            self.answered_for_several.insert(id, name);
        }
        let counts = version == Version::V5_0 || name == PacketType::SubAck;
        (counts && filters != codes).then(|| {
            let message = format!("{name} has {codes} Reason Codes for {filters} Topic Filters");
            // What the codes say of filters, and in which order, nobody can tell.
            Misconduct::new(&[miscounted(name, version)], message)
        })
    }
}

/// The QoS of a PUBLISH decides which packet answers it.
const ANSWERED_BY_QOS: StatementId = statement!("MQTT-3.3.4-1");

/// Several Topic Filters get one answer together.
const fn more_than_one(name: PacketType, version: Version) -> StatementId {
    match (version, name) {
        (Version::V3_1_1, PacketType::SubAck) => statement!("MQTT-3.8.4-4/b"),
        (Version::V5_0, PacketType::SubAck) => statement!("MQTT-3.8.4-5/b"),
        _ => statement!("MQTT-3.10.4-6/b"),
    }
}

/// An acknowledgement repeats the Packet Identifier of what it answers.
const fn stray(name: PacketType, version: Version) -> StatementId {
    match (version, name) {
        (Version::V3_1_1, PacketType::SubAck | PacketType::UnsubAck) => statement!("MQTT-2.3.1-7"),
        (Version::V3_1_1, PacketType::PubComp) => statement!("MQTT-4.3.3-2"),
        (Version::V3_1_1, _) => statement!("MQTT-2.3.1-6"),
        (Version::V5_0, PacketType::SubAck | PacketType::UnsubAck) => statement!("MQTT-2.2.1-6"),
        (Version::V5_0, _) => statement!("MQTT-2.2.1-5"),
    }
}

/// There is one code for each Topic Filter.
const fn miscounted(name: PacketType, version: Version) -> StatementId {
    match (version, name) {
        (Version::V3_1_1, _) => statement!("MQTT-3.8.4-5"),
        (Version::V5_0, PacketType::SubAck) => statement!("MQTT-3.8.4-6"),
        (Version::V5_0, _) => statement!("MQTT-3.11.3-2"),
    }
}

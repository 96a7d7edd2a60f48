//! PUBLISH packets of the broker: identifiers, window and aliases.

use std::collections::BTreeSet;

use mqttspec_codec::model::{Packet, Publish, QoS};
use mqttspec_codec::{Version, statement};

use super::Misconduct;

#[derive(Clone, Debug)]
pub(super) struct Deliveries {
    open: BTreeSet<u16>,
    receive_maximum: u16,
    topic_alias_maximum: u16,
}

impl Default for Deliveries {
    fn default() -> Self {
        Self { open: BTreeSet::new(), receive_maximum: u16::MAX, topic_alias_maximum: 0 }
    }
}

impl Deliveries {
    pub(super) fn sent(&mut self, packet: &Packet) {
        match packet {
            Packet::Connect(connect) => {
                self.receive_maximum = connect.properties.receive_maximum().unwrap_or(u16::MAX);
                self.topic_alias_maximum = connect.properties.topic_alias_maximum().unwrap_or(0);
            }
            Packet::PubAck(ack) | Packet::PubComp(ack) => {
                self.open.remove(&ack.packet_id);
            }
            Packet::PubRec(ack) if ack.reason().is_error() => {
                self.open.remove(&ack.packet_id);
            }
            _ => {}
        }
    }

    pub(super) fn received(&mut self, packet: &Packet, version: Version) -> Vec<Misconduct> {
        let Packet::Publish(publish) = packet else { return Vec::new() };
        let mut found = Vec::new();
        found.extend(self.identifier(publish, version));
        if version == Version::V5_0 {
            found.extend(self.window());
            found.extend(self.alias(publish));
        }
        found
    }

    fn identifier(&mut self, publish: &Publish, version: Version) -> Option<Misconduct> {
        let id = publish.packet_id.filter(|_| publish.qos != QoS::AtMostOnce)?;
        let is_new = self.open.insert(id);
        // A new message gets an identifier that is not in use [3.1.1 MQTT-2.3.1-4, 5.0 MQTT-2.2.1-4].
        let rule = match version {
            Version::V3_1_1 => statement!("MQTT-2.3.1-4"),
            Version::V5_0 => statement!("MQTT-2.2.1-4"),
        };
        (!is_new && !publish.dup).then(|| {
            Misconduct::new(&[rule], format!("PUBLISH reuses Packet Identifier {id}, which is still in use"))
        })
    }

    fn window(&self) -> Option<Misconduct> {
        // No more unacknowledged messages than the client's Receive Maximum [MQTT-3.3.4-9].
        let open = self.open.len();
        (open > usize::from(self.receive_maximum)).then(|| {
            Misconduct::new(
                &[statement!("MQTT-3.3.4-9")],
                format!(
                    "{open} messages are unacknowledged, the client's Receive Maximum is {}",
                    self.receive_maximum
                ),
            )
        })
    }

    fn alias(&self, publish: &Publish) -> Option<Misconduct> {
        let alias = publish.properties.topic_alias()?;
        if self.topic_alias_maximum == 0 {
            // No aliases to a client that takes none [MQTT-3.1.2-27].
            return Some(Misconduct::new(
                &[statement!("MQTT-3.1.2-27")],
                "PUBLISH has a Topic Alias though the client takes none",
            ));
        }
        // No alias above the client's Topic Alias Maximum [MQTT-3.1.2-26].
        (alias > self.topic_alias_maximum).then(|| {
            Misconduct::new(
                &[statement!("MQTT-3.1.2-26")],
                format!(
                    "PUBLISH has Topic Alias {alias}, the client's Topic Alias Maximum is {}",
                    self.topic_alias_maximum
                ),
            )
        })
    }
}

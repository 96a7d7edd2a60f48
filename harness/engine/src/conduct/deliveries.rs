//! PUBLISH packets of the broker: identifiers, window and aliases.

use std::collections::BTreeSet;

use bytestring::ByteString;
use mqttspec_codec::model::{Packet, Publish, QoS};
use mqttspec_codec::{Version, statement};

use super::{MATCHES_A_FILTER, Misconduct, topic};

#[derive(Clone, Debug)]
pub(super) struct Deliveries {
    open: BTreeSet<u16>,
    /// Whether the client has settled a message on this connection.
    settled: bool,
    receive_maximum: u16,
    topic_alias_maximum: u16,
    /// The Topic Filters of the client; absent when they are not all known.
    filters: Option<Vec<ByteString>>,
}

impl Default for Deliveries {
    fn default() -> Self {
        Self {
            open: BTreeSet::new(),
            settled: false,
            receive_maximum: u16::MAX,
            topic_alias_maximum: 0,
            filters: Some(Vec::new()),
        }
    }
}

impl Deliveries {
    /// What was asked for is no longer known.
    pub(super) fn disturb(&mut self) {
        self.filters = None;
    }

    pub(super) fn resumes(&mut self, filters: Option<Vec<ByteString>>) {
        self.filters = filters;
    }

    pub(super) fn sent(&mut self, packet: &Packet) {
        match packet {
            Packet::Connect(connect) => {
                self.receive_maximum = connect.properties.receive_maximum().unwrap_or(u16::MAX);
                self.topic_alias_maximum = connect.properties.topic_alias_maximum().unwrap_or(0);
                if !connect.clean_start {
                    // A session that is resumed has filters that this connection did not see.
                    self.filters = None;
                }
            }
            Packet::Subscribe(subscribe) => {
                // What an UNSUBSCRIBE takes away may still be on its way (3.10.4), so filters only come.
                if let Some(filters) = &mut self.filters {
                    filters.extend(subscribe.filters.iter().map(|wanted| wanted.filter.clone()));
                }
            }
            Packet::PubAck(ack) | Packet::PubComp(ack) => {
                self.settle(ack.packet_id);
            }
            Packet::PubRec(ack) if ack.reason().is_error() => {
                self.settle(ack.packet_id);
            }
            _ => {}
        }
    }

    fn settle(&mut self, id: u16) {
        self.open.remove(&id);
        self.settled = true;
    }

    pub(super) fn received(&mut self, packet: &Packet, version: Version) -> Option<Misconduct> {
        let Packet::Publish(publish) = packet else { return None };
        let identifier = self.identifier(publish, version);
        let of_5_0 = || self.window().or_else(|| self.alias(publish));
        identifier
            .or_else(|| if version == Version::V5_0 { of_5_0() } else { None })
            .or_else(|| self.subscribed(publish))
    }

    fn subscribed(&self, publish: &Publish) -> Option<Misconduct> {
        let filters = self.filters.as_ref()?;
        // A Topic Name matches a filter of the client [MQTT-3.3.2-3 in both versions]. An empty one is an alias.
        let is_wanted =
            publish.topic.is_empty() || filters.iter().any(|filter| topic::matches(filter, &publish.topic));
        (!is_wanted).then(|| {
            Misconduct::new(
                &[MATCHES_A_FILTER],
                format!("PUBLISH has the topic {:?}, which no filter of the client matches", &*publish.topic),
            )
        })
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
            let message = format!("PUBLISH reuses Packet Identifier {id}, which is still in use");
            Misconduct::of_field(&[rule], "packet_id", message)
        })
    }

    fn window(&self) -> Option<Misconduct> {
        // No more unacknowledged messages than the client's Receive Maximum [MQTT-3.3.4-9]: the send quota was used
        // up [MQTT-4.9.0-2], or, before any was given back, larger than that at the start [MQTT-4.9.0-1].
        let rules = [statement!("MQTT-3.3.4-9"), statement!("MQTT-4.9.0-2"), statement!("MQTT-4.9.0-1")];
        let broken = if self.settled { rules.get(..2)? } else { &rules };
        let open = self.open.len();
        (open > usize::from(self.receive_maximum)).then(|| {
            Misconduct::new(
                broken,
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
            // No aliases to a client that takes none [MQTT-3.1.2-27], [MQTT-3.3.2-11].
            return Some(Misconduct::new(
                &[statement!("MQTT-3.1.2-27"), statement!("MQTT-3.3.2-11")],
                "PUBLISH has a Topic Alias though the client takes none",
            ));
        }
        // No alias above the client's Topic Alias Maximum [MQTT-3.1.2-26], [MQTT-3.3.2-11].
        (alias > self.topic_alias_maximum).then(|| {
            Misconduct::new(
                &[statement!("MQTT-3.1.2-26"), statement!("MQTT-3.3.2-11")],
                format!(
                    "PUBLISH has Topic Alias {alias}, the client's Topic Alias Maximum is {}",
                    self.topic_alias_maximum
                ),
            )
        })
    }
}

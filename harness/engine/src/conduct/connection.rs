//! The order of packets from the opening of a connection to its end.

use mqttspec_codec::model::{ConnAck, Packet, ReasonCode};
use mqttspec_codec::{Version, statement};

use super::Misconduct;

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Opening {
    clean_start: bool,
    empty_client_id: bool,
    connect_sent: bool,
    answer: Option<ReasonCode>,
    disconnected: bool,
}

impl Opening {
    pub(super) const fn is_accepted(&self) -> bool {
        matches!(self.answer, Some(ReasonCode::SUCCESS))
    }

    pub(super) const fn has_begun(&self) -> bool {
        self.connect_sent
    }

    pub(super) fn sent(&mut self, packet: &Packet) {
        if let Packet::Connect(connect) = packet {
            self.connect_sent = true;
            self.clean_start = connect.clean_start;
            self.empty_client_id = connect.client_id.is_empty();
        }
    }

    pub(super) fn received(&mut self, packet: &Packet, version: Version) -> Option<Misconduct> {
        if self.disconnected {
            // Nothing follows a DISCONNECT [MQTT-3.14.4-1].
            return Some(Misconduct::new(
                &[statement!("MQTT-3.14.4-1")],
                format!("{} came after DISCONNECT", packet.packet_type()),
            ));
        }
        match packet {
            Packet::ConnAck(connack) => self.answered(connack, version),
            Packet::Auth(_) => None,
            Packet::Disconnect(_) => {
                self.disconnected = true;
                // A DISCONNECT only to a client that was accepted (5.0) [MQTT-3.14.0-1].
                (!self.is_accepted() && version == Version::V5_0).then(|| {
                    Misconduct::new(
                        &[statement!("MQTT-3.14.0-1")],
                        "DISCONNECT came before any CONNACK that accepts the client",
                    )
                })
            }
            // CONNACK comes first [MQTT-3.2.0-1 in both versions].
            other => self.answer.is_none().then(|| {
                Misconduct::new(
                    &[statement!("MQTT-3.2.0-1")],
                    format!("{} came before CONNACK", other.packet_type()),
                )
            }),
        }
    }

    fn answered(&mut self, connack: &ConnAck, version: Version) -> Option<Misconduct> {
        // One CONNACK a connection (5.0) [MQTT-3.2.0-2].
        if self.answer.is_some() && version == Version::V5_0 {
            return Some(Misconduct::new(
                &[statement!("MQTT-3.2.0-2")],
                "a second CONNACK came on one connection",
            ));
        }
        self.answer.get_or_insert(connack.reason_code);
        if connack.reason_code != ReasonCode::SUCCESS {
            return None;
        }
        if self.clean_start && connack.session_present {
            // A clean start finds no session [3.1.1 MQTT-3.2.2-1, 5.0 MQTT-3.2.2-2].
            let rule = match version {
                Version::V3_1_1 => statement!("MQTT-3.2.2-1"),
                Version::V5_0 => statement!("MQTT-3.2.2-2"),
            };
            return Some(Misconduct::new(&[rule], "CONNACK says Session Present after a clean start"));
        }
        let has_none = connack.properties.assigned_client_identifier().is_none_or(|id| id.is_empty());
        // Who gives no Client Identifier is told the one it got [MQTT-3.2.2-16], [MQTT-3.1.3-7].
        (version == Version::V5_0 && self.connect_sent && self.empty_client_id && has_none).then(|| {
            Misconduct::new(
                &[statement!("MQTT-3.2.2-16"), statement!("MQTT-3.1.3-7")],
                "CONNACK names no Assigned Client Identifier to a client that gave none",
            )
        })
    }
}

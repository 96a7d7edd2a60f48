//! Answers that look at no more than the type of a packet.

use bytes::{Bytes, BytesMut};
use mqttspec_codec::model::{
    Acknowledgement, ConnAck, Packet, Properties, Property, ReasonCode, SubAck, UnsubAck,
};
use mqttspec_codec::{Version, encode};

/// The version that a CONNECT seems to speak: the byte after the protocol name `MQTT`.
pub(super) fn version(bytes: &[u8]) -> Version {
    let level = bytes
        .windows(5)
        .find_map(|window| match window {
            [b'M', b'Q', b'T', b'T', level] => Some(*level),
            _ => None,
        })
        .unwrap_or(4);
    if level == 5 { Version::V5_0 } else { Version::V3_1_1 }
}

/// A CONNACK with a code, and in 5.0 with a Client Identifier for whoever has none.
pub(super) fn connack(version: Version, code: u8) -> Bytes {
    let mut properties = Properties::default();
    if version == Version::V5_0 && code == 0 {
        properties.push(Property::AssignedClientIdentifier("degenerate".into()));
    }
    encode(
        &Packet::ConnAck(ConnAck { session_present: false, reason_code: ReasonCode(code), properties }),
        version,
    )
}

/// Acknowledges packet after packet.
#[derive(Debug, Default)]
pub(super) struct Replies {
    buffer: BytesMut,
    version: Option<Version>,
}

impl Replies {
    /// The answers to what has come.
    pub(super) fn to(&mut self, bytes: &[u8]) -> Bytes {
        self.buffer.extend_from_slice(bytes);
        let mut answers = BytesMut::new();
        while let Some((first, body)) = self.next() {
            if let Some(answer) = self.answer(first, &body) {
                answers.extend_from_slice(&encode(&answer, self.version.unwrap_or(Version::V3_1_1)));
            }
        }
        answers.freeze()
    }

    /// Cuts the next packet off by its Remaining Length, without a look at anything else.
    fn next(&mut self) -> Option<(u8, Bytes)> {
        let first = *self.buffer.first()?;
        let mut length = 0_usize;
        let mut header = 1;
        for place in 0..4 {
            let byte = *self.buffer.get(header)?;
            header += 1;
            length |= usize::from(byte & 0x7F) << (7 * place);
            if byte & 0x80 == 0 {
                break;
            }
        }
        if self.buffer.len() < header + length {
            return None;
        }
        let mut packet = self.buffer.split_to(header + length);
        Some((first, packet.split_off(header).freeze()))
    }

    fn answer(&mut self, first: u8, body: &[u8]) -> Option<Packet> {
        let number = |at: usize| {
            let high = body.get(at).copied().unwrap_or_default();
            let low = body.get(at + 1).copied().unwrap_or_default();
            u16::from_be_bytes([high, low])
        };
        let id = number(0);
        match first >> 4 {
            1 => {
                let version = version(body);
                self.version.get_or_insert(version);
                let mut properties = Properties::default();
                if version == Version::V5_0 {
                    properties.push(Property::AssignedClientIdentifier("degenerate".into()));
                }
                Some(Packet::ConnAck(ConnAck {
                    session_present: false,
                    reason_code: ReasonCode::SUCCESS,
                    properties,
                }))
            }
            3 => {
                let id = number(2 + usize::from(id));
                match first >> 1 & 3 {
                    1 => Some(Packet::PubAck(Acknowledgement::new(id))),
                    2 => Some(Packet::PubRec(Acknowledgement::new(id))),
                    _ => None,
                }
            }
            6 => Some(Packet::PubComp(Acknowledgement::new(id))),
            8 => {
                let granted = ReasonCode(body.last().copied().unwrap_or_default() & 3);
                Some(Packet::SubAck(SubAck {
                    packet_id: id,
                    properties: Properties::default(),
                    reason_codes: vec![granted],
                }))
            }
            10 => Some(Packet::UnsubAck(UnsubAck {
                packet_id: id,
                properties: Properties::default(),
                reason_codes: vec![ReasonCode::SUCCESS],
            })),
            12 => Some(Packet::PingResp),
            _ => None,
        }
    }
}

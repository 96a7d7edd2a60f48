//! Where a codec and ours do not agree.

use std::fmt::{self, Debug};

use bytes::Bytes;
use mqttspec_codec::model::{Packet, PacketType, Properties, Property, PropertyId, ReasonCode, Sender};
use mqttspec_codec::{Context, FieldKind, Version, Violation, Wire, decode};
use serde::{Deserialize, Serialize};

use crate::peer::{Input, Peer, Reading};

/// What kind of difference it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// It accepts a packet that breaks a statement.
    Accepts,
    /// It refuses a packet that breaks none.
    Refuses,
    /// It accepts a packet and writes another, or none at all.
    Changes,
    /// It panics.
    Panics,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Accepts => "accepts",
            Self::Refuses => "refuses",
            Self::Changes => "changes",
            Self::Panics => "panics",
        })
    }
}

/// A difference, without what would tell apart packets that show the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Difference {
    /// The codec.
    pub peer: &'static str,
    /// The version in which the packet is read.
    pub version: Version,
    /// What kind of difference it is.
    pub kind: Kind,
    /// The type of the packet, as the specification writes it.
    pub packet: &'static str,
    /// The statement that the accepted packet breaks, the error that the codec gives, the field that it changes, or
    /// the words of its panic.
    pub at: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { peer, version, kind, packet, at } = self;
        write!(f, "{peer} {kind} a {packet} of {version}: {at}")
    }
}

/// Where a codec reads a whole packet otherwise than ours does.
#[must_use]
pub fn difference(peer: &Peer, input: &Input) -> Option<Difference> {
    let version = input.version;
    let frame = input.stream.slice_ref(input.frame());
    let told = |kind, at| {
        let first = frame.first().copied().unwrap_or_default();
        let packet = PacketType::from_bits(first >> 4).map_or("reserved", PacketType::name);
        Some(Difference { peer: peer.name, version, kind, packet, at })
    };
    let ours = ours(&frame, version);
    let again = ours.is_ok();
    match (ours, peer.read(input, again)?) {
        (_, Reading::Panicked(words)) => told(Kind::Panics, without_numbers(&words)),
        (Ok(_), Reading::Refused(error)) => told(Kind::Refuses, variant(&error)),
        (Ok(_), Reading::Accepted(Err(error))) => told(Kind::Changes, format!("writes {}", variant(&error))),
        (Ok(packet), Reading::Accepted(Ok(bytes))) => {
            let at = change(packet, self::ours(&bytes.into(), version), version)?;
            told(Kind::Changes, at)
        }
        (Err(violation), Reading::Accepted(_)) => told(Kind::Accepts, violation.statement().to_string()),
        (Err(_), Reading::Refused(_)) => None,
    }
}

/// What our codec makes of a packet: other codecs are not told who sent it, so it is accepted if either end may send it.
/// Of two violations the one farther on counts, as the other end may not send the packet at all.
fn ours(frame: &Bytes, version: Version) -> Result<Packet, Violation> {
    let read = |sender| decode(frame, Context { version, sender });
    read(Sender::Client).or_else(|by_client| {
        read(Sender::Server)
            .map_err(|by_server| if by_server.offset > by_client.offset { by_server } else { by_client })
    })
}

/// The words of a panic, which are the same for other lengths.
fn without_numbers(words: &str) -> String {
    let words = words.split(|character: char| character.is_ascii_digit());
    words.filter(|part| !part.is_empty()).collect::<Vec<_>>().join("N")
}

/// The name of the variant of an error.
fn variant(error: &dyn Debug) -> String {
    let text = format!("{error:?}");
    let text = text.trim_matches('"');
    text.split(['(', '{', ':', '"']).next().unwrap_or_default().trim().to_owned()
}

/// The field in which the packet written again differs, if one does.
fn change(packet: Packet, again: Result<Packet, Violation>, version: Version) -> Option<String> {
    let again = match again {
        Ok(again) => normal(again),
        Err(violation) => return Some(format!("breaks {}", violation.statement())),
    };
    let packet = normal(packet);
    if packet == again {
        return None;
    }
    let mut before = fields(&packet, version);
    let mut after = fields(&again, version);
    loop {
        return match (before.next(), after.next()) {
            (Some(before), Some(after)) if before == after => continue,
            (Some((name, _)), _) | (None, Some((name, _))) => Some(name),
            (None, None) => Some("nothing".to_owned()),
        };
    }
}

/// The leaves of a packet that are no lengths, with their bytes.
fn fields(packet: &Packet, version: Version) -> impl Iterator<Item = (String, Bytes)> {
    let wire = Wire::of(packet, version);
    let bytes = wire.to_bytes();
    let mut property: Option<PropertyId> = None;
    wire.fields().into_iter().filter_map(move |field| {
        if let FieldKind::Property(id) = field.kind {
            property = Some(id);
        }
        let is_length = matches!(field.kind, FieldKind::Length | FieldKind::VariableLength);
        if !field.leaf || is_length || field.range.is_empty() {
            return None;
        }
        let name = match (property, field.name.contains("properties[")) {
            (Some(id), true) => format!("properties.{}", id.name()),
            _ => field.name.split('[').next().unwrap_or_default().to_owned(),
        };
        Some((name, bytes.slice(field.range)))
    })
}

/// The packet without what means the same written in two ways: the order of properties, properties with the value that
/// their absence stands for, and a Reason Code and properties that may be left out.
fn normal(mut packet: Packet) -> Packet {
    match &mut packet {
        Packet::Connect(connect) => {
            sort(&mut connect.properties);
            // In other packets its absence stands for what CONNECT says.
            connect.properties.0.retain(|property| *property != Property::SessionExpiryInterval(0));
            if let Some(will) = &mut connect.will {
                sort(&mut will.properties);
            }
        }
        Packet::ConnAck(packet) => sort(&mut packet.properties),
        Packet::Publish(packet) => sort(&mut packet.properties),
        Packet::Subscribe(packet) => sort(&mut packet.properties),
        Packet::SubAck(packet) => sort(&mut packet.properties),
        Packet::Unsubscribe(packet) => sort(&mut packet.properties),
        Packet::UnsubAck(packet) => sort(&mut packet.properties),
        Packet::PubAck(ack) | Packet::PubRec(ack) | Packet::PubRel(ack) | Packet::PubComp(ack) => {
            fill(&mut ack.reason_code, &mut ack.properties);
        }
        Packet::Disconnect(packet) => fill(&mut packet.reason_code, &mut packet.properties),
        Packet::Auth(packet) => fill(&mut packet.reason_code, &mut packet.properties),
        Packet::PingReq | Packet::PingResp => {}
    }
    packet
}

fn fill(code: &mut Option<ReasonCode>, properties: &mut Option<Properties>) {
    code.get_or_insert(ReasonCode::SUCCESS);
    sort(properties.get_or_insert_default());
}

fn sort(properties: &mut Properties) {
    properties.0.retain(|property| {
        !matches!(
            property,
            Property::PayloadFormatIndicator(0)
                | Property::WillDelayInterval(0)
                | Property::ReceiveMaximum(u16::MAX)
                | Property::TopicAliasMaximum(0)
                | Property::RequestResponseInformation(0)
                | Property::RequestProblemInformation(1)
                | Property::RetainAvailable(1)
                | Property::WildcardSubscriptionAvailable(1)
                | Property::SubscriptionIdentifiersAvailable(1)
                | Property::SharedSubscriptionAvailable(1)
        )
    });
    properties.0.sort_by_key(|property| property.id());
}

//! A script played in the mind: the broker answers as each step hopes, so that the packets that the client
//! sends can be judged before any run.

use std::collections::BTreeMap;

use mqttspec_codec::Version;
use mqttspec_codec::model::{
    Acknowledgement, ConnAck, Packet, PacketType, Properties, Property, Publish, QoS, ReasonCode, SubAck,
    UnsubAck,
};

use super::placeholders::sample_scope;
use crate::build::BuildError;
use crate::legality::{Breach, ClientModel};
use crate::plan::{
    Alternative, Case, Client, Outgoing, PacketPattern, PacketSource, Pattern, Value, ValuePattern,
};
use crate::scope::Scope;

/// What stands for a captured value other than a Packet Identifier.
const SAMPLE: &str = "sample";

/// The first Packet Identifier that the imagined broker uses.
const FIRST_SERVER_ID: u16 = 30_000;

/// One client in the rehearsal.
#[derive(Clone)]
struct Player {
    version: Version,
    acknowledge: bool,
    model: ClientModel,
    clean_start: bool,
    next_id: u16,
    last_sent: Option<u16>,
    last_delivery: Option<u16>,
    last_pubrec: Option<u16>,
    server_id: u16,
}

/// A rehearsal of one script.
#[derive(Clone)]
pub(super) struct Rehearsal {
    players: BTreeMap<String, Player>,
    scope: Scope,
}

impl Rehearsal {
    pub(super) fn new(case: &Case) -> Self {
        let player = |client: &Client| Player {
            version: client.version,
            acknowledge: client.acknowledge,
            model: ClientModel::new(client.version),
            clean_start: true,
            next_id: 0,
            last_sent: None,
            last_delivery: None,
            last_pubrec: None,
            server_id: FIRST_SERVER_ID,
        };
        Self {
            players: case.clients.iter().map(|client| (client.name.clone(), player(client))).collect(),
            scope: sample_scope(case),
        }
    }

    pub(super) fn version_of(&self, client: &str) -> Option<Version> {
        self.players.get(client).map(|player| player.version)
    }

    pub(super) fn open(&mut self, client: &str) {
        if let Some(player) = self.players.get_mut(client) {
            player.model.opened();
        }
    }

    pub(super) fn end(&mut self, client: &str) {
        if let Some(player) = self.players.get_mut(client) {
            player.model.closed();
        }
    }

    pub(super) fn end_all(&mut self) {
        for player in self.players.values_mut() {
            player.model.closed();
        }
    }

    /// The bytes that the client would write.
    pub(super) fn build(
        &mut self,
        client: &str,
        outgoing: &Outgoing,
    ) -> Option<Result<bytes::Bytes, BuildError>> {
        let Self { players, scope } = self;
        let player = players.get_mut(client)?;
        let version = player.version;
        let last_received = match &outgoing.source {
            PacketSource::Packet(Packet::PubRel(_)) => player.last_pubrec,
            PacketSource::Packet(_) | PacketSource::Raw(_) => player.last_delivery,
        };
        Some(outgoing.build(scope, client, version, last_received, || {
            player.next_id += 1;
            player.next_id
        }))
    }

    /// Tells the model of a packet that is sent.
    pub(super) fn send(&mut self, client: &str, packet: &Packet) -> Result<(), Breach> {
        let Some(player) = self.players.get_mut(client) else { return Ok(()) };
        match packet {
            Packet::Publish(_) | Packet::Subscribe(_) | Packet::Unsubscribe(_) | Packet::PubRel(_) => {
                player.last_sent = packet.packet_id().or(player.last_sent);
            }
            Packet::Connect(connect) => player.clean_start = connect.clean_start,
            _ => {}
        }
        player.model.sent(packet)
    }

    /// What a step expects comes: of several alternatives the first.
    pub(super) fn expect(&mut self, client: &str, alternatives: &[Alternative]) {
        let packet = alternatives.iter().find_map(|alternative| match &alternative.pattern {
            Pattern::Packet(packet) => Some(packet),
            Pattern::Closed(_) => None,
        });
        match packet {
            Some(pattern) => self.receive(client, pattern),
            None => self.end(client),
        }
    }

    /// A packet comes that fits a pattern.
    pub(super) fn receive(&mut self, client: &str, pattern: &PacketPattern) {
        let Self { players, scope } = self;
        let Some(player) = players.get_mut(client) else { return };
        let packet = player.imagine(&resolved(pattern, scope));
        if let Some(packet) = &packet {
            player.take(packet);
        }
        for field in &pattern.fields {
            let Some(capture) = &field.capture else { continue };
            let id = packet.as_ref().and_then(Packet::packet_id).filter(|_| field.name == "packet_id");
            let value = id.map_or_else(|| Value::Text(SAMPLE.into()), |id| Value::Number(id.into()));
            self.scope.captured.insert(capture.0.clone(), value);
        }
    }
}

impl Player {
    fn take(&mut self, packet: &Packet) {
        match packet {
            Packet::PubRec(_) => self.last_pubrec = packet.packet_id().or(self.last_pubrec),
            Packet::Publish(_) | Packet::PubRel(_) => {
                self.last_delivery = packet.packet_id().or(self.last_delivery);
            }
            _ => {}
        }
        // Where the engine acknowledges, nothing is left for the script to do.
        if !(self.acknowledge && matches!(packet, Packet::Publish(_) | Packet::PubRel(_))) {
            self.model.received(packet);
        }
    }

    /// A packet that fits a pattern.
    fn imagine(&mut self, pattern: &PacketPattern) -> Option<Packet> {
        let code =
            ReasonCode(number(pattern, "reason_code").and_then(|code| u8::try_from(code).ok()).unwrap_or(0));
        let answer = |player: &Self| player.answered_id(pattern);
        let acknowledgement = |player: &Self| Acknowledgement {
            reason_code: Some(code),
            ..Acknowledgement::new(answer(player))
        };
        Some(match pattern.packet_type {
            PacketType::ConnAck => Packet::ConnAck(ConnAck {
                session_present: match value(pattern, "session_present") {
                    Some(ValuePattern::Exactly(Value::Flag(present))) => *present,
                    _ => !self.clean_start,
                },
                reason_code: code,
                // What a broker allows is only known in a run; here it allows everything.
                properties: Properties(vec![Property::TopicAliasMaximum(u16::MAX)]),
            }),
            PacketType::PubAck => Packet::PubAck(acknowledgement(self)),
            PacketType::PubRec => Packet::PubRec(acknowledgement(self)),
            PacketType::PubComp => Packet::PubComp(acknowledgement(self)),
            PacketType::SubAck => Packet::SubAck(SubAck { packet_id: answer(self), ..SubAck::default() }),
            PacketType::UnsubAck => {
                Packet::UnsubAck(UnsubAck { packet_id: answer(self), ..UnsubAck::default() })
            }
            PacketType::Publish => Packet::Publish(self.imagine_message(pattern)),
            PacketType::PubRel => {
                let id = number(pattern, "packet_id").and_then(|id| u16::try_from(id).ok());
                Packet::PubRel(Acknowledgement::new(id.unwrap_or(self.server_id)))
            }
            _ => return None,
        })
    }

    fn imagine_message(&mut self, pattern: &PacketPattern) -> Publish {
        let bits = number(pattern, "qos").and_then(|bits| u8::try_from(bits).ok());
        let unnamed = if pattern.rest_free { QoS::AtLeastOnce } else { QoS::AtMostOnce };
        let qos = bits.and_then(QoS::from_bits).unwrap_or(unnamed);
        let given = number(pattern, "packet_id").and_then(|id| u16::try_from(id).ok());
        if given.is_none() {
            self.server_id += 1;
        }
        Publish {
            qos,
            packet_id: (qos != QoS::AtMostOnce).then_some(given.unwrap_or(self.server_id)),
            ..Publish::default()
        }
    }

    /// The identifier that an answer carries: the one named, or that of what it would answer.
    fn answered_id(&self, pattern: &PacketPattern) -> u16 {
        let named = match value(pattern, "packet_id") {
            Some(ValuePattern::LastSent) => self.last_sent,
            _ => number(pattern, "packet_id").and_then(|id| u16::try_from(id).ok()),
        };
        named.or_else(|| self.model.awaits(pattern.packet_type)).unwrap_or(1)
    }
}

/// The pattern with what was captured in the place of its names.
fn resolved(pattern: &PacketPattern, scope: &Scope) -> PacketPattern {
    let mut pattern = pattern.clone();
    for field in &mut pattern.fields {
        let ValuePattern::Exactly(Value::Text(text)) = &field.value else { continue };
        let name = text.strip_prefix("$(").and_then(|rest| rest.strip_suffix(')'));
        if let Some(value) = name.and_then(|name| scope.captured.get(name)) {
            field.value = ValuePattern::Exactly(value.clone());
        }
    }
    pattern
}

fn value<'a>(pattern: &'a PacketPattern, name: &str) -> Option<&'a ValuePattern> {
    pattern.fields.iter().find(|field| field.name == name).map(|field| &field.value)
}

/// The number that a pattern gives a field, the first if there are several.
fn number(pattern: &PacketPattern, name: &str) -> Option<u32> {
    match value(pattern, name)? {
        ValuePattern::Exactly(Value::Number(number)) => Some(*number),
        ValuePattern::OneOf(values) => match values.first() {
            Some(Value::Number(number)) => Some(*number),
            _ => None,
        },
        ValuePattern::Between(first, _) => Some(*first),
        _ => None,
    }
}

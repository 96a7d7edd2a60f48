//! What is due for each step of a session.

use std::collections::BTreeSet;

use bytes::Bytes;
use mqttspec_codec::model::{Packet, Properties, QoS};
use mqttspec_codec::mutation::Verdict;
use mqttspec_codec::{Context, Framer, StatementId, Version, decode, statement};
use mqttspec_engine::Capabilities;

use crate::session::{Session, Step};

/// Operators whose packets the text forbids to the sender, without a word that who receives them closes the
/// connection.
const DISPUTED: [&str; 4] =
    ["dup-at-qos-0", "wildcard-in-response-topic", "undefined-reason-code", "acknowledged-packet-id-0"];

/// What the broker makes of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// What it does; absent for a step that is not sent, because the connection has ended.
    pub verdict: Option<Verdict>,
    /// The rules that the step breaks.
    pub statements: Vec<StatementId>,
}

impl Due {
    const fn new(verdict: Verdict) -> Self {
        Self { verdict: Some(verdict), statements: Vec::new() }
    }

    fn close(version: Version, rule: StatementId) -> Self {
        let general = match version {
            Version::V3_1_1 => statement!("MQTT-4.8.0-1"),
            Version::V5_0 => statement!("MQTT-4.13.1-1"),
        };
        Self { verdict: Some(Verdict::MustClose), statements: vec![rule, general] }
    }

    /// Whether the broker closes the connection.
    #[must_use]
    pub fn must_close(&self) -> bool {
        self.verdict == Some(Verdict::MustClose)
    }
}

#[derive(Clone, Debug, Default)]
struct Client {
    phase: Phase,
    /// Whether the broker may take the bytes that follow for a part of a packet that has not ended.
    is_astray: bool,
    aliases: BTreeSet<u16>,
    /// Messages of QoS 2 that PUBREL can release.
    unreleased: BTreeSet<u16>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    #[default]
    New,
    Connected,
    Ended,
}

/// What is due for each step, on a broker with these capabilities.
#[must_use]
pub fn dues(session: &Session, capabilities: &Capabilities) -> Vec<Due> {
    let count = session.steps.iter().map(|step| step.client() + 1).max().unwrap_or(0);
    let mut clients = vec![Client::default(); count];
    session
        .steps
        .iter()
        .map(|step| match clients.get_mut(step.client()) {
            Some(client) => client.step(step, session.version, capabilities),
            None => Due { verdict: None, statements: Vec::new() },
        })
        .collect()
}

impl Client {
    fn step(&mut self, step: &Step, version: Version, capabilities: &Capabilities) -> Due {
        let (packet, mutant) = match step {
            Step::Send { packet, mutant, .. } => (packet, mutant),
            Step::Behind { .. } => return Due::new(Verdict::Either),
            Step::Drop { .. } => {
                *self = Self::default();
                return Due::new(Verdict::Either);
            }
        };
        let is_connect = matches!(packet, Packet::Connect(_));
        if self.is_astray && self.phase != Phase::Ended {
            return Due::new(Verdict::Either);
        }
        let due = match (self.phase, mutant) {
            (Phase::Ended, _) => return Due { verdict: None, statements: Vec::new() },
            // The first packet is a CONNECT [MQTT-3.1.0-1].
            (Phase::New, _) if !is_connect => Due::close(version, statement!("MQTT-3.1.0-1")),
            // There is no second one [MQTT-3.1.0-2].
            (Phase::Connected, _) if is_connect => Due::close(version, statement!("MQTT-3.1.0-2")),
            (_, Some(mutant)) => {
                let expectation = &mutant.expectation;
                let is_disputed = DISPUTED.contains(&mutant.operator.name);
                let needs = expectation.needs.iter().copied();
                let verdict = match expectation.verdict {
                    _ if is_disputed || is_connect && needs_not_speak(&step.bytes(version), version) => {
                        Verdict::Either
                    }
                    Verdict::MustAccept if lacks(needs, packet, version, capabilities) => Verdict::Either,
                    Verdict::MustAccept => self.unchanged(packet),
                    // Nobody is subscribed to what cannot be subscribed to: an UNSUBACK that says so, or in 3.1.1 says
                    // nothing, is no less right.
                    Verdict::MustRefuse if matches!(packet, Packet::Unsubscribe(_)) => Verdict::Either,
                    other => other,
                };
                Due { verdict: Some(verdict), statements: expectation.statements.clone() }
            }
            (_, None) if lacks([].into_iter(), packet, version, capabilities) => Due::new(Verdict::Either),
            (_, None) => Due::new(self.unchanged(packet)),
        };
        // Who may or may not be a client may also be closed at any time.
        let is_doubtful = is_connect && due.verdict == Some(Verdict::Either);
        self.is_astray = is_doubtful || mutant.is_some() && !is_whole(&step.bytes(version), version);
        let ends = matches!(packet, Packet::Disconnect(_)) || due.must_close();
        self.phase = if ends { Phase::Ended } else { Phase::Connected };
        due
    }

    /// What is due for a packet that is well-formed, by what came before it.
    fn unchanged(&mut self, packet: &Packet) -> Verdict {
        match packet {
            Packet::Publish(publish) => {
                let alias = publish.properties.topic_alias();
                if publish.topic.is_empty() && !alias.is_some_and(|alias| self.aliases.contains(&alias)) {
                    return Verdict::Either;
                }
                self.aliases.extend(alias);
                if publish.qos == QoS::ExactlyOnce {
                    self.unreleased.extend(publish.packet_id);
                }
                Verdict::MustAccept
            }
            Packet::PubRel(ack) if !self.unreleased.remove(&ack.packet_id) => Verdict::Either,
            // Nothing says what becomes of an acknowledgement that nobody waits for.
            Packet::PubAck(_) | Packet::PubRec(_) | Packet::PubComp(_) | Packet::Auth(_) => Verdict::Either,
            _ => Verdict::MustAccept,
        }
    }
}

/// Whether a client need never speak, as its Keep Alive is 0: a server may have restrictions of its own, this among them
/// (3.1.4).
fn needs_not_speak(bytes: &Bytes, version: Version) -> bool {
    let packet = decode(bytes, Context::from_client(version));
    matches!(packet, Ok(Packet::Connect(connect)) if connect.keep_alive == 0)
}

/// Whether bytes are packets from the first to the last.
pub(crate) fn is_whole(bytes: &[u8], version: Version) -> bool {
    let mut framer = Framer::new(Context::from_client(version), usize::MAX);
    framer.buffer_mut().extend_from_slice(bytes);
    while let Ok(Some(_)) = framer.next_frame() {}
    framer.pending().is_empty()
}

/// Whether the broker has said that it lacks what a packet asks for.
fn lacks(
    needs: impl Iterator<Item = &'static str>,
    packet: &Packet,
    version: Version,
    capabilities: &Capabilities,
) -> bool {
    let mut all: Vec<&str> = needs.collect();
    let mut of_message = |qos: QoS, retain: bool| {
        match qos {
            QoS::AtMostOnce => {}
            QoS::AtLeastOnce => all.push("qos1"),
            QoS::ExactlyOnce => all.push("qos2"),
        }
        if retain {
            all.push("retain");
        }
    };
    match packet {
        Packet::Publish(publish) => of_message(publish.qos, publish.retain),
        Packet::Connect(connect) => {
            if let Some(will) = &connect.will {
                of_message(will.qos, will.retain);
            }
        }
        _ => {}
    }
    let is_set = |properties: Option<&Properties>, of: fn(&Properties) -> bool| properties.is_some_and(of);
    if is_set(packet.properties(), |all| all.topic_alias().is_some()) {
        all.push("topic-alias-in");
    }
    if is_set(packet.properties(), |all| all.subscription_identifiers().next().is_some()) {
        all.push("subscription-ids");
    }
    if let Packet::Subscribe(subscribe) = packet
        && subscribe.filters.iter().any(|one| one.filter.contains(['#', '+']))
    {
        all.push("wildcard");
    }
    all.into_iter().any(|need| capabilities.lacks(version, need).is_some())
}

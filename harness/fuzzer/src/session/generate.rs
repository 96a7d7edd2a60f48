//! Random sessions from a model of what clients may do next.

use std::collections::BTreeSet;

use bytes::Bytes;
use bytestring::ByteString;
use mqttspec_codec::Version;
use mqttspec_codec::model::{
    Acknowledgement, Disconnect, Packet, Property, Publish, QoS, RetainHandling, Subscribe, Subscription,
    SubscriptionOptions, Unsubscribe,
};
use mqttspec_codec::mutation::{Mutant, Verdict, operators};

use super::bases::{Names, connect_with_will, publish};
use super::{BEHIND_PAYLOAD, Session, Step};
use crate::random::Random;

/// The ends of the topics that clients meet on.
const TOPICS: [&str; 4] = ["a", "b", "a/b", "c"];
const FILTERS: [&str; 7] = ["a", "b", "a/b", "c", "+", "#", "a/#"];
/// How many of a hundred sessions have packets behind a CONNECT that is refused.
const BEHIND: usize = 2;
/// How many of a hundred sessions go out in pieces.
const IN_PIECES: usize = 8;
/// How many of a hundred moves are made by whoever made the one before.
const GOES_ON: usize = 60;
/// How often an operator is drawn until one applies.
const DRAWS: usize = 8;

/// What a client has done so far.
#[derive(Clone, Debug, Default)]
struct Client {
    connected: bool,
    last_id: u16,
    /// QoS 2 messages that wait for PUBREL.
    unreleased: Vec<u16>,
    aliased: bool,
    filters: BTreeSet<ByteString>,
}

impl Client {
    const fn fresh_id(&mut self) -> u16 {
        self.last_id += 1;
        self.last_id
    }
}

struct Generator<'a> {
    random: Random,
    version: Version,
    names: &'a Names<'a>,
    clients: Vec<Client>,
    /// Who acted last.
    acting: usize,
    steps: Vec<Step>,
}

/// The session with this number.
pub(super) fn session(seed: u64, number: u64, names: &Names<'_>, versions: &[Version]) -> Session {
    let mut random = Random::new(seed, number);
    let version = random.pick(versions).copied().unwrap_or(Version::V5_0);
    if random.percent(BEHIND)
        && let Some(session) = behind(&mut random, number, names, version)
    {
        return session;
    }
    let in_pieces = random.percent(IN_PIECES);
    let clients = match random.below(100) {
        0..50 => 1,
        50..78 => 2,
        78..92 => 3,
        _ => 4,
    };
    let moves = 1 + random.below(14);
    let mut generator = Generator {
        random,
        version,
        names,
        clients: vec![Client::default(); clients],
        acting: 0,
        steps: Vec::new(),
    };
    for client in 0..clients {
        generator.connect(client);
    }
    for _ in 0..moves {
        generator.act();
    }
    generator.change();
    Session { in_pieces, ..Session::new(number, version, generator.steps) }
}

/// A client that is refused and sends more behind its CONNECT, and another one that sees what comes of it.
fn behind(random: &mut Random, number: u64, names: &Names<'_>, version: Version) -> Option<Session> {
    let connect = Packet::Connect(names.connect(version, 0));
    let refused = (0..DRAWS).find_map(|_| {
        let mutant = draw(random, &connect, version, Verdict::MustClose)?;
        (mutant.expectation.verdict == Verdict::MustClose).then_some(mutant)
    })?;
    let topic = names.topic("a");
    let filter = Subscription { filter: topic.clone(), options: SubscriptionOptions::default() };
    let subscribe = Subscribe { packet_id: 1, filters: vec![filter], ..Subscribe::default() };
    let payload = Bytes::from_static(BEHIND_PAYLOAD);
    let message = Publish { topic, payload, ..Publish::default() };
    let steps = vec![
        Step::send(1, Packet::Connect(names.connect(version, 1))),
        Step::send(1, Packet::Subscribe(subscribe)),
        Step::Send { client: 0, packet: connect, mutant: Some(refused) },
        Step::Behind { client: 0, packet: Packet::Publish(message) },
        Step::send(1, Packet::PingReq),
    ];
    Some(Session::new(number, version, steps))
}

impl Generator<'_> {
    fn send(&mut self, client: usize, packet: Packet) {
        self.steps.push(Step::send(client, packet));
    }

    fn connect(&mut self, client: usize) {
        let connect = if self.random.percent(10) {
            let mut connect = connect_with_will(self.names, self.version);
            connect.client_id = self.names.client_id(client);
            connect
        } else {
            self.names.connect(self.version, client)
        };
        self.send(client, Packet::Connect(connect));
        if let Some(state) = self.clients.get_mut(client) {
            *state = Client { connected: true, last_id: state.last_id, ..Client::default() };
        }
    }

    fn act(&mut self) {
        if !self.random.percent(GOES_ON) {
            self.acting = self.random.below(self.clients.len());
        }
        let client = self.acting;
        let Some(mut state) = self.clients.get(client).cloned() else { return };
        if !state.connected {
            self.connect(client);
            return;
        }
        let kind = self.random.below(100);
        let packet = match kind {
            0..40 => Some(self.publish(&mut state)),
            40..60 => Some(self.subscribe(&mut state)),
            60..68 => Some(self.unsubscribe(&mut state)),
            68..78 => state
                .unreleased
                .pop()
                .map(|id| Packet::PubRel(Acknowledgement::new(id)))
                .or(Some(Packet::PingReq)),
            78..88 => Some(Packet::PingReq),
            // A second CONNECT ends the connection.
            88..90 => {
                state.connected = false;
                Some(Packet::Connect(self.names.connect(self.version, client)))
            }
            90..94 => {
                state.connected = false;
                Some(Packet::Disconnect(Disconnect::default()))
            }
            _ => None,
        };
        let goes_on = state.connected;
        if let Some(packet) = packet {
            self.send(client, packet);
            if !goes_on {
                self.steps.push(Step::Drop { client });
            }
        } else {
            state.connected = false;
            self.steps.push(Step::Drop { client });
            if kind >= 99 {
                // A packet before CONNECT.
                self.send(client, Packet::PingReq);
                self.steps.push(Step::Drop { client });
            }
        }
        if let Some(known) = self.clients.get_mut(client) {
            *known = state;
        }
    }

    fn topic(&mut self) -> ByteString {
        let end = self.random.pick(&TOPICS).copied().unwrap_or("a");
        self.names.topic(end)
    }

    fn publish(&mut self, state: &mut Client) -> Packet {
        let qos = match self.random.below(3) {
            0 => QoS::AtMostOnce,
            1 => QoS::AtLeastOnce,
            _ => QoS::ExactlyOnce,
        };
        let mut message = if self.random.percent(20) {
            publish(self.names, self.version, qos)
        } else {
            Publish { qos, payload: Bytes::from_static(b"text"), ..Publish::default() }
        };
        message.topic = self.topic();
        message.retain = self.random.percent(10);
        if qos != QoS::AtMostOnce {
            message.packet_id = Some(state.fresh_id());
        }
        if qos == QoS::ExactlyOnce {
            state.unreleased.extend(message.packet_id);
        }
        if self.version == Version::V5_0 && self.random.percent(10) {
            message.properties.push(Property::TopicAlias(1));
            if state.aliased && self.random.percent(50) {
                message.topic = ByteString::new();
            }
            state.aliased = true;
        }
        Packet::Publish(message)
    }

    fn subscribe(&mut self, state: &mut Client) -> Packet {
        let is_5_0 = self.version == Version::V5_0;
        let mut subscribe = Subscribe { packet_id: state.fresh_id(), ..Subscribe::default() };
        for _ in 0..=self.random.below(3) {
            let end = self.random.pick(&FILTERS).copied().unwrap_or("a");
            let filter = self.names.topic(end);
            state.filters.insert(filter.clone());
            let qos = QoS::from_bits(u8::try_from(self.random.below(3)).unwrap_or(0));
            let options = SubscriptionOptions {
                qos: qos.unwrap_or_default(),
                no_local: is_5_0 && self.random.percent(20),
                retain_as_published: is_5_0 && self.random.percent(20),
                retain_handling: match self.random.below(6) {
                    0 if is_5_0 => RetainHandling::SendIfNew,
                    1 if is_5_0 => RetainHandling::DoNotSend,
                    _ => RetainHandling::Send,
                },
            };
            subscribe.filters.push(Subscription { filter, options });
        }
        if is_5_0 && self.random.percent(20) {
            subscribe.properties.push(Property::SubscriptionIdentifier(268_435_455));
        }
        Packet::Subscribe(subscribe)
    }

    fn unsubscribe(&mut self, state: &mut Client) -> Packet {
        let known: Vec<_> = state.filters.iter().cloned().collect();
        let filter = self.random.pick(&known).cloned().unwrap_or_else(|| self.names.topic("a"));
        let packet_id = state.fresh_id();
        Packet::Unsubscribe(Unsubscribe { packet_id, filters: vec![filter], ..Unsubscribe::default() })
    }

    /// Changes some of the packets: in half of the sessions so that they stay legal.
    fn change(&mut self) {
        let (wanted, count) = match self.random.below(100) {
            0..20 => return,
            20..50 => (Verdict::MustAccept, 1),
            50..95 => (Verdict::MustClose, 1),
            _ => (Verdict::MustClose, 2),
        };
        for _ in 0..count {
            let index = self.random.below(self.steps.len());
            let version = self.version;
            let Some(Step::Send { packet, .. }) = self.steps.get(index) else { continue };
            let Some(change) = draw(&mut self.random, packet, version, wanted) else { continue };
            if let Some(Step::Send { mutant, .. }) = self.steps.get_mut(index) {
                *mutant = Some(change);
            }
        }
    }
}

/// A mutant of a packet, if possible one with a verdict.
fn draw(random: &mut Random, packet: &Packet, version: Version, wanted: Verdict) -> Option<Mutant> {
    // A Packet Identifier at an end of its range may be in use.
    let all: Vec<_> = operators().filter(|operator| operator.name != "packet-id").collect();
    for _ in 0..DRAWS {
        let mut made = random.pick(&all)?.apply(packet, version);
        if wanted == Verdict::MustAccept {
            made.retain(|mutant| mutant.expectation.verdict == wanted);
        }
        if let Some(mutant) = random.pick(&made) {
            return Some(mutant.clone());
        }
    }
    None
}

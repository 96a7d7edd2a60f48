//! The steps of a case, turn by turn.

use std::collections::BTreeSet;
use std::ops::Range;

use bytes::Bytes;
use mqttspec_codec::model::Packet;
use mqttspec_codec::mutation::Verdict;
use mqttspec_codec::{StatementId, describe, encode};

use super::answers::{
    answered_or_not, closed, expect, expect_like, packet_of, proves, refused, served_or_not,
};
use super::rules::Sender;
use super::{Form, list};
use crate::finding::Finding;
use crate::oracle::{End, Oracle, Turn, answer, is_whole};
use crate::session::Step;

/// The names of clients in cases.
const CLIENTS: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];
/// Who comes to see whether anybody is served, while those who broke the broker are there and when they are gone.
const MEANWHILE: &str = "meanwhile";
const AFTER: &str = "after";

fn client(index: usize) -> &'static str {
    CLIENTS.get(index).copied().unwrap_or("a")
}

/// What is known of one client.
struct Player {
    sender: Sender,
    is_open: bool,
    /// Whether it has sent a CONNECT.
    is_connected: bool,
    /// Whether that was answered.
    is_accepted: bool,
}

/// The lines of a script, as they are written.
pub(super) struct Script<'a> {
    finding: &'a Finding,
    form: Form,
    covered: &'a [StatementId],
    players: Vec<Player>,
    lines: Vec<String>,
    /// Whether a step was written that stands for a refusal, and one whose twin shows that it is none of everything.
    refuses: bool,
    has_twin: bool,
}

/// A script that is written.
pub(super) struct Written {
    pub(super) clients: Vec<String>,
    pub(super) lines: Vec<String>,
    /// The client that a control is played with, where no packet has a twin.
    pub(super) controlled: Option<&'static str>,
}

/// One packet as it goes out.
struct Outgoing {
    comment: Option<String>,
    bytes: Bytes,
    /// The twin: a CONNECT, or whatever else a connected client may send.
    is_connect: bool,
}

impl<'a> Script<'a> {
    pub(super) fn new(finding: &'a Finding, form: Form, covered: &'a [StatementId]) -> Self {
        let player = |_| Player {
            sender: Sender::new(finding.session.version),
            is_open: false,
            is_connected: false,
            is_accepted: false,
        };
        Self {
            finding,
            form,
            covered,
            players: (0..finding.session.clients().max(1)).map(player).collect(),
            lines: Vec::new(),
            refuses: false,
            has_twin: false,
        }
    }

    pub(super) fn written(mut self) -> Written {
        let finding = self.finding;
        let mut steps = 0..0;
        for (index, turn) in finding.turns.iter().enumerate() {
            self.drops(steps.end..turn.steps.start);
            let is_last = index + 1 == finding.turns.len();
            self.turn(turn, is_last);
            if !turn.steps.is_empty() {
                steps = turn.steps.clone();
            }
        }
        let mut clients: Vec<String> =
            (0..self.players.len()).map(|index| format!("{}: {{}}", client(index))).collect();
        // What breaks no statement has befallen the broker as a whole: it has to serve whoever comes next.
        if finding.breach.statements.is_empty() {
            self.drops(steps.end..finding.session.steps.len());
            // A loss that the broker reads before a packet of another connection would spare it.
            self.asks(MEANWHILE);
            // A session ends by the loss of all its connections.
            let open = self.players.iter().enumerate().filter(|(_, player)| player.is_open);
            for (index, _) in open {
                self.lines.push(format!("- drop: {{client: {}, how: rst}}", client(index)));
            }
            self.asks(AFTER);
            clients.extend([MEANWHILE, AFTER].map(|name| format!("{name}: {{}}")));
        }
        let controlled = (self.refuses && !self.has_twin).then(|| client(0));
        Written { clients, lines: self.lines, controlled }
    }

    /// A client that comes and has to be served.
    fn asks(&mut self, name: &str) {
        self.lines.push(format!("- connect: {{client: {name}, {}}}", proves(self.covered)));
        self.lines.push(format!("- ping: {{client: {name}, {}}}", proves(&[])));
    }

    /// Between turns stand only steps that end a connection.
    fn drops(&mut self, steps: Range<usize>) {
        for step in steps {
            if let Some(Step::Drop { client: index }) = self.finding.session.steps.get(step)
                && let Some(player) = self.players.get_mut(*index)
                && std::mem::take(&mut player.is_open)
            {
                player.is_accepted = false;
                self.lines.push(format!("- drop: {{client: {}, how: rst}}", client(*index)));
            }
        }
    }

    fn turn(&mut self, turn: &Turn, is_last: bool) {
        let name = client(turn.client);
        if let Some(player) = self.players.get_mut(turn.client)
            && !std::mem::replace(&mut player.is_open, true)
        {
            player.sender.opens();
            player.is_connected = false;
            self.lines.push(format!("- open: {{client: {name}}}"));
        }
        let is_decisive = is_last && !self.finding.breach.statements.is_empty();
        let is_at_once = is_last && self.form == Form::AtOnce;
        let (outgoing, fence) = self.outgoing(turn, is_at_once);
        if !is_decisive {
            self.send(name, turn, &outgoing);
            if fence && turn.end == End::Settled {
                self.lines.push(format!("- send: {{client: {name}, pingreq: {{}}}}"));
            }
            // Nothing is asked of a broker that breaks.
            if !is_last || turn.end == End::Settled {
                self.as_seen(name, turn);
            }
        } else if is_at_once {
            self.send(name, turn, &outgoing);
            for step in turn.steps.clone() {
                if self.answer(name, turn, step) {
                    return;
                }
            }
            self.end(name, turn, fence);
        } else {
            let mut outgoing = outgoing.into_iter();
            for step in turn.steps.clone() {
                if matches!(self.finding.session.steps.get(step), Some(Step::Send { .. }))
                    && let Some(packet) = outgoing.next()
                {
                    self.send(name, turn, &[packet]);
                    if self.answer(name, turn, step) {
                        return;
                    }
                }
            }
            self.end(name, turn, fence);
        }
    }

    /// The packets of a turn, and whether a PINGREQ has to go out behind them.
    fn outgoing(&self, turn: &Turn, with_fence: bool) -> (Vec<Outgoing>, bool) {
        let session = &self.finding.session;
        let version = session.version;
        let mut all: Vec<Outgoing> = Vec::new();
        for step in turn.steps.clone().filter_map(|step| session.steps.get(step)) {
            let bytes = step.bytes(version);
            match (step, all.last_mut()) {
                // It is behind a packet that ends the connection, so that both go out together.
                (Step::Behind { .. }, Some(before)) => {
                    before.bytes = before.bytes.iter().chain(&bytes).copied().collect();
                }
                (Step::Send { packet, mutant, .. }, _) => {
                    let comment = match mutant {
                        None => describe(packet, version),
                        Some(mutant) => format!("{} changed by {}", packet.packet_type(), mutant.label()),
                    };
                    let is_connect = matches!(packet, Packet::Connect(_));
                    all.push(Outgoing { comment: Some(comment), bytes, is_connect });
                }
                _ => {}
            }
        }
        let ping = encode(&Packet::PingReq, version);
        let is_cut = all.last().is_some_and(|last| !is_whole(&last.bytes, version));
        if !turn.fenced {
            return (all, false);
        }
        match all.last_mut() {
            // The PINGREQ behind a packet that has not ended is a part of it.
            Some(last) if is_cut => {
                last.bytes = last.bytes.iter().chain(&ping).copied().collect();
                (all, false)
            }
            _ if with_fence => {
                all.push(Outgoing { comment: None, bytes: ping, is_connect: false });
                (all, false)
            }
            _ => (all, true),
        }
    }

    /// Writes packets at once, with what they break.
    fn send(&mut self, name: &str, turn: &Turn, packets: &[Outgoing]) {
        if packets.is_empty() {
            return;
        }
        let comments = packets.iter().filter_map(|packet| packet.comment.as_deref());
        self.lines.extend(comments.map(|words| format!("# {}", words.replace(char::is_control, " "))));
        let raw: Vec<String> = packets
            .iter()
            .map(|packet| {
                let hex: String = packet.bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                format!("raw: \"{hex}\"")
            })
            .collect();
        let what = match raw.as_slice() {
            [only] => only.clone(),
            several => format!("together: [{{{}}}]", several.join("}, {")),
        };
        let mut broken: Vec<StatementId> = Vec::new();
        let is_connected = self.players.get(turn.client).is_some_and(|player| player.is_connected);
        if let Some(player) = self.players.get_mut(turn.client) {
            for packet in packets {
                broken.extend(player.sender.sends(&packet.bytes));
                player.is_connected |= packet.is_connect;
            }
        }
        let mut known = BTreeSet::new();
        broken.retain(|id| known.insert(*id));
        let violates = if broken.is_empty() {
            String::new()
        } else {
            self.has_twin = true;
            format!(", violates: [{}], twin: {}", list(&broken), twin(packets, is_connected))
        };
        let chunks = if self.finding.session.in_pieces { ", chunks: each(1)" } else { "" };
        self.lines.push(format!("- send: {{client: {name}, {what}{violates}{chunks}}}"));
    }

    /// The answers that came in a turn that is not the one in question: they only set the scene.
    fn as_seen(&mut self, name: &str, turn: &Turn) {
        if turn.end == End::Settled {
            for packet in &turn.received {
                if let Some(player) = self.players.get_mut(turn.client) {
                    player.sender.receives(packet);
                    player.is_accepted |= matches!(packet, Packet::ConnAck(_));
                }
                // Deliveries may come before or after answers.
                if !matches!(packet, Packet::Publish(_) | Packet::PubRel(_)) {
                    self.lines.push(expect_like(name, packet, &[]));
                }
            }
        } else if turn.end == End::Closed && !self.finding.breach.statements.is_empty() {
            self.closed(name, turn.client, &[]);
        }
    }

    /// The answer that a packet of the turn in question is due.
    ///
    /// True if nothing more is to be expected in the turn.
    fn answer(&mut self, name: &str, turn: &Turn, step: usize) -> bool {
        let Finding { session, dues, breach, .. } = self.finding;
        let Some(packet) = packet_of(session, step) else { return false };
        let verdict = dues.get(step).and_then(|due| due.verdict);
        let Some((awaited, rule)) = answer(packet, session.version) else { return false };
        let word = awaited.name().to_ascii_lowercase();
        let has_come = || turn.received.iter().any(|seen| seen.packet_type() == awaited);
        let is_due = verdict == Some(Verdict::MustAccept) || verdict == Some(Verdict::Either) && has_come();
        if !is_due && verdict == Some(Verdict::Either) && turn.misconduct.is_some() {
            self.refuses = true;
            self.lines.push(answered_or_not(name, &word, packet, session.version, self.covered));
            return true;
        }
        if !is_due {
            return false;
        }
        let is_it = breach.oracle == Oracle::MustAnswer && breach.statements.contains(&rule);
        let about = if is_it { self.covered } else { &[] };
        self.lines.push(expect(name, &word, about));
        if let Some(player) = self.players.get_mut(turn.client)
            && let Some(seen) = turn.received.iter().find(|seen| seen.packet_type() == awaited)
        {
            player.sender.receives(seen);
            player.is_accepted |= matches!(seen, Packet::ConnAck(_));
        }
        false
    }

    /// What shows the breach, behind the packets of the turn in question.
    fn end(&mut self, name: &str, turn: &Turn, fence: bool) {
        let Finding { session, dues, breach, .. } = self.finding;
        let verdict = |step: usize| dues.get(step).and_then(|due| due.verdict);
        if turn.steps.clone().any(|step| verdict(step) == Some(Verdict::MustClose)) {
            self.closed(name, turn.client, self.covered);
            return;
        }
        let refusing = turn.steps.clone().find(|&step| verdict(step) == Some(Verdict::MustRefuse));
        if let Some(packet) = refusing.and_then(|step| packet_of(session, step)) {
            self.refuses = true;
            self.lines.push(refused(name, packet, session.version, self.covered));
            return;
        }
        if breach.oracle == Oracle::State {
            self.lines.push(format!(
                "- receive: {{client: {name}, messages: [], until: ping, {}}}",
                proves(self.covered)
            ));
            return;
        }
        if fence {
            self.lines.push(format!("- send: {{client: {name}, pingreq: {{}}}}"));
        }
        if turn.fenced && turn.steps.clone().any(|step| verdict(step) == Some(Verdict::Either)) {
            self.refuses = true;
            self.lines.push(served_or_not(name, self.covered));
        } else if turn.fenced {
            self.lines.push(expect(name, "pingresp", self.covered));
        }
    }

    fn closed(&mut self, name: &str, index: usize, about: &[StatementId]) {
        let is_new = self.players.get(index).is_some_and(|player| !player.is_accepted);
        self.refuses = true;
        self.lines.push(closed(name, self.finding.session.version, is_new, about));
        if let Some(player) = self.players.get_mut(index) {
            player.is_open = false;
            player.is_accepted = false;
        }
    }
}

/// Well-formed packets in the place of those that were sent.
fn twin(packets: &[Outgoing], is_connected: bool) -> String {
    let connects = !is_connected;
    let other = packets.len() > 1 || is_connected;
    match (connects, other) {
        (true, true) => "[{connect: {}}, {pingreq: {}}]".to_owned(),
        (true, false) => "{connect: {}}".to_owned(),
        (false, _) => "{pingreq: {}}".to_owned(),
    }
}

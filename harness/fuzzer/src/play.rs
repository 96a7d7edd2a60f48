//! Plays a session on a broker, one turn of a client after the other.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use mqttspec_codec::model::{Acknowledgement, Packet, QoS};
use mqttspec_codec::mutation::Verdict;
use mqttspec_codec::{Context, Framer, StatementId, Version, decode, encode, encode_into};
use mqttspec_engine::transport::{Connector, Writer};
use mqttspec_engine::{Clock, Conduct};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};

use crate::familiar::Familiar;
use crate::oracle::{Breach, Due, End, Turn, is_settled, judge};
use crate::random::Random;
use crate::session::{Session, Step};

/// No broker has reason to send a longer packet: nothing longer is published.
const LONGEST_PACKET: usize = 8 * 1024 * 1024;
const READ_SIZE: usize = 4 * 1024;
/// What the lengths of pieces are drawn with.
const PIECES: u64 = 0x0070_6965_6365;
/// What part of the usual time an answer gets whose absence would be familiar.
const HURRY: u32 = 10;

/// The way to a broker, and how long to wait for it.
#[derive(Clone, Debug)]
pub(crate) struct Player {
    pub(crate) connector: Arc<dyn Connector>,
    pub(crate) clock: Clock,
    /// How long an answer may take.
    pub(crate) patience: Duration,
    /// The breaches that are not waited for any more; none when each is to be seen to its end.
    pub(crate) familiar: Option<Arc<Familiar>>,
    /// Whether it waits until the broker has ended each connection, so that nothing of a session is left in the next one.
    pub(crate) sees_ends: bool,
    /// Whether a session is played to its end whatever the broker does, for what befalls the broker itself.
    pub(crate) goes_on: bool,
}

/// What was seen.
#[derive(Clone, Debug, Default)]
pub(crate) struct Played {
    pub(crate) turns: Vec<Turn>,
    /// The rule that was broken, the last one if there are several.
    pub(crate) breach: Option<Breach>,
}

/// Nothing is said to be missing for good before so long: some brokers are busy for seconds.
const LATE: Duration = Duration::from_secs(6);

impl Player {
    /// The same with so many times the time, and time enough for whoever is only late.
    pub(crate) fn unhurried(&self, times: u32) -> Self {
        Self { patience: LATE.max(self.patience * times), ..self.clone() }
    }

    /// Plays a session until its end or the first breach, if that is not to be passed over.
    pub(crate) async fn play(&self, session: &Session, dues: &[Due]) -> Played {
        let mut lines: BTreeMap<usize, Line> = BTreeMap::new();
        let mut ended: BTreeSet<usize> = BTreeSet::new();
        let mut played = Played::default();
        let mut doubtful: BTreeSet<usize> = BTreeSet::new();
        for (client, steps) in turns(session, dues) {
            if let Some(Step::Drop { .. }) = session.steps.get(steps.start) {
                ended.remove(&client);
                doubtful.remove(&client);
                // What comes next in the session would come before the loss now and then.
                if let Some(line) = lines.remove(&client) {
                    self.see_end(line).await;
                }
                continue;
            }
            let is_skipped = dues.get(steps.start).is_none_or(|due| due.verdict.is_none());
            if is_skipped || ended.contains(&client) {
                continue;
            }
            let is_legal =
                |step: usize| dues.get(step).is_some_and(|due| due.verdict == Some(Verdict::MustAccept));
            if !steps.clone().all(is_legal) {
                doubtful.insert(client);
            }
            let turn = self.turn(session, dues, client, steps, &mut lines).await;
            if turn.end != End::Settled {
                ended.insert(client);
                if let Some(line) = lines.remove(&client) {
                    self.part(line).await;
                }
            }
            if played.take(session, dues, turn) && !self.goes_on {
                break;
            }
        }
        if played.breach.is_none() && (lines.len() > 1) {
            // Who was sent what a broker may take or not need not answer any more.
            let clients: Vec<usize> =
                lines.keys().copied().filter(|client| !doubtful.contains(client)).collect();
            for client in clients {
                let turn = self.turn(session, dues, client, 0..0, &mut lines).await;
                if played.take(session, dues, turn) {
                    break;
                }
            }
        }
        for line in lines.into_values() {
            self.part(line).await;
        }
        played
    }

    /// Ends a connection without DISCONNECT.
    async fn part(&self, line: Line) {
        if self.sees_ends {
            self.see_end(line).await;
        } else {
            line.reset();
        }
    }

    /// Ends a connection without DISCONNECT, and waits until the broker has ended it too.
    async fn see_end(&self, mut line: Line) {
        let deadline = self.clock.now() + self.patience;
        let end = async {
            line.writer.shutdown().await?;
            tokio::io::copy(&mut line.reader, &mut tokio::io::sink()).await
        };
        // That it has ended already is as good.
        let _ = self.clock.before(deadline, end).await;
        line.reset();
    }

    async fn turn(
        &self,
        session: &Session,
        dues: &[Due],
        client: usize,
        steps: Range<usize>,
        lines: &mut BTreeMap<usize, Line>,
    ) -> Turn {
        let version = session.version;
        let mut turn = Turn {
            client,
            steps,
            fenced: false,
            received: Vec::new(),
            end: End::Unreachable,
            misconduct: None,
        };
        let deadline = self.clock.now() + self.patience;
        let line = match lines.entry(client) {
            std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::btree_map::Entry::Vacant(entry) => {
                let needs = BTreeSet::new();
                let opening = self.connector.connect_for(version, &needs);
                match self.clock.before(deadline, opening).await {
                    Some(Ok(connection)) => entry.insert(Line::new(connection, version)),
                    _ => return turn,
                }
            }
        };
        let mut out = BytesMut::with_capacity(512);
        let mut ends = false;
        for step in turn.steps.clone().filter_map(|step| session.steps.get(step)) {
            let bytes = step.bytes(version);
            line.sends(&bytes, step, version);
            out.extend_from_slice(&bytes);
            ends |= matches!(step, Step::Send { packet: Packet::Disconnect(_), .. });
        }
        if !ends {
            line.conduct.sent(&Packet::PingReq);
            encode_into(&Packet::PingReq, version, &mut out);
            turn.fenced = true;
        }
        turn.end = self.exchange(session, dues, line, out.freeze(), &mut turn, deadline).await;
        turn
    }

    async fn exchange(
        &self,
        session: &Session,
        dues: &[Due],
        line: &mut Line,
        out: Bytes,
        turn: &mut Turn,
        deadline: Duration,
    ) -> End {
        // What a broker has closed cannot be written to; what it sent before can still be read.
        let written = if session.in_pieces {
            self.clock.before(deadline, write_in_pieces(&mut line.writer, &out, session.number)).await
        } else {
            self.clock.before(deadline, async { line.writer.write_all(&out).await.is_ok() }).await
        };
        if written.is_none() {
            return End::Silent;
        }
        loop {
            let mut replies = BytesMut::new();
            if !line.take(turn, session.version, &mut replies) {
                return End::Silent;
            }
            if !replies.is_empty() {
                // A broker that has gone is noticed by the next read.
                let _ = self.clock.before(deadline, line.writer.write_all(&replies)).await;
            }
            if is_settled(session, dues, turn) {
                return End::Settled;
            }
            let buffer = line.framer.buffer_mut();
            buffer.reserve(READ_SIZE);
            let deadline =
                self.hurried(session, dues, turn).map_or(deadline, |hurried| deadline.min(hurried));
            match self.clock.before(deadline, line.reader.read_buf(buffer)).await {
                None => return End::Silent,
                Some(Ok(0) | Err(_)) => return End::Closed,
                Some(Ok(_)) => {}
            }
        }
    }
}

impl Player {
    /// Until when to wait for what, if it does not come, is no breach, or no news.
    fn hurried(&self, session: &Session, dues: &[Due], turn: &mut Turn) -> Option<Duration> {
        let familiar = self.familiar.as_ref()?;
        let end = std::mem::replace(&mut turn.end, End::Silent);
        let breach = judge(session, dues, turn);
        turn.end = end;
        if breach.is_some_and(|breach| !familiar.knows(&breach)) {
            return None;
        }
        // Who has answered the PINGREQ behind a packet has done with the packet.
        let is_done = turn.fenced && turn.received.contains(&Packet::PingResp);
        let patience = if is_done { Duration::ZERO } else { self.patience / HURRY };
        Some(self.clock.now() + patience)
    }
}

impl Played {
    /// The steps that were sent.
    pub(crate) fn sent(&self) -> impl Iterator<Item = usize> {
        self.turns.iter().filter(|turn| turn.end != End::Unreachable).flat_map(|turn| turn.steps.clone())
    }

    /// How many packets were sent and certainly read: the PINGREQ behind them was answered, or the connection ended.
    pub(crate) fn fenced(&self) -> usize {
        let is_fenced = |turn: &&Turn| {
            turn.end == End::Closed || turn.fenced && turn.received.contains(&Packet::PingResp)
        };
        self.turns.iter().filter(is_fenced).map(|turn| turn.steps.len()).sum()
    }

    /// Keeps a turn; true if it shows a breach.
    fn take(&mut self, session: &Session, dues: &[Due], turn: Turn) -> bool {
        let breach = judge(session, dues, &turn);
        self.turns.push(turn);
        let is_broken = breach.is_some();
        self.breach = breach.or(self.breach.take());
        is_broken
    }
}

/// Writes bytes in pieces, with a chance for the broker to read each one alone.
async fn write_in_pieces(writer: &mut Box<dyn Writer>, mut out: &[u8], number: u64) -> bool {
    let mut random = Random::new(PIECES, number);
    while !out.is_empty() {
        let length = if random.percent(75) { 1 + random.below(4) } else { 1 + random.below(40) };
        let (piece, rest) = out.split_at(length.min(out.len()));
        if writer.write_all(piece).await.is_err() || writer.flush().await.is_err() {
            return false;
        }
        out = rest;
        tokio::task::yield_now().await;
    }
    true
}

/// The steps that are sent at once: those of one client up to one that is changed, or that ends the connection.
fn turns(session: &Session, dues: &[Due]) -> Vec<(usize, Range<usize>)> {
    let mut turns: Vec<(usize, Range<usize>)> = Vec::new();
    let mut is_over = true;
    for (index, step) in session.steps.iter().enumerate() {
        let client = step.client();
        let is_legal = dues.get(index).is_some_and(|due| due.verdict == Some(Verdict::MustAccept));
        let is_alone = matches!(step, Step::Drop { .. }) || !is_legal;
        // A message is released when its PUBREC has come, not before (4.3.3).
        is_over |= matches!(step, Step::Send { packet: Packet::PubRel(_), .. });
        match turns.last_mut() {
            Some((last, steps))
                if *last == client
                    && (matches!(step, Step::Behind { .. })
                        || !is_over && !matches!(step, Step::Drop { .. })) =>
            {
                steps.end = index + 1;
            }
            _ => turns.push((client, index..index + 1)),
        }
        let is_last = matches!(step, Step::Send { packet: Packet::Disconnect(_), .. });
        is_over = is_alone || is_last || step.mutant().is_some();
    }
    turns
}

/// What the broker may not send: the rules, and in words.
pub(crate) type Wrong = (Vec<StatementId>, String);

/// One Network Connection.
pub(crate) struct Line {
    pub(crate) reader: Box<dyn AsyncRead + Send + Unpin>,
    pub(crate) writer: Box<dyn Writer>,
    pub(crate) framer: Framer,
    pub(crate) conduct: Conduct,
    /// Whether the broker may not know which version to answer in.
    is_foreign: bool,
}

impl Line {
    pub(crate) fn new(connection: mqttspec_engine::transport::Connection, version: Version) -> Self {
        Self {
            reader: connection.reader,
            writer: connection.writer,
            framer: Framer::new(Context::from_server(version), LONGEST_PACKET),
            conduct: Conduct::new(version),
            is_foreign: true,
        }
    }

    fn reset(self) {
        self.writer.reset();
    }

    /// Takes note of what is sent.
    fn sends(&mut self, bytes: &Bytes, step: &Step, version: Version) {
        match step {
            Step::Send { packet, mutant: None, .. } => {
                self.is_foreign &= !matches!(packet, Packet::Connect(_));
                self.conduct.sent(packet);
            }
            Step::Send { .. } => match decode(bytes, Context::from_client(version)) {
                Ok(packet) => {
                    self.is_foreign &= !matches!(packet, Packet::Connect(_));
                    self.conduct.sent(&packet);
                }
                Err(_) => self.conduct.sent_malformed(),
            },
            // It is behind a packet that ends the connection.
            Step::Behind { .. } | Step::Drop { .. } => {}
        }
    }

    /// Takes the packets that are there, and acknowledges deliveries; false when the broker sends what it may not.
    fn take(&mut self, turn: &mut Turn, version: Version, replies: &mut BytesMut) -> bool {
        loop {
            let wrong: Wrong = match self.next() {
                Ok(None) => return true,
                Ok(Some((packet, length))) => {
                    let misconduct = self.conduct.received(&packet, length);
                    self.acknowledge(&packet, version, replies);
                    turn.received.push(packet);
                    match misconduct {
                        None => continue,
                        Some(misconduct) => (misconduct.statements, misconduct.message),
                    }
                }
                Err(wrong) => wrong,
            };
            if self.is_foreign {
                self.framer = Framer::new(Context::from_server(version), LONGEST_PACKET);
                return true;
            }
            turn.misconduct = Some(wrong);
            return false;
        }
    }

    pub(crate) fn next(&mut self) -> Result<Option<(Packet, usize)>, Wrong> {
        let context = self.framer.context();
        let frame = match self.framer.next_frame() {
            Ok(None) => return Ok(None),
            Ok(Some(frame)) => frame,
            Err(mqttspec_codec::FramingError::Violation(violation)) => {
                return Err((violation.statements().to_vec(), violation.to_string()));
            }
            Err(too_long) => return Err((Vec::new(), too_long.to_string())),
        };
        match decode(&frame, context) {
            Ok(packet) => Ok(Some((packet, frame.len()))),
            Err(violation) => Err((violation.statements().to_vec(), violation.to_string())),
        }
    }

    pub(crate) fn acknowledge(&mut self, packet: &Packet, version: Version, replies: &mut BytesMut) {
        let reply = match packet {
            Packet::Publish(publish) => match (publish.qos, publish.packet_id) {
                (QoS::AtLeastOnce, Some(id)) => Packet::PubAck(Acknowledgement::new(id)),
                (QoS::ExactlyOnce, Some(id)) => Packet::PubRec(Acknowledgement::new(id)),
                _ => return,
            },
            Packet::PubRel(ack) => Packet::PubComp(Acknowledgement::new(ack.packet_id)),
            _ => return,
        };
        self.conduct.sent(&reply);
        replies.extend_from_slice(&encode(&reply, version));
    }
}

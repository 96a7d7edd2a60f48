//! The event loop of a playing: opens connections, takes in what comes, acknowledges deliveries, and walks
//! through the steps.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use bytestring::ByteString;
use mqttspec_codec::model::{Acknowledgement, Packet, QoS, ReasonCode, Sender};
use mqttspec_codec::{Context, FramingError, Version, Violation, decode, describe, encode};
use mqttspec_script::Scope;
use mqttspec_script::plan::{Action, Ending, Step};
use mqttspec_spec::record::{EndingKind, Event};
use tokio::io::AsyncWriteExt;
use tokio::sync::mpsc;

use super::actor::{Actor, Arrived};
use super::ends;
use super::reading::{Arrival, Incoming};
use super::recorder::Recorder;
use super::repeats;
use super::user_properties::UserPropertyNames;
use super::{Part, Stage};
use crate::cleanup::Leftovers;
use crate::conduct::Misconduct;
use crate::trace::{Deviation, DeviationKind, Playing, StepOutcome};

/// Packets of the broker that a playing takes in before it gives up on a flood.
const MOST_PACKETS: usize = 1_000;
/// Bytes of the broker that a playing takes in before it gives up on a flood.
const MOST_BYTES: usize = 4 * 1024 * 1024;
/// Pieces of input that wait to be looked at; past that the broker has to wait.
const WAITING_PIECES: usize = 16;
/// The longest packet that is taken in, in bytes.
pub(super) const LONGEST_PACKET: usize = 4 * 1024 * 1024;
/// How many bytes of what is no packet go into the record.
const SHOWN_BYTES: usize = 256;

/// Plays one script.
pub(crate) struct Player<'a> {
    pub(super) stage: Stage<'a>,
    pub(super) scope: Scope,
    pub(super) actors: Vec<Actor<'a>>,
    pub(super) recorder: Recorder,
    arrivals: mpsc::Receiver<Arrival>,
    pub(super) arrived: mpsc::Sender<Arrival>,
    /// When each step began.
    began: Vec<Duration>,
    packets: usize,
    bytes: usize,
    pub(super) leftovers: Leftovers,
    pub(super) user_properties: UserPropertyNames,
    /// The first delivery of the case's own topics that no filter asked for, while no step has judged it.
    stray: Option<Misconduct>,
    /// Every Topic Filter that a client of the case has subscribed to; absent when they are not all known.
    filters: Option<Vec<ByteString>>,
}

/// What a step came to; an error ends the playing.
pub(super) type StepResult = Result<StepOutcome, Deviation>;

impl<'a> Player<'a> {
    pub(crate) fn new(stage: Stage<'a>) -> Self {
        let (arrived, arrivals) = mpsc::channel(WAITING_PIECES);
        let clients = &stage.case.clients;
        let client_ids: BTreeMap<String, String> = clients
            .iter()
            .enumerate()
            .map(|(index, client)| (client.name.clone(), stage.name.client_id(index)))
            .collect();
        Self {
            stage,
            scope: Scope { topic_root: stage.name.topic_root(), client_ids, captured: BTreeMap::new() },
            actors: clients.iter().map(Actor::new).collect(),
            recorder: Recorder { began: stage.began, control: stage.is_control(), ..Recorder::default() },
            arrivals,
            arrived,
            began: Vec::new(),
            packets: 0,
            bytes: 0,
            leftovers: Leftovers::default(),
            user_properties: UserPropertyNames::default(),
            stray: None,
            filters: Some(Vec::new()),
        }
    }

    /// Plays until the script ends or a step does not hold.
    pub(crate) async fn play(mut self) -> (Playing, Leftovers) {
        let steps = self.stage.steps();
        for (index, step) in steps.iter().enumerate() {
            self.recorder.step = index;
            self.begin(step);
            let (outcome, is_last) = match self.twin_of(step) {
                Some(send) => (self.play_twin(send).await, true),
                None => (self.step(step).await, false),
            };
            let outcome = outcome.unwrap_or_else(StepOutcome::Deviated);
            let lasted = self.began.last().map(|began| self.stage.clock.now().saturating_sub(*began));
            self.recorder.playing.slowest = self.recorder.playing.slowest.max(lasted.unwrap_or_default());
            let goes_on = outcome.goes_on();
            self.recorder.report(outcome);
            if is_last || !goes_on {
                return self.leave().await;
            }
        }
        if let Some(stray) = self.stray.take() {
            self.recorder.report(StepOutcome::Deviated(breaks(stray)));
        } else if let Err(deviation) = self.still_served().await {
            self.recorder.report(StepOutcome::Deviated(deviation));
        }
        self.leave().await
    }

    /// At the end every client that is still connected must be served, and none may have been thrown out of
    /// whose end no step speaks: a broker that has stopped to serve has shown nothing by not doing wrong.
    async fn still_served(&mut self) -> Result<(), Deviation> {
        let steps = self.stage.steps();
        for index in 0..self.actors.len() {
            // The end of a connection that no step has waited for is known only after what came is taken in.
            self.pump(self.stage.clock.now(), |_| true).await?;
            let actor = self.actor_at(index)?;
            if actor.ended().is_some() && !ends::may_end(steps, &actor.plan.name) {
                return Err(Deviation {
                    kind: DeviationKind::FenceMissing,
                    seen: format!("the broker has ended the connection of `{}`", actor.plan.name),
                    allowed: Some("a client that is served to the end".to_owned()),
                    place: None,
                });
            }
            if actor.can_ping() {
                actor.replies.clear();
                self.ping_fence(index).await.map_err(|deviation| Deviation {
                    kind: DeviationKind::FenceMissing,
                    seen: format!("after the last step: {}", deviation.seen),
                    ..deviation
                })?;
            }
        }
        Ok(())
    }

    fn begin(&mut self, step: &Step) {
        let now = self.stage.clock.now();
        let is_new = self
            .recorder
            .step
            .checked_sub(1)
            .and_then(|before| self.stage.steps().get(before))
            .is_none_or(|before| before.place != step.place);
        if is_new {
            let event = Event::Step { line: step.place.line, verb: step.verb.clone() };
            self.recorder.event(now, "", 0, event);
        }
        self.began.push(now);
    }

    /// When the written step before the current one began. A high-level verb is several steps of one place.
    pub(super) fn step_before_began(&self) -> Duration {
        let steps = self.stage.steps();
        let place = |index: usize| steps.get(index).map(|step| step.place);
        let first_of = |mut index: usize| {
            while index > 0 && place(index - 1) == place(index) {
                index -= 1;
            }
            index
        };
        let this = first_of(self.recorder.step);
        let before = this.checked_sub(1).map_or(0, first_of);
        self.began.get(before).copied().unwrap_or(self.stage.began)
    }

    async fn step(&mut self, step: &'a Step) -> StepResult {
        match &step.action {
            Action::Open { client, upgrade } => self.open(client, upgrade).await,
            Action::Send(send) => self.send(send).await,
            Action::Expect { client, alternatives, observe: _, window } => {
                self.expect(client, alternatives, *window).await
            }
            Action::Receive(receive) => self.receive(receive).await,
            Action::Closed { client, pattern, window } => self.closed(client, pattern, *window).await,
            Action::End { client, how } => {
                let actor = self.actor(client)?;
                self.end(actor, *how).await?;
                Ok(StepOutcome::Held)
            }
            Action::Restart { how } => self.restart(*how).await,
            Action::Wait { time, rule } => {
                let end = self.stage.clock.now() + *time;
                self.pump(end, |_| false).await?;
                let what = format!("{} s passed, as {rule} needs", time.as_secs_f64());
                self.recorder.event(self.stage.clock.now(), "", 0, Event::Timer { what });
                Ok(StepOutcome::Held)
            }
        }
    }

    /// The send whose twin ends the control, if this step is it.
    fn twin_of(&self, step: &'a Step) -> Option<&'a mqttspec_script::plan::Send> {
        match (&self.stage.part, &step.action) {
            (Part::Twin, Action::Send(send)) if !send.violates.is_empty() => Some(send),
            _ => None,
        }
    }

    pub(super) fn actor(&self, name: &str) -> Result<usize, Deviation> {
        self.actors.iter().position(|actor| actor.plan.name == name).ok_or_else(|| Deviation {
            kind: DeviationKind::CaseError,
            seen: format!("there is no client `{name}`"),
            allowed: None,
            place: None,
        })
    }

    pub(super) fn actor_at(&mut self, index: usize) -> Result<&mut Actor<'a>, Deviation> {
        self.actors.get_mut(index).ok_or_else(|| Deviation {
            kind: DeviationKind::CaseError,
            seen: format!("there is no client {index}"),
            allowed: None,
            place: None,
        })
    }

    /// Takes in what comes until the condition holds (true) or the deadline passes (false).
    pub(super) async fn pump(
        &mut self,
        deadline: Duration,
        mut until: impl FnMut(&Self) -> bool,
    ) -> Result<bool, Deviation> {
        loop {
            while let Ok(arrival) = self.arrivals.try_recv() {
                self.take_in(arrival).await?;
            }
            if until(self) {
                return Ok(true);
            }
            match self.stage.clock.before(deadline, self.arrivals.recv()).await {
                Some(Some(arrival)) => self.take_in(arrival).await?,
                Some(None) | None => return Ok(until(self)),
            }
        }
    }

    async fn take_in(&mut self, arrival: Arrival) -> Result<(), Deviation> {
        let Arrival { actor: index, connection, at, what } = arrival;
        let actor = self.actor_at(index)?;
        let name = actor.plan.name.clone();
        let Some(live) = actor.live.as_mut().filter(|live| live.number == connection) else { return Ok(()) };
        match what {
            Incoming::Bytes(bytes) => {
                live.framer.push(&bytes);
                self.bytes += bytes.len();
                while let Some(frame) = self.next_frame(index, at)? {
                    self.packets += 1;
                    self.take_in_packet(index, at, &frame).await?;
                }
                if self.packets > MOST_PACKETS || self.bytes > MOST_BYTES {
                    return Err(unplayable(format!(
                        "the broker flooded the client with {} packets in {} bytes",
                        self.packets, self.bytes
                    )));
                }
            }
            Incoming::End(how) => {
                let how = match live.framer.finish() {
                    Err(_) if how == EndingKind::BrokerClosed => EndingKind::BrokerCut,
                    _ => how,
                };
                live.ended = Some((how, at));
                self.recorder.ended(at, &name, connection, how);
            }
            Incoming::Fault(fault) => {
                let what = fault.to_string();
                self.recorder.received(
                    at,
                    &name,
                    connection,
                    &[],
                    "no packet".to_owned(),
                    Some(what.clone()),
                );
                return Err(match fault.statement() {
                    Some(id) => breaks(Misconduct { statements: vec![id], message: what, field: None }),
                    None => unplayable(what),
                });
            }
        }
        Ok(())
    }

    fn next_frame(&mut self, index: usize, at: Duration) -> Result<Option<Bytes>, Deviation> {
        let actor = self.actor_at(index)?;
        let (name, number) = (actor.plan.name.clone(), actor.connections.saturating_sub(1));
        let Some(live) = actor.live.as_mut() else { return Ok(None) };
        let error = match live.framer.next_frame() {
            Ok(frame) => return Ok(frame),
            Err(error) => error,
        };
        let pending = live.framer.pending();
        let bytes = pending.get(..pending.len().min(SHOWN_BYTES)).unwrap_or_default().to_vec();
        let summary = format!("{} bytes that start no packet", pending.len());
        self.recorder.received(at, &name, number, &bytes, summary, Some(error.to_string()));
        Err(match error {
            FramingError::Violation(violation) => violates(&violation),
            FramingError::TooLong { .. } => unplayable(error.to_string()),
        })
    }

    async fn take_in_packet(&mut self, index: usize, at: Duration, frame: &Bytes) -> Result<(), Deviation> {
        let (steps, order) = (self.stage.steps(), self.packets);
        let actor = self.actor_at(index)?;
        let (name, number) = (actor.plan.name.clone(), actor.connections.saturating_sub(1));
        let own = actor.plan.version;
        let any = actor.plan.reply_in_any_version;
        let (mut packet, version) = match read(frame, own, any) {
            Ok(read) => read,
            Err(violation) => {
                let summary = "a packet that cannot be read".to_owned();
                self.recorder.received(at, &name, number, frame, summary, Some(violation.to_string()));
                return Err(violates(&violation));
            }
        };
        let summary = describe(&packet, version);
        self.recorder.received(at, &name, number, frame, summary, None);
        let actor = self.actor_at(index)?;
        actor.model.received(&packet);
        let Some(live) = actor.live.as_mut() else { return Ok(()) };
        match &packet {
            Packet::ConnAck(connack) if connack.reason_code != ReasonCode::SUCCESS => {
                live.last_word = Some(connack.reason_code);
            }
            Packet::Disconnect(disconnect) => live.last_word = Some(disconnect.reason()),
            _ => {}
        }
        let is_left_over = live.conduct.is_left_over(&packet);
        live.left_over |= is_left_over;
        let misconduct = live.conduct.received(&packet, frame.len());
        // A delivery that belongs to the case is first for its steps to judge.
        let is_own =
            matches!(&packet, Packet::Publish(publish) if publish.topic.contains(&self.scope.topic_root));
        match misconduct {
            Some(stray) if is_own && stray.is_stray_delivery() => {
                self.stray.get_or_insert(stray);
            }
            Some(misconduct) => return Err(breaks(misconduct)),
            None => {}
        }
        let actor = self.actor_at(index)?;
        if let Packet::Publish(publish) = &mut packet {
            actor.resolve_alias(publish);
        }
        let is_delivery = matches!(packet, Packet::Publish(_) | Packet::PubRel(_));
        if is_delivery {
            actor.last_delivery_id = packet.packet_id().or(actor.last_delivery_id);
        }
        if let Packet::PubRec(ack) = &packet {
            actor.last_pubrec_id = Some(ack.packet_id);
        }
        let answer = if actor.acknowledges() { acknowledgement(&packet) } else { None };
        let repeated = actor.live.as_mut().is_some_and(|live| live.repeats.received(&packet, own));
        let is_handled = actor.plan.acknowledge && matches!(packet, Packet::PubRel(_))
            || is_left_over
            || repeated && !repeats::are_looked_at(steps, &name);
        let arrived = Arrived { at, order, packet, version };
        match (is_handled, is_delivery) {
            (true, _) => {}
            (false, true) => actor.deliveries.push_back(arrived),
            (false, false) => actor.replies.push_back(arrived),
        }
        if let Some(answer) = answer {
            let bytes = encode(&answer, own);
            let summary = describe(&answer, own);
            self.note_sent(index, &answer)?;
            self.recorder.sent(self.stage.clock.now(), &name, number, &bytes, summary, &[]);
            self.write(index, &bytes).await?;
        }
        Ok(())
    }

    /// Tells the models of a well-formed packet of ours.
    pub(super) fn note_sent(&mut self, index: usize, packet: &Packet) -> Result<(), Deviation> {
        let breach = self.actor_at(index)?.model.sent(packet).err();
        self.tell_conduct(index, packet)?;
        let left_over = self.actor_at(index)?.live.as_ref().is_some_and(|live| live.left_over);
        match breach {
            None => Ok(()),
            // No author can foresee which of the two comes first.
            Some(breach) if left_over => Err(unplayable(format!(
                "the broker repeats what it said before the connection was lost: {breach}"
            ))),
            Some(breach) => Err(Deviation {
                kind: DeviationKind::CaseError,
                seen: format!("the case breaks the specification without saying so: {breach}"),
                allowed: None,
                place: None,
            }),
        }
    }

    /// Tells the rules of conduct of a well-formed packet of ours.
    pub(super) fn tell_conduct(&mut self, index: usize, packet: &Packet) -> Result<(), Deviation> {
        if let (Packet::Subscribe(subscribe), Some(filters)) = (packet, &mut self.filters) {
            filters.extend(subscribe.filters.iter().map(|wanted| wanted.filter.clone()));
        }
        let known = self.filters.clone();
        let Some(live) = self.actor_at(index)?.live.as_mut() else { return Ok(()) };
        live.conduct.sent(packet);
        if matches!(packet, Packet::Connect(connect) if !connect.clean_start) {
            // Client Identifiers are the case's own, so the Session knows no filters but the case's.
            live.conduct.resumes(known);
        }
        Ok(())
    }

    /// Tells the rules of conduct that we sent what is not well-formed; a broker may take it for a SUBSCRIBE.
    pub(super) fn tell_malformed(&mut self, index: usize) -> Result<(), Deviation> {
        self.filters = None;
        if let Some(live) = self.actor_at(index)?.live.as_mut() {
            live.conduct.sent_malformed();
        }
        Ok(())
    }

    /// Writes bytes. That the broker has ended the connection is no error here: the end is seen by reading.
    pub(super) async fn write(&mut self, index: usize, bytes: &[u8]) -> Result<(), Deviation> {
        let clock = self.stage.clock;
        let deadline = clock.now() + self.stage.timing.answer;
        let actor = self.actor_at(index)?;
        let Some(writer) = actor.live.as_mut().and_then(|live| live.writer.as_mut()) else {
            return Err(Deviation {
                kind: DeviationKind::CaseError,
                seen: format!("client `{}` has no connection to write to", actor.plan.name),
                allowed: None,
                place: None,
            });
        };
        let _ = clock.before(deadline, writer.write_all(bytes)).await;
        let _ = clock.before(deadline, writer.flush()).await;
        Ok(())
    }

    /// Ends a connection from our side.
    async fn end(&mut self, index: usize, how: Ending) -> Result<(), Deviation> {
        let clock = self.stage.clock;
        let deadline = clock.now() + self.stage.timing.answer;
        let actor = self.actor_at(index)?;
        let (name, number) = (actor.plan.name.clone(), actor.connections.saturating_sub(1));
        let Some(live) = actor.live.as_mut() else { return Ok(()) };
        let was_open = live.ended.is_none() && !live.finished;
        live.finished = true;
        let mut seen = Ok(true);
        match (live.writer.take(), how) {
            (Some(writer), Ending::Reset) => {
                writer.reset();
                actor.live = None;
            }
            (Some(mut writer), Ending::Finish) => {
                let _ = clock.before(deadline, writer.shutdown()).await;
                let ended =
                    |player: &Self| player.actors.get(index).is_none_or(|actor| actor.ended().is_some());
                // A broker that does not end its side is not what such a step is about, but what it sends meanwhile, to
                // whomever, is judged.
                seen = self.pump(deadline, ended).await;
            }
            (None, _) => {}
        }
        if was_open {
            self.recorder.ended(clock.now(), &name, number, EndingKind::ClientClosed);
        }
        seen.map(|_| ())
    }

    /// Leaves all connections in order, so that no Will is published, and closes the record.
    async fn leave(mut self) -> (Playing, Leftovers) {
        for index in 0..self.actors.len() {
            let Ok(actor) = self.actor_at(index) else { continue };
            let open = actor.live.as_ref().is_some_and(|live| live.ended.is_none() && !live.finished);
            if open && actor.is_accepted() {
                let bytes = encode(&Packet::Disconnect(Default::default()), actor.plan.version);
                let _ = self.write(index, &bytes).await;
            }
            let Ok(actor) = self.actor_at(index) else { continue };
            let (name, live) = (actor.plan.name.clone(), actor.live.take());
            if let Some(live) = live {
                super::words::ending(&mut self.recorder, &name, &live);
            }
        }
        (self.recorder.playing, self.leftovers)
    }
}

/// Reads a packet of the broker, in the other version too where the case asks for it.
fn read(frame: &Bytes, own: Version, any: bool) -> Result<(Packet, Version), Violation> {
    let in_version = |version| decode(frame, Context { version, sender: Sender::Server });
    match in_version(own) {
        Ok(packet) => Ok((packet, own)),
        Err(violation) if any => {
            let other = match own {
                Version::V3_1_1 => Version::V5_0,
                Version::V5_0 => Version::V3_1_1,
            };
            in_version(other).map(|packet| (packet, other)).map_err(|_| violation)
        }
        Err(violation) => Err(violation),
    }
}

/// What a client owes for a delivery (4.3).
fn acknowledgement(packet: &Packet) -> Option<Packet> {
    match packet {
        Packet::Publish(publish) => {
            let ack = Acknowledgement::new(publish.packet_id?);
            match publish.qos {
                QoS::AtMostOnce => None,
                QoS::AtLeastOnce => Some(Packet::PubAck(ack)),
                QoS::ExactlyOnce => Some(Packet::PubRec(ack)),
            }
        }
        Packet::PubRel(release) => Some(Packet::PubComp(Acknowledgement::new(release.packet_id))),
        _ => None,
    }
}

fn breaks(misconduct: Misconduct) -> Deviation {
    let Misconduct { statements, message, field } = misconduct;
    Deviation { kind: DeviationKind::Breaks { statements, field }, seen: message, allowed: None, place: None }
}

fn violates(violation: &Violation) -> Deviation {
    breaks(Misconduct {
        statements: violation.statements().to_vec(),
        message: violation.to_string(),
        field: Some(violation.field.to_string()),
    })
}

pub(super) fn unplayable(seen: String) -> Deviation {
    Deviation { kind: DeviationKind::Unplayable, seen, allowed: None, place: None }
}

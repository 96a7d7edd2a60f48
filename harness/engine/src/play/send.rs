//! Writes the packets of a `send`, after judging every byte of them: what breaks the specification must
//! have been declared.

use bytes::{Bytes, BytesMut};
use mqttspec_codec::model::{Packet, Sender};
use mqttspec_codec::{
    Context, Framer, FramingError, StatementId, Violation, decode, decode_tolerating, describe,
};
use mqttspec_script::depends_on_connack;
use mqttspec_script::plan::{Chunks, Frames, Outgoing, PacketSource, Send};

use super::account::{Added, added};
use super::frames;
use super::player::{Player, StepResult, unplayable};
use crate::trace::{Deviation, DeviationKind, StepOutcome};

/// The longest packet that a case may write, in bytes: the longest that there is (2.1.4 in 5.0).
const LONGEST_PACKET: usize = 268_435_460;

impl Player<'_> {
    pub(super) async fn send(&mut self, send: &Send) -> StepResult {
        let index = self.actor(&send.client)?;
        self.write_packets(index, &send.packets, &send.chunks, &send.frames, &send.violates).await?;
        Ok(StepOutcome::Held)
    }

    pub(super) async fn write_packets(
        &mut self,
        index: usize,
        packets: &[Outgoing],
        chunks: &Chunks,
        frames: &Frames,
        violates: &[StatementId],
    ) -> Result<(), Deviation> {
        // What has come already must be known to the model before it judges what we send.
        let now = self.stage.clock.now();
        self.pump(now, |_| true).await?;
        let mut all = BytesMut::new();
        for outgoing in packets {
            let bytes = self.build(index, outgoing, violates)?;
            self.note(index, &bytes, frames::manner(frames), violates)?;
            all.extend_from_slice(&bytes);
        }
        let mut rest = all.freeze();
        if *frames != Frames::default()
            && let Some(live) = self.actor_at(index)?.live.as_mut()
        {
            live.conduct.sent_malformed();
        }
        let lengths = lengths(chunks, rest.len());
        for (number, length) in lengths.iter().enumerate() {
            let piece = rest.split_to((*length).min(rest.len()));
            if let Some(writer) = self.actor_at(index)?.live.as_mut().and_then(|live| live.writer.as_mut()) {
                writer.next_frame(frames::of_write(frames, number, lengths.len()));
            }
            self.write(index, &piece).await?;
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    fn build(
        &mut self,
        index: usize,
        outgoing: &Outgoing,
        violates: &[StatementId],
    ) -> Result<Bytes, Deviation> {
        let Some(account) = self.stage.connector.account() else { return self.build_as_is(index, outgoing) };
        let bytes = match added(account, outgoing) {
            Added::NotNeeded => return self.build_as_is(index, outgoing),
            Added::Shows(outgoing) => self.build_as_is(index, &outgoing)?,
            Added::Impossible => return Err(needs_account()),
        };
        let context = Context { version: self.actor_at(index)?.plan.version, sender: Sender::Client };
        let mut framer = Framer::new(context, LONGEST_PACKET);
        framer.push(&bytes);
        let judged = match framer.next_frame() {
            Ok(Some(frame)) => decode(&frame, context).err(),
            Err(FramingError::Violation(violation)) => Some(violation),
            Ok(None) | Err(FramingError::TooLong { .. }) => None,
        };
        // With the account in it the packet may break another rule than it is meant to.
        match judged {
            Some(violation) if !is_declared(&violation, violates) => Err(needs_account()),
            _ => Ok(bytes),
        }
    }

    fn build_as_is(&mut self, index: usize, outgoing: &Outgoing) -> Result<Bytes, Deviation> {
        let actor = self.actors.get_mut(index).ok_or_else(|| case_error("there is no such client"))?;
        let client = actor.plan.name.clone();
        let version = actor.plan.version;
        let last_received = match outgoing.source {
            PacketSource::Packet(Packet::PubRel(_)) => actor.last_pubrec_id,
            PacketSource::Packet(_) | PacketSource::Raw(_) => actor.last_delivery_id,
        };
        outgoing
            .build(&self.scope, &client, version, last_received, || actor.fresh_id())
            .map_err(|error| case_error(error.to_string()))
    }

    /// Judges bytes of ours and writes them down.
    fn note(
        &mut self,
        index: usize,
        bytes: &Bytes,
        manner: &str,
        violates: &[StatementId],
    ) -> Result<(), Deviation> {
        let actor = self.actor_at(index)?;
        let (name, number) = (actor.plan.name.clone(), actor.connections.saturating_sub(1));
        let context = Context { version: actor.plan.version, sender: Sender::Client };
        let at = self.stage.clock.now();
        let mut framer = Framer::new(context, LONGEST_PACKET);
        framer.push(bytes);
        loop {
            let judged = match framer.next_frame() {
                Ok(None) => break,
                Ok(Some(frame)) => match decode(&frame, context) {
                    Ok(packet) => Ok((frame, packet)),
                    Err(violation) => Err((Some(frame), violation)),
                },
                Err(FramingError::Violation(violation)) => Err((None, violation)),
                Err(error @ FramingError::TooLong { .. }) => return Err(case_error(error.to_string())),
            };
            match judged {
                Ok((frame, packet)) => {
                    let summary = describe(&packet, context.version) + manner;
                    self.recorder.sent(at, &name, number, &frame, summary, violates);
                    self.note_legal(index, &packet, frame.len(), violates)?;
                }
                Err((frame, violation)) => {
                    let summary = violation.to_string() + manner;
                    let shown = frame.as_ref().unwrap_or(bytes);
                    self.recorder.sent(at, &name, number, shown, summary, violates);
                    if !is_declared(&violation, violates) {
                        return Err(undeclared(&violation.to_string()));
                    }
                    self.tell_malformed(index)?;
                    let Some(frame) = frame else { return Ok(()) };
                    let tolerate = |violation: &Violation| is_declared(violation, violates);
                    if let Ok(packet) = decode_tolerating(&frame, context, &tolerate) {
                        self.note_broken(index, &packet)?;
                    }
                }
            }
        }
        let left = framer.pending();
        if !left.is_empty() {
            let summary = format!("{} bytes of a packet that goes on{manner}", left.len());
            self.recorder.sent(at, &name, number, left, summary, violates);
            if let Some(live) = self.actor_at(index)?.live.as_mut() {
                live.mid_packet = true;
            }
        }
        Ok(())
    }

    /// Tells the model of a packet whose form is wrong, so that it judges what follows as if the packet had
    /// been meant as it reads. What else is wrong with the packet may be a consequence.
    fn note_broken(&mut self, index: usize, packet: &Packet) -> Result<(), Deviation> {
        let version = self.actor_at(index)?.plan.version;
        self.leftovers.sent(packet, version);
        self.user_properties.sent(packet);
        let actor = self.actor_at(index)?;
        actor.note_id(packet);
        let _ = actor.model.sent(packet);
        Ok(())
    }

    /// Tells the models of a packet whose form is right; what it breaks by its place must be declared.
    fn note_legal(
        &mut self,
        index: usize,
        packet: &Packet,
        size: usize,
        violates: &[StatementId],
    ) -> Result<(), Deviation> {
        let version = self.actor_at(index)?.plan.version;
        self.leftovers.sent(packet, version);
        self.user_properties.sent(packet);
        let actor = self.actor_at(index)?;
        actor.note_id(packet);
        let oversize = actor.model.judge_size(size);
        let breach = actor.model.sent(packet).and(oversize).err();
        if let Some(breach) = &breach
            && !breach.statements.iter().any(|broken| covers(violates, *broken))
        {
            return Err(if breach.statements.iter().any(|id| depends_on_connack(*id)) {
                Deviation { kind: DeviationKind::Lacking, ..case_error(breach.to_string()) }
            } else {
                undeclared(&breach.to_string())
            });
        }
        if let Some(live) = actor.live.as_mut().filter(|_| breach.is_some()) {
            live.conduct.sent_malformed();
        }
        self.tell_conduct(index, packet)
    }
}

fn is_declared(violation: &Violation, violates: &[StatementId]) -> bool {
    violation.statements().iter().any(|broken| covers(violates, *broken))
}

/// Whether a declaration names a broken rule, or a clause of it.
fn covers(violates: &[StatementId], broken: StatementId) -> bool {
    violates.iter().any(|declared| declared.statement() == broken.statement())
}

fn needs_account() -> Deviation {
    unplayable("the broker wants an account of every client, and this CONNECT has no place for it".to_owned())
}

fn undeclared(what: &str) -> Deviation {
    case_error(format!("the case breaks the specification without saying so: {what}"))
}

pub(super) fn case_error(seen: impl Into<String>) -> Deviation {
    Deviation { kind: DeviationKind::CaseError, seen: seen.into(), allowed: None, place: None }
}

/// The lengths of the pieces in which bytes are written.
fn lengths(chunks: &Chunks, total: usize) -> Vec<usize> {
    match chunks {
        Chunks::Whole => vec![total],
        Chunks::Each(size) => {
            let size = (*size).max(1);
            vec![size; total.div_ceil(size)]
        }
        Chunks::At(offsets) => {
            let ends = offsets.iter().copied().chain([total]);
            ends.scan(0, |from, end| {
                let length = end.saturating_sub(*from);
                *from = end.max(*from);
                Some(length)
            })
            .collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use mqttspec_script::plan::Chunks;

    use super::lengths;

    #[test]
    fn pieces_cover_all_bytes() {
        assert_eq!(lengths(&Chunks::Whole, 7), [7]);
        assert_eq!(lengths(&Chunks::Each(3), 7), [3, 3, 3]);
        assert_eq!(lengths(&Chunks::At(vec![2, 5]), 7), [2, 3, 2]);
    }
}

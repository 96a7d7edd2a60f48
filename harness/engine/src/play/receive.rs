//! Takes the messages that the broker delivers, exactly those that the case lists.

use std::time::Duration;

use mqttspec_codec::model::Packet;
use mqttspec_codec::{Version, describe, encode};
use mqttspec_script::plan::{Message, Receive, Until, Window};

use super::actor::Arrived;
use super::player::{Player, StepResult};
use super::words;
use crate::trace::{Deviation, DeviationKind, StepOutcome};

impl Player<'_> {
    pub(super) async fn receive(&mut self, receive: &Receive) -> StepResult {
        let index = self.actor(&receive.client)?;
        let mut open: Vec<&Message> = receive.messages.iter().collect();
        while open.iter().any(|message| !message.optional) {
            let Some(arrived) = self.next_delivery(index, self.deadline(receive.window)).await? else {
                return Err(self.undelivered(index, &open, receive.window));
            };
            self.in_window(&arrived, receive.window)?;
            self.place(index, &arrived, &mut open, receive.any_order)?;
        }
        self.nothing_more(index, receive, open).await?;
        Ok(StepOutcome::Held)
    }

    /// Takes a message off the list of those that are due.
    fn place(
        &mut self,
        index: usize,
        arrived: &Arrived,
        open: &mut Vec<&Message>,
        any_order: bool,
    ) -> Result<(), Deviation> {
        let mut mismatch = None;
        for position in 0..open.len() {
            let Some(message) = open.get(position).copied() else { break };
            match self.try_match(index, &message.pattern, arrived) {
                Ok(()) => {
                    if any_order {
                        open.remove(position);
                    } else {
                        open.drain(..=position);
                    }
                    return Ok(());
                }
                Err(found) => {
                    mismatch.get_or_insert(found);
                    if !any_order && !message.optional {
                        break;
                    }
                }
            }
        }
        let seen = words::seen(arrived);
        let allowed = self.list(index, open, arrived.version);
        let (seen, place) = match mismatch {
            Some(mismatch) => (format!("{seen}: {mismatch}"), mismatch.place),
            None => (seen, None),
        };
        Err(Deviation { kind: DeviationKind::Wrong, seen, allowed: Some(allowed), place })
    }

    /// The messages that are open, in words, with the values of this run.
    fn list(&self, index: usize, open: &[&Message], version: Version) -> String {
        if open.is_empty() {
            return "no further message".to_owned();
        }
        let client = self.actors.get(index).map_or("", |actor| actor.plan.name.as_str());
        let words = |message: &&Message| message.pattern.filled(&self.scope, client).describe(version);
        let all: Vec<String> = open.iter().map(words).collect();
        all.join(", then ")
    }

    async fn next_delivery(
        &mut self,
        index: usize,
        deadline: Duration,
    ) -> Result<Option<Arrived>, Deviation> {
        let something = |player: &Self| {
            player
                .actors
                .get(index)
                .is_none_or(|actor| !actor.deliveries.is_empty() || actor.ended().is_some())
        };
        self.pump(deadline, something).await?;
        Ok(self.actor_at(index)?.deliveries.pop_front())
    }

    /// The deviation of a message that did not come.
    fn undelivered(&mut self, index: usize, open: &[&Message], window: Window) -> Deviation {
        let due = open.iter().find(|message| !message.optional);
        let is_fence = due.is_some_and(|message| message.fence);
        let ended = self.actors.get(index).and_then(|actor| actor.ended());
        let place = due.map(|message| message.place);
        let version = self.actors.get(index).map_or(Version::V5_0, |actor| actor.plan.version);
        let allowed = self.list(index, open, version);
        let deviation = match ended {
            Some((how, _)) => words::ended_early(how, allowed),
            None => self.missing(index, allowed, window),
        };
        let kind = if is_fence { DeviationKind::FenceMissing } else { deviation.kind };
        Deviation { kind, place, ..deviation }
    }

    /// Makes sure, as far as the case can, that no further message is on its way.
    async fn nothing_more(
        &mut self,
        index: usize,
        receive: &Receive,
        mut open: Vec<&Message>,
    ) -> Result<(), Deviation> {
        match &receive.until {
            Until::Last => return Ok(()),
            Until::Ping => self.ping_fence(index).await?,
            Until::Closed => {
                let ended =
                    |player: &Self| player.actors.get(index).is_none_or(|actor| actor.ended().is_some());
                let deadline = self.deadline(receive.window);
                if !self.pump(deadline, ended).await? {
                    let deviation =
                        self.missing(index, "the end of the connection".to_owned(), receive.window);
                    return Err(Deviation { kind: DeviationKind::FenceMissing, ..deviation });
                }
            }
            Until::Quiet { time, .. } => {
                let end = self.stage.clock.now() + *time;
                self.pump(end, |_| false).await?;
                self.recorder.playing.absences_by_time += 1;
            }
        }
        while let Some(arrived) = self.actor_at(index)?.deliveries.pop_front() {
            self.place(index, &arrived, &mut open, receive.any_order)?;
        }
        Ok(())
    }

    /// A round trip of PINGREQ and PINGRESP: the broker has read all that this connection carried.
    pub(super) async fn ping_fence(&mut self, index: usize) -> Result<(), Deviation> {
        let actor = self.actor_at(index)?;
        let (name, number) = (actor.plan.name.clone(), actor.connections.saturating_sub(1));
        let version = actor.plan.version;
        let bytes = encode(&Packet::PingReq, version);
        self.note_sent(index, &Packet::PingReq)?;
        let now = self.stage.clock.now();
        self.recorder.sent(now, &name, number, &bytes, describe(&Packet::PingReq, version), &[]);
        self.write(index, &bytes).await?;
        let something = |player: &Self| {
            player.actors.get(index).is_none_or(|actor| {
                actor.replies.iter().any(|arrived| !may_be_unread(arrived)) || actor.ended().is_some()
            })
        };
        let deadline = now + self.stage.timing.answer;
        self.pump(deadline, something).await?;
        let replies = &mut self.actor_at(index)?.replies;
        let first = replies.iter().position(|arrived| !may_be_unread(arrived));
        match first.and_then(|first| replies.remove(first)) {
            Some(arrived) if arrived.packet == Packet::PingResp => Ok(()),
            Some(arrived) => {
                let seen = words::seen(&arrived);
                Err(words::unexpected(&arrived, seen, "PINGRESP".to_owned()))
            }
            None => {
                let deviation = match self.actors.get(index).and_then(|actor| actor.ended()) {
                    Some((how, _)) => words::ended_early(how, "PINGRESP".to_owned()),
                    None => self.missing(index, "PINGRESP".to_owned(), Window::default()),
                };
                Err(Deviation { kind: DeviationKind::FenceMissing, ..deviation })
            }
        }
    }
}

/// An acknowledgement that no step has read yet. That it answers something of ours is seen to in passing.
fn may_be_unread(arrived: &Arrived) -> bool {
    matches!(
        arrived.packet,
        Packet::PubAck(_) | Packet::PubRec(_) | Packet::PubComp(_) | Packet::SubAck(_) | Packet::UnsubAck(_)
    )
}

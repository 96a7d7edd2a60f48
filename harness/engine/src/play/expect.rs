//! Waits for the next packet, which must match one of the alternatives.

use mqttspec_codec::Version;
use mqttspec_codec::model::PacketType;
use mqttspec_script::describe_alternatives;
use mqttspec_script::plan::{Alternative, ClosePattern, Grade, PacketPattern, Pattern, Window};

use super::actor::{Actor, Arrived};
use super::player::{Player, StepResult};
use super::words;
use crate::trace::{Deviation, DeviationKind, StepOutcome};

impl Player<'_> {
    pub(super) async fn expect(
        &mut self,
        client: &str,
        alternatives: &[Alternative],
        window: Window,
    ) -> StepResult {
        let index = self.actor(client)?;
        let version = self.actor_at(index)?.plan.version;
        let lanes = Lanes::of(alternatives);
        let closing = alternatives.iter().find_map(|alternative| match &alternative.pattern {
            Pattern::Closed(pattern) => Some((alternative, pattern)),
            Pattern::Packet(_) => None,
        });
        let deadline = match closing {
            Some(_) => self.deadline_of_close(index, window),
            None => self.deadline(window),
        };
        let something = |player: &Self| {
            player
                .actors
                .get(index)
                .is_none_or(|actor| lanes.first_is_delivery(actor).is_some() || actor.ended().is_some())
        };
        let in_time = self.pump(deadline, something).await?;
        if !in_time {
            let allowed = self.allowed(index, alternatives, version);
            return Err(match closing {
                Some(_) => self.still_open(index, allowed, window).await,
                None => self.missing(index, allowed, window),
            });
        }
        let actor = self.actor_at(index)?;
        let next = match lanes.first_is_delivery(actor) {
            Some(true) => actor.deliveries.pop_front(),
            Some(false) => actor.replies.pop_front(),
            None => None,
        };
        let Some(arrived) = next else {
            return match closing {
                Some((alternative, pattern)) => self.close_as(index, alternative, pattern, window).await,
                None => Err(self.ended_instead(index, self.allowed(index, alternatives, version), window)),
            };
        };
        let mut first_mismatch = None;
        for alternative in alternatives {
            let Pattern::Packet(pattern) = &alternative.pattern else { continue };
            match self.try_match(index, pattern, &arrived) {
                Ok(()) => {
                    self.in_window(&arrived, window)?;
                    let seen = words::seen(&arrived);
                    let label = alternative.label.clone();
                    return Ok(StepOutcome::Matched { grade: alternative.grade, label, seen });
                }
                Err(mismatch) => {
                    if first_mismatch.is_none() && pattern.packet_type == arrived.packet.packet_type() {
                        first_mismatch = Some(mismatch);
                    }
                }
            }
        }
        // A packet that is the one meant, but for another field than its code, is no way to close.
        let is_meant = first_mismatch.as_ref().is_some_and(|mismatch| mismatch.field != "reason_code");
        if let Some((alternative, pattern)) = closing.filter(|_| !is_meant) {
            let lane = &mut self.actor_at(index)?.replies;
            lane.push_front(arrived);
            return self.close_as(index, alternative, pattern, window).await;
        }
        let seen = words::seen(&arrived);
        let (seen, place) = match first_mismatch {
            Some(mismatch) => (format!("{seen}: {mismatch}"), mismatch.place),
            None => (seen, None),
        };
        let deviation = words::unexpected(&arrived, seen, self.allowed(index, alternatives, version));
        Err(Deviation { place, ..deviation })
    }

    /// What a step allows, in words, with the values of this run.
    fn allowed(&self, index: usize, alternatives: &[Alternative], version: Version) -> String {
        let client = self.actors.get(index).map_or("", |actor| actor.plan.name.as_str());
        let filled: Vec<Alternative> =
            alternatives.iter().map(|alternative| alternative.filled(&self.scope, client)).collect();
        describe_alternatives(&filled, version)
    }

    async fn close_as(
        &mut self,
        index: usize,
        alternative: &Alternative,
        pattern: &ClosePattern,
        window: Window,
    ) -> StepResult {
        let client = self.actor_at(index)?.plan.name.clone();
        let label = alternative.label.clone();
        match self.closed(&client, pattern, window).await? {
            StepOutcome::Held => {
                let seen = "the broker closed the connection".to_owned();
                Ok(StepOutcome::Matched { grade: alternative.grade, label, seen })
            }
            StepOutcome::Matched { seen, .. } => {
                Ok(StepOutcome::Matched { grade: alternative.grade, label, seen })
            }
            StepOutcome::Missed { rule, seen } => {
                Ok(StepOutcome::Matched { grade: worse(alternative.grade, rule), label, seen })
            }
            StepOutcome::Deviated(deviation) => Err(deviation),
        }
    }

    fn ended_instead(&mut self, index: usize, allowed: String, window: Window) -> Deviation {
        match self.actors.get(index).and_then(|actor| actor.ended()) {
            Some((how, _)) => words::ended_early(how, allowed),
            None => self.missing(index, allowed, window),
        }
    }

    /// Compares a packet with a pattern and keeps what the pattern captures.
    pub(super) fn try_match(
        &mut self,
        index: usize,
        pattern: &PacketPattern,
        arrived: &Arrived,
    ) -> Result<(), mqttspec_script::Mismatch> {
        let Some(actor) = self.actors.get(index) else { return Ok(()) };
        let name = actor.plan.name.as_str();
        let packet = self.user_properties.without_others(&arrived.packet);
        let captures = pattern.matches(&packet, arrived.version, &self.scope, name, actor.last_sent_id)?;
        self.scope.captured.extend(captures);
        Ok(())
    }

    /// What comes before its time is wrong.
    pub(super) fn in_window(&self, arrived: &Arrived, window: Window) -> Result<(), Deviation> {
        let Some(not_before) = window.not_before else { return Ok(()) };
        let waited = arrived.at.saturating_sub(self.step_before_began());
        if waited >= not_before {
            return Ok(());
        }
        Err(Deviation {
            kind: DeviationKind::Wrong,
            seen: format!("{} came after {:.3} s", words::seen(arrived), waited.as_secs_f64()),
            allowed: Some(format!("nothing before {:.3} s", not_before.as_secs_f64())),
            place: None,
        })
    }

    pub(super) fn deadline(&self, window: Window) -> std::time::Duration {
        self.stage.clock.now() + self.stage.timing.within(window.within.unwrap_or_default())
    }

    /// The deadline of a step that waits for the end of a connection.
    pub(super) fn deadline_of_close(&self, index: usize, window: Window) -> std::time::Duration {
        let given = window.within.unwrap_or_default();
        if self.actors.get(index).is_some_and(Actor::is_accepted) {
            return self.deadline(window);
        }
        self.stage.clock.now() + self.stage.timing.within_before_connack(given)
    }

    /// The deviation of a deadline that passed.
    pub(super) fn missing(&mut self, index: usize, allowed: String, window: Window) -> Deviation {
        let is_open = self.actors.get(index).is_some_and(|actor| actor.ended().is_none());
        let seen = if is_open {
            "nothing came in time, and the connection is still open"
        } else {
            "nothing came, and the connection has ended"
        };
        let name = self.actors.get(index).map(|actor| actor.plan.name.clone()).unwrap_or_default();
        let what = format!("the deadline passed: {allowed}");
        let now = self.stage.clock.now();
        self.recorder.event(now, &name, 0, mqttspec_spec::record::Event::Timer { what });
        let patient = self.stage.timing.is_patient(window.within.unwrap_or_default());
        Deviation {
            kind: DeviationKind::Missing { patient },
            seen: seen.to_owned(),
            allowed: Some(allowed),
            place: None,
        }
    }
}

/// From which of the two lanes a step takes its packet: deliveries, answers, or whichever has the first.
#[derive(Clone, Copy)]
struct Lanes {
    deliveries: bool,
    replies: bool,
}

impl Lanes {
    fn of(alternatives: &[Alternative]) -> Self {
        let is_delivery = |alternative: &Alternative| match &alternative.pattern {
            Pattern::Packet(pattern) => {
                Some(matches!(pattern.packet_type, PacketType::Publish | PacketType::PubRel))
            }
            Pattern::Closed(_) => None,
        };
        let deliveries = alternatives.iter().any(|alternative| is_delivery(alternative) == Some(true));
        let replies = alternatives.iter().any(|alternative| is_delivery(alternative) == Some(false));
        Self { deliveries, replies: replies || !deliveries }
    }

    /// Whether the packet that came first is a delivery; absent where none waits.
    fn first_is_delivery(self, actor: &Actor<'_>) -> Option<bool> {
        let delivery = actor.deliveries.front().filter(|_| self.deliveries).map(|arrived| arrived.order);
        let reply = actor.replies.front().filter(|_| self.replies).map(|arrived| arrived.order);
        match (delivery, reply) {
            (Some(delivery), Some(reply)) => Some(delivery < reply),
            (Some(_), None) => Some(true),
            (None, Some(_)) => Some(false),
            (None, None) => None,
        }
    }
}

/// A grade that is no better than missing the SHOULD of this rule.
const fn worse(grade: Grade, rule: mqttspec_codec::StatementId) -> Grade {
    match grade {
        Grade::Pass => Grade::Lenient(rule),
        Grade::Lenient(_) | Grade::Unsupported => grade,
    }
}

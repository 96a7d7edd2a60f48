//! Waits for the broker to close a connection.
//!
//! That it closes is the MUST. What it may say before depends on the version and on whether it had accepted
//! the client: a DISCONNECT with a fitting Reason Code is what 5.0 asks for (4.13.1), a CONNACK with one
//! what it allows; 3.1.1 has no word for it but the return codes of a CONNACK.

use mqttspec_codec::model::{Packet, PacketType, ReasonCode};
use mqttspec_codec::{StatementId, Version, encode, statement};
use mqttspec_script::plan::{ClosePattern, Window};

use super::actor::Arrived;
use super::player::{Player, StepResult};
use super::words;
use crate::trace::{Deviation, DeviationKind, StepOutcome};

/// Codes that are honest for every error (4.13.2 of 5.0 lets a receiver not reveal more).
const GENERIC: [ReasonCode; 4] = [
    ReasonCode::UNSPECIFIED_ERROR,
    ReasonCode::MALFORMED_PACKET,
    ReasonCode::PROTOCOL_ERROR,
    ReasonCode::IMPLEMENTATION_SPECIFIC_ERROR,
];

/// 5.0: a DISCONNECT with the Reason Code comes before the close (SHOULD).
const SAYS_WHY: StatementId = statement!("S5-54");
/// 5.0: a CONNACK with the Reason Code may come before the close.
const REFUSES: StatementId = statement!("S5-55");

/// 3.1.1: a CONNECT that does not conform is followed by the end of the connection, and by no CONNACK before it.
pub(crate) const WITHOUT_CONNACK: StatementId = statement!("MQTT-3.1.4-1/b");

/// Whether a CONNACK of 3.1.1 refuses the client where it should have been left without one.
fn is_needless_refusal(word: &Arrived, pattern: &ClosePattern) -> bool {
    match (&word.packet, word.version) {
        (Packet::ConnAck(connack), Version::V3_1_1) => {
            connack.reason_code != ReasonCode::SUCCESS && !pattern.return_codes.contains(&connack.reason_code)
        }
        _ => false,
    }
}

impl Player<'_> {
    pub(super) async fn closed(
        &mut self,
        client: &str,
        pattern: &ClosePattern,
        window: Window,
    ) -> StepResult {
        let index = self.actor(client)?;
        let deadline = self.deadline_of_close(index, window);
        let something = |player: &Self| {
            player.actors.get(index).is_none_or(|actor| !actor.replies.is_empty() || actor.ended().is_some())
        };
        let in_time = self.pump(deadline, something).await?;
        let was_accepted = self.actors.get(index).is_some_and(super::actor::Actor::is_accepted);
        let word = self.actor_at(index)?.replies.pop_front();
        let outcome = match &word {
            Some(word) if is_needless_refusal(word, pattern) && !was_accepted => {
                self.ends_after(index, deadline, Some(word), pattern, window).await?;
                return Err(Deviation {
                    kind: DeviationKind::Breaks { statements: vec![WITHOUT_CONNACK], field: None },
                    seen: format!("{} came before the end of the connection", words::seen(word)),
                    allowed: Some(pattern.describe(word.version)),
                    place: None,
                });
            }
            Some(word) => self.last_word(word, pattern, was_accepted)?,
            None if !in_time => {
                let version = self.actor_at(index)?.plan.version;
                return Err(self.still_open(index, pattern.describe(version), window).await);
            }
            None => self.silent(index, pattern, was_accepted),
        };
        self.ends_after(index, deadline, word.as_ref(), pattern, window).await?;
        if let (Some(not_before), Some((_, at))) =
            (window.not_before, self.actors.get(index).and_then(|actor| actor.ended()))
        {
            let waited = at.saturating_sub(self.step_before_began());
            if waited < not_before {
                return Err(Deviation {
                    kind: DeviationKind::Wrong,
                    seen: format!("the broker closed the connection after {:.3} s", waited.as_secs_f64()),
                    allowed: Some(format!("an open connection for {:.3} s", not_before.as_secs_f64())),
                    place: None,
                });
            }
        }
        Ok(outcome)
    }

    /// Judges the packet that comes before the end.
    fn last_word(&self, word: &Arrived, pattern: &ClosePattern, was_accepted: bool) -> StepResult {
        let seen = words::seen(word);
        let refused = Err(words::unexpected(word, seen, pattern.describe(word.version)));
        let (code, rule) = match (&word.packet, word.version) {
            (Packet::Disconnect(disconnect), Version::V5_0) if was_accepted => {
                (disconnect.reason(), SAYS_WHY)
            }
            (Packet::ConnAck(connack), Version::V5_0) if !was_accepted && connack.reason_code.is_error() => {
                (connack.reason_code, REFUSES)
            }
            (Packet::ConnAck(connack), Version::V3_1_1) => {
                let allowed = pattern.return_codes.contains(&connack.reason_code);
                return if allowed && !was_accepted { Ok(StepOutcome::Held) } else { refused };
            }
            _ => return refused,
        };
        if pattern.reason_codes.contains(&code) || GENERIC.contains(&code) {
            return Ok(StepOutcome::Held);
        }
        let packet_type = word.packet.packet_type();
        let code = words::code(code, packet_type, word.version);
        Ok(StepOutcome::Missed { rule, seen: format!("{packet_type} says {code}, which is not the error") })
    }

    /// Judges an end without a word.
    fn silent(&self, index: usize, pattern: &ClosePattern, was_accepted: bool) -> StepOutcome {
        let is_5 = self.actors.get(index).is_some_and(|actor| actor.plan.version == Version::V5_0);
        if is_5 && was_accepted && !pattern.reason_codes.is_empty() {
            let seen = "the broker closed the connection without a DISCONNECT".to_owned();
            return StepOutcome::Missed { rule: SAYS_WHY, seen };
        }
        StepOutcome::Held
    }

    /// After its last word the broker closes, and says nothing else.
    async fn ends_after(
        &mut self,
        index: usize,
        deadline: std::time::Duration,
        word: Option<&Arrived>,
        pattern: &ClosePattern,
        window: Window,
    ) -> Result<(), Deviation> {
        let settled = |player: &Self| {
            player.actors.get(index).is_none_or(|actor| !actor.replies.is_empty() || actor.ended().is_some())
        };
        let in_time = self.pump(deadline, settled).await?;
        if let Some(other) = self.actor_at(index)?.replies.pop_front() {
            let seen = words::seen(&other);
            return Err(words::unexpected(&other, seen, pattern.describe(other.version)));
        }
        if in_time {
            return Ok(());
        }
        let Some(word) = word else {
            let version = self.actor_at(index)?.plan.version;
            return Err(self.still_open(index, pattern.describe(version), window).await);
        };
        // Who says DISCONNECT or refuses in a CONNACK must close as well.
        let rule = match (word.packet.packet_type(), word.version) {
            (PacketType::Disconnect, _) => statement!("MQTT-3.14.4-2"),
            (_, Version::V5_0) => statement!("MQTT-3.2.2-7"),
            (_, Version::V3_1_1) => statement!("MQTT-3.2.2-5"),
        };
        Err(Deviation {
            kind: DeviationKind::Breaks { statements: vec![rule], field: None },
            seen: format!("the connection is still open after {}", words::seen(word)),
            allowed: Some(pattern.describe(word.version)),
            place: None,
        })
    }

    /// Asks a connection that should have ended for a sign of life. A broker that answers has read everything
    /// before and keeps the connection: that is no matter of time any more.
    pub(super) async fn still_open(&mut self, index: usize, allowed: String, window: Window) -> Deviation {
        let version = self.actors.get(index).map_or(Version::V5_0, |actor| actor.plan.version);
        let mut deviation = self.missing(index, allowed, window);
        if !self.actors.get(index).is_some_and(super::actor::Actor::is_accepted) {
            return deviation;
        }
        let bytes = encode(&Packet::PingReq, version);
        let now = self.stage.clock.now();
        if let Ok(actor) = self.actor_at(index) {
            let (name, number) = (actor.plan.name.clone(), actor.connections.saturating_sub(1));
            let summary = "PINGREQ to see whether the connection lives".to_owned();
            self.recorder.sent(now, &name, number, &bytes, summary, &[]);
        }
        let _ = self.write(index, &bytes).await;
        let answered = |player: &Self| {
            player.actors.get(index).is_none_or(|actor| {
                actor.ended().is_some()
                    || actor.replies.iter().any(|arrived| arrived.packet == Packet::PingResp)
            })
        };
        let deadline = now + self.stage.timing.answer;
        if let Ok(true) = self.pump(deadline, answered).await
            && self.actors.get(index).is_some_and(|actor| actor.ended().is_none())
        {
            deviation.seen = "the connection stayed open, and the broker answered a PINGREQ on it".to_owned();
            deviation.kind = DeviationKind::Wrong;
        }
        deviation
    }
}

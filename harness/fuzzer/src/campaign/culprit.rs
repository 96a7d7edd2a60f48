//! The search for the session, or the few, that befall the broker.

use std::time::Duration;

use super::Campaign;
use super::rounds::GOING_DOWN;
use crate::oracle::{End, Oracle, dues};
use crate::play::Player;
use crate::session::{MOST_CLIENTS, Session};
use crate::symptom::Symptom;

/// How many sessions before the one after which a symptom shows may be the cause.
const BACKWARDS: usize = 8;
/// How many sessions are played together.
const TOGETHER: usize = 128;
/// How long the search may last.
const LONGEST_SEARCH: Duration = Duration::from_secs(30);
/// What part of the usual time an answer gets where only the end of all service is looked for.
const HASTE: u32 = 4;

/// A session, and the numbers of those that it is made of.
type Culprit = (Vec<u64>, Session);

impl Campaign {
    /// Looks for the session that brings a symptom about; it may be made of several.
    pub(super) async fn culprit(&self, symptom: &Symptom, suspects: &[u64]) -> Option<Culprit> {
        let until = self.player.clock.now() + LONGEST_SEARCH;
        self.fresh().await;
        if symptom.oracle == Oracle::Canary {
            // Nothing but each of them alone tells which it was.
            return self.alone(symptom, suspects, Duration::MAX).await;
        }
        // The canary was there all the time.
        let bystanders: Vec<u64> = self.sessions.bystanders().collect();
        let suspects: Vec<u64> = bystanders.iter().chain(suspects).copied().collect();
        let last = self.last_before(symptom, &suspects, until).await;
        let suspects = suspects.get(..=last).unwrap_or(&suspects);
        let near: Vec<u64> = suspects.iter().rev().take(BACKWARDS).copied().collect();
        if let Some(found) = self.alone(symptom, &near, until).await {
            return Some(found);
        }
        for &number in &near {
            for &bystander in bystanders.iter().filter(|&&bystander| bystander != number) {
                let numbers = vec![bystander, number];
                if let Some(session) = self.together(&numbers, symptom).await {
                    return Some((numbers, session));
                }
            }
        }
        self.overlapping(symptom, suspects, &bystanders, until).await
    }

    /// The first session that brings it about alone.
    async fn alone(&self, symptom: &Symptom, numbers: &[u64], until: Duration) -> Option<Culprit> {
        for &number in numbers {
            if self.player.clock.now() >= until {
                break;
            }
            let session = self.sessions.get(number);
            if self.afflicts(&session, symptom).await.is_some() {
                return Some((vec![number], session));
            }
        }
        None
    }

    /// After which of the sessions, one after the other, the symptom shows; the last one if after none.
    async fn last_before(&self, symptom: &Symptom, suspects: &[u64], until: Duration) -> usize {
        let player = Player {
            patience: self.player.patience / HASTE,
            familiar: Some(self.familiar.clone()),
            ..self.player.clone()
        };
        for (index, &number) in suspects.iter().enumerate() {
            if self.player.clock.now() >= until {
                break;
            }
            let session = self.sessions.get(number);
            let played = player.play(&session, &dues(&session, &self.capabilities)).await;
            // A process that is about to end serves nobody before its end can be seen.
            let is_odd = played.turns.iter().any(|turn| turn.end != End::Settled);
            let seen = if is_odd { self.ask().await } else { None };
            let seen = if seen.is_some() { seen } else { self.trouble().await };
            if let Some(seen) = seen {
                self.fresh().await;
                if seen.signature() == symptom.signature() {
                    return index;
                }
            }
        }
        self.player.clock.pause(GOING_DOWN).await;
        if self.trouble().await.is_some() || self.ask().await.is_some() {
            self.fresh().await;
        }
        suspects.len().saturating_sub(1)
    }

    /// The few sessions that do together, with all their connections open, what none does alone.
    async fn overlapping(
        &self,
        symptom: &Symptom,
        suspects: &[u64],
        bystanders: &[u64],
        until: Duration,
    ) -> Option<Culprit> {
        let mut near: Vec<u64> = suspects.iter().rev().take(TOGETHER).rev().copied().collect();
        near.retain(|number| !bystanders.contains(number));
        for &version in &self.plan.versions {
            let mut numbers: Vec<u64> = bystanders.iter().chain(&near).copied().collect();
            numbers.retain(|&number| self.sessions.get(number).version == version);
            if self.together(&numbers, symptom).await.is_none() {
                // The jobs may have played them in another order.
                numbers.reverse();
                if self.together(&numbers, symptom).await.is_none() {
                    continue;
                }
            }
            let mut length = numbers.len().div_ceil(2);
            while length > 0 && numbers.len() > 1 {
                let mut at = 0;
                while at < numbers.len() && self.player.clock.now() < until {
                    let end = numbers.len().min(at + length);
                    let mut fewer = numbers.clone();
                    fewer.drain(at..end);
                    if self.together(&fewer, symptom).await.is_some() {
                        numbers = fewer;
                    } else {
                        at = end;
                    }
                }
                length = if length == 1 { 0 } else { length.div_ceil(2) };
            }
            let session = self.together(&numbers, symptom).await;
            if let Some(session) = session.filter(|session| session.clients() <= MOST_CLIENTS) {
                return Some((numbers, session));
            }
        }
        None
    }

    /// The sessions as one, if that brings a symptom about on a fresh broker.
    async fn together(&self, numbers: &[u64], symptom: &Symptom) -> Option<Session> {
        let all: Vec<Session> = numbers.iter().map(|&number| self.sessions.get(number)).collect();
        let session = Session::joined(&all)?;
        self.fresh().await;
        self.afflicts(&session, symptom).await.map(|_| session)
    }
}

//! The jobs that play the sessions of a round.

use std::collections::{BTreeSet, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mqttspec_codec::{StatementId, Version};
use mqttspec_engine::{Capabilities, Stop};
use tokio::sync::{mpsc, watch};

use super::Plan;
use crate::oracle::{Breach, Due, End, dues};
use crate::play::{Played, Player};
use crate::session::{Session, Sessions, Step};

/// How many sessions of each job come into question when something befalls the broker.
const REMEMBERED: usize = 8;

/// What all jobs of a round share.
pub(super) struct Round {
    pub(super) sessions: Arc<Sessions>,
    pub(super) capabilities: Arc<Capabilities>,
    pub(super) player: Player,
    pub(super) plan: Plan,
    pub(super) stop: watch::Receiver<Stop>,
    pub(super) until: Option<Duration>,
    /// The next session, counted from the first of the campaign.
    pub(super) next: AtomicU64,
    /// The one at which the round is over.
    pub(super) end: u64,
    /// Whether the round ends at once.
    pub(super) is_aborted: AtomicBool,
    pub(super) counters: Arc<Counters>,
    /// The last sessions of each job.
    pub(super) recent: Vec<Mutex<VecDeque<u64>>>,
}

/// What is counted in the whole campaign.
#[derive(Default)]
pub(super) struct Counters {
    pub(super) sessions: AtomicU64,
    pub(super) malformed: AtomicU64,
    pub(super) packets: AtomicU64,
    pub(super) skipped: AtomicU64,
}

impl Counters {
    fn count(&self, dues: &[Due], played: &Played) {
        let is_malformed =
            played.sent().any(|step| dues.get(step).is_some_and(|due| !due.statements.is_empty()));
        let packets = u64::try_from(played.fenced()).unwrap_or(0);
        self.sessions.fetch_add(1, Ordering::Relaxed);
        self.malformed.fetch_add(u64::from(is_malformed), Ordering::Relaxed);
        self.packets.fetch_add(packets, Ordering::Relaxed);
    }
}

/// What a session came to.
pub(super) struct Seen {
    pub(super) number: u64,
    pub(super) breach: Breach,
    /// How the last turn ended.
    pub(super) end: Option<End>,
    /// When.
    pub(super) at: Duration,
}

/// What one job has reached.
#[derive(Default)]
pub(super) struct Reached {
    pub(super) operators: BTreeSet<&'static str>,
    pub(super) statements: BTreeSet<(Version, StatementId)>,
}

impl Reached {
    fn note(&mut self, session: &Session, dues: &[Due], played: &Played) {
        for step in played.sent() {
            let mutant = session.steps.get(step).and_then(Step::mutant);
            self.operators.extend(mutant.map(|mutant| mutant.operator.name));
            let statements = dues.get(step).map(|due| due.statements.as_slice()).unwrap_or_default();
            self.statements.extend(statements.iter().map(|&id| (session.version, id)));
        }
    }
}

impl Round {
    pub(super) fn abort(&self) {
        self.is_aborted.store(true, Ordering::Relaxed);
    }

    /// The sessions that were played last, in order.
    pub(super) fn suspects(&self) -> Vec<u64> {
        let mut all: Vec<u64> = Vec::new();
        for recent in &self.recent {
            all.extend(recent.lock().unwrap_or_else(PoisonError::into_inner).iter());
        }
        all.sort_unstable();
        all
    }

    fn take(&self, job: usize) -> Option<Session> {
        let is_over = *self.stop.borrow() != Stop::No
            || self.until.is_some_and(|until| self.player.clock.now() >= until)
            || self.is_aborted.load(Ordering::Relaxed);
        if is_over {
            return None;
        }
        let index = self.next.fetch_add(1, Ordering::Relaxed);
        if index >= self.end {
            return None;
        }
        let number = self.plan.first + index * self.plan.stride;
        if let Some(recent) = self.recent.get(job) {
            let mut recent = recent.lock().unwrap_or_else(PoisonError::into_inner);
            if recent.len() == REMEMBERED {
                recent.pop_front();
            }
            recent.push_back(number);
        }
        Some(self.sessions.get(number))
    }

    /// Plays one session after the other.
    pub(super) async fn job(self: Arc<Self>, job: usize, seen: mpsc::UnboundedSender<Seen>) -> Reached {
        let mut reached = Reached::default();
        while let Some(session) = self.take(job) {
            if self.player.familiar.as_ref().is_some_and(|familiar| familiar.avoids(&session)) {
                self.counters.skipped.fetch_add(1, Ordering::Relaxed);
                continue;
            }
            let dues = dues(&session, &self.capabilities);
            let played = self.player.play(&session, &dues).await;
            self.counters.count(&dues, &played);
            reached.note(&session, &dues, &played);
            if let Some(breach) = played.breach {
                if let Some(familiar) = &self.player.familiar {
                    familiar.note(&breach);
                }
                let end = played.turns.last().map(|turn| turn.end);
                let at = self.player.clock.now();
                // The campaign may be over already.
                let _ = seen.send(Seen { number: session.number, breach, end, at });
            }
        }
        reached
    }
}

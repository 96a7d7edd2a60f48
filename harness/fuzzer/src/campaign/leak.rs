//! What the broker's process holds from round to round, and which session makes it hold more.

use std::ops::Range;
use std::time::Duration;

use mqttspec_engine::Usage;
use tokio::task::JoinSet;

use super::Campaign;
use crate::finding::{Finding, Replays};
use crate::minimise::Minimiser;
use crate::oracle::{Breach, Oracle, dues};
use crate::play::Player;
use crate::session::Session;
use crate::symptom::Symptom;

/// How long a broker may take to let go of connections that were reset.
const SETTLES_WITHIN: Duration = Duration::from_millis(500);
/// The time between two looks.
const LOOK: Duration = Duration::from_millis(5);
/// So many open files more than at first, with no connection open, are looked into.
const FILES: u64 = 4;
/// So much memory more than at any time before, after one round, is looked into.
const MEMORY_KIB: u64 = 6 * 1024;
/// How many rounds a broker has to fill its pools and caches.
const WARM: u32 = 1;
/// How often one kind of leak is looked into.
const PURSUITS: u32 = 3;
/// How many sessions are played together to see whether one of them leaks.
const CHUNK: usize = 128;
/// How often a session is played to see whether it leaks.
const TRIES: u32 = 8;
/// What a session has to leave each time to be noticed.
const NOTICED_KIB: u64 = 16;
/// How much a leak adds up to before it counts: no cache of a few messages grows so far, and no garbage is left for so
/// long.
const LEAKED_KIB: u64 = 256 * 1024;
/// How often a session is played at most to see that.
const MOST_PLAYS: u32 = 4_096;
/// How often a session has to leave an open file before it counts.
const LEAKED_FILES: u32 = 16;

const OPEN_FILES: &str = "open files are left behind";
const MEMORY: &str = "memory is never given back";

/// What was held after the rounds so far.
#[derive(Debug, Default)]
pub(super) struct Held {
    rounds: u32,
    /// The open files at first.
    files: Option<u64>,
    memory_kib: u64,
    files_pursued: u32,
    memory_pursued: u32,
}

/// What two connections of a canary hold.
const CANARY_FILES: u64 = 2;

impl Campaign {
    /// Begins anew with a fresh broker, before anybody connects.
    pub(super) async fn begin_to_hold(&self, held: &mut Held) {
        held.rounds = 0;
        held.memory_kib = 0;
        let usage = self.control.as_ref().and_then(|control| control.usage());
        held.files = usage.map(|usage| usage.open_files + CANARY_FILES);
    }

    /// Measures what is held after a round; with the suspicion that there may be, and the sessions of the round.
    pub(super) async fn look_at_holdings(
        &self,
        held: &mut Held,
        played: Range<u64>,
    ) -> Option<(Symptom, Vec<u64>)> {
        let first = held.files.unwrap_or(u64::MAX);
        let usage = self.settled_usage(first).await?;
        let numbers = || played.clone().map(|index| self.plan.first + index * self.plan.stride).collect();
        held.rounds += 1;
        let files = *held.files.get_or_insert(usage.open_files);
        let grown = usage.memory_kib.saturating_sub(held.memory_kib);
        held.memory_kib = held.memory_kib.max(usage.memory_kib);
        if usage.open_files >= files + FILES && held.files_pursued < PURSUITS {
            held.files_pursued += 1;
            return Some((Symptom::new(Oracle::Resources, OPEN_FILES), numbers()));
        }
        // Packets of megabytes come in the enumeration alone.
        let is_random = self.plan.first + played.start * self.plan.stride >= self.sessions.enumerated();
        if is_random && held.rounds > WARM && grown >= MEMORY_KIB && held.memory_pursued < PURSUITS {
            held.memory_pursued += 1;
            return Some((Symptom::new(Oracle::Resources, MEMORY), numbers()));
        }
        None
    }

    /// What is held as soon as no more files are open than these, or the time for that is over.
    async fn settled_usage(&self, files: u64) -> Option<Usage> {
        let control = self.control.as_ref()?;
        let until = self.player.clock.now() + SETTLES_WITHIN;
        loop {
            let usage = control.usage()?;
            if usage.open_files <= files || self.player.clock.now() >= until {
                return Some(usage);
            }
            self.player.clock.pause(LOOK).await;
        }
    }

    /// Looks for the session that makes the broker hold more for good, and makes it small.
    pub(super) async fn pursue_leak(
        &self,
        symptom: &Symptom,
        numbers: &[u64],
        until: Option<Duration>,
    ) -> Option<Finding> {
        let is_memory = symptom.outcome == MEMORY;
        self.fresh().await;
        let mut found = None;
        for chunk in numbers.chunks(CHUNK) {
            if until.is_some_and(|until| self.player.clock.now() >= until) {
                return None;
            }
            if self.chunk_leaks(chunk, is_memory).await? {
                found = self.leaking_session(chunk, is_memory).await;
                if found.is_some() {
                    break;
                }
            }
        }
        let (number, session) = found?;
        let mut minimiser = Minimiser::new(session);
        while let Some(smaller) = minimiser.propose() {
            let shows = self.seems_to_leak(&smaller, is_memory).await;
            minimiser.judge(smaller, shows);
        }
        let (session, reductions) = minimiser.into_smallest();
        self.fresh().await;
        let mut replays = Replays::default();
        replays.count(self.leaks(&session, is_memory).await);
        if replays.shown == 0 {
            return None;
        }
        let dues = dues(&session, &self.capabilities);
        let turns = self.player.play(&session, &dues).await.turns;
        let log = self.control.as_ref().map(|control| control.log()).unwrap_or_default();
        let breach = Breach {
            oracle: Oracle::Resources,
            version: session.version,
            statements: Vec::new(),
            step: session.steps.len().checked_sub(1),
            outcome: symptom.outcome.clone(),
        };
        let (origin, numbers) = (vec![number], vec![number]);
        Some(Finding { breach, session, dues, turns, origin, numbers, count: 1, reductions, replays, log })
    }

    /// What a session leaves behind for good.
    pub(super) async fn left_behind(&self, session: &Session) -> Vec<&'static str> {
        let mut all = Vec::new();
        for (is_memory, outcome) in [(false, OPEN_FILES), (true, MEMORY)] {
            if self.seems_to_leak(session, is_memory).await && self.leaks(session, is_memory).await {
                all.push(outcome);
            }
        }
        all
    }

    /// Whether a chunk of sessions leaves something behind each time that it is played.
    async fn chunk_leaks(&self, numbers: &[u64], is_memory: bool) -> Option<bool> {
        let rounds = if is_memory { 3 } else { 1 };
        let mut before = self.control.as_ref()?.usage()?;
        for _ in 0..rounds {
            before = self.settled_usage(before.open_files).await?;
            self.play_together(numbers).await;
        }
        let after = self.settled_usage(before.open_files).await?;
        Some(if is_memory {
            after.memory_kib >= before.memory_kib + NOTICED_KIB
        } else {
            after.open_files > before.open_files
        })
    }

    async fn play_together(&self, numbers: &[u64]) {
        let mut playing = JoinSet::new();
        for &number in numbers {
            let (campaign, session) = (self.clone(), self.sessions.get(number));
            playing.spawn(async move {
                let player = Player { familiar: Some(campaign.familiar.clone()), ..campaign.player.clone() };
                player.play(&session, &dues(&session, &campaign.capabilities)).await;
            });
        }
        playing.join_all().await;
    }

    async fn leaking_session(&self, numbers: &[u64], is_memory: bool) -> Option<(u64, Session)> {
        for &number in numbers {
            let session = self.sessions.get(number);
            if self.seems_to_leak(&session, is_memory).await {
                return Some((number, session));
            }
        }
        None
    }

    /// Whether playing a session a few times leaves something behind each time.
    async fn seems_to_leak(&self, session: &Session, is_memory: bool) -> bool {
        // What a broker keeps for a client that may come back, it keeps rightly.
        if is_memory && session.keeps_state() {
            return false;
        }
        let grown = self.growth(session, TRIES).await;
        grown.is_some_and(|grown| match is_memory {
            true => grown.memory_kib >= NOTICED_KIB * u64::from(TRIES),
            // A connection of the session before may have been counted at first.
            false => grown.open_files >= u64::from(TRIES / 2),
        })
    }

    /// Whether it leaves something behind every time, and it adds up.
    async fn leaks(&self, session: &Session, is_memory: bool) -> bool {
        if !is_memory {
            let grown = self.growth(session, LEAKED_FILES).await;
            return grown.is_some_and(|grown| grown.open_files >= u64::from(LEAKED_FILES / 4 * 3));
        }
        let (mut plays, mut leaked) = (0, 0);
        while plays < MOST_PLAYS && (leaked < LEAKED_KIB || plays < TRIES * TRIES) {
            match self.growth(session, TRIES).await {
                Some(grown) if grown.memory_kib > 0 => leaked += grown.memory_kib,
                _ => return false,
            }
            plays += TRIES;
        }
        leaked >= LEAKED_KIB
    }

    async fn growth(&self, session: &Session, times: u32) -> Option<Usage> {
        let player = Player { familiar: Some(self.familiar.clone()), ..self.player.clone() };
        let dues = dues(session, &self.capabilities);
        let before = self.control.as_ref()?.usage()?;
        for _ in 0..times {
            player.play(session, &dues).await;
        }
        let after = self.settled_usage(before.open_files).await?;
        Some(Usage {
            memory_kib: after.memory_kib.saturating_sub(before.memory_kib),
            open_files: after.open_files.saturating_sub(before.open_files),
        })
    }
}

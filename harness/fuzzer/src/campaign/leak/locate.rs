//! Which of many sessions makes the broker hold more each time that it is played.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::task::JoinSet;

use super::{Resource, Suspicion};
use crate::campaign::Campaign;
use crate::oracle::dues;
use crate::play::Player;
use crate::session::Session;

/// How many sessions are played together to see whether one of them leaks.
const CHUNK: usize = 128;
/// How many sessions are played again to see whether growth comes again.
const SAMPLE: usize = 2_048;
/// How long the session is looked for at most.
const LONGEST: Duration = Duration::from_secs(10);

/// How growth is noticed.
struct Notice {
    /// How often the sessions are played between two looks.
    plays: u32,
    /// How much more there is then.
    least: u64,
    /// How many times in a row.
    rounds: u32,
}

impl Resource {
    /// Of sessions that are played together.
    const fn of_many(self) -> Notice {
        match self {
            Self::OpenFiles => Notice { plays: 1, least: 1, rounds: 2 },
            Self::Memory => Notice { plays: 8, least: 128, rounds: 3 },
        }
    }

    /// Of one session.
    const fn of_one(self) -> Notice {
        match self {
            Self::OpenFiles => Notice { plays: 8, least: 7, rounds: 1 },
            Self::Memory => Notice { plays: 24, least: 192, rounds: 2 },
        }
    }
}

impl Campaign {
    /// The session among many that makes the broker hold more each time.
    pub(super) async fn locate(
        &self,
        suspicion: &Suspicion,
        until: Option<Duration>,
    ) -> Option<(u64, Session)> {
        let longest = self.player.clock.now() + LONGEST;
        let until = until.map_or(longest, |until| until.min(longest));
        let songs: Vec<u64> = self.sessions.songs().collect();
        if let Some(found) = self.locate_in(suspicion.resource, &songs).await {
            return Some(found);
        }
        for chunk in self.suspects(suspicion).chunks(CHUNK) {
            if self.player.clock.now() >= until {
                return None;
            }
            if let Some(found) = self.locate_in(suspicion.resource, chunk).await {
                return Some(found);
            }
        }
        None
    }

    fn suspects(&self, suspicion: &Suspicion) -> Vec<u64> {
        // What was left out was left out because it breaks the broker.
        let may_leak = |number: &u64| {
            let session = self.sessions.get(*number);
            !self.familiar.avoids(&session) && !is_excused(&session, suspicion.resource)
        };
        suspicion.numbers.iter().copied().filter(may_leak).collect()
    }

    /// Whether the broker holds more again when the same sessions are played again. What it keeps for topics and clients
    /// that it did not know before, it has then.
    pub(in crate::campaign) async fn recurs(&self, suspicion: &Suspicion) -> bool {
        // The canary has sung while they were played.
        let songs: Vec<u64> = self.sessions.songs().collect();
        if self.makes_hold_more(suspicion.resource, &songs).await {
            return true;
        }
        let suspects = self.suspects(suspicion);
        let sample = suspects.get(suspects.len().saturating_sub(SAMPLE)..).unwrap_or_default();
        let all = u64::try_from(suspicion.numbers.len()).unwrap_or(u64::MAX).max(1);
        let share = suspicion.grown * u64::try_from(sample.len()).unwrap_or(0) / all;
        let notice = Notice { plays: 1, least: (share / 4).max(1), rounds: 2 };
        let play = || self.play_together(sample);
        self.grows(suspicion.resource, &notice, play).await.unwrap_or(true)
    }

    async fn locate_in(&self, resource: Resource, chunk: &[u64]) -> Option<(u64, Session)> {
        if !self.makes_hold_more(resource, chunk).await {
            return None;
        }
        let mut suspects = chunk;
        while suspects.len() > 1 {
            let (first, second) = suspects.split_at(suspects.len() / 2);
            suspects = if self.makes_hold_more(resource, first).await { first } else { second };
        }
        let number = suspects.first().copied()?;
        let session = self.sessions.get(number);
        self.seems_to_leak(&session, resource).await.then_some((number, session))
    }

    async fn makes_hold_more(&self, resource: Resource, numbers: &[u64]) -> bool {
        let play = || self.play_together(numbers);
        self.grows(resource, &resource.of_many(), play).await.unwrap_or(false)
    }

    /// Whether playing a session a few times leaves something behind each time.
    pub(in crate::campaign) async fn seems_to_leak(&self, session: &Session, resource: Resource) -> bool {
        if is_excused(session, resource) {
            return false;
        }
        let play = || self.play_alone(session);
        self.grows(resource, &resource.of_one(), play).await.unwrap_or(false)
    }

    /// Whether there is more after each row of plays; none when the process is gone, which is started again.
    async fn grows<F: Future<Output = ()>>(
        &self,
        resource: Resource,
        notice: &Notice,
        play: impl Fn() -> F,
    ) -> Option<bool> {
        play().await;
        let mut before = self.settled().await;
        for _ in 0..notice.rounds {
            for _ in 0..notice.plays {
                play().await;
            }
            let after = self.settled().await;
            let (Some(least), Some(most)) = (before, after) else {
                self.fresh().await;
                return None;
            };
            if resource.of(most) < resource.of(least) + notice.least {
                return Some(false);
            }
            before = after;
        }
        Some(true)
    }

    async fn play_together(&self, numbers: &[u64]) {
        let waiting = Arc::new(Mutex::new(numbers.to_vec()));
        let mut playing = JoinSet::new();
        for _ in 0..self.plan.jobs.clamp(1, numbers.len().max(1)) {
            let (campaign, waiting) = (self.clone(), Arc::clone(&waiting));
            playing.spawn(async move {
                let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).pop();
                while let Some(number) = next() {
                    campaign.play_alone(&campaign.sessions.get(number)).await;
                }
            });
        }
        playing.join_all().await;
    }

    pub(super) async fn play_alone(&self, session: &Session) {
        let player = Player { familiar: Some(self.familiar.clone()), sees_ends: true, ..self.player.clone() };
        player.play(session, &dues(session, &self.capabilities)).await;
    }
}

/// What a broker keeps for a client that may come back, it keeps rightly.
fn is_excused(session: &Session, resource: Resource) -> bool {
    resource == Resource::Memory && session.may_keep_state()
}

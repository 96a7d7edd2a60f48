//! Plays a finding again.

use super::Campaign;
use crate::finding::Replays;
use crate::minimise::reduce;
use crate::oracle::{Oracle, dues};
use crate::play::Player;
use crate::session::Session;
use crate::symptom::Symptom;

/// How much more time there is for answers.
const WIDER: u32 = 2;

/// Where a session comes from: numbers under a seed, and what was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replay {
    /// The sessions that it is made of, in order.
    pub origin: Vec<u64>,
    /// How it was made smaller.
    pub reductions: Vec<usize>,
}

/// What came of playing it again.
#[derive(Clone, Debug)]
pub struct Replayed {
    /// The session.
    pub session: Session,
    /// How often something was wrong.
    pub replays: Replays,
    /// What was wrong, each different thing once.
    pub seen: Vec<String>,
}

impl Campaign {
    /// Plays a finding again, each time on a fresh broker if it can be started again; none if the seed has no such session.
    pub async fn replay(&self, replay: &Replay, times: u32) -> Option<Replayed> {
        let mut sessions = replay.origin.iter().map(|&number| self.sessions.get(number));
        let first = sessions.next()?;
        let session = sessions.try_fold(first, |before, next| before.followed_by(&next))?;
        let session = reduce(session, &replay.reductions)?;
        let mut replayed = Replayed { session, replays: Replays::default(), seen: Vec::new() };
        for _ in 0..times {
            self.fresh().await;
            let seen = self.replay_once(&replayed.session).await;
            replayed.replays.count(seen.is_some());
            if let Some(seen) = seen.filter(|seen| !replayed.seen.contains(seen)) {
                replayed.seen.push(seen);
            }
        }
        if replayed.replays.shown == 0 {
            for outcome in self.left_behind(&replayed.session).await {
                replayed.replays = Replays { shown: 1, played: 1 };
                replayed.seen.push(Symptom::new(Oracle::Resources, outcome).to_string());
            }
        }
        Some(replayed)
    }

    async fn replay_once(&self, session: &Session) -> Option<String> {
        let player = Player { patience: self.player.patience * WIDER, ..self.player.clone() };
        let mut canary = self.canary().await;
        let played = player.play(session, &dues(session, &self.capabilities)).await;
        let sung = match &mut canary {
            Some(canary) => canary.sing().await.err(),
            None => None,
        };
        if let Some(symptom) = self.trouble().await {
            return Some(symptom.to_string());
        }
        match self.ask().await {
            Some(symptom) => Some(symptom.to_string()),
            None => played
                .breach
                .map(|breach| breach.to_string())
                .or_else(|| sung.map(|wrong| Symptom::new(Oracle::Canary, wrong).to_string())),
        }
    }
}

//! Plays again what sessions have shown, with more time, and makes it small.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use tokio::task::JoinSet;

use super::{Campaign, Event, Shown, Summary};
use crate::finding::{Finding, Replays};
use crate::minimise::Minimiser;
use crate::oracle::{Breach, End, dues};
use crate::play::Player;
use crate::session::Session;

/// How much more time there is when a breach is confirmed.
const WIDER: u32 = 10;
/// How much more time there is when a finding is made smaller.
const WIDER_WHEN_MINIMISING: u32 = 2;
/// How many findings are confirmed and made small at once.
const AT_ONCE: usize = 16;
/// How often a finding is played again, to say how often it shows.
const REPLAYS: u32 = 5;

/// Whether nothing else is played at the same time, so that what befalls the broker can be told from what is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Alone {
    Yes,
    No,
}

/// What came of a breach when it was looked for again.
enum Confirmed {
    Found(Box<Finding>),
    /// A session showed something else.
    Other(u64, Breach),
    No,
}

impl Campaign {
    /// Confirms and minimises, and tells of the findings in the order of their signatures.
    pub(super) async fn confirm(
        &self,
        shown: BTreeMap<String, Shown>,
        tell: &mut dyn FnMut(&Event<'_>),
        summary: &mut Summary,
    ) {
        let mut known: BTreeSet<String> = shown.keys().cloned().collect();
        let mut waiting: VecDeque<Shown> = shown.into_values().collect();
        while !waiting.is_empty() {
            let batch: Vec<Shown> = waiting.drain(..waiting.len().min(AT_ONCE)).collect();
            let mut confirming = JoinSet::new();
            for (index, shown) in batch.iter().cloned().enumerate() {
                let campaign = self.clone();
                confirming.spawn(async move { (index, campaign.finding(&shown, Alone::No).await) });
            }
            let mut found: BTreeMap<usize, Confirmed> = BTreeMap::new();
            while let Some(joined) = confirming.join_next().await {
                found.extend(joined.ok());
            }
            let is_broken = self.trouble().await.is_some() || self.ask().await.is_some();
            if is_broken {
                self.fresh().await;
            }
            for (index, shown) in batch.iter().enumerate() {
                let confirmed = match found.remove(&index) {
                    Some(found @ Confirmed::Found(_)) => found,
                    // Some other session may have broken the broker while this one was looked at.
                    Some(_) | None if is_broken => self.finding(shown, Alone::Yes).await,
                    other => other.unwrap_or(Confirmed::No),
                };
                match confirmed {
                    Confirmed::Found(finding) => self.found(*finding, tell, summary),
                    Confirmed::No => {
                        summary.not_confirmed += 1;
                        tell(&Event::NotConfirmed(&shown.breach));
                    }
                    Confirmed::Other(number, breach) => {
                        if known.insert(breach.signature()) {
                            waiting.push_back(Shown { breach, numbers: [number].into(), count: 1 });
                        }
                    }
                }
            }
        }
    }

    fn found(&self, mut finding: Finding, tell: &mut dyn FnMut(&Event<'_>), summary: &mut Summary) {
        finding.log = self.control.as_ref().map(|control| control.log()).unwrap_or_default();
        tell(&Event::Found(&finding));
        summary.findings.push(finding);
    }

    /// Confirms a breach with more time, and makes the session small.
    async fn finding(&self, shown: &Shown, alone: Alone) -> Confirmed {
        let signature = shown.breach.signature();
        let with = |times: u32| Player { patience: self.player.patience * times, ..self.player.clone() };
        // What was waited for once is not waited for again and again; the smallest session is.
        let familiar = Some(Arc::clone(&self.familiar));
        let (patient, quick) = (with(WIDER), Player { familiar, ..with(WIDER_WHEN_MINIMISING) });
        let mut other = Confirmed::No;
        for &number in &shown.numbers {
            let session = self.sessions.get(number);
            let seen = self.breach(&patient, &session, alone).await;
            if seen.as_ref().is_none_or(|seen| seen.signature() != signature) {
                // With time for what seemed to be missing, the session may go on to something else.
                other = seen.map_or(other, |seen| Confirmed::Other(number, seen));
                continue;
            }
            let mut minimiser = Minimiser::new(session);
            while let Some(smaller) = minimiser.propose() {
                let shows = self.shows(&quick, &smaller, &signature, alone).await;
                minimiser.judge(smaller, shows);
            }
            let (session, reductions) = minimiser.into_smallest();
            let dues = dues(&session, &self.capabilities);
            let played = patient.play(&session, &dues).await;
            let Some(breach) = played.breach.filter(|breach| breach.signature() == signature) else {
                continue;
            };
            let mut replays = Replays::default();
            replays.count(true);
            for _ in 1..REPLAYS {
                replays.count(self.shows(&quick, &session, &signature, alone).await);
            }
            return Confirmed::Found(Box::new(Finding {
                breach,
                session,
                dues,
                turns: played.turns,
                origin: vec![number],
                numbers: shown.numbers.iter().copied().collect(),
                count: shown.count,
                reductions,
                replays,
                log: Vec::new(),
            }));
        }
        other
    }

    async fn shows(&self, player: &Player, session: &Session, signature: &str, alone: Alone) -> bool {
        let breach = self.breach(player, session, alone).await;
        breach.is_some_and(|breach| breach.signature() == signature)
    }

    async fn breach(&self, player: &Player, session: &Session, alone: Alone) -> Option<Breach> {
        let played = player.play(session, &dues(session, &self.capabilities)).await;
        let may_be_broken =
            played.turns.iter().any(|turn| matches!(turn.end, End::Closed | End::Unreachable));
        if alone == Alone::Yes
            && (self.trouble().await.is_some() || may_be_broken && self.ask().await.is_some())
        {
            self.fresh().await;
            return None;
        }
        let is_gone = played.turns.last().is_some_and(|turn| turn.end == End::Unreachable);
        played.breach.filter(|_| !is_gone)
    }
}

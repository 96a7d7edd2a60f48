//! Plays again what sessions have shown, with more time, and makes it small.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use super::attribute::SHOWS;
use super::{Campaign, Event, Shown, Summary};
use crate::finding::{Finding, Replays};
use crate::minimise::Minimiser;
use crate::oracle::{Breach, End, dues};
use crate::play::Player;
use crate::session::Session;
use crate::symptom::Symptom;

/// How much more time there is when a breach is confirmed.
const WIDER: u32 = 10;
/// How much more time there is when a finding is made smaller.
const WIDER_WHEN_MINIMISING: u32 = 2;
/// How many findings are confirmed and made small at once.
const AT_ONCE: usize = 16;
/// How often a finding is played again, to say how often it shows.
const REPLAYS: u32 = 5;
/// How long a session is made smaller that is played on a fresh broker each time: some take seconds to start.
const LONGEST_ALONE: Duration = Duration::from_secs(60);
/// A broker that starts in less time is started for each replay.
const QUICK_START: Duration = Duration::from_millis(500);

/// Whether nothing else is played at the same time, each time on a fresh broker, so that what befalls the broker, and what
/// others have left there, can be told from what is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Alone {
    Yes,
    No,
}

/// What came of a breach when it was looked for again.
enum Confirmed {
    Found(Box<Finding>),
    /// It did not show any more when it had been made small, which is chance, or the end of the broker.
    Spoilt(Box<Finding>),
    /// It comes with what befalls the broker.
    Consequence(Symptom, Box<Finding>),
    /// A session showed something else.
    Other(u64, Breach),
    No,
}

/// Whether a finding shows on a fresh broker.
enum Proof {
    Shows,
    /// And something befalls the broker with it.
    Afflicts(Symptom),
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
        // What all sessions together have left on the broker would show again and again.
        if !shown.is_empty() {
            self.fresh().await;
        }
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
                match self.proved(confirmed, shown).await {
                    Confirmed::Found(finding) | Confirmed::Spoilt(finding) => {
                        self.found(*finding, tell, summary)
                    }
                    Confirmed::Consequence(symptom, finding) => {
                        match summary.findings.iter_mut().find(|known| symptom.is_of(&known.breach)) {
                            Some(known) => known.count += finding.count,
                            None => self.found(*finding, tell, summary),
                        }
                    }
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
        // What was waited for once is not waited for again and again; the smallest session is.
        let quick = Player {
            familiar: Some(Arc::clone(&self.familiar)),
            patience: self.player.patience * WIDER_WHEN_MINIMISING,
            ..self.player.clone()
        };
        // The case of the finding waits as long.
        let patient = self.player.unhurried(WIDER);
        let mut other = Confirmed::No;
        for &number in &shown.numbers {
            let session = self.sessions.get(number);
            let seen = self.breach(&patient, &session, alone).await;
            if seen.as_ref().is_none_or(|seen| seen.signature() != signature) {
                // With time for what seemed to be missing, the session may go on to something else.
                other = seen.map_or(other, |seen| Confirmed::Other(number, seen));
                continue;
            }
            let until = self.player.clock.now() + LONGEST_ALONE;
            let mut minimiser = Minimiser::new(session);
            while (alone == Alone::No || self.player.clock.now() < until)
                && let Some(smaller) = minimiser.propose()
            {
                // With several clients the order in which a broker reads is chance.
                let times = if smaller.clients() > 1 { SHOWS } else { 1 };
                let mut shows = true;
                for _ in 0..times {
                    shows = shows && self.shows(&quick, &smaller, &signature, alone).await;
                }
                minimiser.judge(smaller, shows);
            }
            let (session, reductions) = minimiser.into_smallest();
            let still_shows = self.shows(&quick, &session, &signature, alone).await;
            let dues = dues(&session, &self.capabilities);
            let numbers = shown.numbers.iter().copied().collect();
            let finding = Box::new(Finding {
                breach: shown.breach.clone(),
                session,
                dues,
                turns: Vec::new(),
                origin: vec![number],
                numbers,
                count: shown.count,
                reductions,
                replays: Replays::default(),
                log: Vec::new(),
            });
            return if still_shows { Confirmed::Found(finding) } else { Confirmed::Spoilt(finding) };
        }
        other
    }

    /// The finding as it shows on a fresh broker, with nothing else played before or beside it. What was made small among
    /// others may have lived on what they left.
    async fn proved(&self, confirmed: Confirmed, shown: &Shown) -> Confirmed {
        let (Confirmed::Found(mut finding) | Confirmed::Spoilt(mut finding)) = confirmed else {
            return confirmed;
        };
        match self.proves(&mut finding).await {
            Proof::Shows => return Confirmed::Found(finding),
            Proof::Afflicts(symptom) => return Confirmed::Consequence(symptom, finding),
            Proof::No if self.control.is_none() => return Confirmed::No,
            Proof::No => {}
        }
        let confirmed = self.finding(shown, Alone::Yes).await;
        let (Confirmed::Found(mut finding) | Confirmed::Spoilt(mut finding)) = confirmed else {
            return confirmed;
        };
        match self.proves(&mut finding).await {
            Proof::Shows => Confirmed::Found(finding),
            Proof::Afflicts(symptom) => Confirmed::Consequence(symptom, finding),
            Proof::No => Confirmed::No,
        }
    }

    /// Plays a finding on a fresh broker, with much time and then some times more.
    async fn proves(&self, finding: &mut Finding) -> Proof {
        let signature = finding.breach.signature();
        let with = |times: u32| Player { patience: self.player.patience * times, ..self.player.clone() };
        let begun = self.player.clock.now();
        self.fresh().await;
        let is_quick = self.player.clock.now().saturating_sub(begun) < QUICK_START;
        let played = with(WIDER).play(&finding.session, &finding.dues).await;
        let Some(breach) = played.breach.filter(|breach| breach.signature() == signature) else {
            return Proof::No;
        };
        let symptom = self.trouble_soon().await.filter(Symptom::names_a_place);
        finding.breach = breach;
        finding.turns = played.turns;
        finding.replays = Replays::default();
        finding.replays.count(true);
        let player = Player { familiar: Some(Arc::clone(&self.familiar)), ..with(WIDER_WHEN_MINIMISING) };
        for _ in 1..REPLAYS {
            if is_quick {
                self.fresh().await;
            }
            finding.replays.count(self.shows(&player, &finding.session, &signature, Alone::No).await);
        }
        symptom.map_or(Proof::Shows, Proof::Afflicts)
    }

    async fn shows(&self, player: &Player, session: &Session, signature: &str, alone: Alone) -> bool {
        let breach = self.breach(player, session, alone).await;
        breach.is_some_and(|breach| breach.signature() == signature)
    }

    async fn breach(&self, player: &Player, session: &Session, alone: Alone) -> Option<Breach> {
        if alone == Alone::Yes {
            self.fresh().await;
        }
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

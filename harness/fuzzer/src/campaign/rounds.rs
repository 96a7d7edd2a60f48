//! Round after round of sessions, with an eye on the broker's process.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mqttspec_engine::Stop;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::jobs::{Counters, Reached, Round, Seen};
use super::leak::{Held, Resource, Suspicion};
use super::{Campaign, Event, Shown, Summary};
use crate::canary::Canary;
use crate::finding::Finding;
use crate::oracle::End;
use crate::play::Player;
use crate::symptom::Symptom;

/// How many sessions the first round has. Between rounds all is quiet, and what the broker holds can be measured.
const ROUND: u64 = 1_024;
/// A round is twice as long as the one before while nothing befalls the broker, and half as long when something does.
const SHORTEST_ROUND: u64 = 256;
const LONGEST_ROUND: u64 = 16_384;
/// The time between two looks at the broker's process.
const LOOK: Duration = Duration::from_millis(20);
/// The time between two lines of progress.
const SECOND: Duration = Duration::from_secs(1);
/// The time between two rounds of the canary.
const SONG: Duration = Duration::from_millis(100);
/// How long a process that goes down may take until it is seen to have gone.
pub(super) const GOING_DOWN: Duration = Duration::from_millis(100);
/// How many sessions are remembered for each signature.
const REMEMBERED: usize = 3;
/// How often the session is looked for that brings about what need not be one defect.
const PURSUITS: u32 = 3;

/// Plays the sessions of a campaign, and keeps what they show.
pub(super) struct Rounds<'a> {
    campaign: &'a Campaign,
    stop: &'a watch::Receiver<Stop>,
    tell: &'a mut dyn FnMut(&Event<'_>),
    summary: &'a mut Summary,
    shown: &'a mut BTreeMap<String, Shown>,
    counters: Arc<Counters>,
    begun: Duration,
    until: Option<Duration>,
    /// When progress is told next.
    report: Duration,
    /// How often each symptom was pursued.
    pursued: BTreeMap<String, u32>,
    /// Findings that showed in the lesser part of their replays: the next session may show the same defect better.
    rare: BTreeMap<String, (Symptom, Finding)>,
}

impl<'a> Rounds<'a> {
    pub(super) fn new(
        campaign: &'a Campaign,
        stop: &'a watch::Receiver<Stop>,
        tell: &'a mut dyn FnMut(&Event<'_>),
        summary: &'a mut Summary,
        shown: &'a mut BTreeMap<String, Shown>,
    ) -> Self {
        let begun = campaign.player.clock.now();
        Self {
            campaign,
            stop,
            tell,
            summary,
            shown,
            counters: Arc::default(),
            begun,
            until: campaign.plan.time.map(|time| begun + time),
            report: begun + SECOND,
            pursued: BTreeMap::new(),
            rare: BTreeMap::new(),
        }
    }

    /// Plays rounds until there is no time or no session left, or the broker is gone for good.
    pub(super) async fn play(&mut self) {
        let campaign = self.campaign;
        let mut held = Held::default();
        let mut next = campaign.plan.done;
        let mut length = ROUND;
        let mut canary = campaign.canary().await;
        campaign.begin_to_hold(&mut held).await;
        while !self.is_over(next) {
            let end = campaign.plan.sessions.map_or(next + length, |sessions| sessions.min(next + length));
            let round = Arc::new(self.round(next, end));
            let symptom = self.one(&round, &mut canary).await;
            let played = next..round.next.load(Ordering::Relaxed).min(end);
            next = played.end;
            self.summary.done = next;
            let is_intact = match symptom {
                None => self.gives_back(&mut held, played).await,
                Some(symptom) => {
                    if !self.recover(symptom, &round.suspects()).await {
                        break;
                    }
                    false
                }
            };
            if is_intact {
                length = LONGEST_ROUND.min(length * 2);
            } else {
                length = SHORTEST_ROUND.max(length / 2);
                canary = campaign.canary().await;
                campaign.begin_to_hold(&mut held).await;
            }
        }
        if campaign.plan.sessions == Some(1) {
            self.loses(campaign.plan.first).await;
        }
        for (symptom, finding) in std::mem::take(&mut self.rare).into_values() {
            if self.findings_of(&symptom).next().is_none() {
                self.found(symptom, Some(finding));
            }
        }
        self.count();
    }

    /// Whether the broker holds no more than before; if it does, looks for the session behind it, and starts the broker
    /// again.
    async fn gives_back(&mut self, held: &mut Held, played: Range<u64>) -> bool {
        let campaign = self.campaign;
        let Some(suspicion) = campaign.look_at_holdings(held, played).await else { return true };
        if !campaign.recurs(&suspicion).await {
            return true;
        }
        let symptom = suspicion.resource.symptom();
        (self.tell)(&Event::Suspected(&symptom));
        // What grows and can be traced to no session may be a cache.
        if let Some(finding) = campaign.pursue_leak(&suspicion, self.until).await {
            held.is_explained(suspicion.resource);
            self.found(symptom, Some(finding));
        }
        campaign.fresh().await;
        // What sessions brought about that were played again is known.
        campaign.trouble().await;
        false
    }

    /// Looks for what a single session loses, which shows in no single play of it.
    async fn loses(&mut self, number: u64) {
        let campaign = self.campaign;
        let session = campaign.sessions.get(number);
        for resource in Resource::ALL {
            if !(campaign.fresh().await && campaign.seems_to_leak(&session, resource).await) {
                continue;
            }
            let symptom = resource.symptom();
            (self.tell)(&Event::Suspected(&symptom));
            if let Some(finding) = campaign.pursue_leak(&Suspicion::of(resource, number), None).await {
                self.found(symptom, Some(finding));
            }
        }
    }

    fn is_over(&self, next: u64) -> bool {
        *self.stop.borrow() != Stop::No
            || self.until.is_some_and(|until| self.campaign.player.clock.now() >= until)
            || self.campaign.plan.sessions.is_some_and(|sessions| next >= sessions)
    }

    fn round(&self, next: u64, end: u64) -> Round {
        let campaign = self.campaign;
        let familiar = Some(Arc::clone(&campaign.familiar));
        Round {
            sessions: Arc::clone(&campaign.sessions),
            capabilities: Arc::clone(&campaign.capabilities),
            player: Player { familiar, ..campaign.player.clone() },
            plan: campaign.plan.clone(),
            stop: self.stop.clone(),
            until: self.until,
            next: AtomicU64::new(next),
            end,
            is_aborted: AtomicBool::new(false),
            counters: Arc::clone(&self.counters),
            recent: (0..campaign.plan.jobs.max(1)).map(|_| Mutex::new(VecDeque::new())).collect(),
        }
    }

    /// Plays one round; with what befell the broker in it.
    async fn one(&mut self, round: &Arc<Round>, canary: &mut Option<Canary>) -> Option<Symptom> {
        let clock = self.campaign.player.clock;
        let (sender, mut receiver) = mpsc::unbounded_channel::<Seen>();
        let mut jobs: JoinSet<Reached> = JoinSet::new();
        for job in 0..round.recent.len() {
            jobs.spawn(Arc::clone(round).job(job, sender.clone()));
        }
        drop(sender);
        let mut pending: Vec<Seen> = Vec::new();
        let mut symptom = None;
        let mut is_doubtful = false;
        let mut look = clock.now() + LOOK;
        let mut song = clock.now();
        loop {
            let event = clock.before(look, receiver.recv()).await;
            match event {
                Some(None) => break,
                Some(Some(seen)) => {
                    if self.is_alarming(&seen) {
                        is_doubtful = true;
                        round.abort();
                    }
                    pending.push(seen);
                }
                None => {
                    let now = clock.now();
                    look = now + LOOK;
                    self.report(now);
                    if symptom.is_none() {
                        symptom = self.campaign.trouble().await;
                        if let Some(known) = symptom.take_if(|symptom| self.is_known_and_harmless(symptom)) {
                            // What ends one connection today may end all service tomorrow.
                            match self.campaign.ask().await {
                                None => {
                                    self.count_again(&known);
                                    pending.retain(|seen| seen.end != Some(End::Closed));
                                }
                                later => symptom = Some(known.and_then(later)),
                            }
                        }
                    }
                    if symptom.is_none() && now >= song {
                        symptom = self.sing(canary).await;
                        song = now + SONG;
                    }
                    if symptom.is_some() {
                        round.abort();
                    } else {
                        let settled = |seen: &mut Seen| seen.at + GOING_DOWN <= now;
                        pending.extract_if(.., settled).for_each(|seen| self.keep(seen));
                    }
                }
            }
        }
        while let Some(joined) = jobs.join_next().await {
            if let Ok(reached) = joined {
                self.summary.operators.extend(reached.operators);
                self.summary.statements.extend(reached.statements);
            }
        }
        if symptom.is_none()
            && self.campaign.control.is_some()
            && pending.iter().any(|seen| seen.end != Some(End::Silent))
        {
            clock.pause(GOING_DOWN).await;
            symptom = self.campaign.trouble().await;
        }
        if symptom.is_none() && is_doubtful {
            symptom = self.campaign.ask().await;
        }
        // What sessions saw while the broker went down is no defect of its own.
        if symptom.is_some() {
            pending.retain(|seen| seen.end == Some(End::Silent) && !seen.breach.is_about_connecting());
        }
        pending.into_iter().for_each(|seen| self.keep(seen));
        symptom
    }

    async fn sing(&self, canary: &mut Option<Canary>) -> Option<Symptom> {
        let wrong = canary.as_mut()?.sing().await.err()?;
        *canary = None;
        Some(self.campaign.behind(wrong).await)
    }

    fn keep(&mut self, seen: Seen) {
        let Seen { number, breach, .. } = seen;
        let shown = self.shown.entry(breach.signature()).or_insert_with(|| Shown {
            breach,
            numbers: BTreeSet::new(),
            count: 0,
        });
        shown.count += 1;
        shown.numbers.insert(number);
        if shown.numbers.len() > REMEMBERED {
            shown.numbers.pop_last();
        }
    }

    /// Finds out what did it, if that is not known yet, and starts the broker again; false if that cannot be.
    async fn recover(&mut self, symptom: Symptom, suspects: &[u64]) -> bool {
        self.summary.progress.restarts += 1;
        let is_found = symptom.names_a_place() && self.finding_of(&symptom).is_some();
        let times = self.pursued.entry(symptom.signature()).or_default();
        if is_found || *times >= PURSUITS {
            self.count_again(&symptom);
        } else {
            *times += 1;
            (self.tell)(&Event::Afflicted(&symptom));
            match self.campaign.pursue(&symptom, suspects).await {
                Some(finding) if finding.replays.is_rare() => {
                    self.rare.entry(symptom.signature()).or_insert((symptom, finding));
                }
                finding => self.found(symptom, finding),
            }
        }
        self.campaign.fresh().await
    }

    fn found(&mut self, symptom: Symptom, finding: Option<Finding>) {
        match finding {
            None => {
                (self.tell)(&Event::NotAttributed(&symptom));
                if !self.summary.not_attributed.contains(&symptom) {
                    self.summary.not_attributed.push(symptom);
                }
            }
            Some(finding) => {
                let signature = finding.breach.signature();
                let is_new = self.summary.findings.iter().all(|known| known.breach.signature() != signature);
                // What was not found at first may be found later.
                self.summary.not_attributed.retain(|before| before.signature() != symptom.signature());
                if is_new {
                    self.campaign.familiar.avoid(&finding.session);
                    (self.tell)(&Event::Found(&finding));
                    self.summary.findings.push(finding);
                }
            }
        }
    }

    /// Whether the broker may serve nobody any more.
    fn is_alarming(&self, seen: &Seen) -> bool {
        let is_familiar = || self.campaign.familiar.knows(&seen.breach);
        seen.end == Some(End::Unreachable) || seen.breach.is_about_connecting() && !is_familiar()
    }

    fn is_known_and_harmless(&self, symptom: &Symptom) -> bool {
        let is_found = || self.findings_of(symptom).next().is_some();
        let times = self.pursued.get(&symptom.signature()).copied().unwrap_or(0);
        !symptom.is_fatal() && (times >= PURSUITS || is_found())
    }

    fn findings_of(&self, symptom: &Symptom) -> impl Iterator<Item = &Finding> {
        self.summary.findings.iter().filter(|finding| symptom.is_of(&finding.breach))
    }

    fn finding_of(&mut self, symptom: &Symptom) -> Option<&mut Finding> {
        self.summary.findings.iter_mut().find(|finding| symptom.is_of(&finding.breach))
    }

    fn count_again(&mut self, symptom: &Symptom) {
        if let Some(finding) = self.finding_of(symptom) {
            finding.count += 1;
        }
    }

    fn count(&mut self) {
        let progress = &mut self.summary.progress;
        progress.time = self.campaign.player.clock.now().saturating_sub(self.begun);
        progress.sessions = self.counters.sessions.load(Ordering::Relaxed);
        progress.malformed = self.counters.malformed.load(Ordering::Relaxed);
        progress.packets = self.counters.packets.load(Ordering::Relaxed);
        progress.skipped = self.counters.skipped.load(Ordering::Relaxed);
        progress.signatures = self.shown.len();
    }

    fn report(&mut self, now: Duration) {
        if now >= self.report {
            self.report = now + SECOND;
            self.count();
            (self.tell)(&Event::Progress(&self.summary.progress));
        }
    }
}

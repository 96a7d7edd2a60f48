//! A campaign: many sessions at once, then the findings one by one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use mqttspec_codec::model::{Connect, Packet};
use mqttspec_codec::{StatementId, Version};
use mqttspec_engine::transport::Connector;
use mqttspec_engine::{Capabilities, Clock, Stop};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use crate::finding::Finding;
use crate::minimise::minimise;
use crate::oracle::{Breach, End, Oracle, dues};
use crate::play::Player;
use crate::session::{Session, Sessions, Step};

/// A broker gets at least this long for an answer.
const LEAST_PATIENCE: Duration = Duration::from_millis(200);
/// How many round trips an answer may take.
const ROUND_TRIPS: u32 = 20;
/// How many round trips are measured.
const MEASURED: u64 = 50;
/// How long the first answer may take.
const FIRST_PATIENCE: Duration = Duration::from_secs(5);
/// How much more time there is when a breach is confirmed.
const WIDER: u32 = 10;
/// How much more time there is when a finding is made smaller.
const WIDER_WHEN_MINIMISING: u32 = 2;
/// Numbers of sessions that are not of the campaign.
const RESERVED: u64 = u64::MAX - 1_000;
/// How many sessions are remembered for each signature.
const REMEMBERED: usize = 3;

/// What a campaign is to do.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What makes the sessions.
    pub seed: u64,
    /// The versions to speak.
    pub versions: Vec<Version>,
    /// The first session.
    pub first: u64,
    /// Each one so far behind the one before: the number of shards.
    pub stride: u64,
    /// How many sessions; as many as there is time for if absent.
    pub sessions: Option<u64>,
    /// How long.
    pub time: Option<Duration>,
    /// How many sessions are played at once.
    pub jobs: usize,
}

/// What happens.
#[derive(Debug)]
pub enum Event<'a> {
    /// The campaign begins.
    Begun {
        /// How many sessions the enumeration takes.
        enumerated: u64,
        /// How long an answer may take.
        patience: Duration,
    },
    /// A second has passed.
    Progress(&'a Progress),
    /// A defect was confirmed and made small.
    Found(&'a Finding),
    /// What seemed to be a defect was not seen again with more time.
    NotConfirmed(&'a Breach),
}

/// How far a campaign is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Progress {
    /// The time since it began.
    pub time: Duration,
    /// The sessions that were played.
    pub sessions: u64,
    /// The packets that were sent in them, without those that only fence.
    pub packets: u64,
    /// The different breaches that were seen.
    pub signatures: usize,
}

/// What came of a campaign.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// How far it came.
    pub progress: Progress,
    /// The operators that were used.
    pub operators: BTreeSet<&'static str>,
    /// The statements that packets broke.
    pub statements: BTreeSet<(Version, StatementId)>,
    /// The defects.
    pub findings: Vec<Finding>,
    /// Breaches that were not seen again.
    pub not_confirmed: usize,
}

/// A campaign against one broker.
#[derive(Debug)]
pub struct Campaign {
    sessions: Arc<Sessions>,
    capabilities: Arc<Capabilities>,
    player: Player,
    plan: Plan,
}

/// What a session came to.
struct Seen {
    number: u64,
    breach: Breach,
}

/// What one job has reached.
#[derive(Default)]
struct Reached {
    operators: BTreeSet<&'static str>,
    statements: BTreeSet<(Version, StatementId)>,
}

#[derive(Default)]
struct Counters {
    next: AtomicU64,
    sessions: AtomicU64,
    packets: AtomicU64,
}

impl Campaign {
    /// Asks the broker what it offers, and measures how fast it answers.
    ///
    /// # Errors
    /// When it answers in none of the versions: in words.
    pub async fn prepare(
        connector: Arc<dyn Connector>,
        provided: &[&'static str],
        mut plan: Plan,
    ) -> Result<Self, String> {
        let clock = Clock::start();
        let mut player = Player { connector, clock, patience: FIRST_PATIENCE };
        let mut capabilities = Capabilities::default().with(provided.iter().copied());
        let mut times = Vec::new();
        for version in std::mem::take(&mut plan.versions) {
            for number in 0..MEASURED {
                let begun = clock.now();
                let connect = Connect::new(version, format!("fzm{number}"));
                let steps = vec![Step::send(0, Packet::Connect(connect))];
                let session = Session { number: RESERVED + number, version, steps };
                let played = player.play(&session, &dues(&session, &capabilities)).await;
                let accepted =
                    played.turns.iter().flat_map(|turn| &turn.received).find_map(|packet| match packet {
                        Packet::ConnAck(connack) if connack.reason_code.0 == 0 => {
                            Some(connack.properties.clone())
                        }
                        _ => None,
                    });
                let Some(properties) = accepted else { break };
                if number == 0 {
                    capabilities.learn(version, properties);
                    plan.versions.push(version);
                } else {
                    times.push(clock.now().saturating_sub(begun));
                }
                // The campaign will say more of it; here it would only cost time.
                if played.breach.is_some() {
                    break;
                }
            }
        }
        if plan.versions.is_empty() {
            return Err(format!("{} answers no CONNECT", player.connector.address()));
        }
        times.sort();
        let slow = times.get(times.len().saturating_sub(1 + times.len() / 100)).copied().unwrap_or_default();
        player.patience = LEAST_PATIENCE.max(slow * ROUND_TRIPS);
        let sessions = Arc::new(Sessions::new(plan.seed, &plan.versions));
        Ok(Self { sessions, capabilities: Arc::new(capabilities), player, plan })
    }

    /// Plays the sessions, then confirms and minimises what they have shown, until `stop` says so.
    pub async fn run(self, stop: watch::Receiver<Stop>, tell: &mut dyn FnMut(&Event<'_>)) -> Summary {
        tell(&Event::Begun { enumerated: self.sessions.enumerated(), patience: self.player.patience });
        let mut summary = Summary::default();
        let seen = self.play_all(&stop, tell, &mut summary).await;
        for (_, (breach, numbers)) in seen {
            match self.finding(&breach, &numbers).await {
                Some(finding) => {
                    tell(&Event::Found(&finding));
                    summary.findings.push(finding);
                }
                None => {
                    summary.not_confirmed += 1;
                    tell(&Event::NotConfirmed(&breach));
                }
            }
        }
        summary
    }

    async fn play_all(
        &self,
        stop: &watch::Receiver<Stop>,
        tell: &mut dyn FnMut(&Event<'_>),
        summary: &mut Summary,
    ) -> BTreeMap<String, (Breach, BTreeSet<u64>)> {
        let begun = self.player.clock.now();
        let until = self.plan.time.map(|time| begun + time);
        let counters = Arc::new(Counters::default());
        let (sender, mut receiver) = mpsc::unbounded_channel::<Seen>();
        let mut jobs = JoinSet::new();
        for _ in 0..self.plan.jobs.max(1) {
            jobs.spawn(job(
                Arc::clone(&self.sessions),
                Arc::clone(&self.capabilities),
                self.player.clone(),
                self.plan.clone(),
                until,
                Arc::clone(&counters),
                stop.clone(),
                sender.clone(),
            ));
        }
        drop(sender);
        let mut seen: BTreeMap<String, (Breach, BTreeSet<u64>)> = BTreeMap::new();
        let mut next_report = begun + Duration::from_secs(1);
        let mut progress = Progress::default();
        loop {
            let event = self.player.clock.before(next_report, receiver.recv()).await;
            progress.time = self.player.clock.now().saturating_sub(begun);
            progress.sessions = counters.sessions.load(Ordering::Relaxed);
            progress.packets = counters.packets.load(Ordering::Relaxed);
            progress.signatures = seen.len();
            match event {
                None => {
                    next_report += Duration::from_secs(1);
                    tell(&Event::Progress(&progress));
                }
                Some(None) => break,
                Some(Some(Seen { number, breach })) => {
                    let entry = seen.entry(breach.signature()).or_insert_with(|| (breach, BTreeSet::new()));
                    entry.1.insert(number);
                    if entry.1.len() > REMEMBERED {
                        entry.1.pop_last();
                    }
                }
            }
        }
        while let Some(joined) = jobs.join_next().await {
            if let Ok(reached) = joined {
                summary.operators.extend(reached.operators);
                summary.statements.extend(reached.statements);
            }
        }
        summary.progress = Progress { signatures: seen.len(), ..progress };
        seen
    }

    /// Confirms a breach with more time, and makes the session small.
    async fn finding(&self, breach: &Breach, numbers: &BTreeSet<u64>) -> Option<Finding> {
        let signature = breach.signature();
        let with = |times: u32| Player { patience: self.player.patience * times, ..self.player.clone() };
        let (patient, quick) = (with(WIDER), with(WIDER_WHEN_MINIMISING));
        for &number in numbers {
            let session = self.sessions.get(number);
            if !self.shows(&patient, &session, &signature).await {
                continue;
            }
            let smallest =
                minimise(session, async |smaller| self.shows(&quick, smaller, &signature).await).await;
            let dues = dues(&smallest, &self.capabilities);
            let played = patient.play(&smallest, &dues).await;
            let Some(breach) = played.breach.filter(|breach| breach.signature() == signature) else {
                continue;
            };
            let numbers = numbers.iter().copied().collect();
            return Some(Finding { breach, session: smallest, dues, turns: played.turns, numbers });
        }
        None
    }

    async fn shows(&self, player: &Player, session: &Session, signature: &str) -> bool {
        let played = player.play(session, &dues(session, &self.capabilities)).await;
        played.breach.is_some_and(|breach| breach.signature() == signature)
    }
}

#[expect(clippy::too_many_arguments, reason = "a task owns all that it uses")]
async fn job(
    sessions: Arc<Sessions>,
    capabilities: Arc<Capabilities>,
    player: Player,
    plan: Plan,
    until: Option<Duration>,
    counters: Arc<Counters>,
    stop: watch::Receiver<Stop>,
    seen: mpsc::UnboundedSender<Seen>,
) -> Reached {
    let mut reached = Reached::default();
    while *stop.borrow() == Stop::No && until.is_none_or(|until| player.clock.now() < until) {
        let index = counters.next.fetch_add(1, Ordering::Relaxed);
        if plan.sessions.is_some_and(|sessions| index >= sessions) {
            break;
        }
        let session = sessions.get(plan.first + index * plan.stride);
        let dues = dues(&session, &capabilities);
        let played = player.play(&session, &dues).await;
        counters.sessions.fetch_add(1, Ordering::Relaxed);
        let packets = u64::try_from(session.steps.len()).unwrap_or(0);
        counters.packets.fetch_add(packets, Ordering::Relaxed);
        for step in &session.steps {
            if let Some(mutant) = step.mutant() {
                reached.operators.insert(mutant.operator.name);
            }
        }
        for due in &dues {
            reached.statements.extend(due.statements.iter().map(|&id| (session.version, id)));
        }
        let is_gone = played.turns.last().is_some_and(|turn| turn.end == End::Unreachable);
        if let Some(breach) = played.breach {
            let is_gone = is_gone && breach.oracle == Oracle::Liveness;
            // The campaign may be over already.
            let _ = seen.send(Seen { number: session.number, breach });
            if is_gone {
                break;
            }
        }
    }
    reached
}

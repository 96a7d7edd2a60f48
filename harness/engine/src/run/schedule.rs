//! The order of things in a run.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use mqttspec_codec::Version;
use mqttspec_codec::model::Property;
use mqttspec_script::plan::Case;
use mqttspec_spec::record::{self, Broker, EndingKind, RunEnd, SCHEMA};
use mqttspec_spec::{Registry, RunEvent, Tally, Verdict};
use tokio::task::JoinSet;

use super::alarm::Alarm;
use super::one::{Judged, Surroundings};
use super::outage::{Ailment, Group, Next};
use super::record as records;
use super::waits::{prescribed, silence};
use super::{Interrupt, Options, Run, SharedCase, Stop, stress};
use crate::capability::{Capabilities, Lack};
use crate::clock::Clock;
use crate::names::PlayName;
use crate::probe::ProbeError;
use crate::sanity;
use crate::timing::Timing;
use crate::transport::Connector;

/// How long the first exchange may take: nothing is known of the broker yet.
const FIRST_PATIENCE: Duration = Duration::from_secs(5);
/// As many cases at once leave a broker quiet enough to confirm a verdict: those that fail by a deadline spend
/// their time waiting.
const QUIET: usize = 96;
/// A confirmation may begin when the other cases will have ended after this time: it lasts six seconds, so most of them
/// are quiet.
const SOON: Duration = Duration::from_secs(2);
/// A case that the specification makes wait for this long does nothing for most of its time, and leaves a broker
/// quiet. To play it twice would take longer than to wait patiently at once.
const SLEEPS: Duration = Duration::from_secs(1);
/// How often a broker may fail to answer before it counts as lost, when nothing else speaks for that.
const SANITY_TRIES: usize = 3;
/// Numbers of playings below this are for sanity exchanges.
const FIRST_NUMBER: u32 = 64;

/// Runs cases and gives the record. Every event is told as it happens.
pub async fn run(
    cases: Vec<Case>,
    connector: Arc<dyn Connector>,
    registry: Arc<Registry>,
    options: Options,
    interrupt: Interrupt,
    tell: &mut (dyn FnMut(&RunEvent<'_>) + Send),
) -> Run {
    let clock = Clock::start();
    let surroundings = Surroundings {
        connector,
        control: options.control.clone(),
        websocket: options.websocket.clone(),
        registry,
        clock,
        timing: options.timing.unwrap_or_else(|| Timing::from_round_trip(Duration::ZERO)),
        name: options.name,
    };
    let plays = options.plays.max(1);
    let websocket = options.websocket.is_some().then_some("websocket");
    let mut scheduler = Scheduler {
        surroundings,
        capabilities: Capabilities::default()
            .with(options.provided.iter().copied())
            .with(websocket)
            .with(options.control.is_some().then_some("restart")),
        options,
        interrupt,
        tell,
        broker: Broker::default(),
        cases: cases.into_iter().flat_map(|case| std::iter::repeat_n(Arc::new(case), plays)).collect(),
        results: BTreeMap::new(),
        case_errors: Vec::new(),
        number: FIRST_NUMBER,
        sanity_checks: 0,
        recent: VecDeque::new(),
        crashes: Vec::new(),
        outages: 0,
        alarms: Vec::new(),
        culprits: BTreeSet::new(),
    };
    let end = scheduler.all().await;
    scheduler.finish(end)
}

pub(super) struct Scheduler<'a> {
    pub(super) surroundings: Surroundings,
    pub(super) options: Options,
    pub(super) interrupt: Interrupt,
    pub(super) tell: &'a mut (dyn FnMut(&RunEvent<'_>) + Send),
    capabilities: Capabilities,
    broker: Broker,
    /// Each case as often as it is played, its plays side by side.
    cases: Vec<SharedCase>,
    /// Records by the index of their case.
    pub(super) results: BTreeMap<usize, record::Case>,
    case_errors: Vec<String>,
    number: u32,
    sanity_checks: u32,
    /// The cases that ended since the broker was last seen to serve.
    pub(super) recent: VecDeque<usize>,
    pub(super) crashes: Vec<record::Crash>,
    /// How often the broker was started again because it was down.
    pub(super) outages: usize,
    /// What the broker told of while it went on to serve.
    pub(super) alarms: Vec<Alarm>,
    /// The cases that were seen to bring a breakdown about.
    pub(super) culprits: BTreeSet<usize>,
}

/// A case that was played, with what the first pass made of it if this was the second.
pub(super) type Played = (usize, Option<First>, Judged);
/// Cases that are being played.
pub(super) type Running = JoinSet<(usize, Judged)>;

/// How a broker is asked whether it still serves.
#[derive(Clone, Copy)]
pub(super) enum Question {
    /// Until nothing but its loss explains that there is no answer.
    Patient,
    /// Once, where something else speaks for its loss.
    Brief,
}

/// A case that failed by a deadline and must be confirmed.
struct Suspect {
    index: usize,
    first: First,
}

/// What the first pass made of a case that is played again.
#[derive(Clone)]
pub(super) struct First {
    verdict: Verdict,
    /// What led to it, in one line.
    why: String,
}

impl Scheduler<'_> {
    async fn all(&mut self) -> RunEnd {
        if let Err(end) = self.meet().await {
            return end;
        }
        let (exclusive, shared): (Vec<usize>, Vec<usize>) = self
            .playable()
            .into_iter()
            .partition(|&index| self.case(index).is_some_and(|case| case.exclusive));
        let started = RunEvent::Started {
            broker: &self.broker,
            cases: shared.len() + exclusive.len(),
            jobs: self.options.jobs,
        };
        (self.tell)(&started);
        let mut end = self.pass(shared, self.options.jobs).await;
        if end == RunEnd::Complete {
            end = self.pass(exclusive, 1).await;
        }
        if end == RunEnd::Complete {
            end = match self.ails(Verdict::Inconclusive).await {
                Some(Ailment::Down(what)) => {
                    let recovered = self.recover(Vec::new(), what, &mut Vec::new()).await;
                    recovered.err().unwrap_or(RunEnd::Complete)
                }
                Some(Ailment::Alarm(what)) => {
                    self.heed(what, Vec::new());
                    RunEnd::Complete
                }
                None => RunEnd::Complete,
            };
        }
        if end == RunEnd::Complete
            && let Err(why) = self.attribute().await
        {
            end = why;
        }
        for alarm in std::mem::take(&mut self.alarms) {
            self.leave_unattributed(alarm);
        }
        end
    }

    pub(super) fn case(&self, index: usize) -> Option<&SharedCase> {
        self.cases.get(index)
    }

    /// The first exchange, in each version that the cases speak.
    async fn meet(&mut self) -> Result<(), RunEnd> {
        let address = self.surroundings.connector.address();
        self.broker.name = self.options.broker.clone().unwrap_or_else(|| address.clone());
        self.broker.address = address;
        self.broker.version = self.options.broker_version.take();
        let mut round_trip = Duration::ZERO;
        let mut refusals = BTreeMap::new();
        for version in Version::ALL {
            if !self.cases.iter().any(|case| case.version == version) {
                continue;
            }
            if !self.surroundings.connector.serves(version) {
                self.leave_unserved(version);
                continue;
            }
            match self.check(version, FIRST_PATIENCE).await {
                Ok(sane) => {
                    round_trip = round_trip.max(sane.round_trip);
                    let said = sane.connack.iter().map(property_words).collect();
                    self.broker.connack.insert(version.to_string(), said);
                    self.capabilities.learn(version, sane.connack);
                }
                Err(error) => {
                    refusals.insert(version, error);
                }
            }
        }
        self.broker.round_trip_us = u64::try_from(round_trip.as_micros()).unwrap_or(u64::MAX);
        self.surroundings.timing = self.options.timing.unwrap_or_else(|| Timing::from_round_trip(round_trip));
        let reached = Version::ALL.into_iter().any(|version| self.capabilities.speaks(version));
        for index in 0..self.cases.len() {
            let Some(case) = self.case(index).cloned() else { continue };
            let Some(error) = refusals.get(&case.version) else { continue };
            let (verdict, why) = match error {
                // A code that says so is positive evidence that the version is not there.
                ProbeError::Refused(connack) if reached && matches!(connack.reason_code.0, 0x01 | 0x84) => {
                    (Verdict::Unsupported, format!("MQTT {} is not there: {error}", case.version))
                }
                _ => (Verdict::Inconclusive, format!("the first exchange did not work: {error}")),
            };
            self.put(index, records::unplayed(&case, verdict, why, &self.options.rerun));
        }
        if reached { Ok(()) } else { Err(RunEnd::BrokerUnreachable) }
    }

    /// The cases of a version that the broker is not said to serve. Whoever says how to reach it knows.
    fn leave_unserved(&mut self, version: Version) {
        let why = format!("no listener of the broker is for MQTT {version}");
        for index in 0..self.cases.len() {
            let Some(case) = self.case(index).filter(|case| case.version == version).cloned() else {
                continue;
            };
            let record = records::unplayed(&case, Verdict::Unsupported, why.clone(), &self.options.rerun);
            self.put(index, record);
        }
    }

    async fn check(&mut self, version: Version, patience: Duration) -> Result<sanity::Sane, ProbeError> {
        let name = PlayName::new(self.surroundings.name, self.sanity_checks % FIRST_NUMBER);
        self.sanity_checks += 1;
        let connector = &*self.surroundings.connector;
        sanity::check(connector, self.surroundings.clock, patience, version, &name.client_id(0)).await
    }

    /// Whether the broker still does what every broker can.
    pub(super) async fn is_sane(&mut self, question: Question) -> bool {
        let (tries, patience) = match question {
            Question::Patient => (SANITY_TRIES, self.surroundings.timing.wider().answer.max(FIRST_PATIENCE)),
            Question::Brief => (1, self.surroundings.timing.answer),
        };
        for version in Version::ALL {
            let mut answers = !self.capabilities.speaks(version);
            for _ in 0..tries {
                answers = answers || self.check(version, patience).await.is_ok();
            }
            if !answers {
                return false;
            }
        }
        true
    }

    /// The cases that can be put to this broker, the longest first, so that their waits overlap; the others
    /// get their records here.
    fn playable(&mut self) -> Vec<usize> {
        let mut playable = Vec::new();
        for index in 0..self.cases.len() {
            if self.results.contains_key(&index) {
                continue;
            }
            let Some(case) = self.case(index).cloned() else { continue };
            let lasts = silence(&case) + self.surroundings.timing.wider().answer;
            let lack = self
                .withheld(&case)
                .or_else(|| case.needs.iter().find_map(|need| self.capabilities.lacks(case.version, need)))
                .or_else(|| self.lacks_websocket(&case))
                .or_else(|| self.capabilities.outlasted(&case, lasts));
            match lack {
                None => playable.push(index),
                Some(Lack::Unsupported(why)) => {
                    let record = records::unplayed(&case, Verdict::Unsupported, why, &self.options.rerun);
                    self.put(index, record);
                }
                Some(Lack::NotProvided(why)) => {
                    let record = records::unplayed(&case, Verdict::Skipped, why, &self.options.rerun);
                    self.put(index, record);
                }
            }
        }
        playable.sort_by_key(|&index| std::cmp::Reverse(self.case(index).map(|case| prescribed(case))));
        playable
    }

    /// Nobody's broker is loaded without being asked.
    fn withheld(&self, case: &Case) -> Option<Lack> {
        (case.loads_the_broker() && !self.options.resource_cases)
            .then(|| Lack::NotProvided("it loads the broker; --resource-cases plays such cases".to_owned()))
    }

    /// A listener for WebSocket may be for one version only.
    fn lacks_websocket(&self, case: &Case) -> Option<Lack> {
        let websocket = self.surroundings.websocket.as_ref().filter(|_| case.needs.contains("websocket"))?;
        (!websocket.serves(case.version)).then(|| {
            Lack::Unsupported(format!("no WebSocket listener of the broker is for MQTT {}", case.version))
        })
    }

    /// Plays cases, `jobs` at once. Those that failed by a deadline are played again, with wider deadlines, as
    /// soon as hardly anything else is left.
    async fn pass(&mut self, cases: Vec<usize>, jobs: usize) -> RunEnd {
        let mut waiting = VecDeque::from(cases);
        let mut suspects: VecDeque<Suspect> = VecDeque::new();
        let mut running = Running::new();
        let mut under_way: BTreeMap<usize, Option<First>> = BTreeMap::new();
        let (began, mut done) = (self.surroundings.clock.now(), 0);
        let mut interrupt = self.interrupt.clone();
        let end = loop {
            while running.len() < jobs.max(1) {
                let Some(index) = waiting.pop_front() else { break };
                under_way.insert(index, None);
                self.start(&mut running, index, false);
            }
            let again = under_way.values().filter(|first| first.is_some()).count();
            let busy =
                under_way.iter().filter(|(index, first)| first.is_none() && !self.sleeps(**index)).count();
            let most = QUIET.min(jobs.max(1)).saturating_sub(again);
            let elapsed = self.surroundings.clock.now().saturating_sub(began);
            let most = if is_soon_over(done, elapsed, busy + waiting.len()) {
                most
            } else {
                most.saturating_sub(busy)
            };
            let quiet = most.min(suspects.len());
            if quiet > 0 {
                (self.tell)(&RunEvent::Confirming { cases: quiet });
            }
            for suspect in suspects.drain(..quiet) {
                under_way.insert(suspect.index, Some(suspect.first));
                self.start(&mut running, suspect.index, true);
            }
            let next = tokio::select! {
                biased;
                end = stopped(&mut interrupt) => break end,
                next = self.next(&mut running) => next,
            };
            let mut played = Vec::new();
            let ailment = match next {
                Next::Nothing => break RunEnd::Complete,
                Next::Trouble(what) => self.examine(Some(what)).await,
                Next::Ended(index, judged) => {
                    done += 1;
                    let ailment = self.ails(judged.outcome.verdict).await;
                    played.push((index, under_way.remove(&index).flatten(), *judged));
                    ailment
                }
            };
            match ailment {
                None => {}
                Some(Ailment::Alarm(what)) => {
                    let ended = played.iter().map(|(index, ..)| *index);
                    self.heed(what, ended.chain(under_way.keys().copied()).collect());
                }
                Some(Ailment::Down(what)) => {
                    running.shutdown().await;
                    let mut hit: Group = std::mem::take(&mut under_way).into_iter().collect();
                    hit.extend(played.drain(..).map(|(index, first, _)| (index, first)));
                    match self.recover(hit, what, &mut played).await {
                        Err(end) => break end,
                        Ok(left) => {
                            for (index, first) in left {
                                match first {
                                    None => waiting.push_front(index),
                                    Some(first) => suspects.push_front(Suspect { index, first }),
                                }
                            }
                        }
                    }
                }
            }
            for (index, first, judged) in played {
                self.case_ended(index);
                suspects.extend(self.weigh(index, first, judged));
            }
        };
        self.leave_unconfirmed(suspects);
        end
    }

    /// Puts down the verdict of a case, unless a deadline or an end without a word led to it and it must be confirmed.
    fn weigh(&mut self, index: usize, first: Option<First>, judged: Judged) -> Option<Suspect> {
        self.recent.push_back(index);
        if first.is_some() || !(judged.outcome.by_deadline || is_cut_off(&judged)) {
            self.conclude(index, judged, first);
            return None;
        }
        let why = judged.outcome.findings.first().map(|finding| finding.message.clone()).unwrap_or_default();
        Some(Suspect { index, first: First { verdict: judged.outcome.verdict, why } })
    }

    pub(super) fn sleeps(&self, index: usize) -> bool {
        self.case(index).is_some_and(|case| prescribed(case) >= SLEEPS)
    }

    pub(super) fn start(&mut self, running: &mut Running, index: usize, again: bool) {
        let Some(case) = self.case(index).cloned() else { return };
        let mut surroundings = self.surroundings.clone();
        if again || self.sleeps(index) {
            surroundings.timing = surroundings.timing.wider();
        }
        let number = self.number;
        self.number += 1;
        running.spawn(async move { (index, surroundings.judge(&case, number).await) });
    }

    fn leave_unconfirmed(&mut self, suspects: VecDeque<Suspect>) {
        for suspect in suspects {
            let Some(case) = self.case(suspect.index).cloned() else { continue };
            let why = format!("a deadline led to {}, which was not confirmed", suspect.first.verdict);
            let record = records::unplayed(&case, Verdict::Inconclusive, why, &self.options.rerun);
            self.put(suspect.index, record);
        }
    }

    /// Puts down a verdict. One that differs from that of the first pass is flaky, and decides nothing; but a
    /// first pass that was too slow to decide anything does not speak against the second, nor does one whose
    /// deadlines were shorter than what the broker needed the second time as well.
    fn conclude(&mut self, index: usize, mut judged: Judged, first: Option<First>) {
        let Some(case) = self.case(index).cloned() else { return };
        if judged.outcome.case_error {
            self.case_errors.push(format!("{} ({})", case.id, case.version));
        }
        let second = judged.outcome.verdict;
        let playings = judged.trace.control.iter().chain(&judged.trace.script);
        let slowest = playings.map(|playing| playing.slowest).max().unwrap_or_default();
        let is_slow = slowest > self.surroundings.timing.answer && !judged.outcome.by_deadline;
        let other = first
            .filter(|first| first.verdict != second && first.verdict != Verdict::Inconclusive && !is_slow);
        let differs = other.is_some();
        if let Some(First { verdict: first, why }) = other {
            judged.outcome.verdict = Verdict::Inconclusive;
            judged.outcome.findings.insert(
                0,
                record::Finding {
                    verdict: Verdict::Inconclusive,
                    kind: record::FindingKind::Flaky,
                    statements: Vec::new(),
                    message: format!(
                        "flaky: {first} among the other cases ({why}), {second} when run again in quiet"
                    ),
                    allowed: None,
                    place: None,
                    by_deadline: true,
                    choice: None,
                },
            );
        }
        self.put(index, records::judged(&case, judged, differs, &self.options.rerun));
    }

    fn put(&mut self, index: usize, record: record::Case) {
        (self.tell)(&RunEvent::CaseFinished(&record));
        self.results.insert(index, record);
    }

    fn finish(mut self, end: RunEnd) -> Run {
        let plays = self.options.plays.max(1);
        for index in 0..self.cases.len() {
            let first = index - index % plays;
            // A play that is left out says nothing beside those that are done.
            if self.results.range(first..first + plays).next().is_some() {
                continue;
            }
            let Some(case) = self.case(index).cloned() else { continue };
            let (verdict, why) = match end {
                RunEnd::FailFast => (Verdict::Skipped, "enough cases had failed before (--fail-fast)"),
                RunEnd::Interrupted => (Verdict::Inconclusive, "the run was stopped first"),
                RunEnd::BrokerUnreachable | RunEnd::BrokerLost | RunEnd::Complete => {
                    (Verdict::Inconclusive, "the broker no longer answers")
                }
            };
            self.put(index, records::unplayed(&case, verdict, why.to_owned(), &self.options.rerun));
        }
        let results = stress::merged(self.results, plays);
        let statements = records::statements(
            &self.surroundings.registry,
            results.iter().filter_map(|(index, record)| Some((&**self.cases.get(*index)?, record))),
        );
        let mut cases: Vec<record::Case> = results.into_values().collect();
        cases.sort_by(|one, other| (&one.id, &one.version).cmp(&(&other.id, &other.version)));
        let record = record::Run {
            schema: SCHEMA,
            tool: self.options.tool,
            broker: self.broker,
            started: self.options.started,
            duration_ms: records::milliseconds(self.surroundings.clock.now()),
            end,
            command: self.options.command,
            summary: cases.iter().map(|case| case.verdict).collect::<Tally>(),
            cases,
            statements,
            crashes: self.crashes,
            baseline: None,
        };
        (self.tell)(&RunEvent::Finished(&record));
        Run { record, case_errors: self.case_errors }
    }
}

/// Whether a case failed as the broker ended a connection: that may be for a reason which has nothing to do with the case.
fn is_cut_off(judged: &Judged) -> bool {
    let is_wrong = |finding: &record::Finding| finding.kind == record::FindingKind::Wrong;
    let Some(script) = &judged.trace.script else { return false };
    let came = script.entries.iter().rev().find_map(|entry| match &entry.event {
        record::Event::Ended { how } => Some(!matches!(how, EndingKind::ClientClosed | EndingKind::Open)),
        record::Event::Received { .. } => Some(false),
        _ => None,
    });
    judged.outcome.verdict == Verdict::Fail
        && judged.outcome.findings.iter().any(is_wrong)
        && came == Some(true)
}

/// Whether so many cases that are left will soon have ended, if they go on as those that are done.
fn is_soon_over(done: usize, elapsed: Duration, left: usize) -> bool {
    let number = |cases: usize| u32::try_from(cases).map_or(f64::INFINITY, f64::from);
    done > 0 && elapsed.as_secs_f64() * number(left) <= SOON.as_secs_f64() * number(done)
}

/// Comes when the run is to end before its time, and never otherwise.
async fn stopped(interrupt: &mut Interrupt) -> RunEnd {
    match interrupt.wait_for(|stop| *stop != Stop::No).await.map(|stop| *stop) {
        Ok(Stop::Enough) => RunEnd::FailFast,
        Ok(Stop::Interrupted | Stop::No) => RunEnd::Interrupted,
        Err(_) => std::future::pending().await,
    }
}

/// A property of a CONNACK, by name.
fn property_words(property: &Property) -> (String, String) {
    let words = format!("{property:?}");
    let value = words.split_once('(').map_or("", |(_, rest)| rest.trim_end_matches(')'));
    (property.id().name().to_owned(), value.to_owned())
}

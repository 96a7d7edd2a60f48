//! A broker that crashed or fell silent: which case brings it about, and how the run goes on.

use std::time::Duration;

use mqttspec_script::plan::Stop;
use mqttspec_spec::record::{self, Crash, Culprit, EndingKind, Event, Finding, FindingKind, RunEnd};
use mqttspec_spec::{RunEvent, Verdict};

use super::one::Judged;
use super::record as records;
use super::schedule::{First, Played, Question, Running, Scheduler};

/// A broker that is down this often is not put to the test any further.
const OUTAGES: usize = 100;
/// As many cases that have just ended may have brought an outage about.
const RECENT: usize = 256;
/// What is seen of a broker whose process says nothing.
const SILENT: &str = "the broker no longer answers";

/// A process that no longer answers may take this long to end.
const LAST_BREATH: Duration = Duration::from_secs(1);
/// How often a broker is looked at while cases are being played.
const LOOK: Duration = Duration::from_millis(50);

/// Cases to play together, to find out whether one of them brings the outage about.
pub(super) type Group = Vec<(usize, Option<First>)>;

/// What comes next while cases are being played.
pub(super) enum Next {
    /// A case has ended.
    Ended(usize, Box<Judged>),
    /// Something befell the broker.
    Trouble(String),
    /// There is none left.
    Nothing,
}

/// What came of cases that were played at once.
#[derive(Default)]
struct Together {
    ailment: Option<Ailment>,
    /// Those that had ended before anything befell the broker.
    untouched: Vec<Played>,
    /// Those that ended since the broker was last seen to be well.
    hit: Vec<Played>,
    /// Those that had not ended.
    under_way: Group,
}

/// What is wrong with a broker, in one line.
pub(super) enum Ailment {
    /// It ended, or serves nobody any more.
    Down(String),
    /// It told of a breakdown, and goes on to serve.
    Alarm(String),
}

impl Scheduler<'_> {
    /// What is wrong with the broker after a verdict, if anything.
    pub(super) async fn ails(&mut self, verdict: Verdict) -> Option<Ailment> {
        let trouble = self.trouble();
        if trouble.is_none() && !matches!(verdict, Verdict::Fail | Verdict::Inconclusive) {
            while self.recent.len() > RECENT {
                self.recent.pop_front();
            }
            return None;
        }
        self.examine(trouble).await
    }

    /// Whether the broker serves, and what befell it.
    pub(super) async fn examine(&mut self, trouble: Option<String>) -> Option<Ailment> {
        let question = if trouble.is_some() { Question::Brief } else { Question::Patient };
        let is_sane = self.is_sane(question).await;
        let mut trouble = trouble.or_else(|| self.trouble());
        if !is_sane && self.options.control.is_some() {
            let clock = self.surroundings.clock;
            let until = clock.now() + LAST_BREATH;
            while trouble.is_none() && clock.now() < until {
                clock.pause(LOOK).await;
                trouble = self.trouble();
            }
        }
        if is_sane {
            self.recent.clear();
            return trouble.map(Ailment::Alarm);
        }
        Some(Ailment::Down(trouble.unwrap_or_else(|| SILENT.to_owned())))
    }

    /// What comes next of cases that are being played. A broker that can be watched is looked at all the time, so that
    /// few cases come into question when something befalls it.
    pub(super) async fn next(&self, running: &mut Running) -> Next {
        let clock = self.surroundings.clock;
        loop {
            let joined = if self.options.control.is_some() {
                clock.before(clock.now() + LOOK, running.join_next()).await
            } else {
                Some(running.join_next().await)
            };
            return match joined {
                Some(None) => Next::Nothing,
                Some(Some(Ok((index, judged)))) => Next::Ended(index, Box::new(judged)),
                Some(Some(Err(error))) => std::panic::resume_unwind(error.into_panic()),
                None => match self.trouble() {
                    Some(what) => Next::Trouble(what),
                    None => continue,
                },
            };
        }
    }

    fn trouble(&self) -> Option<String> {
        self.options.control.as_ref().and_then(|control| control.trouble())
    }

    /// Starts the broker again, and plays the cases that an outage hit until one is found that brings it about. Those
    /// that do not are left in `played`, for their verdicts; those that are still to be played are given back.
    ///
    /// # Errors
    /// How the run ends, when it cannot go on.
    pub(super) async fn recover(
        &mut self,
        mut hit: Group,
        what: String,
        played: &mut Vec<Played>,
    ) -> Result<Group, RunEnd> {
        let suspects = hit.iter().map(|(index, _)| *index).chain(self.recent.iter().copied());
        let suspects = suspects.filter_map(|index| self.name(index)).collect();
        let crash = Crash { what, culprit: None, suspects, log: self.log() };
        let recent: Group = std::mem::take(&mut self.recent).into_iter().map(|index| (index, None)).collect();
        self.start_again(crash.clone()).await?;
        let known = self.crashes.len();
        // Cases that wait for long hardly ever do something when an outage begins.
        let mut left = hit.extract_if(.., |(index, _)| self.sleeps(*index)).collect();
        for group in [hit, std::mem::take(&mut left)] {
            if self.crashes.len() == known {
                left.extend(self.search(group, played).await?);
            } else {
                left.extend(group);
            }
        }
        if self.crashes.len() == known {
            // What had its verdict already keeps it, unless it is the culprit.
            self.search(recent, &mut Vec::new()).await?;
        }
        if self.crashes.len() == known {
            self.put_down(crash);
        }
        Ok(left)
    }

    /// Halves a group of cases until one is found that alone brings an outage about. Gives back what was not played.
    pub(super) async fn search(&mut self, group: Group, played: &mut Vec<Played>) -> Result<Group, RunEnd> {
        let mut groups = vec![group];
        while let Some(group) = groups.pop() {
            match *self.interrupt.borrow() {
                super::Stop::No => {}
                super::Stop::Interrupted => return Err(RunEnd::Interrupted),
                super::Stop::Enough => return Err(RunEnd::FailFast),
            }
            let together = self.play_together(&group).await;
            let (what, is_down) = match together.ailment {
                None => {
                    played.extend(together.untouched);
                    played.extend(together.hit);
                    continue;
                }
                Some(Ailment::Down(what)) => (what, true),
                Some(Ailment::Alarm(what)) => (what, false),
            };
            let crash = Crash { what, culprit: None, suspects: Vec::new(), log: self.log() };
            if is_down {
                self.start_again(crash.clone()).await?;
            }
            if group.len() == 1 {
                for (index, _, judged) in together.hit {
                    self.convict(index, judged, crash.clone(), is_down);
                }
                break;
            }
            played.extend(together.untouched);
            let mut suspects: Group =
                together.hit.into_iter().map(|(index, first, _)| (index, first)).collect();
            suspects.extend(together.under_way);
            let half = suspects.split_off(suspects.len() / 2);
            groups.extend([half, suspects]);
        }
        Ok(groups.into_iter().flatten().collect())
    }

    /// Puts down that this case alone brings a breakdown about.
    fn convict(&mut self, index: usize, judged: Judged, mut crash: Crash, is_down: bool) {
        let Some(case) = self.case(index).cloned() else { return };
        let last = last_packet(&judged);
        let mut record = records::judged(&case, judged, false, &self.options.rerun);
        crash.culprit = Some(culprit(&record, last));
        if record.verdict != Verdict::Fail {
            record.verdict = Verdict::Inconclusive;
        }
        record.findings.insert(0, finding(&crash.what, is_down));
        self.culprits.insert(index);
        (self.tell)(&RunEvent::CaseFinished(&record));
        self.results.insert(index, record);
        self.put_down(crash);
    }

    /// Plays cases at once, and ends when something befalls the broker; but a case that is alone is played to its end.
    async fn play_together(&mut self, group: &Group) -> Together {
        let mut running = Running::new();
        let mut together = Together { under_way: group.clone(), ..Together::default() };
        for (index, first) in group {
            self.start(&mut running, *index, first.is_some());
        }
        let (mut trouble, mut looked) = (None, self.surroundings.clock.now());
        while trouble.is_none() || group.len() == 1 {
            match self.next(&mut running).await {
                Next::Nothing => break,
                Next::Trouble(what) => trouble = trouble.or(Some(what)),
                Next::Ended(index, judged) => {
                    let now = self.surroundings.clock.now();
                    if now >= looked + LOOK {
                        looked = now;
                        trouble = trouble.or_else(|| self.trouble());
                        if trouble.is_none() {
                            together.untouched.append(&mut together.hit);
                        }
                    }
                    if let Some(at) = together.under_way.iter().position(|(hit, _)| *hit == index) {
                        let (index, first) = together.under_way.swap_remove(at);
                        together.hit.push((index, first, *judged));
                    }
                }
            }
        }
        running.shutdown().await;
        if !group.is_empty() {
            let trouble = trouble.or_else(|| self.trouble());
            together.ailment = self.examine(trouble).await;
        }
        together
    }

    /// Starts the broker again, if this is in our power.
    async fn start_again(&mut self, mut crash: Crash) -> Result<(), RunEnd> {
        let Some(control) = self.options.control.clone() else { return Err(RunEnd::BrokerLost) };
        self.outages += 1;
        let failed = match control.restart(Stop::Kill).await {
            Ok(()) if self.outages > OUTAGES => format!("it was down {OUTAGES} times, so the run ends here"),
            Ok(()) if self.is_sane(Question::Patient).await => return Ok(()),
            Ok(()) => "it does not serve after it was started again".to_owned(),
            Err(error) => error.to_string(),
        };
        crash.what = format!("{}; {failed}", crash.what);
        self.put_down(crash);
        Err(RunEnd::BrokerLost)
    }

    pub(super) fn put_down(&mut self, crash: Crash) {
        (self.tell)(&RunEvent::Crashed(&crash));
        self.crashes.push(crash);
    }

    pub(super) fn log(&self) -> Vec<String> {
        self.options.control.as_ref().map(|control| control.log()).unwrap_or_default()
    }

    pub(super) fn name(&self, index: usize) -> Option<String> {
        self.case(index).map(|case| format!("{} {}", case.version, case.id))
    }
}

fn finding(what: &str, is_down: bool) -> Finding {
    let message = if is_down {
        format!("this case brings the broker down: {what}")
    } else {
        format!("this case breaks something in the broker, which goes on to serve: {what}")
    };
    Finding {
        verdict: Verdict::Inconclusive,
        kind: FindingKind::Crash,
        statements: Vec::new(),
        message,
        allowed: None,
        place: None,
        by_deadline: false,
        choice: None,
    }
}

/// The case as the one that brings the broker down, with its last packet and that packet's bytes.
fn culprit(case: &record::Case, last: Option<(String, String)>) -> Culprit {
    let (packet, bytes) = last.unzip();
    Culprit { id: case.id.clone(), version: case.version.clone(), packet, bytes, rerun: case.rerun.clone() }
}

/// The last packet of the script before the broker broke a connection, and its bytes.
fn last_packet(judged: &Judged) -> Option<(String, String)> {
    let by_broker = |event: &Event| matches!(event, Event::Ended { how } if !matches!(how, EndingKind::ClientClosed | EndingKind::Open));
    let script = judged.trace.script.as_ref().or(judged.unjudged.as_ref())?;
    let until_end = script.entries.iter().take_while(|entry| !by_broker(&entry.event));
    let sent = until_end.filter_map(|entry| match &entry.event {
        Event::Sent { bytes, summary, .. } => Some((summary.clone(), bytes.clone())),
        _ => None,
    });
    sent.last()
}

//! A broker that crashed or fell silent: which case brings it about, and how the run goes on.

use mqttspec_script::plan::Stop;
use mqttspec_spec::record::{self, Crash, Culprit, EndingKind, Event, Finding, FindingKind, RunEnd};
use mqttspec_spec::{RunEvent, Verdict};

use super::one::Judged;
use super::record as records;
use super::schedule::{First, Played, Running, Scheduler};

/// A broker that is down this often is not put to the test any further.
const OUTAGES: usize = 100;
/// As many cases that have just ended may have brought an outage about.
const RECENT: usize = 256;
/// What is seen of a broker whose process says nothing.
const SILENT: &str = "the broker no longer answers";

/// Cases to play together, to find out whether one of them brings the outage about.
type Group = Vec<(usize, Option<First>)>;

impl Scheduler<'_> {
    /// What is wrong with the broker after a verdict, if anything.
    pub(super) async fn ails(&mut self, verdict: Verdict) -> Option<String> {
        if let Some(what) = self.trouble() {
            return Some(what);
        }
        if !matches!(verdict, Verdict::Fail | Verdict::Inconclusive) {
            while self.recent.len() > RECENT {
                self.recent.pop_front();
            }
            return None;
        }
        if self.is_sane().await {
            self.recent.clear();
            return None;
        }
        Some(self.trouble().unwrap_or_else(|| SILENT.to_owned()))
    }

    fn trouble(&self) -> Option<String> {
        self.options.control.as_ref().and_then(|control| control.trouble())
    }

    /// Starts the broker again, and plays the cases that an outage hit until it is known which of them bring it about.
    /// Those that do not are left in `played`, for their verdicts.
    ///
    /// # Errors
    /// How the run ends, when it cannot go on.
    pub(super) async fn recover(
        &mut self,
        hit: Group,
        what: String,
        played: &mut Vec<Played>,
    ) -> Result<RunEnd, RunEnd> {
        let suspects = hit.iter().map(|(index, _)| *index).chain(self.recent.iter().copied());
        let suspects = suspects.filter_map(|index| self.name(index)).collect();
        let crash = Crash { what, culprit: None, suspects, log: self.log() };
        let recent: Group = std::mem::take(&mut self.recent).into_iter().map(|index| (index, None)).collect();
        self.start_again(crash.clone()).await?;
        let known = self.crashes.len();
        self.search(hit, played).await?;
        if self.crashes.len() == known {
            // What had its verdict already keeps it, unless it is the culprit.
            self.search(recent, &mut Vec::new()).await?;
        }
        if self.crashes.len() == known {
            self.put_down(crash);
        }
        Ok(RunEnd::Complete)
    }

    /// Halves a group of cases until those are found that alone bring an outage about.
    async fn search(&mut self, group: Group, played: &mut Vec<Played>) -> Result<(), RunEnd> {
        let mut groups = vec![group];
        while let Some(mut group) = groups.pop() {
            match *self.interrupt.borrow() {
                super::Stop::No => {}
                super::Stop::Interrupted => return Err(RunEnd::Interrupted),
                super::Stop::Enough => return Err(RunEnd::FailFast),
            }
            let (what, judged) = self.play_together(&group).await;
            let Some(what) = what else {
                played.extend(judged);
                continue;
            };
            let mut crash = Crash { what, culprit: None, suspects: Vec::new(), log: self.log() };
            if group.len() > 1 {
                self.start_again(crash).await?;
                let half = group.split_off(group.len() / 2);
                groups.extend([half, group]);
                continue;
            }
            for (index, _, judged) in judged {
                let Some(case) = self.case(index).cloned() else { continue };
                let last = last_packet(&judged);
                let mut record = records::judged(&case, judged, false, &self.options.rerun);
                crash.culprit = Some(culprit(&record, last));
                if record.verdict != Verdict::Fail {
                    record.verdict = Verdict::Inconclusive;
                }
                record.findings.insert(0, finding(&crash.what));
                (self.tell)(&RunEvent::CaseFinished(&record));
                self.results.insert(index, record);
            }
            self.put_down(crash.clone());
            self.start_again(crash).await?;
        }
        Ok(())
    }

    /// Plays cases at once. Tells what befell the broker, if anything.
    async fn play_together(&mut self, group: &Group) -> (Option<String>, Vec<Played>) {
        let mut running = Running::new();
        for (index, first) in group {
            self.start(&mut running, *index, first.is_some());
        }
        let played: Vec<Played> = running
            .join_all()
            .await
            .into_iter()
            .map(|(index, judged)| {
                let first = group.iter().find(|(hit, _)| *hit == index).and_then(|(_, first)| first.clone());
                (index, first, judged)
            })
            .collect();
        let what = if group.is_empty() { None } else { self.ails(Verdict::Inconclusive).await };
        (what, played)
    }

    /// Starts the broker again, if this is in our power.
    async fn start_again(&mut self, mut crash: Crash) -> Result<(), RunEnd> {
        let Some(control) = self.options.control.clone() else { return Err(RunEnd::BrokerLost) };
        self.outages += 1;
        let failed = match control.restart(Stop::Kill).await {
            Ok(()) if self.outages > OUTAGES => format!("it was down {OUTAGES} times, so the run ends here"),
            Ok(()) if self.is_sane().await => return Ok(()),
            Ok(()) => "it does not serve after it was started again".to_owned(),
            Err(error) => error.to_string(),
        };
        crash.what = format!("{}; {failed}", crash.what);
        self.put_down(crash);
        Err(RunEnd::BrokerLost)
    }

    fn put_down(&mut self, crash: Crash) {
        (self.tell)(&RunEvent::Crashed(&crash));
        self.crashes.push(crash);
    }

    fn log(&self) -> Vec<String> {
        self.options.control.as_ref().map(|control| control.log()).unwrap_or_default()
    }

    fn name(&self, index: usize) -> Option<String> {
        self.case(index).map(|case| format!("{} {}", case.version, case.id))
    }
}

fn finding(what: &str) -> Finding {
    Finding {
        verdict: Verdict::Inconclusive,
        kind: FindingKind::Crash,
        statements: Vec::new(),
        message: format!("this case brings the broker down: {what}"),
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

//! Breakdowns that a broker tells of while it goes on to serve, such as a panic in the task of one connection.

use std::collections::BTreeSet;

use mqttspec_spec::record::{Crash, RunEnd};

use super::schedule::Scheduler;

/// As many cases are played alone to find out what made the broker tell of a breakdown.
const PLAYED_ALONE: usize = 400;

/// A breakdown that the broker told of while it went on to serve.
pub(super) struct Alarm {
    what: String,
    /// The cases that were being played.
    suspects: Vec<usize>,
    likely: Option<usize>,
    log: Vec<String>,
}

impl Alarm {
    fn is_by(&self, culprits: &BTreeSet<usize>) -> bool {
        self.suspects.iter().any(|suspect| culprits.contains(suspect))
    }
}

impl Scheduler<'_> {
    /// Remembers a breakdown until the other cases have ended.
    pub(super) fn heed(&mut self, what: String, suspects: Vec<usize>) {
        let log = self.log();
        self.alarms.push(Alarm { what, suspects, likely: None, log });
    }

    /// The first case to end after a breakdown is likely to have brought it about, as it waited for what came of it.
    pub(super) fn case_ended(&mut self, index: usize) {
        for alarm in &mut self.alarms {
            if alarm.likely.is_none() && alarm.suspects.contains(&index) {
                alarm.likely = Some(index);
            }
        }
    }

    /// Finds out which cases made the broker tell of a breakdown, with nothing else going on.
    ///
    /// # Errors
    /// How the run ends, when it cannot go on.
    pub(super) async fn attribute(&mut self) -> Result<(), RunEnd> {
        let alarms = std::mem::take(&mut self.alarms);
        let mut tried = BTreeSet::new();
        for alarm in &alarms {
            let Some(likely) = alarm.likely.filter(|likely| !self.culprits.contains(likely)) else {
                continue;
            };
            if tried.len() < PLAYED_ALONE && tried.insert(likely) {
                self.search(vec![(likely, None)], &mut Vec::new()).await?;
            }
        }
        for alarm in alarms {
            if alarm.is_by(&self.culprits) || self.is_known(&alarm.what) {
                continue;
            }
            let known = self.crashes.len();
            let others = alarm.suspects.iter().filter(|suspect| !tried.contains(suspect));
            let others = others.map(|&index| (index, None)).collect();
            self.search(others, &mut Vec::new()).await?;
            if self.crashes.len() == known {
                self.leave_unattributed(alarm);
            }
        }
        Ok(())
    }

    /// Puts down what is not to be looked into any more.
    pub(super) fn leave_unattributed(&mut self, alarm: Alarm) {
        let suspects = alarm.suspects.iter().filter_map(|&index| self.name(index)).collect();
        self.put_down(Crash { what: alarm.what, culprit: None, suspects, log: alarm.log });
    }

    fn is_known(&self, what: &str) -> bool {
        self.crashes.iter().any(|crash| kind(&crash.what) == kind(what))
    }
}

/// A breakdown without the numbers of processes and threads, which differ from one time to the next.
fn kind(what: &str) -> String {
    let is_number = |word: &str| {
        word.trim_matches(['(', ')', '[', ']', '<', '>'])
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.')
    };
    what.split_whitespace().filter(|word| !is_number(word)).collect::<Vec<_>>().join(" ")
}

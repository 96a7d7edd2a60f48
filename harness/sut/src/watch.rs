//! Watches a running broker between the questions of who puts it to the test.

use std::sync::Arc;
use std::time::Duration;

use mqttspec_engine::{Clock, Usage};

use crate::alarm::is_alarm;
use crate::follow::Follower;
use crate::log::Log;
use crate::process::Process;

/// The least time between two looks at memory and open files.
const MEASURED_EVERY: Duration = Duration::from_secs(1);

/// What was seen of a broker so far.
#[derive(Debug)]
pub(crate) struct Watch {
    clock: Clock,
    log: Arc<Log>,
    /// Texts of its log that the profile names.
    alarms: Vec<String>,
    files: Vec<Follower>,
    /// How many lines of the log were looked at.
    seen: usize,
    /// Whether the end of the process was told.
    told: bool,
    usage: Option<Usage>,
    measured: Option<Duration>,
}

impl Watch {
    pub(crate) const fn new(clock: Clock, log: Arc<Log>, alarms: Vec<String>, files: Vec<Follower>) -> Self {
        Self { clock, log, alarms, files, seen: 0, told: false, usage: None, measured: None }
    }

    /// Begins anew with a process that has just been started. What the last one wrote at its end was asked for.
    pub(crate) fn begin(&mut self) {
        self.follow();
        self.seen = self.log.written();
        self.told = false;
        self.usage = None;
        self.measured = None;
    }

    /// Takes in what was written to files.
    pub(crate) fn follow(&mut self) {
        for file in &mut self.files {
            file.follow(&self.log);
        }
    }

    /// What befell the process since the last time, in one line.
    pub(crate) fn trouble(&mut self, process: &Process) -> Option<String> {
        self.follow();
        let lines = self.log.since(self.seen);
        self.seen = self.log.written();
        let alarm = lines.into_iter().find(|line| is_alarm(&line.text, &self.alarms));
        let wrote = alarm.map(|line| format!("it wrote `{}`", line.text.trim()));
        let ended = process.exit().filter(|_| !self.told).map(|exit| {
            self.told = true;
            let held = self.usage.map(|usage| format!("; it last held {usage}")).unwrap_or_default();
            format!("it {exit}{held}")
        });
        if process.exit().is_none() {
            self.measure(process);
        }
        match (ended, wrote) {
            (Some(ended), Some(wrote)) => Some(format!("{ended}; {wrote}")),
            (ended, wrote) => ended.or(wrote),
        }
    }

    fn measure(&mut self, process: &Process) {
        let now = self.clock.now();
        if self.measured.is_none_or(|last| now >= last + MEASURED_EVERY) {
            self.measured = Some(now);
            self.usage = process.usage().or(self.usage);
        }
    }
}

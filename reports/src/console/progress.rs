//! What a reader sees while a run goes on.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use mqttspec_spec::record::{Case, Crash};
use mqttspec_spec::{Tally, Verdict};

use crate::case::{headline, is_known_deviation};
use crate::crash;
use crate::paper::{BAD, DIM, Paper};
use crate::summary::count_of;

/// How a report shows that the run goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Not at all.
    Off,
    /// A line for each tenth of the cases and for each failing one, to the report's writer.
    Lines,
    /// A bar on the standard error stream, removed at the end. Nothing is drawn when that is no terminal.
    Bar,
}

/// Lines that a run without a terminal gives at most, besides the failures.
const LINES: usize = 10;

#[derive(Debug)]
pub(super) struct Meter {
    progress: Progress,
    bar: ProgressBar,
    total: usize,
    tally: Tally,
    tenths: usize,
}

impl Meter {
    pub(super) fn new(progress: Progress) -> Self {
        Self { progress, bar: ProgressBar::hidden(), total: 0, tally: Tally::default(), tenths: 0 }
    }

    pub(super) fn start(&mut self, total: usize) {
        self.total = total;
        if self.progress == Progress::Bar {
            self.bar = bar(total, ProgressDrawTarget::stderr());
            // So that the clock shows that a long wait is no hang.
            self.bar.enable_steady_tick(Duration::from_millis(250));
        }
    }

    pub(super) fn advance(&mut self, paper: &mut Paper, case: &Case) {
        self.tally += case.verdict;
        self.bar.inc(1);
        self.bar.set_message(self.counts());
        if self.progress != Progress::Lines {
            return;
        }
        if case.verdict == Verdict::Fail && !is_known_deviation(case) {
            headline(paper, case);
        }
        let done = self.tally.total();
        let tenths = (done * LINES).checked_div(self.total).unwrap_or(0);
        // More verdicts than cases were announced would only repeat the last line.
        if tenths > self.tenths && done <= self.total {
            self.tenths = tenths;
            let percent = done * 100 / self.total;
            let cases = count_of(self.total, "case", "cases");
            paper.put(DIM, &format!("{percent:>3} %  {done} of {cases}: {}", self.counts())).end();
        }
    }

    pub(super) fn confirm(&mut self, paper: &mut Paper, cases: usize) {
        let cases = count_of(cases, "case", "cases");
        let words = format!("running {cases} again in quiet, with wider deadlines");
        match self.progress {
            Progress::Off => {}
            Progress::Lines => {
                paper.put(DIM, &words).end();
            }
            Progress::Bar => self.bar.set_message(format!("{}; {words}", self.counts())),
        }
    }

    pub(super) fn crash(&mut self, paper: &mut Paper, crash: &Crash) {
        let words = crash::headline(crash);
        match self.progress {
            Progress::Off => {}
            Progress::Lines => {
                paper.put(BAD, "CRASH").say(&format!("  {words}")).end();
            }
            Progress::Bar => self.bar.set_message(format!("{}; {words}", self.counts())),
        }
    }

    pub(super) fn finish(&mut self) {
        self.bar.finish_and_clear();
    }

    /// Whether the progress stands in the report itself.
    pub(super) fn has_lines(&self) -> bool {
        self.progress == Progress::Lines && self.tally.total() > 0
    }

    /// `12 pass, 1 fail`: passes and failures always, the rest where they occur.
    fn counts(&self) -> String {
        let shown =
            |&verdict: &Verdict| matches!(verdict, Verdict::Pass | Verdict::Fail) || self.tally[verdict] > 0;
        let counts: Vec<String> = Verdict::ALL
            .into_iter()
            .filter(shown)
            .map(|verdict| format!("{} {verdict}", self.tally[verdict]))
            .collect();
        counts.join(", ")
    }
}

fn bar(total: usize, target: ProgressDrawTarget) -> ProgressBar {
    let length = u64::try_from(total).unwrap_or(u64::MAX);
    let template = "{elapsed:>4} [{bar:30}] {pos} of {len} cases: {msg}";
    // The template is ours and a test draws it; were it refused, the bar would have another look.
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::with_draw_target(Some(length), target).with_style(style.progress_chars("=> "))
}

#[cfg(test)]
mod tests {
    use indicatif::{InMemoryTerm, ProgressDrawTarget};

    use super::{Meter, Progress, bar};
    use crate::paper::Paper;
    use crate::tests::fixture;

    #[test]
    fn the_bar_counts_and_leaves_nothing_behind() {
        let terminal = InMemoryTerm::new(4, 100);
        let run = fixture::run();
        let mut meter = Meter::new(Progress::Bar);
        meter.total = run.cases.len();
        meter.bar = bar(meter.total, ProgressDrawTarget::term_like(Box::new(terminal.clone())));
        let mut paper = Paper::new(false);
        for case in run.cases.iter().take(3) {
            meter.advance(&mut paper, case);
        }
        meter.confirm(&mut paper, 1);
        meter.bar.force_draw();
        insta::assert_snapshot!(terminal.contents());
        meter.finish();
        assert_eq!(terminal.contents(), "");
        assert_eq!(paper.into_text(), "");
    }
}

//! The report for people, while a run goes on and after it.

mod crashes;
mod details;
mod progress;

use std::io::{self, Write};

use mqttspec_spec::record::Run;
use mqttspec_spec::{Registry, Reporter, RunEvent};

pub(crate) use crashes::{crash, headline as crash_headline};

use crate::case::{CaseText, Detail};
use crate::paper::{HEADING, Paper};
use crate::summary::{broker_words, count_of, summary};
use progress::Meter;
pub use progress::Progress;

/// How the console report looks.
#[derive(Clone, Debug)]
pub struct Options {
    /// Whether to colour it with ANSI escape sequences.
    pub colour: bool,
    /// 0: what went wrong. 1: also lenient cases and choices, with longer excerpts. 2: all cases in full.
    pub verbosity: u8,
    /// How to show that the run goes on.
    pub progress: Progress,
    /// What to put before the paths of the suite's files, so that an editor finds them.
    pub suite_root: String,
}

impl Default for Options {
    fn default() -> Self {
        Self { colour: false, verbosity: 0, progress: Progress::Lines, suite_root: "cases".to_owned() }
    }
}

/// Writes a run for people, to any writer.
#[derive(Debug)]
pub struct Console<'a, W> {
    writer: W,
    registry: &'a Registry,
    options: Options,
    meter: Meter,
}

impl<'a, W: Write> Console<'a, W> {
    /// A report to `writer` that takes the words of statements from `registry`.
    pub fn new(writer: W, registry: &'a Registry, options: Options) -> Self {
        let meter = Meter::new(options.progress);
        Self { writer, registry, options, meter }
    }

    /// Writes everything about a run that is over: what went wrong in full, and the summary.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn run(&mut self, run: &Run) -> io::Result<()> {
        let mut paper = Paper::new(self.options.colour);
        crashes::crashes(&mut paper, run);
        details::details(&mut paper, run, self.case_text(), self.options.verbosity);
        summary(&mut paper, run, self.registry, self.options.verbosity);
        self.write(paper)
    }

    /// The writer, when the report is complete.
    pub fn into_inner(self) -> W {
        self.writer
    }

    fn case_text(&self) -> CaseText<'_> {
        CaseText {
            registry: self.registry,
            suite_root: &self.options.suite_root,
            detail: Detail::at(self.options.verbosity),
        }
    }

    fn write(&mut self, paper: Paper) -> io::Result<()> {
        self.writer.write_all(paper.into_text().as_bytes())?;
        self.writer.flush()
    }
}

impl<W: Write> Reporter for Console<'_, W> {
    fn event(&mut self, event: &RunEvent<'_>) -> io::Result<()> {
        let mut paper = Paper::new(self.options.colour);
        match *event {
            RunEvent::Started { broker, cases, jobs } => {
                paper.put(HEADING, "testing ").say(&broker_words(broker));
                paper.say(&format!(": {}, {jobs} at once", count_of(cases, "case", "cases"))).end();
                self.write(paper)?;
                self.meter.start(cases);
                Ok(())
            }
            RunEvent::CaseFinished(case) => {
                self.meter.advance(&mut paper, case);
                self.write(paper)
            }
            RunEvent::Confirming { cases } => {
                self.meter.confirm(&mut paper, cases);
                self.write(paper)
            }
            RunEvent::Crashed(crash) => {
                self.meter.crash(&mut paper, crash);
                self.write(paper)
            }
            RunEvent::Finished(run) => {
                self.meter.finish();
                if self.meter.has_lines() {
                    self.write({
                        paper.end();
                        paper
                    })?;
                }
                self.run(run)
            }
        }
    }
}

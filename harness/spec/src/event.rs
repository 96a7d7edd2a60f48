//! What a run tells while it goes on. Producers only emit; reporters alone print.

use std::io;

use crate::record::{Broker, Case, Crash, Run};

/// One step in the life of a run.
#[derive(Debug)]
pub enum RunEvent<'a> {
    /// The broker answered the first exchange, and the cases begin.
    Started {
        /// What is put to the test.
        broker: &'a Broker,
        /// The number of cases that will run.
        cases: usize,
        /// The number of cases that run at once.
        jobs: usize,
    },
    /// A case has its verdict.
    CaseFinished(&'a Case),
    /// Cases that failed by a deadline run again in quiet, with wider deadlines; their verdicts follow.
    Confirming {
        /// The number of cases.
        cases: usize,
    },
    /// The broker crashed or fell silent, and was started again.
    Crashed(&'a Crash),
    /// The run is over.
    Finished(&'a Run),
}

/// Something that shows a run to people or writes it for programs.
pub trait Reporter {
    /// Takes notice of an event.
    ///
    /// # Errors
    /// When the report cannot be written.
    fn event(&mut self, event: &RunEvent<'_>) -> io::Result<()>;
}

//! Exit codes, the only result that a script has to read.

use std::process::ExitCode;

/// How the tool ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Everything was as expected.
    Expected = 0,
    /// A result was not as expected: a case failed, could not be decided, or was flaky.
    Unexpected = 1,
    /// Usage, configuration, or a case file is wrong.
    Usage = 2,
    /// The broker could not be reached, or stopped answering.
    Broker = 3,
    /// The selection chose nothing.
    NothingSelected = 4,
    /// The broker crashed, or fell silent and had to be started again.
    Crashed = 5,
    /// A defect of this tool.
    Defect = 70,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        // Every code fits a byte.
        Self::from(exit as u8)
    }
}

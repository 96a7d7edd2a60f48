//! How a case stands after a run.

use std::fmt;
use std::str::FromStr;

use crate::{Verdict, record};

/// The verdict of a case, or that it has none because two plays differed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Standing {
    /// Each play gave this verdict.
    Settled(Verdict),
    /// The plays gave different verdicts.
    Flaky,
}

/// The text names no verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownStanding(pub String);

impl Standing {
    /// All names.
    pub const NAMES: [&'static str; 8] =
        ["pass", "lenient", "info", "unsupported", "skipped", "inconclusive", "fail", "flaky"];

    /// How a case of a record stands.
    #[must_use]
    pub const fn of(case: &record::Case) -> Self {
        if case.flaky { Self::Flaky } else { Self::Settled(case.verdict) }
    }

    /// Whether a run that nobody has told what to expect fails by it.
    #[must_use]
    pub const fn is_bad(self) -> bool {
        matches!(self, Self::Flaky | Self::Settled(Verdict::Fail | Verdict::Inconclusive))
    }

    /// The name used in filters and baselines.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Settled(verdict) => verdict.as_str(),
            Self::Flaky => "flaky",
        }
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Standing {
    type Err = UnknownStanding;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match Verdict::ALL.into_iter().find(|verdict| verdict.as_str() == text) {
            Some(verdict) => Ok(Self::Settled(verdict)),
            None if text == "flaky" => Ok(Self::Flaky),
            None => Err(UnknownStanding(text.to_owned())),
        }
    }
}

impl fmt::Display for UnknownStanding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is no verdict, expected {}", self.0, Standing::NAMES.join(", "))
    }
}

impl std::error::Error for UnknownStanding {}

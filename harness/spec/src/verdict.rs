//! What a case says about a broker.

use std::fmt;
use std::ops::{AddAssign, Index};

use serde::{Deserialize, Serialize};

/// The verdict of a case, or of a statement when the verdicts of its cases are merged.
///
/// The order is the order in which verdicts win when they are merged: the worst last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The case was not run.
    Skipped,
    /// The broker says itself that it does not have what the case needs.
    Unsupported,
    /// The case only records what the broker chose where the specification leaves it a choice.
    Info,
    /// The broker did what the cited statements demand, and could have been seen not to.
    Pass,
    /// The broker kept every MUST but not the SHOULD, or used a freedom that a named clause gives.
    Lenient,
    /// The case could not be decided: a setup step, a control or a fence did not hold.
    Inconclusive,
    /// What the broker did contradicts a cited statement.
    Fail,
}

impl Verdict {
    /// All verdicts, the best first.
    pub const ALL: [Self; 7] = [
        Self::Pass,
        Self::Lenient,
        Self::Info,
        Self::Unsupported,
        Self::Skipped,
        Self::Inconclusive,
        Self::Fail,
    ];

    /// The name used in reports and filters.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Skipped => "skipped",
            Self::Unsupported => "unsupported",
            Self::Info => "info",
            Self::Pass => "pass",
            Self::Lenient => "lenient",
            Self::Inconclusive => "inconclusive",
            Self::Fail => "fail",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// How many cases got each verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Cases with [`Verdict::Pass`].
    pub pass: usize,
    /// Cases with [`Verdict::Lenient`].
    pub lenient: usize,
    /// Cases with [`Verdict::Info`].
    pub info: usize,
    /// Cases with [`Verdict::Unsupported`].
    pub unsupported: usize,
    /// Cases with [`Verdict::Skipped`].
    pub skipped: usize,
    /// Cases with [`Verdict::Inconclusive`].
    pub inconclusive: usize,
    /// Cases with [`Verdict::Fail`].
    pub fail: usize,
}

impl Tally {
    /// The number of cases.
    #[must_use]
    pub fn total(&self) -> usize {
        Verdict::ALL.iter().map(|&verdict| self[verdict]).sum()
    }
}

impl Index<Verdict> for Tally {
    type Output = usize;

    fn index(&self, verdict: Verdict) -> &usize {
        match verdict {
            Verdict::Skipped => &self.skipped,
            Verdict::Unsupported => &self.unsupported,
            Verdict::Info => &self.info,
            Verdict::Pass => &self.pass,
            Verdict::Lenient => &self.lenient,
            Verdict::Inconclusive => &self.inconclusive,
            Verdict::Fail => &self.fail,
        }
    }
}

impl AddAssign<Verdict> for Tally {
    fn add_assign(&mut self, verdict: Verdict) {
        let count = match verdict {
            Verdict::Skipped => &mut self.skipped,
            Verdict::Unsupported => &mut self.unsupported,
            Verdict::Info => &mut self.info,
            Verdict::Pass => &mut self.pass,
            Verdict::Lenient => &mut self.lenient,
            Verdict::Inconclusive => &mut self.inconclusive,
            Verdict::Fail => &mut self.fail,
        };
        *count += 1;
    }
}

impl FromIterator<Verdict> for Tally {
    fn from_iter<I: IntoIterator<Item = Verdict>>(verdicts: I) -> Self {
        let mut tally = Self::default();
        for verdict in verdicts {
            tally += verdict;
        }
        tally
    }
}

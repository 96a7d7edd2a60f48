//! What was found out about one thing.

use std::fmt;

/// Of which kind a finding is, in the order of reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A word of `needs`, which a profile can declare.
    Capability,
    /// A word of `declares.limits`, which a profile can declare.
    Limit,
    /// How the broker behaves otherwise.
    Conduct,
}

/// The answer to one question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The broker has it.
    Yes,
    /// It does not.
    No,
    /// Up to here, and no further.
    Limit(u32),
    /// Up to here at least, which is where the search ends.
    AtLeast(u32),
    /// Nothing was seen that would answer it.
    Unknown,
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Yes => f.write_str("yes"),
            Self::No => f.write_str("no"),
            Self::Limit(value) => write!(f, "{value}"),
            Self::AtLeast(value) => write!(f, "{value} or more"),
            Self::Unknown => f.write_str("unknown"),
        }
    }
}

/// What was found out about one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Of which kind it is.
    pub kind: Kind,
    /// The word for it.
    pub name: &'static str,
    /// The answer.
    pub answer: Answer,
    /// What shows it, where that is not plain: what the broker said, or how it differs from what it does.
    pub evidence: Option<String>,
}

/// Why something was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Miss {
    /// The broker refused it.
    Refused(String),
    /// It was not asked, as no client came so far. That says nothing.
    Unasked(String),
}

impl Finding {
    pub(super) const fn new(kind: Kind, name: &'static str, answer: Answer) -> Self {
        Self { kind, name, answer, evidence: None }
    }

    pub(super) const fn capability(name: &'static str, answer: Answer) -> Self {
        Self::new(Kind::Capability, name, answer)
    }

    pub(super) const fn limit(name: &'static str, answer: Answer) -> Self {
        Self::new(Kind::Limit, name, answer)
    }

    pub(super) const fn conduct(name: &'static str, answer: Answer) -> Self {
        Self::new(Kind::Conduct, name, answer)
    }

    /// The same, from whether it was taken.
    pub(super) fn from_outcome<T>(kind: Kind, name: &'static str, outcome: Result<T, Miss>) -> Self {
        match outcome {
            Ok(_) => Self::new(kind, name, Answer::Yes),
            Err(Miss::Refused(why)) => Self::new(kind, name, Answer::No).with(why),
            Err(Miss::Unasked(why)) => Self::new(kind, name, Answer::Unknown).with(why),
        }
    }

    pub(super) fn with(self, evidence: impl Into<String>) -> Self {
        Self { evidence: Some(evidence.into()), ..self }
    }
}

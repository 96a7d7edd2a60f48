//! What was seen while a case was played. The judge reads nothing else.

use std::time::Duration;

use mqttspec_codec::StatementId;
use mqttspec_script::plan::{Grade, Place};
use mqttspec_spec::record::{Ending, Entry};

/// Everything seen while one case was played.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// The playing of the control, when the case has one.
    pub control: Option<Playing>,
    /// The playing of the script; absent when the control did not hold.
    pub script: Option<Playing>,
}

/// One playing of a script, up to the first step that did not hold or that found the case not to apply.
#[derive(Clone, Debug, Default)]
pub struct Playing {
    /// What became of each step, in order.
    pub steps: Vec<StepReport>,
    /// The timeline.
    pub entries: Vec<Entry>,
    /// How the connections ended.
    pub endings: Vec<Ending>,
    /// Absences that only a quiet time showed.
    pub absences_by_time: u32,
    /// The longest time that a step took.
    pub slowest: Duration,
}

/// What became of a step.
#[derive(Clone, Debug)]
pub struct StepReport {
    /// Its index in the script.
    pub step: usize,
    /// What became of it.
    pub outcome: StepOutcome,
}

/// What became of a step.
#[derive(Clone, Debug)]
pub enum StepOutcome {
    /// It held.
    Held,
    /// An alternative matched.
    Matched {
        /// How the case grades it.
        grade: Grade,
        /// The label that an `observe` step records.
        label: Option<String>,
        /// What was seen, in words.
        seen: String,
    },
    /// The broker kept the MUST but missed this SHOULD.
    Missed {
        /// The rule that holds the SHOULD.
        rule: StatementId,
        /// What was seen, in words.
        seen: String,
    },
    /// It did not hold, and the playing ended here.
    Deviated(Deviation),
}

impl StepOutcome {
    /// Whether the playing goes on after the step.
    #[must_use]
    pub const fn goes_on(&self) -> bool {
        !matches!(self, Self::Deviated(_) | Self::Matched { grade: Grade::Unsupported, .. })
    }
}

/// How a step did not hold.
#[derive(Clone, Debug)]
pub struct Deviation {
    /// Of which kind it is.
    pub kind: DeviationKind,
    /// What was seen, in words.
    pub seen: String,
    /// What would have been right, in words.
    pub allowed: Option<String>,
    /// The part of the step that it concerns, when narrower than the step.
    pub place: Option<Place>,
}

/// The kinds of deviation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeviationKind {
    /// The broker did something else.
    Wrong,
    /// The broker did something that breaks these rules, whatever the step is about.
    Breaks {
        /// The rules, the most specific first.
        statements: Vec<StatementId>,
        /// The field that was wrong, when it was one.
        field: Option<String>,
    },
    /// The broker says that it does not have what the case needs.
    Lacking,
    /// The deadline passed first.
    Missing {
        /// Whether the case gave the broker more time than a confirmation would.
        patient: bool,
    },
    /// A sentinel did not come, so that nothing is known about what should have come before it.
    FenceMissing,
    /// The broker said that it will not serve the client now, for a reason that has nothing to do with
    /// what the step is about.
    Declined,
    /// The connection could not be opened, or was flooded.
    Unplayable,
    /// The case itself is wrong: it broke the specification without saying so, or refers to what is not there.
    CaseError,
}

impl DeviationKind {
    /// Whether a deadline led to it that a load of other cases could have led to as well.
    #[must_use]
    pub const fn is_by_deadline(&self) -> bool {
        matches!(self, Self::Missing { patient: false } | Self::FenceMissing)
    }
}

//! The record of a run: the only thing that reports read. Schema 1.
//!
//! Times are microseconds since the run began unless a field says otherwise; bytes are lower-case hex.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{Tally, Verdict};

/// The version of this format.
pub const SCHEMA: u32 = 1;

/// Everything that a run found out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// [`SCHEMA`].
    pub schema: u32,
    /// What made the record.
    pub tool: Tool,
    /// What was put to the test.
    pub broker: Broker,
    /// When the run began, in RFC 3339 with UTC.
    pub started: String,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// How the run ended.
    pub end: RunEnd,
    /// The command line, so that a reader can run it again.
    pub command: Vec<String>,
    /// Cases by verdict.
    pub summary: Tally,
    /// The cases, ordered by id and version.
    pub cases: Vec<Case>,
    /// What the cases say about each statement, by version and id (`5.0 MQTT-3.1.2-24`).
    pub statements: BTreeMap<String, StatementResult>,
    /// How often the broker crashed or fell silent, and what brought it about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub crashes: Vec<Crash>,
    /// How the run compares with its baseline. Absent when none was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<BaselineResult>,
}

/// The broker crashed, or no longer answered and was started again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Crash {
    /// What was seen, in one line.
    pub what: String,
    /// The case that brings it about when it is played alone. Absent when none of `suspects` does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub culprit: Option<Culprit>,
    /// The cases that were under way, or had just ended, when it was first seen: version and id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suspects: Vec<String>,
    /// The last lines that the broker wrote.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub log: Vec<String>,
}

/// A case that makes a broker crash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Culprit {
    /// The id of the case.
    pub id: String,
    /// `3.1.1` or `5.0`.
    pub version: String,
    /// The last packet that the case sent, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub packet: Option<String>,
    /// The bytes of that packet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<String>,
    /// The command that plays the case again.
    pub rerun: String,
}

/// The tool and the suite that made a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tool {
    /// `mqttspec`.
    pub name: String,
    /// The tool's version.
    pub version: String,
    /// The digest of all cases of the suite.
    pub suite_digest: String,
}

/// The broker under test, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Broker {
    /// A name for people: the address, or the profile.
    pub name: String,
    /// Where it was reached.
    pub address: String,
    /// Its version, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The round trip that deadlines were derived from, in microseconds.
    pub round_trip_us: u64,
    /// What the CONNACK of each version said, property by property.
    pub connack: BTreeMap<String, BTreeMap<String, String>>,
    /// What its documentation says, which nobody has seen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
}

/// What the documentation of a broker says about a part of the specification.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// The section or the statement, such as `3.8.4` or `MQTT-3.8.4-6`. Absent for the whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// `3.1.1` or `5.0`. Absent for both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// In words.
    pub says: String,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunEnd {
    /// All selected cases were run.
    Complete,
    /// The user stopped it; unfinished cases are inconclusive.
    Interrupted,
    /// The broker could not be reached, or did not answer the first exchange.
    BrokerUnreachable,
    /// The broker stopped answering during the run.
    BrokerLost,
    /// As many cases failed as the user wanted to see; those that were left are skipped.
    FailFast,
}

/// What one case found out in one version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// The file's path in the suite, a slash, and the id in the file.
    pub id: String,
    /// `3.1.1` or `5.0`.
    pub version: String,
    /// One line for people.
    pub title: String,
    /// The first axis: what the case says about the broker.
    pub verdict: Verdict,
    /// Whether the verdict differed when the case was run again alone.
    pub flaky: bool,
    /// The free words to select it by.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub tags: BTreeSet<String>,
    /// The statements that the case covers.
    pub statements: Vec<String>,
    /// The statements that decided a verdict other than pass: those that the broker broke or missed.
    pub cited: Vec<String>,
    /// Why the verdict is not pass, or what was recorded.
    pub findings: Vec<Finding>,
    /// The second axis: how each Network Connection of the script ended.
    pub endings: Vec<Ending>,
    /// The third axis: whether the verdict was expected. Absent when no baseline was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expectation: Option<Expectation>,
    /// What the baseline says about the case, where it says something or misses it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub foreseen: Option<Foreseen>,
    /// Absences that only a quiet time shows.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub absences_by_time: u32,
    /// Where the case stands: path from the suite's root, and line.
    pub source: Source,
    /// The digest of the case after expansion.
    pub digest: String,
    /// How long the case took, in milliseconds, its control included.
    pub duration_ms: u64,
    /// What was seen, in the order of time, the control's part first.
    pub timeline: Vec<Entry>,
    /// The command that runs the case again.
    pub rerun: String,
}

fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// A line of a case file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Path from the suite's root.
    pub path: String,
    /// Line, from 1.
    pub line: u32,
}

/// Why a case got its verdict, or what it recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What this finding alone would make of the case.
    pub verdict: Verdict,
    /// Of which kind it is.
    #[serde(default)]
    pub kind: FindingKind,
    /// The statements that it cites: those broken by a fail, missed by a lenient, used by an info.
    pub statements: Vec<String>,
    /// What happened, in one line.
    pub message: String,
    /// What would have been right, in one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed: Option<String>,
    /// The place of the step in its file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// Whether waiting until a deadline led to it.
    pub by_deadline: bool,
    /// The choice that an `observe` step recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub choice: Option<String>,
}

/// The kinds of finding, which stay the same from run to run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FindingKind {
    /// Something was noted: a choice, a freedom that was used, a recommendation that was missed.
    #[default]
    Noted,
    /// The broker did something else than what is allowed.
    Wrong,
    /// The broker did something that breaks a rule, whatever the step is about.
    Breaks,
    /// What was due did not come.
    Missing,
    /// The broker says that it does not have what the case needs.
    Lacking,
    /// A fence did not hold.
    FenceMissing,
    /// The broker said that it will not serve the client now.
    Declined,
    /// The connection could not be opened, or was flooded.
    Unplayable,
    /// The case itself is wrong.
    CaseError,
    /// The case was not played, or not to its end.
    Unplayed,
    /// The plays of the case gave different verdicts.
    Flaky,
    /// The case brings the broker down.
    Crash,
}

impl FindingKind {
    /// The name in records and signatures.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Noted => "noted",
            Self::Wrong => "wrong",
            Self::Breaks => "breaks",
            Self::Missing => "missing",
            Self::Lacking => "lacking",
            Self::FenceMissing => "fence-missing",
            Self::Declined => "declined",
            Self::Unplayable => "unplayable",
            Self::CaseError => "case-error",
            Self::Unplayed => "unplayed",
            Self::Flaky => "flaky",
            Self::Crash => "crash",
        }
    }
}

/// A span in a case file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Line of the first character, from 1.
    pub line: u32,
    /// Column of the first character, from 1.
    pub column: u32,
    /// The text of the line.
    pub text: String,
    /// The number of characters to underline.
    pub length: u32,
}

/// How a Network Connection ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ending {
    /// The client's name in the case.
    pub client: String,
    /// The number of the connection in the case, from 0.
    pub connection: u32,
    /// What ended it.
    pub how: EndingKind,
    /// The Reason Code of a DISCONNECT, or of a refusing CONNACK, that came before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason_code: Option<String>,
}

/// What ended a Network Connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EndingKind {
    /// The broker closed it in order (FIN).
    BrokerClosed,
    /// The broker reset it (RST).
    BrokerReset,
    /// The broker closed it in the middle of a packet.
    BrokerCut,
    /// The case closed it.
    ClientClosed,
    /// It was still open when the case ended.
    Open,
}

/// Whether a baseline expected the verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expectation {
    /// As the baseline says, or good where it says nothing.
    Expected,
    /// Bad, and not as the baseline says.
    Unexpected,
    /// Good, although an entry of the baseline foresees otherwise.
    Stale,
}

/// What a baseline says about a case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Foreseen {
    /// The entry that speaks about the case, by file and line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<String>,
    /// Why the deviation is accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Where it is discussed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue: Option<String>,
    /// What is not as foreseen, and what to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
}

/// How a run compares with its baseline, besides what its cases say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BaselineResult {
    /// The baseline's file.
    pub file: String,
    /// Entries that speak about no case of the suite.
    pub stale: Vec<StaleEntry>,
}

/// An entry of a baseline that speaks about no case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaleEntry {
    /// The entry, by file and line.
    pub entry: String,
    /// The filter that chooses nothing.
    pub filter: String,
    /// What is wrong, and what to do.
    pub advice: String,
}

/// One event on the timeline of a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Microseconds since the case began.
    pub at_us: u64,
    /// Whether the event belongs to the control.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub control: bool,
    /// The client's name in the case; empty for what concerns no client.
    pub client: String,
    /// The number of the connection in the case, from 0.
    pub connection: u32,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// What happened at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// A connection was opened.
    Opened,
    /// The case wrote bytes.
    Sent {
        /// The bytes.
        bytes: String,
        /// What they are, in one line.
        summary: String,
        /// The statements that they break on purpose.
        violates: Vec<String>,
    },
    /// A packet of the broker arrived.
    Received {
        /// The bytes.
        bytes: String,
        /// What they are, in one line.
        summary: String,
        /// The statement that the bytes break, and how.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        violation: Option<String>,
    },
    /// The connection ended.
    Ended {
        /// What ended it.
        how: EndingKind,
    },
    /// A deadline or a prescribed time passed.
    Timer {
        /// Which.
        what: String,
    },
    /// A step of the script began.
    Step {
        /// Its line in the file, from 1.
        line: u32,
        /// The verb.
        verb: String,
    },
}

/// What all cases of a run say about one statement.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementResult {
    /// The worst verdict of the cases that cover it; absent when none was run.
    pub verdict: Option<Verdict>,
    /// Cases by verdict. A failing case counts here only if it cites this statement.
    pub cases: Tally,
    /// Choices that `observe` steps recorded, by case id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub choices: BTreeMap<String, String>,
}

//! Runs cases: all at once, those that must be alone after the others, and those that failed by a deadline
//! once more in quiet.

mod alarm;
mod one;
mod outage;
mod record;
mod schedule;
mod stress;
mod waits;

use std::sync::Arc;

use mqttspec_script::plan::Case;
use mqttspec_spec::record::Tool;
use tokio::sync::watch;

pub use one::{Judged, Surroundings};
pub use schedule::run;

use crate::control::BrokerControl;
use crate::names::RunName;
use crate::timing::Timing;
use crate::transport::WebSocket;

/// Whether the run is to end before its time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stop {
    /// It goes on.
    #[default]
    No,
    /// The user wants it to end; unfinished cases are inconclusive.
    Interrupted,
    /// Enough was seen; unfinished cases are skipped.
    Enough,
}

/// Tells when the run is to end.
pub type Interrupt = watch::Receiver<Stop>;

/// How to run.
#[derive(Clone, Debug)]
pub struct Options {
    /// How many cases run at once.
    pub jobs: usize,
    /// How often each case is played; verdicts that differ make it flaky.
    pub plays: usize,
    /// The way through WebSocket; without it, cases that need WebSocket are skipped.
    pub websocket: Option<Arc<WebSocket>>,
    /// Deadlines; absent to derive them from the measured round trip.
    pub timing: Option<Timing>,
    /// What keeps the names of this run apart from those of others.
    pub name: RunName,
    /// What the run provides by its own means, in the vocabulary of `needs`, besides what follows from `control`.
    pub provided: Vec<&'static str>,
    /// The means to restart the broker, if there are any.
    pub control: Option<Arc<dyn BrokerControl>>,
    /// Whether the cases that load the broker are played; else they are skipped.
    pub resource_cases: bool,
    /// For the record: when the run began, in RFC 3339.
    pub started: String,
    /// For the record: the command line.
    pub command: Vec<String>,
    /// For the record: the tool.
    pub tool: Tool,
    /// For the record: a name for the broker; absent for its address.
    pub broker: Option<String>,
    /// For the record: the broker's version, if it is known.
    pub broker_version: Option<String>,
    /// For the record: the words before the id in a command that runs one case again.
    pub rerun: String,
}

/// What a run left: its record, and whether a case turned out to be wrong itself.
#[derive(Clone, Debug)]
pub struct Run {
    /// The record.
    pub record: mqttspec_spec::record::Run,
    /// Ids of cases that broke the specification without saying so.
    pub case_errors: Vec<String>,
}

/// Cases shared between tasks.
type SharedCase = Arc<Case>;

//! What a whole run says, after its cases.

mod baseline;
mod choices;
mod coverage;
mod outcome;
mod remark;
mod table;

use std::time::Duration;

use mqttspec_spec::Registry;
use mqttspec_spec::record::{Broker, Run};

use crate::paper::{HEADING, Paper};

pub(crate) use baseline::baseline;
pub(crate) use outcome::{outcome, run_end_words, warnings};
pub(crate) use remark::Remark;

/// Writes the summary of a run.
pub(crate) fn summary(paper: &mut Paper, run: &Run, registry: &Registry, verbosity: u8) {
    if !run.cases.is_empty() {
        table::table(paper, run, registry);
        paper.end();
        coverage::coverage(paper, run, registry);
    }
    if verbosity > 0 {
        choices::choices(paper, run, registry);
    }
    paper.put(HEADING, "broker      ").say(&broker_words(&run.broker)).end();
    paper.put(HEADING, "tool        ");
    paper.say(&format!("{} {}, suite {}", run.tool.name, run.tool.version, run.tool.suite_digest)).end();
    paper.put(HEADING, "time        ").say(&duration_words(Duration::from_millis(run.duration_ms))).end();
    for remark in [warnings(run), outcome(run), baseline(run)].iter().flatten() {
        remark.put(paper);
    }
}

/// A broker in one line.
pub(crate) fn broker_words(broker: &Broker) -> String {
    let mut words = broker.name.clone();
    if broker.address != broker.name {
        words.push_str(&format!(" at {}", broker.address));
    }
    if broker.round_trip_us > 0 {
        let (whole, rest) = (broker.round_trip_us / 1000, broker.round_trip_us % 1000);
        words.push_str(&format!(", round trip {whole}.{rest:03} ms"));
    }
    words
}

fn duration_words(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds / 60 {
        0 => format!("{}.{:03} s", seconds, duration.subsec_millis()),
        minutes => format!("{minutes} min {} s", seconds % 60),
    }
}

/// `1 case`, `2 cases`.
pub(crate) fn count_of(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

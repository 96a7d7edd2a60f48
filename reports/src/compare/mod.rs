//! Records of several brokers, or of several versions of one, side by side.

mod alone;
mod changes;
mod contender;
mod matrix;

use std::io::{self, Write};

use mqttspec_spec::record::{Run, RunEnd};
use mqttspec_spec::{Registry, Verdict};

use crate::document::{Block, Cell, Document, Form};
use contender::Contender;

/// Writes a comparison of runs.
///
/// # Errors
/// When the writer fails.
pub fn write(writer: impl Write, runs: &[Run], registry: &Registry, form: Form) -> io::Result<()> {
    let contenders = Contender::of(runs);
    let mut blocks = alone::blocks(&contenders, registry);
    blocks.extend(changes::blocks(&contenders, registry));
    blocks.push(Block::Heading("The records".to_owned()));
    blocks.push(records(&contenders));
    blocks.extend(caveats(&contenders).into_iter().map(Block::Text));
    blocks.extend(matrix::blocks(&contenders, registry));
    let labels: Vec<&str> = contenders.iter().map(|contender| contender.label.as_str()).collect();
    Document { title: format!("Comparison of {}", labels.join(", ")), blocks }.write(writer, form)
}

fn records(contenders: &[Contender<'_>]) -> Block {
    let head = ["Record", "Started", "Suite", "Cases", "Crashes"].into_iter().map(ToOwned::to_owned);
    let verdicts = Verdict::ALL.iter().map(|&verdict| crate::document::mark(Some(verdict)).to_owned());
    let rows = contenders.iter().map(|contender| {
        let run = contender.run;
        let cells = [
            contender.label.clone(),
            run.started.clone(),
            run.tool.suite_digest.clone(),
            run.cases.len().to_string(),
            run.crashes.len().to_string(),
        ];
        let counts = Verdict::ALL.iter().map(|&verdict| run.summary[verdict].to_string());
        cells.into_iter().chain(counts).map(Cell::from).collect()
    });
    Block::Table(head.chain(verdicts).collect(), rows.collect())
}

/// What a reader must know before differences are blamed on a broker.
fn caveats(contenders: &[Contender<'_>]) -> Vec<String> {
    let mut caveats = Vec::new();
    let mut suites = contenders.iter().map(|contender| &contender.run.tool.suite_digest);
    let first = suites.next();
    if suites.any(|suite| Some(suite) != first) {
        caveats.push(
            "The records were made with different suites: a difference may come from a case that has changed."
                .to_owned(),
        );
    }
    let broken_off = contenders.iter().filter(|contender| contender.run.end != RunEnd::Complete);
    caveats.extend(
        broken_off.map(|contender| format!("The run of {} did not play all of its cases.", contender.label)),
    );
    caveats
}

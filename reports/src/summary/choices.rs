//! What a broker chose where the specification leaves it a choice.

use mqttspec_spec::Registry;
use mqttspec_spec::record::Run;

use crate::case::demand;
use crate::escape::clip;
use crate::paper::{DIM, HEADING, PLAIN, Paper};

pub(super) fn choices(paper: &mut Paper, run: &Run, registry: &Registry) {
    let mut results = run.statements.iter().filter(|(_, result)| !result.choices.is_empty()).peekable();
    if results.peek().is_none() {
        return;
    }
    paper.put(HEADING, "choices of this broker").end();
    for (citation, result) in results {
        paper.say("  ").put(HEADING, citation);
        let (version, id) = citation.split_once(' ').unwrap_or(("", citation));
        match demand(registry, version, id) {
            Some((level, summary)) => {
                paper.put(HEADING, &format!(" {level}")).end();
                paper.say("    ").paragraph(DIM, 4, summary)
            }
            None => paper.end(),
        };
        for (case, choice) in &result.choices {
            paper.say("    ").put(PLAIN, &clip(choice, 160)).put(DIM, &format!("  ({case})")).end();
        }
    }
    paper.end();
}

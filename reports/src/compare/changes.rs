//! What changed from one record of a broker to the next.

use std::collections::BTreeMap;

use mqttspec_spec::record::Case;
use mqttspec_spec::{Registry, Verdict};

use super::contender::Contender;
use crate::document::{Block, Cell};
use crate::escape::clip;

/// Longer texts of a broker are cut, in characters.
const LONGEST_TEXT: usize = 200;
/// Cases that are listed one by one.
const MOST_CASES: usize = 200;

pub(super) fn blocks(contenders: &[Contender<'_>], registry: &Registry) -> Vec<Block> {
    let mut blocks = Vec::new();
    for family in Contender::families(contenders) {
        let mut records: Vec<&Contender<'_>> =
            contenders.iter().filter(|contender| contender.family == family).collect();
        // RFC 3339 in UTC sorts by time.
        records.sort_by(|a, b| a.run.started.cmp(&b.run.started));
        for pair in records.windows(2) {
            if let [before, after] = pair {
                blocks.push(Block::Heading(format!("From {} to {}", before.label, after.label)));
                blocks.extend(between(before, after, registry));
            }
        }
    }
    blocks
}

fn between(before: &Contender<'_>, after: &Contender<'_>, registry: &Registry) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut statements = Vec::new();
    for statement in registry.iter() {
        let (old, new) = (before.evidence.about(statement), after.evidence.about(statement));
        if old.verdict != new.verdict {
            statements.push(vec![
                statement.citation.version.to_string().into(),
                new.id.as_str().into(),
                statement.summary.trim_end().into(),
                Cell::mark(old.verdict, ""),
                Cell::mark(new.verdict, ""),
            ]);
        }
    }
    blocks.push(match statements.is_empty() {
        true => Block::Text("Every statement has the verdict that it had.".to_owned()),
        false => Block::table(&["Version", "Statement", "Demand", "Before", "After"], statements),
    });
    let old = by_name(&before.run.cases);
    let new = by_name(&after.run.cases);
    let changed: Vec<(&Case, &Case)> = new
        .iter()
        .filter_map(|(name, &case)| old.get(name).map(|&earlier| (earlier, case)))
        .filter(|(earlier, case)| earlier.verdict != case.verdict)
        .collect();
    if changed.is_empty() {
        blocks.push(Block::Text("Every case that both played has the verdict that it had.".to_owned()));
    } else {
        let rows = changed.iter().take(MOST_CASES).map(|(earlier, case)| row(earlier, case)).collect();
        blocks.push(Block::table(&["Version", "Case", "Before", "After", "Seen"], rows));
    }
    if changed.len() > MOST_CASES {
        blocks.push(Block::Text(format!("And {} more cases.", changed.len() - MOST_CASES)));
    }
    let added = new.keys().filter(|name| !old.contains_key(*name)).count();
    let gone = old.keys().filter(|name| !new.contains_key(*name)).count();
    if added + gone > 0 {
        blocks
            .push(Block::Text(format!("Cases of the later record alone: {added}; of the earlier: {gone}.")));
    }
    blocks
}

fn by_name(cases: &[Case]) -> BTreeMap<(&str, &str), &Case> {
    cases.iter().map(|case| ((case.version.as_str(), case.id.as_str()), case)).collect()
}

fn row(earlier: &Case, case: &Case) -> Vec<Cell> {
    let happened = |case: &Case| {
        let decisive = case.findings.iter().find(|finding| finding.verdict == case.verdict)?;
        Some(clip(&decisive.message, LONGEST_TEXT).into_owned())
    };
    // A pass has no words of its own: what was wrong before says more.
    let mut seen = match case.verdict {
        Verdict::Pass => happened(earlier).map(|words| format!("before: {words}")),
        _ => happened(case),
    }
    .unwrap_or_default();
    if earlier.digest != case.digest {
        seen.push_str(" (the case itself has changed)");
    }
    vec![
        case.version.as_str().into(),
        case.id.as_str().into(),
        Cell::mark(Some(earlier.verdict), ""),
        Cell::mark(Some(case.verdict), ""),
        seen.trim_start().into(),
    ]
}

//! The statements that one broker breaks and no other.

use mqttspec_spec::{Registry, Verdict};

use super::contender::Contender;
use crate::document::{Block, Cell, mark};
use crate::escape::clip;

/// Longer texts of a broker are cut, in characters.
const LONGEST_TEXT: usize = 200;

pub(super) fn blocks(contenders: &[Contender<'_>], registry: &Registry) -> Vec<Block> {
    let families = Contender::families(contenders);
    if families.len() < 2 {
        return Vec::new();
    }
    let mut blocks = Vec::new();
    for family in families {
        blocks.push(Block::Heading(format!("Only {family} breaks")));
        let rows = rows(family, contenders, registry);
        blocks.push(match rows.is_empty() {
            true => Block::Text("Nothing.".to_owned()),
            false => Block::table(&["Version", "Statement", "Level", "Demand", "Seen", "Others"], rows),
        });
    }
    blocks
}

fn rows(family: &str, contenders: &[Contender<'_>], registry: &Registry) -> Vec<Vec<Cell>> {
    let (own, others): (Vec<_>, Vec<_>) = contenders.iter().partition(|contender| contender.family == family);
    let mut rows = Vec::new();
    for statement in registry.iter() {
        let broken = own
            .iter()
            .map(|contender| contender.evidence.about(statement))
            .find(|seen| seen.verdict == Some(Verdict::Fail));
        let Some(broken) = broken else { continue };
        let verdicts: Vec<_> =
            others.iter().map(|contender| (contender, contender.evidence.about(statement).verdict)).collect();
        if verdicts.iter().any(|(_, verdict)| *verdict == Some(Verdict::Fail)) {
            continue;
        }
        let others: Vec<String> = verdicts
            .iter()
            .map(|(contender, verdict)| format!("{}: {}", contender.label, mark(*verdict)))
            .collect();
        let case = broken.deciding().first().map(|case| case.id.as_str()).unwrap_or_default();
        let happened = broken.happened().unwrap_or_default();
        rows.push(vec![
            statement.citation.version.to_string().into(),
            broken.id.as_str().into(),
            statement.level.to_string().into(),
            statement.summary.trim_end().into(),
            format!("{} ({case})", clip(&happened, LONGEST_TEXT)).into(),
            others.join("; ").into(),
        ]);
    }
    rows
}

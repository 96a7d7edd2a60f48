//! The verdict of each record about each statement, section by section.

use mqttspec_codec::Version;
use mqttspec_spec::{Registry, Statement, Verdict};

use super::contender::Contender;
use crate::document::{Block, Cell, mark};
use crate::evidence::Seen;
use crate::section::Section;

pub(super) fn blocks(contenders: &[Contender<'_>], registry: &Registry) -> Vec<Block> {
    let mut overview = Vec::new();
    let mut sections = Vec::new();
    let mut untested = 0;
    for version in [Version::V3_1_1, Version::V5_0] {
        for (section, statements) in Section::all(version, registry) {
            let all: Vec<(&Statement, Vec<Seen<'_>>)> =
                statements.into_iter().map(|statement| (statement, seen(contenders, statement))).collect();
            let total = all.len();
            let tested: Vec<_> =
                all.into_iter().filter(|(_, seen)| seen.iter().any(|seen| seen.verdict.is_some())).collect();
            untested += total - tested.len();
            if tested.is_empty() {
                continue;
            }
            let name = format!("MQTT {version}, {section} {}", section.title(version.as_str()));
            let mut summary = vec![Cell::from(name.as_str())];
            summary.extend((0..contenders.len()).map(|column| worst(&tested, column)));
            overview.push(summary);
            let rows = tested.iter().map(|(statement, seen)| row(statement, seen)).collect();
            sections.push(Block::Heading(name));
            sections.push(Block::Table(head(&["Statement", "Level", "Demand"], contenders), rows));
        }
    }
    let mut blocks = vec![
        Block::Heading("Section by section".to_owned()),
        Block::Table(head(&["Section"], contenders), overview),
        Block::Text(format!(
            "A section has the worst verdict of its statements, and how many of them have it. \
             No case of these records decides anything about {untested} further statements."
        )),
    ];
    blocks.extend(sections);
    blocks
}

fn head(names: &[&str], contenders: &[Contender<'_>]) -> Vec<String> {
    let names = names.iter().map(|&name| name.to_owned());
    names.chain(contenders.iter().map(|contender| contender.label.clone())).collect()
}

fn seen<'a>(contenders: &[Contender<'a>], statement: &Statement) -> Vec<Seen<'a>> {
    contenders.iter().map(|contender| contender.evidence.about(statement)).collect()
}

/// The worst verdict of a section in one column, and the number of statements that have it.
fn worst(tested: &[(&Statement, Vec<Seen<'_>>)], column: usize) -> Cell {
    let verdicts = || tested.iter().filter_map(|(_, seen)| seen.get(column)).map(|seen| seen.verdict);
    let worst = verdicts().max().flatten();
    let count = verdicts().filter(|verdict| *verdict == worst).count();
    Cell::Verdict(worst, format!("{}: {count} of {}", mark(worst), tested.len()))
}

fn row(statement: &Statement, seen: &[Seen<'_>]) -> Vec<Cell> {
    let first = [
        statement.citation.id.to_string(),
        statement.level.to_string(),
        statement.summary.trim_end().to_owned(),
    ];
    let verdicts = seen.iter().map(|seen| match seen.verdict {
        Some(Verdict::Fail | Verdict::Lenient | Verdict::Inconclusive) => {
            Cell::mark(seen.verdict, &format!(" ({} of {})", seen.deciding().len(), seen.cases.len()))
        }
        verdict => Cell::mark(verdict, ""),
    });
    first.into_iter().map(Cell::from).chain(verdicts).collect()
}

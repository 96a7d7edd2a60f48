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
    let found: Vec<Found> = families.iter().map(|family| found(family, contenders, registry)).collect();
    let overview = found.iter().zip(&families).map(|(found, family)| {
        let named = |rows: &[Vec<Cell>]| Cell::from(names(rows));
        vec![
            Cell::from(*family),
            Cell::from(found.broken.to_string()),
            named(&found.alone),
            named(&found.without_comparison),
        ]
    });
    let head = ["Broker", "Statements broken", "Broken by it alone", "Broken, and decided for no other"];
    let mut blocks = vec![
        Block::Heading("What only one breaks".to_owned()),
        Block::Text(
            "A statement is broken by one broker alone if at least one other was put to the test and keeps it. Where every \
             other is without a verdict, because it does not support what the cases need or was not tested, nothing \
             is known about them: such statements stand apart."
                .to_owned(),
        ),
        Block::table(&head, overview.collect()),
    ];
    for (found, family) in found.into_iter().zip(families) {
        blocks.push(Block::Heading(format!("Only {family} breaks")));
        blocks.push(match found.alone.is_empty() {
            true => Block::Text("Nothing.".to_owned()),
            false => Block::table(
                &["Version", "Statement", "Level", "Demand", "Seen", "Kept by", "Undecided for"],
                found.alone,
            ),
        });
        if !found.without_comparison.is_empty() {
            blocks.push(Block::Heading(format!("{family} breaks, and nothing is known of the others")));
            blocks.push(Block::table(
                &["Version", "Statement", "Level", "Demand", "Seen", "Undecided for"],
                found.without_comparison,
            ));
        }
    }
    blocks
}

/// The statements that one broker breaks and no other is seen to break.
#[derive(Default)]
struct Found {
    /// How many statements the broker breaks, those included that others break as well.
    broken: usize,
    /// Those that another broker keeps.
    alone: Vec<Vec<Cell>>,
    /// Those that no other broker has been judged by.
    without_comparison: Vec<Vec<Cell>>,
}

fn found(family: &str, contenders: &[Contender<'_>], registry: &Registry) -> Found {
    let (own, others): (Vec<_>, Vec<_>) = contenders.iter().partition(|contender| contender.family == family);
    let mut found = Found::default();
    for statement in registry.iter() {
        let broken = own
            .iter()
            .map(|contender| contender.evidence.about(statement))
            .find(|seen| seen.verdict == Some(Verdict::Fail));
        let Some(broken) = broken else { continue };
        found.broken += 1;
        let verdicts: Vec<_> =
            others.iter().map(|contender| (contender, contender.evidence.about(statement).verdict)).collect();
        if verdicts.iter().any(|(_, verdict)| *verdict == Some(Verdict::Fail)) {
            continue;
        }
        let case = broken.deciding().first().map(|case| case.id.as_str()).unwrap_or_default();
        let happened = broken.happened().unwrap_or_default();
        let mut row: Vec<Cell> = vec![
            statement.citation.version.to_string().into(),
            broken.id.as_str().into(),
            statement.level.to_string().into(),
            statement.summary.trim_end().into(),
            format!("{} ({case})", clip(&happened, LONGEST_TEXT)).into(),
        ];
        let (kept, undecided): (Vec<_>, Vec<_>) =
            verdicts.iter().partition(|(_, verdict)| verdict.is_some_and(is_kept));
        let kept: Vec<&str> = kept.iter().map(|(contender, _)| contender.label.as_str()).collect();
        let undecided: Vec<String> = undecided
            .iter()
            .map(|(contender, verdict)| format!("{}: {}", contender.label, mark(*verdict)))
            .collect();
        if kept.is_empty() {
            row.push(undecided.join("; ").into());
            found.without_comparison.push(row);
        } else {
            row.extend([kept.join(", ").into(), undecided.join("; ").into()]);
            found.alone.push(row);
        }
    }
    found
}

/// How many rows there are, and the statements that they are about, version by version.
fn names(rows: &[Vec<Cell>]) -> String {
    let mut names = rows.len().to_string();
    let mut last = "";
    for row in rows {
        let [version, statement, ..] = row.as_slice() else { continue };
        names.push_str(match (last.is_empty(), last == version.text()) {
            (true, _) => ": ",
            (false, true) => ", ",
            (false, false) => "; ",
        });
        if last != version.text() {
            last = version.text();
            names.push_str(last);
            names.push(' ');
        }
        names.push_str(statement.text());
    }
    names
}

/// Whether a broker with this verdict was seen to do what the statement demands.
const fn is_kept(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Pass | Verdict::Lenient)
}

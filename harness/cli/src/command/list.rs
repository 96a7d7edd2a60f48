//! `mqttspec list`.

use std::collections::BTreeMap;
use std::io::Write;

use mqttspec_codec::{Citation, StatementId, Version};
use mqttspec_script::plan::Case;
use mqttspec_spec::{Registry, Statement};

use super::Failure;
use crate::arguments::ListArguments;
use crate::exit::Exit;
use crate::{select, suite};

pub(super) fn list(arguments: &ListArguments) -> Result<Exit, Failure> {
    let registry = suite::registry()?;
    let cases = suite::load(arguments.cases.as_deref(), &registry)?.cases;
    let selected = select::select(cases, &arguments.selection.read()?, &registry)
        .map_err(|nothing| Failure::new(Exit::NothingSelected, nothing.to_string()))?;
    let mut stdout = anstream::stdout().lock();
    if arguments.coverage {
        return coverage(&mut stdout, &registry, &selected.cases);
    }
    for case in &selected.cases {
        writeln!(stdout, "{}  {}  {}", case.version, case.id, case.title)?;
    }
    Ok(Exit::Expected)
}

/// What the suite owes a case: every testable statement, and in its place its clauses if it has some.
fn owed(statement: &Statement) -> Vec<StatementId> {
    if statement.clauses.is_empty() {
        vec![statement.citation.id]
    } else {
        statement.clauses.iter().map(|clause| clause.id).collect()
    }
}

fn coverage(out: &mut impl Write, registry: &Registry, cases: &[Case]) -> Result<Exit, Failure> {
    let mut covering: BTreeMap<Citation, usize> = BTreeMap::new();
    for case in cases {
        // What only records a choice can find no demand broken.
        let decides = |id: &&StatementId| {
            !case.only_records(**id) || !registry.is_must(Citation { version: case.version, id: **id })
        };
        for &id in case.covers.iter().filter(decides) {
            *covering.entry(Citation { version: case.version, id }).or_default() += 1;
        }
    }
    for version in Version::ALL {
        let of_version = || registry.iter().filter(move |statement| statement.citation.version == version);
        let is_covered = |id| covering.contains_key(&Citation { version, id });
        for (name, numbered) in [("numbered statements", true), ("un-numbered rules", false)] {
            let rules = || of_version().filter(move |rule| rule.citation.id.is_numbered() == numbered);
            let testable: Vec<&Statement> = rules().filter(|rule| rule.observable.is_testable()).collect();
            let whole = testable.iter().filter(|rule| owed(rule).into_iter().all(is_covered)).count();
            let parts: Vec<StatementId> = testable.iter().flat_map(|rule| owed(rule)).collect();
            let covered = parts.iter().filter(|&&id| is_covered(id)).count();
            writeln!(
                out,
                "{version} {name}: {whole} of {} testable covered in full, {covered} of {} clauses; {} in all",
                testable.len(),
                parts.len(),
                rules().count(),
            )?;
            for rule in testable {
                let open: Vec<String> =
                    owed(rule).into_iter().filter(|&id| !is_covered(id)).map(|id| id.to_string()).collect();
                if !open.is_empty() {
                    writeln!(out, "  no case yet  {}  {}", open.join(" "), rule.summary)?;
                }
            }
        }
        for rule in of_version().filter(|rule| !rule.observable.is_testable()) {
            let reason = rule.reason.as_deref().unwrap_or_default();
            writeln!(out, "  not testable  {}  {reason}", rule.citation.id)?;
        }
    }
    Ok(Exit::Expected)
}

//! `mqttspec explain`.

use std::fmt::Write as _;
use std::io::Write as _;
use std::str::FromStr;

use mqttspec_broker::Rule;
use mqttspec_codec::{Citation, StatementId, Version};
use mqttspec_script::plan::Case;
use mqttspec_spec::{Observable, Registry, Statement};

use super::Failure;
use crate::arguments::ExplainArguments;
use crate::exit::Exit;
use crate::{guess, suite};

pub(super) fn explain(arguments: &ExplainArguments) -> Result<Exit, Failure> {
    let registry = suite::registry()?;
    let cases = suite::load(None, &registry)?.cases;
    let mut text = String::new();
    for (versions, id) in read(&arguments.statements, &registry)? {
        explain_one(&mut text, (&versions, id), &cases, &registry)?;
    }
    anstream::stdout().lock().write_all(text.trim_end().as_bytes())?;
    writeln!(anstream::stdout().lock())?;
    Ok(Exit::Expected)
}

fn explain_one(
    text: &mut String,
    (versions, id): (&[Version], StatementId),
    cases: &[Case],
    registry: &Registry,
) -> Result<(), Failure> {
    let found: Vec<&Statement> = versions
        .iter()
        .filter_map(|&version| registry.get(Citation { version, id }))
        .filter(|statement| registry.contains(Citation { id, ..statement.citation }))
        .collect();
    if found.is_empty() {
        return Err(unknown(id, versions, registry));
    }
    if let [one, other] = found.as_slice() {
        let relation = if one.counterpart.contains(&other.citation.id) {
            "is in both versions, and means much the same in both"
        } else {
            "is in both versions, and means something else in each"
        };
        // Writing to a string does not fail.
        let _ = writeln!(text, "{id} {relation}.\n");
    }
    for statement in found {
        show(text, statement, cases, registry);
    }
    Ok(())
}

/// Statements, each of the version that stands before it, or of both.
fn read(words: &[String], registry: &Registry) -> Result<Vec<(Vec<Version>, StatementId)>, Failure> {
    let mut all = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let (versions, id) = match word.parse::<Version>() {
            Ok(version) => {
                let missing = || Failure::usage(format!("expected a statement behind {version}"));
                (vec![version], words.next().ok_or_else(missing)?)
            }
            Err(_) => (Version::ALL.to_vec(), word),
        };
        let wrong = |error| Failure::usage(format!("{error}{}", meant(&versions, id, registry)));
        let id = id.parse().map_err(|error: <StatementId as FromStr>::Err| wrong(error))?;
        all.push((versions, id));
    }
    Ok(all)
}

/// A guess which statement was meant, if any is close.
fn meant(versions: &[Version], text: &str, registry: &Registry) -> String {
    let known = registry.iter().map(|statement| statement.citation);
    let known = known.filter(|citation| versions.contains(&citation.version)).map(|citation| citation.id);
    guess::statement(text, known).map_or_else(String::new, |id| format!(", did you mean {id}?"))
}

fn unknown(id: StatementId, versions: &[Version], registry: &Registry) -> Failure {
    let elsewhere = Version::ALL
        .into_iter()
        .find(|&version| !versions.contains(&version) && registry.contains(Citation { version, id }));
    let message = match (elsewhere, versions) {
        (Some(version), [wanted]) => format!("{wanted} has no {id}, but {version} has"),
        _ => format!("there is no {id}{}", meant(versions, &id.to_string(), registry)),
    };
    Failure::new(Exit::NothingSelected, message)
}

fn show(text: &mut String, statement: &Statement, cases: &[Case], registry: &Registry) {
    let Citation { version, id } = statement.citation;
    let heading = format!("MQTT {version}  {id}  (section {})", statement.section);
    let _ = writeln!(text, "{heading}\n{}", "-".repeat(heading.chars().count()));
    let _ = writeln!(text, "{}", statement.summary);
    for clause in &statement.clauses {
        let _ = writeln!(text, "  {}  {}", clause.id, clause.summary);
    }
    let _ = writeln!(text, "Level: {}. Binds: {}.", statement.level, statement.binds);
    let observable = match statement.observable {
        Observable::Yes => "yes",
        Observable::Partly => "partly",
        Observable::No => "no",
        Observable::ClientOnly => "no, it is for clients to keep",
    };
    let _ = writeln!(text, "A client can see a broker break it: {observable}.");
    if let Some(reason) = &statement.reason {
        let _ = writeln!(text, "  {reason}");
    }
    if !statement.needs.is_empty() {
        let _ = writeln!(text, "Needs: {}.", statement.needs.join(", "));
    }
    if let Some(printed) = &statement.printed {
        let _ = writeln!(text, "OASIS prints the id as {printed}.");
    }
    if let Some(note) = &statement.note {
        let _ = writeln!(text, "Note: {note}");
    }
    for other in &statement.counterpart {
        for of in Version::ALL.into_iter().filter(|&of| of != version) {
            if let Some(counterpart) = registry.get(Citation { version: of, id: *other }) {
                let _ = writeln!(text, "In {of}: {other}  {}", counterpart.summary);
            }
        }
    }
    let citation = |rule: &&Rule| rule.citations().any(|of| of.version == version && of.id.statement() == id);
    for rule in Rule::all().filter(citation) {
        let _ = writeln!(text, "Reference broker: {}  ({})", rule.summary(), rule.file());
    }
    let covering: Vec<&Case> = cases
        .iter()
        .filter(|case| case.version == version)
        .filter(|case| case.covers.iter().any(|covered| covered.statement() == id))
        .collect();
    let _ = writeln!(text, "Cases: {}", covering.len());
    for case in covering {
        let _ = writeln!(text, "  {}  {}", case.id, case.title);
    }
    text.push('\n');
}

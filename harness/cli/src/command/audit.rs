//! `mqttspec audit`.

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::Arc;
use std::thread::available_parallelism;

use mqttspec_audit::{Audit, Breadth, Report, render, render_breadth};
use mqttspec_reports::file;

use super::Failure;
use crate::arguments::AuditArguments;
use crate::exit::Exit;
use crate::suite;

pub(super) fn audit(arguments: &AuditArguments) -> Result<Exit, Failure> {
    let registry = Arc::new(suite::registry()?);
    let cases: Vec<_> =
        suite::load(arguments.cases.as_deref(), &registry)?.cases.into_iter().map(Arc::new).collect();
    let known = match &arguments.known {
        Some(path) => Some(known(&suite::read_file(path)?)),
        None => None,
    };
    let threads = available_parallelism().map_or(1, usize::from);
    let audit = mqttspec_audit::audit(&cases, &registry, threads)
        .map_err(|error| Failure::new(Exit::Defect, format!("no runtime: {error}")))?;
    if let Some(path) = &arguments.json {
        file::write_atomically(path, |writer| {
            serde_json::to_writer_pretty(writer, &audit).map_err(std::io::Error::other)
        })
        .map_err(|error| Failure::usage(error.to_string()))?;
    }
    let report = if arguments.short { Report::Short } else { Report::Full };
    let mut stdout = anstream::stdout().lock();
    stdout.write_all(render(&audit, &registry, report).as_bytes())?;
    let mut is_too_broad = false;
    if arguments.cross {
        let breadths = mqttspec_audit::cross_kill(&cases, &registry, threads)
            .map_err(|error| Failure::new(Exit::Defect, format!("no runtime: {error}")))?;
        stdout.write_all(render_breadth(&breadths).as_bytes())?;
        is_too_broad = breadths.iter().any(Breadth::is_too_broad);
    }
    let changes = changes(&audit, known.unwrap_or_default());
    for change in &changes {
        writeln!(stdout, "{change}")?;
    }
    let is_broken = is_too_broad || audit.broken().next().is_some();
    Ok(if is_broken || !changes.is_empty() { Exit::Unexpected } else { Exit::Expected })
}

/// The switches that a file names as known to survive; what follows a number sign is a remark.
fn known(text: &str) -> BTreeSet<String> {
    text.lines()
        .map(|line| line.split('#').next().unwrap_or_default().trim().to_owned())
        .filter(|line| !line.is_empty())
        .collect()
}

/// What differs between the switches that survive and those that are known to.
fn changes(audit: &Audit, known: BTreeSet<String>) -> Vec<String> {
    let survivors: BTreeSet<String> = audit.survivors().map(|survivor| survivor.statement.clone()).collect();
    let new = survivors.difference(&known).map(|switch| format!("not known to survive: {switch}"));
    let stale =
        known.difference(&survivors).map(|switch| format!("noticed now, so take it off the list: {switch}"));
    new.chain(stale).collect()
}

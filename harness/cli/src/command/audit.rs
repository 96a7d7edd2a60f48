//! `mqttspec audit`.

use std::io::Write;
use std::sync::Arc;
use std::thread::available_parallelism;

use mqttspec_audit::{
    Breadth, Extent, NOTICING_NOTHING, Report, Unlisted, render, render_breadth, render_noticing,
};
use mqttspec_reports::file;

use super::Failure;
use crate::arguments::AuditArguments;
use crate::exit::Exit;
use crate::suite;

pub(super) fn audit(arguments: &AuditArguments) -> Result<Exit, Failure> {
    let registry = Arc::new(suite::registry()?);
    let cases: Vec<_> =
        suite::load(arguments.cases.as_deref(), &registry)?.cases.into_iter().map(Arc::new).collect();
    let threads = available_parallelism().map_or(1, usize::from);
    let extent = if arguments.cases.is_some() { Extent::Covered } else { Extent::Whole };
    let audit = mqttspec_audit::audit(&cases, &registry, extent, threads)
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
    let mut unlisted = audit.noticing.against(NOTICING_NOTHING);
    if arguments.cases.is_some() {
        // The list is about the suite; of a folder the families that are not there say nothing.
        unlisted.fewer.clear();
    }
    stdout.write_all(render_noticing(&audit.noticing, &unlisted).as_bytes())?;
    let mut is_too_broad = false;
    if arguments.cross {
        let breadths = mqttspec_audit::cross_kill(&cases, &registry, threads)
            .map_err(|error| Failure::new(Exit::Defect, format!("no runtime: {error}")))?;
        stdout.write_all(render_breadth(&breadths).as_bytes())?;
        is_too_broad = breadths.iter().any(Breadth::is_too_broad);
    }
    let is_broken = is_too_broad
        || unlisted != Unlisted::default()
        || !audit.noticing.idle_faults.is_empty()
        || audit.broken().next().is_some()
        || audit.survivors().next().is_some();
    Ok(if is_broken { Exit::Unexpected } else { Exit::Expected })
}

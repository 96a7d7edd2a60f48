//! `mqttspec report`.

use mqttspec_reports::{file, html, junit, statement};

use super::Failure;
use crate::arguments::ReportArguments;
use crate::document_file::DocumentFile;
use crate::exit::Exit;
use crate::{record, suite};

pub(super) fn report(arguments: &ReportArguments) -> Result<Exit, Failure> {
    if arguments.html.is_none() && arguments.junit.is_none() && arguments.statement.is_none() {
        return Err(Failure::usage(
            "nothing to write: say which reports with --html FILE, --junit FILE or --statement FILE",
        ));
    }
    let registry = suite::registry()?;
    let run = record::read(&arguments.record)?;
    let failed = |error: file::WriteError| Failure::usage(error.to_string());
    if let Some(path) = &arguments.html {
        file::write_atomically(path, |writer| html::write(writer, &run, &registry)).map_err(failed)?;
    }
    if let Some(path) = &arguments.junit {
        file::write_atomically(path, |writer| junit::write(writer, &run, &registry, "cases"))
            .map_err(failed)?;
    }
    if let Some(DocumentFile { path, form }) = &arguments.statement {
        file::write_atomically(path, |writer| statement::write(writer, &run, &registry, *form))
            .map_err(failed)?;
    }
    Ok(Exit::Expected)
}

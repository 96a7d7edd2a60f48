//! `mqttspec report`.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use mqttspec_reports::{file, html, json, junit};
use mqttspec_spec::record::Run;

use super::Failure;
use crate::arguments::ReportArguments;
use crate::exit::Exit;
use crate::suite;

pub(super) fn report(arguments: &ReportArguments) -> Result<Exit, Failure> {
    if arguments.html.is_none() && arguments.junit.is_none() {
        return Err(Failure::usage("nothing to write: say which reports with --html FILE or --junit FILE"));
    }
    let registry = suite::registry()?;
    let run = read(&arguments.record)?;
    let failed = |error: file::WriteError| Failure::usage(error.to_string());
    if let Some(path) = &arguments.html {
        file::write_atomically(path, |writer| html::write(writer, &run, &registry)).map_err(failed)?;
    }
    if let Some(path) = &arguments.junit {
        file::write_atomically(path, |writer| junit::write(writer, &run, &registry, "cases"))
            .map_err(failed)?;
    }
    Ok(Exit::Expected)
}

/// Reads the record of a run.
fn read(path: &Path) -> Result<Run, Failure> {
    let shown = path.display();
    let file =
        File::open(path).map_err(|error| Failure::usage(format!("{shown} cannot be read: {error}")))?;
    json::read(BufReader::new(file)).map_err(|error| {
        let hint = match error {
            json::ReadError::Schema { .. } => {
                "; make it anew with `mqttspec run --json`, or use the mqttspec that wrote it"
            }
            json::ReadError::Malformed(_) => "; `mqttspec run --json FILE` writes such a record",
            json::ReadError::Io(_) => "",
        };
        Failure::usage(format!("{shown}: {error}{hint}"))
    })
}

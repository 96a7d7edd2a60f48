//! `mqttspec report`.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use mqttspec_reports::json;
use mqttspec_spec::record::Run;

use super::Failure;
use super::written::write_reports;
use crate::arguments::ReportArguments;
use crate::exit::Exit;
use crate::suite;

/// What is put before the paths of the suite's files, as for a run without `--cases`.
const SUITE_ROOT: &str = "cases";

pub(super) fn report(arguments: &ReportArguments) -> Result<Exit, Failure> {
    if arguments.reports.is_empty() {
        return Err(Failure::usage(
            "nothing to write: say which reports with --html FILE, --junit FILE, --markdown FILE or --pcap FOLDER",
        ));
    }
    let registry = suite::registry()?;
    let run = read(&arguments.record)?;
    write_reports(&arguments.reports, &run, &registry, SUITE_ROOT)?;
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

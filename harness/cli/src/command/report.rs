//! `mqttspec report`.

use super::Failure;
use super::written::write_reports;
use crate::arguments::ReportArguments;
use crate::exit::Exit;
use crate::{record, suite};

/// What is put before the paths of the suite's files, as for a run without `--cases`.
const SUITE_ROOT: &str = "cases";

pub(super) fn report(arguments: &ReportArguments) -> Result<Exit, Failure> {
    if arguments.reports.is_empty() {
        return Err(Failure::usage(
            "nothing to write: say which reports with --html FILE, --statement FILE, --junit FILE, --markdown FILE or \
             --pcap FOLDER",
        ));
    }
    let registry = suite::registry()?;
    let run = record::read(&arguments.record)?;
    write_reports(&arguments.reports, &run, &registry, SUITE_ROOT)?;
    Ok(Exit::Expected)
}

//! Reads the records of runs that a user names.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use mqttspec_reports::json;
use mqttspec_spec::record::Run;

use crate::command::Failure;

/// Reads the record of a run.
pub(crate) fn read(path: &Path) -> Result<Run, Failure> {
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

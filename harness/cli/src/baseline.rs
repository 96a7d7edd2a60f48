//! Baselines of the command line.

use std::path::Path;

use mqttspec_script::read_baseline;
use mqttspec_spec::Baseline;

use crate::command::Failure;
use crate::suite;
use crate::under_test::mistakes;

/// Reads a baseline.
///
/// # Errors
/// When it cannot be read, or is wrong.
pub(crate) fn read(path: &Path) -> Result<Baseline, Failure> {
    let text = suite::read_file(path)?;
    read_baseline(path.display().to_string(), text).map_err(|diagnostics| mistakes(&diagnostics))
}

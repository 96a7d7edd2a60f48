//! Runs the cases that findings were written as, which shows that they can be reproduced, and captures them.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use mqttspec_engine::{Options, RunName, Stop};
use mqttspec_reports::{file, pcapng};
use mqttspec_spec::record::{Run, Tool};
use tokio::sync::watch;

use super::super::Failure;
use crate::suite;
use crate::under_test::UnderTest;

/// Runs the cases one after the other, and writes a capture of each beside it.
pub(super) async fn reproduce(under_test: &UnderTest, written: &[PathBuf]) -> Result<(), Failure> {
    let mut stderr = anstream::stderr();
    for path in written {
        let record = match run(under_test, path).await {
            Ok(record) => record,
            // The others are worth as much without it.
            Err(failure) => {
                let words = failure.diagnostics.unwrap_or(failure.message);
                let _ = writeln!(stderr, "{} cannot be run: {words}", path.display());
                continue;
            }
        };
        for capture in pcapng::captures(&record, true) {
            let _ = writeln!(stderr, "mqttspec run: {} {}", capture.case.verdict, path.display());
            file::write_atomically(&path.with_extension("pcapng"), |writer| {
                pcapng::write(writer, &record, capture.case)
            })
            .map_err(|error| Failure::usage(error.to_string()))?;
        }
    }
    Ok(())
}

async fn run(under_test: &UnderTest, path: &Path) -> Result<Run, Failure> {
    let registry = Arc::new(suite::registry()?);
    let suite = suite::load_files(&[path.to_owned()], &registry)?;
    let now = SystemTime::now();
    let options = Options {
        jobs: 1,
        plays: 1,
        websocket: None,
        timing: None,
        name: RunName::new(now.duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs())),
        provided: under_test.provides.clone(),
        control: under_test.control.clone(),
        resource_cases: false,
        started: humantime::format_rfc3339_seconds(now).to_string(),
        command: std::env::args().collect(),
        tool: Tool {
            name: env!("CARGO_PKG_NAME").to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            suite_digest: suite.digest(),
        },
        broker: under_test.name.clone(),
        broker_version: under_test.version.clone(),
        rerun: "mqttspec run".to_owned(),
    };
    let (_keep, stop) = watch::channel(Stop::No);
    let connector = Arc::clone(&under_test.connector);
    let run = mqttspec_engine::run(suite.cases, connector, registry, options, stop, &mut |_| {}).await;
    Ok(run.record)
}

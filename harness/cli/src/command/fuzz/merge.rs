//! `mqttspec fuzz merge`.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::super::Failure;
use super::finding_file::{Origin, make_folder, write_file};
use crate::arguments::FuzzMergeArguments;
use crate::exit::Exit;
use crate::suite;
use crate::words::count_of;

/// What goes with the case of a finding.
const COMPANIONS: [&str; 2] = ["log", "pcapng"];

struct Found {
    path: PathBuf,
    text: String,
    origin: Origin,
}

pub(super) fn merge(arguments: &FuzzMergeArguments) -> Result<Exit, Failure> {
    let mut all: BTreeMap<String, Found> = BTreeMap::new();
    let mut read = 0_usize;
    for folder in &arguments.folders {
        for path in suite::yaml_files(folder).map_err(Failure::from)? {
            let text = suite::read_file(&path).map_err(Failure::from)?;
            let origin = Origin::read(&path, &text)?;
            read += 1;
            add(&mut all, Found { path, text, origin });
        }
    }
    make_folder(&arguments.into)?;
    for found in all.values() {
        copy(found, &arguments.into)?;
    }
    let count = count_of(all.len(), "finding", "findings");
    writeln!(anstream::stdout(), "{count} of {read} in {}", arguments.into.display())?;
    Ok(Exit::Expected)
}

/// Keeps the one that its case reproduces, of two such the one with the fewest steps, and counts the sessions of both.
fn add(all: &mut BTreeMap<String, Found>, mut found: Found) {
    if let Some(before) = all.remove(&found.origin.signature) {
        let count = before.origin.count + found.origin.count;
        // What its case reproduces is worth more than what is short.
        let worth = |found: &Found| {
            let is_reproduced = found.origin.fails().is_none_or(|replays| replays.shown > 0);
            (!is_reproduced, found.origin.steps)
        };
        if worth(&before) <= worth(&found) {
            found = before;
        }
        found.origin.count = count;
    }
    all.insert(found.origin.signature.clone(), found);
}

fn copy(found: &Found, into: &Path) -> Result<(), Failure> {
    let Some(name) = found.path.file_name() else { return Ok(()) };
    let path = into.join(name);
    write_file(&path, &found.origin.put_into(&found.text)?)?;
    for companion in COMPANIONS {
        let from = found.path.with_extension(companion);
        if from != path.with_extension(companion) && from.is_file() {
            std::fs::copy(&from, path.with_extension(companion))
                .map_err(|error| Failure::usage(format!("{} cannot be copied: {error}", from.display())))?;
        }
    }
    Ok(())
}

//! How far a campaign has come, in a file beside its findings.

use std::io::ErrorKind;
use std::path::Path;

use mqttspec_fuzzer::Summary;
use serde::{Deserialize, Serialize};

use super::super::Failure;
use super::finding_file::{defect, make_folder, write_file};
use crate::arguments::FuzzArguments;

const FILE: &str = "campaign.json";

/// How far a campaign has come.
#[derive(Debug, Deserialize, Serialize)]
struct State {
    seed: u64,
    version: Option<String>,
    shard: (u64, u64),
    /// How many sessions were played.
    done: u64,
}

fn state(arguments: &FuzzArguments, done: u64) -> State {
    State {
        seed: arguments.seed,
        version: arguments.version.map(|version| version.to_string()),
        shard: arguments.shard.unwrap_or((1, 1)),
        done,
    }
}

/// How many sessions were played before, by the campaign that is to go on.
pub(super) fn done(arguments: &FuzzArguments) -> Result<u64, Failure> {
    let Some(folder) = arguments.findings.as_ref().filter(|_| arguments.resume) else { return Ok(0) };
    let path = folder.join(FILE);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(Failure::usage(format!("{} cannot be read: {error}", path.display()))),
    };
    let before: State = serde_json::from_str(&text)
        .map_err(|error| Failure::usage(format!("{} is no campaign: {error}", path.display())))?;
    let now = state(arguments, before.done);
    if (before.seed, &before.version, before.shard) != (now.seed, &now.version, now.shard) {
        return Err(Failure::usage(format!(
            "{} is of a campaign with another --seed, --version or --shard: give the same ones, or another folder",
            path.display()
        )));
    }
    Ok(before.done)
}

/// Writes how far the campaign has come.
pub(super) fn write(arguments: &FuzzArguments, folder: &Path, summary: &Summary) -> Result<(), Failure> {
    // One session alone is no part of a campaign.
    if arguments.only.is_some() {
        return Ok(());
    }
    make_folder(folder)?;
    let text =
        serde_json::to_string_pretty(&state(arguments, summary.done)).map_err(|error| defect(&error))?;
    write_file(&folder.join(FILE), &(text + "\n"))
}

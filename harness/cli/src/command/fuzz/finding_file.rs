//! A finding in files: a case, and beside it what the broker wrote.

use std::fs;
use std::path::{Path, PathBuf};

use mqttspec_codec::Version;
use mqttspec_fuzzer::{Finding, Replay, case};
use serde::{Deserialize, Serialize};

use super::super::Failure;
use crate::arguments::FuzzArguments;
use crate::exit::Exit;

/// Where the line begins that tells how to play a finding again.
const ORIGIN: &str = "# finding: ";

/// What a case does not say of the finding that it was made from.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Origin {
    /// What is the same for all sessions that show it.
    pub(super) signature: String,
    pub(super) seed: u64,
    /// The versions of the campaign.
    pub(super) versions: Vec<String>,
    /// The numbers of the sessions that it comes from.
    pub(super) sessions: Vec<u64>,
    /// How they were made smaller.
    pub(super) reductions: Vec<usize>,
    /// How many sessions showed it.
    pub(super) count: u64,
    /// How many steps it has.
    pub(super) steps: usize,
}

impl Origin {
    /// Reads it from the text of a finding.
    pub(super) fn read(path: &Path, text: &str) -> Result<Self, Failure> {
        let failed = |why: String| {
            Failure::usage(format!("{} is no finding of `mqttspec fuzz --findings`: {why}", path.display()))
        };
        let line = text.lines().find_map(|line| line.strip_prefix(ORIGIN));
        let line = line.ok_or_else(|| failed(format!("no line begins with `{ORIGIN}`")))?;
        serde_json::from_str(line).map_err(|error| failed(error.to_string()))
    }

    /// What the fuzzer needs to play it again.
    pub(super) fn replay(&self) -> Replay {
        Replay { origin: self.sessions.clone(), reductions: self.reductions.clone() }
    }

    /// The text of a finding with this in place of what it said.
    pub(super) fn put_into(&self, text: &str) -> Result<String, Failure> {
        let line = format!("{ORIGIN}{}", serde_json::to_string(self).map_err(|error| defect(&error))?);
        let lines = text.lines().map(|old| if old.starts_with(ORIGIN) { line.as_str() } else { old });
        Ok(lines.map(|line| format!("{line}\n")).collect())
    }
}

/// Writes a finding into the folder that was given, if one was; with the path of the case.
pub(super) fn write(arguments: &FuzzArguments, finding: &Finding) -> Result<Option<PathBuf>, Failure> {
    let Some(folder) = &arguments.findings else { return Ok(None) };
    make_folder(folder)?;
    let number = finding.origin.last().copied().unwrap_or_default();
    let version = arguments.version.map(|version| format!(" --version {version}")).unwrap_or_default();
    let chosen = arguments.under_test.words();
    let versions = arguments.version.map_or_else(|| Version::ALL.to_vec(), |version| vec![version]);
    let origin = Origin {
        signature: finding.breach.signature(),
        seed: arguments.seed,
        versions: versions.iter().map(ToString::to_string).collect(),
        sessions: finding.origin.clone(),
        reductions: finding.reductions.clone(),
        count: finding.count,
        steps: finding.session.steps.len(),
    };
    let path = folder.join(format!("{}.yaml", finding.name()));
    let command = format!(
        "mqttspec fuzz{chosen}{version} --seed {} --only {number}\n# mqttspec fuzz replay{chosen} {}\n\
         # seen in {} of {} replays\n{ORIGIN}",
        arguments.seed,
        path.display(),
        finding.replays.shown,
        finding.replays.played
    );
    let text = origin.put_into(&case(finding, &command))?;
    write_file(&path, &text)?;
    if !finding.log.is_empty() {
        write_file(&path.with_extension("log"), &(finding.log.join("\n") + "\n"))?;
    }
    Ok(Some(path))
}

/// What is ours can be written.
pub(super) fn defect(error: &serde_json::Error) -> Failure {
    Failure::new(Exit::Defect, error.to_string())
}

/// Makes the folder for findings.
pub(super) fn make_folder(folder: &Path) -> Result<(), Failure> {
    fs::create_dir_all(folder)
        .map_err(|error| Failure::usage(format!("cannot make the folder {}: {error}", folder.display())))
}

/// Writes a text file of the folder.
pub(super) fn write_file(path: &Path, text: &str) -> Result<(), Failure> {
    fs::write(path, text)
        .map_err(|error| Failure::usage(format!("{} cannot be written: {error}", path.display())))
}

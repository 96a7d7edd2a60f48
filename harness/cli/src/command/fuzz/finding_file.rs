//! A finding in files: a case, and beside it what the broker wrote.

use std::fs;
use std::path::Path;

use mqttspec_fuzzer::{Replay, Replays};
use serde::{Deserialize, Serialize};

use super::super::Failure;
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
    /// How often its case failed, and how often it was played; absent where none can show it, and before it was played.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) case: Option<(u32, u32)>,
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

    /// The line that says it, without the sign of a comment.
    pub(super) fn words(&self) -> Result<String, Failure> {
        let line = format!("{ORIGIN}{}", serde_json::to_string(self).map_err(|error| defect(&error))?);
        Ok(line.trim_start_matches("# ").to_owned())
    }

    /// What the fuzzer needs to play it again.
    pub(super) fn replay(&self) -> Replay {
        Replay { origin: self.sessions.clone(), reductions: self.reductions.clone() }
    }

    /// How often its case failed.
    pub(super) fn fails(&self) -> Option<Replays> {
        self.case.map(|(shown, played)| Replays { shown, played })
    }

    /// The text of a finding with this in place of what it said.
    pub(super) fn put_into(&self, text: &str) -> Result<String, Failure> {
        let line = format!("# {}", self.words()?);
        let lines = text.lines().map(|old| if old.starts_with(ORIGIN) { line.as_str() } else { old });
        Ok(lines.map(|line| format!("{line}\n")).collect())
    }
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

//! Baselines: the deviations of a broker that are known and accepted, so that a run fails by the others only.
//!
//! Pure: who reads the file gives the [`Entry`]s, and [`Accepted::judge`] writes into the record of a run what was
//! expected.

mod judge;
mod signature;
mod version;
mod write;

pub use judge::{Accepted, Scope};
pub use signature::signature;
pub use version::{BrokerVersions, InvalidVersions};
pub use write::{NothingToWrite, write};

use crate::{Filter, Standing};

/// Known deviations of one broker.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    /// The file, for people.
    pub file: String,
    /// The entries. Where several choose a case, the first one speaks about it.
    pub entries: Vec<Entry>,
}

/// One known deviation: of all cases that its filter chooses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The line where it begins, from 1.
    pub line: u32,
    /// The cases that deviate.
    pub filter: Filter,
    /// What becomes of them: `fail`, `inconclusive`, or `flaky` for cases whose verdict is not always the same.
    pub verdict: Standing,
    /// The signatures that the deviation may have; any, if there are none.
    pub signatures: Vec<String>,
    /// Why it is accepted.
    pub reason: String,
    /// Where it is discussed.
    pub issue: Option<String>,
    /// The versions of the broker that have it; all, if none are named.
    pub broker_versions: Option<BrokerVersions>,
}

impl Baseline {
    /// The entries that hold for a version of the broker.
    ///
    /// # Errors
    /// When an entry holds for some versions only, and that of the broker is not known.
    pub fn accepted<'a>(&'a self, broker_version: Option<&str>) -> Result<Accepted<'a>, VersionUnknown> {
        let mut entries = Vec::new();
        for entry in &self.entries {
            match (&entry.broker_versions, broker_version) {
                (None, _) => entries.push(entry),
                (Some(versions), Some(version)) if versions.hold(version) => entries.push(entry),
                (Some(_), Some(_)) => {}
                (Some(versions), None) => {
                    return Err(VersionUnknown { entry: self.place(entry), versions: versions.to_string() });
                }
            }
        }
        Ok(Accepted { baseline: self, entries })
    }

    /// An entry by file and line.
    #[must_use]
    pub fn place(&self, entry: &Entry) -> String {
        format!("{}:{}", self.file, entry.line)
    }
}

/// Nobody has said which version the broker is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionUnknown {
    /// The entry that asks.
    pub entry: String,
    /// The versions that it holds for.
    pub versions: String,
}

impl std::fmt::Display for VersionUnknown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}: the entry holds for versions {} of the broker, whose version is not known: say it by \
             --broker-version, or by `version` in its profile",
            self.entry, self.versions
        )
    }
}

impl std::error::Error for VersionUnknown {}

#[cfg(test)]
mod tests;

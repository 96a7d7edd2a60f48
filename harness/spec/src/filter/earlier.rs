//! The verdicts of an earlier run.

use std::collections::BTreeMap;

use mqttspec_codec::Version;

use crate::{Standing, record};

/// How the cases of an earlier run stood.
#[derive(Clone, Debug, Default)]
pub struct EarlierRun {
    standings: BTreeMap<(String, String), Standing>,
}

impl EarlierRun {
    /// Takes the verdicts from a record.
    #[must_use]
    pub fn of(run: &record::Run) -> Self {
        let standing = |case: &record::Case| ((case.id.clone(), case.version.clone()), Standing::of(case));
        Self { standings: run.cases.iter().map(standing).collect() }
    }

    /// How a case stood, if it was part of the run.
    #[must_use]
    pub fn standing(&self, id: &str, version: Version) -> Option<Standing> {
        self.standings.get(&(id.to_owned(), version.to_string())).copied()
    }
}

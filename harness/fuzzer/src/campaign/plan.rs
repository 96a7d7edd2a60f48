//! What a campaign is to do, what happens, and what comes of it.

use std::collections::BTreeSet;
use std::time::Duration;

use mqttspec_codec::{StatementId, Version};

use crate::finding::Finding;
use crate::oracle::Breach;
use crate::symptom::Symptom;

/// What a campaign is to do.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What makes the sessions.
    pub seed: u64,
    /// The versions to speak.
    pub versions: Vec<Version>,
    /// The first session.
    pub first: u64,
    /// Each one so far behind the one before: the number of shards.
    pub stride: u64,
    /// How many sessions of the campaign were played before, by a part of it that was stopped.
    pub done: u64,
    /// How many sessions, those before among them; as many as there is time for if absent.
    pub sessions: Option<u64>,
    /// How long.
    pub time: Option<Duration>,
    /// How many sessions are played at once.
    pub jobs: usize,
}

/// What happens.
#[derive(Debug)]
pub enum Event<'a> {
    /// The campaign begins.
    Begun {
        /// How many sessions the enumeration takes.
        enumerated: u64,
        /// How long an answer may take.
        patience: Duration,
    },
    /// A second has passed.
    Progress(&'a Progress),
    /// Something befell the broker: the session that does it is looked for.
    Afflicted(&'a Symptom),
    /// The broker holds more and more: the session behind it is looked for. It may be a cache.
    Suspected(&'a Symptom),
    /// No session or row of sessions brings it about again.
    NotAttributed(&'a Symptom),
    /// A defect was confirmed and made small.
    Found(&'a Finding),
    /// What seemed to be a defect was not seen again with more time.
    NotConfirmed(&'a Breach),
}

/// How far a campaign is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Progress {
    /// The time since it began.
    pub time: Duration,
    /// The sessions that were played.
    pub sessions: u64,
    /// Those among them in which a packet was sent that breaks the specification.
    pub malformed: u64,
    /// The packets that were sent in them and fenced: a PINGREQ behind them was answered, or the connection ended. The
    /// PINGREQ is not counted.
    pub packets: u64,
    /// The sessions that were left out, because they would most likely break the broker in a way that is known.
    pub skipped: u64,
    /// The different breaches that were seen.
    pub signatures: usize,
    /// How often the broker was started again after something befell it.
    pub restarts: u64,
}

impl Progress {
    /// How many of something came in a second.
    #[must_use]
    pub fn rate(&self, count: u64) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
        let count = count as f64;
        count / self.time.as_secs_f64().max(0.001)
    }
}

/// What came of a campaign.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// How far it came.
    pub progress: Progress,
    /// How many sessions of the whole campaign were played, those of parts before among them.
    pub done: u64,
    /// The operators that were used.
    pub operators: BTreeSet<&'static str>,
    /// The statements that packets broke.
    pub statements: BTreeSet<(Version, StatementId)>,
    /// The defects.
    pub findings: Vec<Finding>,
    /// Breaches that were not seen again.
    pub not_confirmed: usize,
    /// What befell the broker, and could not be brought about again.
    pub not_attributed: Vec<Symptom>,
}

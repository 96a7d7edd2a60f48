//! O9: what the broker's process takes and never gives back, and the session that makes it do so.

mod confirm;
mod locate;
mod watch;

use std::time::Duration;

use mqttspec_engine::Usage;

use super::Campaign;
use crate::finding::{Finding, Replays};
use crate::minimise::Minimiser;
use crate::oracle::{Breach, Oracle, dues};
use crate::session::Session;
use crate::symptom::Symptom;

pub(super) use watch::{Held, Suspicion};

/// How long a broker may take to let go of connections that were reset.
const SETTLES_WITHIN: Duration = Duration::from_millis(500);
/// The time between two looks.
const LOOK: Duration = Duration::from_millis(5);
/// All is quiet when so many looks in a row see the same number of open files.
const QUIET: u32 = 4;

/// What a process can fail to give back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Resource {
    OpenFiles,
    /// In KiB.
    Memory,
}

impl Resource {
    pub(super) const ALL: [Self; 2] = [Self::OpenFiles, Self::Memory];

    const fn of(self, usage: Usage) -> u64 {
        match self {
            Self::OpenFiles => usage.open_files,
            Self::Memory => usage.memory_kib,
        }
    }

    const fn outcome(self) -> &'static str {
        match self {
            Self::OpenFiles => "open files are left behind",
            Self::Memory => "memory is never given back",
        }
    }

    /// That it is never given back.
    pub(super) fn symptom(self) -> Symptom {
        Symptom::new(Oracle::Resources, self.outcome())
    }
}

impl Campaign {
    /// What is held as soon as all is quiet.
    async fn settled(&self) -> Option<Usage> {
        let control = self.control.as_ref()?;
        let until = self.player.clock.now() + SETTLES_WITHIN;
        let mut last = control.usage()?;
        let mut same = 0;
        while same < QUIET && self.player.clock.now() < until {
            self.player.clock.pause(LOOK).await;
            let usage = control.usage()?;
            same = if usage.open_files == last.open_files { same + 1 } else { 0 };
            last = usage;
        }
        Some(last)
    }

    /// Looks for the session that makes the broker hold more for good, and makes it small.
    pub(super) async fn pursue_leak(
        &self,
        suspicion: &Suspicion,
        until: Option<Duration>,
    ) -> Option<Finding> {
        let resource = suspicion.resource;
        self.fresh().await;
        let (number, session) = self.locate(suspicion, until).await?;
        let mut minimiser = Minimiser::new(session);
        while let Some(smaller) = minimiser.propose() {
            let shows = self.seems_to_leak(&smaller, resource).await;
            minimiser.judge(smaller, shows);
        }
        let (session, reductions) = minimiser.into_smallest();
        self.fresh().await;
        let mut replays = Replays::default();
        replays.count(self.leaks(&session, resource).await);
        if replays.shown == 0 {
            return None;
        }
        let dues = dues(&session, &self.capabilities);
        let turns = self.player.play(&session, &dues).await.turns;
        let log = self.control.as_ref().map(|control| control.log()).unwrap_or_default();
        let breach = Breach {
            oracle: Oracle::Resources,
            version: session.version,
            statements: Vec::new(),
            step: session.steps.len().checked_sub(1),
            outcome: resource.outcome().to_owned(),
        };
        let (origin, numbers) = (vec![number], vec![number]);
        Some(Finding { breach, session, dues, turns, origin, numbers, count: 1, reductions, replays, log })
    }

    /// What a session leaves behind for good.
    pub(super) async fn left_behind(&self, session: &Session) -> Vec<&'static str> {
        let mut all = Vec::new();
        for resource in Resource::ALL {
            self.fresh().await;
            if self.seems_to_leak(session, resource).await && self.leaks(session, resource).await {
                all.push(resource.outcome());
            }
        }
        all
    }
}

//! A campaign: many sessions at once, then the findings one by one.

mod attribute;
mod confirm;
mod culprit;
mod jobs;
mod leak;
mod plan;
mod prepare;
mod replay;
mod rounds;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use mqttspec_engine::{BrokerControl, Capabilities, Stop};
use tokio::sync::watch;

pub use plan::{Event, Plan, Progress, Summary};
pub use replay::{Replay, Replayed};
use rounds::Rounds;

use crate::familiar::Familiar;
use crate::oracle::Breach;
use crate::play::Player;
use crate::session::Sessions;

/// A campaign against one broker.
#[derive(Clone, Debug)]
pub struct Campaign {
    sessions: Arc<Sessions>,
    capabilities: Arc<Capabilities>,
    player: Player,
    control: Option<Arc<dyn BrokerControl>>,
    familiar: Arc<Familiar>,
    plan: Plan,
}

/// A breach that sessions have shown, and the first of them.
#[derive(Clone, Debug)]
struct Shown {
    breach: Breach,
    numbers: BTreeSet<u64>,
    /// How many sessions have shown it.
    count: u64,
}

impl Campaign {
    /// Plays the sessions, then confirms and minimises what they have shown, until `stop` says so.
    pub async fn run(self, stop: watch::Receiver<Stop>, tell: &mut dyn FnMut(&Event<'_>)) -> Summary {
        tell(&Event::Begun { enumerated: self.sessions.enumerated(), patience: self.player.patience });
        let mut summary = Summary::default();
        let mut shown: BTreeMap<String, Shown> = BTreeMap::new();
        Rounds::new(&self, &stop, tell, &mut summary, &mut shown).play().await;
        self.restarts(tell, &mut summary).await;
        self.confirm(shown, tell, &mut summary).await;
        summary
    }
}

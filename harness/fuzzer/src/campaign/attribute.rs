//! Which session befalls the broker.

use std::time::Duration;

use mqttspec_codec::model::Packet;
use mqttspec_script::plan::Stop;

use super::{Campaign, Event, Summary};
use crate::canary::Canary;
use crate::finding::{Finding, Replays};
use crate::minimise::Minimiser;
use crate::oracle::{Breach, End, Oracle, Turn, dues, without_particulars};
use crate::play::{Played, Player};
use crate::session::{Session, Step};
use crate::symptom::Symptom;

/// How much more time there is to answer one CONNECT, before nobody is said to be served.
const MUCH_MORE: u32 = 10;
/// How long it may take until the end of a process is seen, when nobody is served any more.
const GONE_WITHIN: Duration = Duration::from_secs(1);
/// How long after what a program writes at its end it may end.
const THEN: Duration = Duration::from_millis(20);
/// The time between two looks.
const LOOK: Duration = Duration::from_millis(5);
/// How long a session that breaks the broker is made smaller: some brokers take seconds to start.
const LONGEST_PURSUIT: Duration = Duration::from_secs(60);
/// How often in a row a smaller session has to show a symptom, so that what is left does not live on chance.
pub(super) const SHOWS: u32 = 2;
/// How often a finding is played again, to say how often it shows.
const REPLAYS: u32 = 5;

impl Campaign {
    /// What befell the broker's process since this was last asked.
    pub(super) async fn trouble(&self) -> Option<Symptom> {
        let control = self.control.as_ref()?;
        let trouble = Symptom::of_trouble(&control.trouble()?);
        self.player.clock.pause(THEN).await;
        let later = control.trouble().map(|trouble| Symptom::of_trouble(&trouble));
        Some(trouble.and_then(later))
    }

    /// The same, when what it wrote is read a moment later.
    pub(super) async fn trouble_soon(&self) -> Option<Symptom> {
        self.player.clock.pause(LOOK).await;
        self.trouble().await
    }

    /// Starts the broker as if for the first time; false if it does not start. One that nobody can start again goes on as
    /// it is.
    pub(super) async fn fresh(&self) -> bool {
        match &self.control {
            Some(control) => control.renew().await.is_ok(),
            None => self.ask().await.is_none(),
        }
    }

    /// A canary on the broker as it is now.
    pub(super) async fn canary(&self) -> Option<Canary> {
        let version = self.plan.versions.first().copied()?;
        Canary::start(&self.player, version, self.plan.seed).await
    }

    /// Whether the broker serves a new client; what is wrong if it does not.
    pub(super) async fn ask(&self) -> Option<Symptom> {
        let player = self.player.unhurried(MUCH_MORE);
        let version = self.plan.versions.first().copied()?;
        let connect = Packet::Connect(player.connect(version, "fzasks"));
        let session = Session::new(u64::MAX, version, vec![Step::send(0, connect)]);
        let played = player.play(&session, &dues(&session, &self.capabilities)).await;
        let end = played.turns.last().map_or(End::Unreachable, |turn| turn.end);
        if end == End::Settled {
            return None;
        }
        let misconduct = played.turns.last().and_then(|turn| turn.misconduct.as_ref());
        if let Some((_, words)) = misconduct {
            let wrong = format!("a client that does nothing wrong gets: {words}");
            return Some(Symptom::new(Oracle::Canary, without_particulars(&wrong)));
        }
        // Its process may be about to end.
        let until = self.player.clock.now() + GONE_WITHIN;
        while self.control.is_some() && self.player.clock.now() < until {
            if let Some(symptom) = self.trouble().await {
                return Some(symptom);
            }
            self.player.clock.pause(LOOK).await;
        }
        let outcome = match end {
            End::Unreachable => "no connection can be opened",
            End::Closed => "new connections are closed at once",
            End::Silent | End::Settled => "CONNECT is not answered",
        };
        Some(Symptom::new(Oracle::Liveness, outcome))
    }

    /// What is behind the trouble of a canary: that the broker breaks, or else the trouble itself.
    pub(super) async fn behind(&self, wrong: String) -> Symptom {
        match self.ask().await {
            Some(symptom) => symptom,
            None => self
                .trouble()
                .await
                .unwrap_or_else(|| Symptom::new(Oracle::Canary, without_particulars(&wrong))),
        }
    }

    /// What befalls the broker when a session is played, and what was seen in it.
    async fn affliction(&self, session: &Session, oracle: Oracle) -> (Played, Option<Symptom>) {
        let mut canary = if oracle == Oracle::Canary { self.canary().await } else { None };
        let player = Player { familiar: Some(self.familiar.clone()), goes_on: true, ..self.player.clone() };
        let played = player.play(session, &dues(session, &self.capabilities)).await;
        if let Some(canary) = &mut canary
            && let Err(wrong) = canary.sing().await
        {
            return (played, Some(self.behind(wrong).await));
        }
        let asked = match self.trouble().await {
            Some(symptom) => Some(symptom),
            None => self.ask().await,
        };
        let symptom = match asked {
            Some(symptom) => Some(symptom),
            None => self.trouble_soon().await,
        };
        (played, symptom)
    }

    /// Whether a session brings a symptom about; with what was seen.
    pub(super) async fn afflicts(&self, session: &Session, symptom: &Symptom) -> Option<Vec<Turn>> {
        let (played, seen) = self.affliction(session, symptom.oracle).await;
        if seen.is_some() {
            self.fresh().await;
        }
        seen.is_some_and(|seen| seen.signature() == symptom.signature()).then_some(played.turns)
    }

    /// Looks for the session that brings a symptom about, and makes it small.
    pub(super) async fn pursue(&self, symptom: &Symptom, suspects: &[u64]) -> Option<Finding> {
        self.control.as_ref()?;
        let (origin, session) = self.culprit(symptom, suspects).await?;
        let mut minimiser = Minimiser::new(session);
        let until = self.player.clock.now() + LONGEST_PURSUIT;
        while self.player.clock.now() < until
            && let Some(smaller) = minimiser.propose()
        {
            let mut shows = 0;
            // What earlier ones have left there may be what breaks it.
            while shows < SHOWS && self.fresh().await && self.afflicts(&smaller, symptom).await.is_some() {
                shows += 1;
            }
            let shows = shows == SHOWS;
            minimiser.judge(smaller, shows);
        }
        let (session, reductions) = minimiser.into_smallest();
        let mut replays = Replays::default();
        let mut turns = Vec::new();
        for _ in 0..REPLAYS {
            self.fresh().await;
            let seen = self.afflicts(&session, symptom).await;
            replays.count(seen.is_some());
            turns = seen.unwrap_or(turns);
        }
        let log = self.control.as_ref().map(|control| control.log()).unwrap_or_default();
        let outcome = if symptom.names_a_place() || symptom.oracle == Oracle::Canary {
            symptom.outcome.clone()
        } else {
            format!("{} after {}", symptom.outcome, session.shape())
        };
        let breach = Breach {
            oracle: symptom.oracle,
            version: session.version,
            statements: Vec::new(),
            step: session.steps.len().checked_sub(1),
            outcome,
        };
        let dues = dues(&session, &self.capabilities);
        let numbers = origin.clone();
        Some(Finding { breach, session, dues, turns, origin, numbers, count: 1, reductions, replays, log })
    }

    /// Kills the broker and starts it again: it must come back, whatever it has kept.
    pub(super) async fn restarts(&self, tell: &mut dyn FnMut(&Event<'_>), summary: &mut Summary) {
        let Some(control) = &self.control else { return };
        let symptom = if control.restart(Stop::Kill).await.is_err() {
            Some(Symptom::new(Oracle::Restart, "it does not start again after it was killed"))
        } else {
            self.ask().await.map(|symptom| Symptom::new(Oracle::Restart, symptom.outcome))
        };
        if let Some(symptom) = symptom {
            tell(&Event::NotAttributed(&symptom));
            summary.not_attributed.push(symptom);
        }
    }
}

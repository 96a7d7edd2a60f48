//! Plays and judges one case.

use std::sync::Arc;
use std::time::Duration;

use mqttspec_script::plan::{Case, Control};
use mqttspec_spec::Registry;

use crate::clock::Clock;
use crate::control::BrokerControl;
use crate::judge::{Outcome, judge};
use crate::names::{PlayName, RunName};
use crate::play::{Part, Player, Stage};
use crate::timing::Timing;
use crate::trace::{Playing, StepOutcome, Trace};
use crate::transport::{Connector, WebSocket};

/// What all cases of a run share.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// The way to the broker.
    pub connector: Arc<dyn Connector>,
    /// The way through WebSocket, for the clients that need it.
    pub websocket: Option<Arc<WebSocket>>,
    /// The means to restart the broker, if there are any.
    pub control: Option<Arc<dyn BrokerControl>>,
    /// The register of statements.
    pub registry: Arc<Registry>,
    /// The clock of the run.
    pub clock: Clock,
    /// The deadlines.
    pub timing: Timing,
    /// What keeps the names of the run apart from those of others.
    pub name: RunName,
}

/// A judged case.
#[derive(Clone, Debug)]
pub struct Judged {
    /// What the judge says.
    pub outcome: Outcome,
    /// What was seen.
    pub trace: Trace,
    /// What the script did beside a control that did not hold, of which nothing is made.
    pub unjudged: Option<Playing>,
    /// How long it took.
    pub duration: Duration,
}

impl Surroundings {
    /// Plays a case and judges it. `number` keeps its names apart from those of all other playings.
    pub async fn judge(&self, case: &Case, number: u32) -> Judged {
        let began = self.clock.now();
        let stage = |part, number| Stage {
            case,
            connector: &*self.connector,
            websocket: self.websocket.as_deref(),
            control: self.control.as_deref(),
            clock: self.clock,
            timing: self.timing,
            name: PlayName::new(self.name, number),
            began,
            part,
        };
        // Two names for each case: one for the script, one for its control.
        let (script_name, control_name) = (number * 2, number * 2 + 1);
        let mut trace = match &case.control {
            Control::NotNeeded => {
                Trace { control: None, script: Some(self.play(stage(Part::Script, script_name)).await) }
            }
            Control::Twin => {
                let control = self.play(stage(Part::Twin, control_name)).await;
                let script = if holds(&control) {
                    Some(self.play(stage(Part::Script, script_name)).await)
                } else {
                    None
                };
                Trace { control: Some(control), script }
            }
            Control::Script(steps) => {
                let control = self.play(stage(Part::Control(steps), control_name));
                let script = self.play(stage(Part::Script, script_name));
                // A restart in one of them would end the connections of the other.
                let (control, script) = if case.needs.contains("restart") {
                    (control.await, script.await)
                } else {
                    tokio::join!(control, script)
                };
                Trace { control: Some(control), script: Some(script) }
            }
        };
        let mut unjudged = None;
        if trace.control.as_ref().is_some_and(|control| !holds(control)) {
            unjudged = trace.script.take();
        }
        let outcome = judge(case, &self.registry, &trace);
        Judged { outcome, trace, unjudged, duration: self.clock.now() - began }
    }

    async fn play(&self, stage: Stage<'_>) -> Playing {
        let (playing, leftovers) = Player::new(stage).play().await;
        // Clients of the case are numbered from 0, so this name is free.
        let client_id = stage.name.client_id(stage.case.clients.len());
        leftovers.clean(&*self.connector, self.clock, self.timing.answer, &client_id).await;
        playing
    }
}

/// Whether a control showed what it had to show.
fn holds(playing: &Playing) -> bool {
    !playing.steps.is_empty()
        && playing.steps.iter().all(|report| !matches!(report.outcome, StepOutcome::Deviated(_)))
}

//! The broker is stopped and started again in the middle of a case.

use std::time::Duration;

use mqttspec_script::plan::Stop;
use mqttspec_spec::record::Event;

use super::player::{Player, StepResult, unplayable};
use crate::ready::ready;
use crate::trace::StepOutcome;

/// How long a broker may take until it serves again; the slowest known take half of it.
const PATIENCE: Duration = Duration::from_secs(60);

impl Player<'_> {
    /// Restarts the broker. What it says before it goes waits for the steps that follow.
    pub(super) async fn restart(&mut self, how: Stop) -> StepResult {
        let Some(control) = self.stage.control else {
            return Err(unplayable("this run cannot start the broker again".to_owned()));
        };
        let clock = self.stage.clock;
        let what = match how {
            Stop::Orderly => "the broker is asked to stop, and started again",
            Stop::Kill => "the broker is killed, and started again",
        };
        self.recorder.event(clock.now(), "", 0, Event::Timer { what: what.to_owned() });
        control.restart(how).await.map_err(|error| unplayable(error.to_string()))?;
        let ended = |player: &Self| {
            let mut lives = player.actors.iter().filter_map(|actor| actor.live.as_ref());
            lives.all(|live| live.ended.is_some() || live.finished)
        };
        if !self.pump(clock.now() + self.stage.timing.answer, ended).await? {
            return Err(unplayable("a connection has outlived the restart of the broker".to_owned()));
        }
        // Clients of the case are numbered from 0, so this name is free.
        let client_id = self.stage.name.client_id(self.stage.case.clients.len());
        let deadline = clock.now() + PATIENCE;
        ready(self.stage.connector, clock, self.stage.case.version, &client_id, deadline)
            .await
            .map_err(|error| unplayable(error.to_string()))?;
        let what = "the broker answers CONNECT again".to_owned();
        self.recorder.event(clock.now(), "", 0, Event::Timer { what });
        Ok(StepOutcome::Held)
    }
}

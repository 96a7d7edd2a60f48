//! Opens Network Connections.

use mqttspec_codec::model::Sender;
use mqttspec_codec::{Context, Framer};
use mqttspec_script::plan::{Selected, Transport, Upgrade};
use mqttspec_spec::record::Event;

use super::actor::Live;
use super::player::{LONGEST_PACKET, Player, StepResult, unplayable};
use super::reading;
use crate::trace::{Deviation, DeviationKind, StepOutcome};
use crate::transport::{Connection, Offer, UpgradeError, Upgraded};

impl Player<'_> {
    /// Opens a connection for a client; the one it had is dropped.
    pub(super) async fn open(&mut self, client: &str, upgrade: &Upgrade) -> StepResult {
        let index = self.actor(client)?;
        let deadline = self.stage.clock.now() + self.stage.timing.answer;
        let late = || unplayable("the connection was not opened in time".to_owned());
        let transport = self.actor_at(index)?.plan.transport;
        if transport == Transport::Any {
            let version = self.actor_at(index)?.plan.version;
            let connecting = self.stage.connector.connect_for(version, &self.stage.case.needs);
            let opened = self.stage.clock.before(deadline, connecting).await;
            let connection = opened.ok_or_else(late)?.map_err(|error| refused(&error))?;
            self.attach(index, connection)?;
            return Ok(StepOutcome::Held);
        }
        let Some(websocket) = self.stage.websocket else {
            return Err(unplayable("no WebSocket address of the broker is known".to_owned()));
        };
        let offer = offer(upgrade);
        match self.stage.clock.before(deadline, websocket.upgrade(&offer)).await.ok_or_else(late)? {
            Ok(Upgraded { connection, subprotocol }) => {
                self.attach(index, connection)?;
                judge(upgrade, subprotocol.as_deref())
            }
            Err(UpgradeError::Refused(_)) if upgrade.may_be_refused() => Ok(StepOutcome::Held),
            // Which URIs a broker serves is its own choice.
            Err(error @ UpgradeError::Refused(_)) if upgrade.query.is_some() => {
                Err(Deviation { kind: DeviationKind::Lacking, ..refused(&error) })
            }
            Err(error) => Err(refused(&error)),
        }
    }

    fn attach(&mut self, index: usize, connection: Connection) -> Result<(), Deviation> {
        let clock = self.stage.clock;
        let arrived = self.arrived.clone();
        let actor = self.actor_at(index)?;
        let number = actor.connections;
        let version = actor.plan.version;
        let reading = reading::start(connection.reader, index, number, clock, arrived);
        let framer = Framer::new(Context { version, sender: Sender::Server }, LONGEST_PACKET);
        actor.reconnected(Live::new(number, connection.writer, framer, version, reading));
        actor.model.opened();
        let name = actor.plan.name.clone();
        self.recorder.event(clock.now(), &name, number, Event::Opened);
        Ok(())
    }
}

fn offer(upgrade: &Upgrade) -> Offer {
    let usual = Offer::default();
    Offer {
        query: upgrade.query.clone(),
        subprotocols: upgrade.subprotocols.clone().unwrap_or(usual.subprotocols),
    }
}

fn refused(error: &dyn std::fmt::Display) -> Deviation {
    unplayable(format!("the connection was refused: {error}"))
}

/// Whether the server selected what it may.
fn judge(upgrade: &Upgrade, subprotocol: Option<&str>) -> StepResult {
    let selected = match subprotocol {
        None => Some(Selected::Absent),
        Some("mqtt") => Some(Selected::Mqtt),
        Some(_) => None,
    };
    if upgrade.selected.is_empty() || selected.is_some_and(|it| upgrade.selected.contains(&it)) {
        return Ok(StepOutcome::Held);
    }
    let seen = match subprotocol {
        None => "the server accepted the upgrade and selected no subprotocol".to_owned(),
        Some(name) => format!("the server selected the subprotocol `{name}`"),
    };
    let allowed = Some(upgrade.describe());
    Err(Deviation { kind: DeviationKind::Wrong, seen, allowed, place: None })
}

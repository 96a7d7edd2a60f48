//! What a restart of the broker leaves of its state.

use std::time::Duration;

use bytestring::ByteString;
use mqttspec_codec::Version;

use crate::broker::{Broker, Output};
use crate::connection::{Connection, ConnectionId, Ending};
use crate::faults::Fault;
use crate::rules::rules;

rules! {
    /// A Session that is still there after a restart has its whole state.
    STATE_OUTLIVES_RESTART: ["MQTT-4.1.0-1"], ["MQTT-3.1.2-23"];
    /// Retained messages stay when the broker is restarted.
    RETAINED_OUTLIVES_RESTART: ["S311-34"], [];
    /// Will Messages of the Clients that were connected are published, if need be after the restart.
    WILL_OUTLIVES_RESTART: ["S311-09"], ["S5-05"];
}

/// How a broker is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// In order: Clients of 5.0 are told.
    Orderly,
    /// All at once, without a word.
    Kill,
}

impl Broker {
    /// Stops, and starts again with the Sessions and retained messages that were there, as if they had been on a
    /// disk. The caller reports none of the ended connections.
    pub fn restart(&mut self, stop: Stop, now: Duration) -> Vec<Output> {
        self.now = now;
        for connection in self.connections.values_mut() {
            if !self.rules.enforce(connection.version, &WILL_OUTLIVES_RESTART) {
                connection.will = None;
            }
        }
        match stop {
            Stop::Orderly => {
                self.end_connections_in_order();
                // Whatever rule about ending them is broken, the system ends them all.
                self.lose_connections();
            }
            Stop::Kill => self.lose_connections(),
        }
        for session in self.sessions.values_mut() {
            if self.rules.has(Fault::StateLostInRestart)
                || !self.rules.enforce(session.version, &STATE_OUTLIVES_RESTART)
            {
                session.forget();
            }
        }
        self.retained.retain(|_, message| self.rules.enforce(message.version, &RETAINED_OUTLIVES_RESTART));
        std::mem::take(&mut self.outputs)
    }

    /// All connections are gone at once, so that no Will Message reaches any of them.
    fn lose_connections(&mut self) {
        let lost: Vec<(ConnectionId, Connection)> =
            std::mem::take(&mut self.connections).into_iter().collect();
        self.outputs.extend(lost.iter().map(|&(connection, _)| Output::Close { connection }));
        let mut left: Vec<(Version, ByteString)> = Vec::new();
        for (id, connection) in &lost {
            if self.leave_session(*id, &connection.session) {
                left.push((connection.version, connection.session.clone()));
            }
        }
        for (version, key) in left {
            self.session_left(version, &key);
        }
        for (_, connection) in lost {
            if !connection.session.is_empty() {
                self.will_on_ending(
                    connection.version,
                    &connection.session,
                    connection.will,
                    Ending::Failure,
                );
            }
        }
    }
}

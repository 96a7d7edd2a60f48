//! DISCONNECT from a Client (3.14).

use mqttspec_codec::model::{Disconnect, ReasonCode};

use crate::broker::Broker;
use crate::connection::{ConnectionId, Ending};
use crate::failure::Failure;
use crate::rules::rules;

rules! {
    /// A Session that ends with its connection cannot be given a longer life by DISCONNECT.
    NO_LATE_SESSION_EXPIRY: [], ["E5-50"];
    /// The Session Expiry Interval of DISCONNECT takes the place of that of CONNECT.
    DISCONNECT_SETS_EXPIRY: [], ["S5-39"];
    /// The broker closes the connection if the Client has not.
    CLOSED_AFTER_DISCONNECT: ["S311-33"], ["S5-40"];
}

impl Broker {
    pub(crate) fn on_disconnect(&mut self, id: ConnectionId, disconnect: &Disconnect) -> Result<(), Failure> {
        let Some(connection) = self.connections.get(&id) else { return Ok(()) };
        let version = connection.version;
        let expiry_interval = disconnect.properties.as_ref().and_then(|it| it.session_expiry_interval());
        if let Some(interval) = expiry_interval {
            let late = interval > 0 && connection.connect_expiry_interval == 0;
            if late && self.rules.enforce(version, &NO_LATE_SESSION_EXPIRY) {
                return Err(Failure::new(
                    ReasonCode::PROTOCOL_ERROR,
                    "Session Expiry Interval was 0 in CONNECT",
                ));
            }
            let sets = self.rules.enforce(version, &DISCONNECT_SETS_EXPIRY);
            let maximum = self.configuration.session_expiry_maximum.unwrap_or(u32::MAX);
            if let Some(session) = self.session_of(id).filter(|_| sets) {
                session.expiry_interval = interval.min(maximum);
            }
        }
        let ending =
            if disconnect.reason() == ReasonCode::SUCCESS { Ending::Normal } else { Ending::Failure };
        if self.rules.enforce(version, &CLOSED_AFTER_DISCONNECT) {
            self.close(id, ending);
        } else {
            if let Some(connection) = self.connections.get_mut(&id).filter(|_| ending == Ending::Normal) {
                connection.will = None;
            }
            self.stop_reading(id);
        }
        Ok(())
    }

    /// Takes a DISCONNECT without closing the connection, which is left to the Client.
    pub(crate) fn leave_open(&mut self, id: ConnectionId) {
        if let Some(connection) = self.connections.get_mut(&id) {
            connection.will = None;
        }
        self.stop_reading(id);
    }
}

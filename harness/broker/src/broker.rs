//! The broker: its state, what the outside may tell it, and the timers.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bytes::Bytes;
use bytestring::ByteString;
use mqttspec_codec::Version;
use mqttspec_codec::model::{Packet, ReasonCode};

use crate::alias::AliasesSent;
use crate::configuration::Configuration;
use crate::connection::{Connection, ConnectionId, Ending, Phase};
use crate::message::Message;
use crate::rules::{Rule, Rules, rules};
use crate::session::Session;
use crate::will::{OrphanedWill, UsedWill};

rules! {
    /// A connection on which no CONNECT comes is closed after a reasonable time.
    CONNECT_IN_TIME: ["S311-16"], ["S5-14"];
    /// One and a half times Keep Alive without a packet ends the connection.
    KEEP_ALIVE_ENDS_CONNECTION: ["MQTT-3.1.2-24/a"], ["MQTT-3.1.2-22/a"];
    /// A Session without a connection ends when its Session Expiry Interval has passed.
    SESSION_EXPIRES: [], ["MQTT-4.1.0-2"];
}

/// What the broker wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Send these bytes, which are one whole packet.
    Send {
        /// The connection to send on.
        connection: ConnectionId,
        /// The packet.
        bytes: Bytes,
    },
    /// Close the connection once everything before is sent. The caller does not report its end again.
    Close {
        /// The connection to close.
        connection: ConnectionId,
    },
}

/// A broker for MQTT 3.1.1 and 5.0, without I/O and without a clock.
///
/// The caller reports what happens on the Network Connections, with the time since some start of its
/// choice, and carries out the [`Output`]s in order.
#[derive(Debug)]
pub struct Broker {
    pub(crate) configuration: Configuration,
    pub(crate) rules: Rules,
    pub(crate) now: Duration,
    pub(crate) outputs: Vec<Output>,
    pub(crate) connections: BTreeMap<ConnectionId, Connection>,
    pub(crate) sessions: BTreeMap<ByteString, Session>,
    pub(crate) retained: BTreeMap<ByteString, Message>,
    /// Whose turn it is in each Shared Subscription.
    pub(crate) turns: BTreeMap<ByteString, usize>,
    /// Counts the Client Identifiers and challenges that were made.
    pub(crate) made: u64,
    /// The Client Identifiers that were there; used only by a fault.
    pub(crate) seen: BTreeSet<ByteString>,
    /// The Topic Aliases of connections that have ended, by Session; used only by a fault.
    pub(crate) kept_aliases: BTreeMap<ByteString, AliasesSent>,
    /// Wills that outlive their Session; used only to break a rule.
    pub(crate) orphaned_wills: Vec<OrphanedWill>,
    /// Wills that were published or discarded; used only to break a rule.
    pub(crate) used_wills: BTreeMap<ByteString, UsedWill>,
    /// The Topic Filter that was subscribed to last; used only to break a rule.
    pub(crate) last_filter: ByteString,
    /// Aliases that outlive their connection; used only to break a rule.
    pub(crate) lasting_aliases: BTreeMap<(ByteString, u16), ByteString>,
}

impl Broker {
    /// A broker without sessions and messages.
    #[must_use]
    pub fn new(configuration: Configuration, rules: Rules) -> Self {
        Self {
            configuration,
            rules,
            now: Duration::ZERO,
            outputs: Vec::new(),
            connections: BTreeMap::new(),
            sessions: BTreeMap::new(),
            retained: BTreeMap::new(),
            turns: BTreeMap::new(),
            made: 0,
            seen: BTreeSet::new(),
            kept_aliases: BTreeMap::new(),
            orphaned_wills: Vec::new(),
            used_wills: BTreeMap::new(),
            last_filter: ByteString::new(),
            lasting_aliases: BTreeMap::new(),
        }
    }

    /// A Network Connection was made.
    pub fn opened(&mut self, connection: ConnectionId, now: Duration) {
        self.now = now;
        self.connections.insert(connection, Connection::new(now));
    }

    /// Bytes have come, cut anywhere.
    pub fn received(&mut self, connection: ConnectionId, bytes: &[u8], now: Duration) -> Vec<Output> {
        self.now = now;
        self.run_timers();
        self.read(connection, bytes);
        std::mem::take(&mut self.outputs)
    }

    /// The Client has closed the connection, or it broke.
    pub fn closed(&mut self, connection: ConnectionId, now: Duration) -> Vec<Output> {
        self.now = now;
        if let Some(gone) = self.connections.remove(&connection) {
            self.connection_ended(connection, gone, Ending::Failure);
        }
        std::mem::take(&mut self.outputs)
    }

    /// Does what is due; to be called when [`Broker::next_deadline`] is reached.
    pub fn tick(&mut self, now: Duration) -> Vec<Output> {
        self.now = now;
        self.run_timers();
        std::mem::take(&mut self.outputs)
    }

    /// Ends all connections because the server shuts down (3.14.2.1).
    pub fn shut_down(&mut self, now: Duration) -> Vec<Output> {
        self.now = now;
        self.end_connections_in_order();
        std::mem::take(&mut self.outputs)
    }

    /// Tells the Clients of 5.0 that the server shuts down, and closes all connections.
    pub(crate) fn end_connections_in_order(&mut self) {
        let ids: Vec<_> = self.connections.keys().copied().collect();
        for id in ids {
            if self.connections.get(&id).is_some_and(Connection::is_connected) {
                self.disconnect(id, ReasonCode::SERVER_SHUTTING_DOWN, "server shuts down", Ending::Failure);
            } else {
                self.close(id, Ending::Failure);
            }
        }
    }

    /// When [`Broker::tick`] is to be called, unless something happens before.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Duration> {
        let connections =
            self.connections.values().filter_map(|connection| self.connection_deadline(connection));
        let sessions = self.sessions.values().flat_map(|session| {
            [
                self.session_deadline(session),
                session.delayed_will.as_ref().map(|will| will.due),
                session.held_until,
            ]
        });
        let wills = self.orphaned_wills.iter().map(|will| will.due);
        connections.chain(sessions.flatten()).chain(wills).min()
    }

    fn run_timers(&mut self) {
        let now = self.now;
        let due: Vec<_> = self
            .connections
            .iter()
            .filter(|(_, connection)| self.connection_deadline(connection).is_some_and(|due| due <= now))
            .map(|(&id, _)| id)
            .collect();
        for id in due {
            self.connection_due(id);
        }
        self.publish_due_wills();
        let ended: Vec<_> = self
            .sessions
            .iter()
            .filter(|(_, session)| self.session_deadline(session).is_some_and(|due| due <= now))
            .map(|(key, _)| key.clone())
            .collect();
        for key in ended {
            self.end_session(&key);
        }
        self.release_held();
    }

    fn connection_deadline(&self, connection: &Connection) -> Option<Duration> {
        match connection.phase {
            Phase::New => (self.rules.enforce(Version::V3_1_1, &CONNECT_IN_TIME)
                && self.rules.enforce(Version::V5_0, &CONNECT_IN_TIME))
            .then_some(connection.opened_at + self.configuration.connect_timeout),
            Phase::Authenticating(_) => {
                Some(connection.last_packet_at + self.configuration.authentication_timeout)
            }
            Phase::Connected => connection
                .silence_limit
                .filter(|_| self.rules.enforce(connection.version, &KEEP_ALIVE_ENDS_CONNECTION))
                .map(|limit| connection.last_packet_at + limit),
            Phase::RefusedButProcessing => connection.close_at,
            Phase::Deaf => None,
        }
    }

    fn connection_due(&mut self, id: ConnectionId) {
        let Some(connection) = self.connections.get(&id) else { return };
        match connection.phase {
            Phase::Connected => {
                self.disconnect(id, ReasonCode::KEEP_ALIVE_TIMEOUT, "Keep Alive timeout", Ending::Silence);
            }
            _ => self.close(id, Ending::Failure),
        }
    }

    fn session_deadline(&self, session: &Session) -> Option<Duration> {
        session.ends_at.filter(|_| self.rules.enforce(session.version, &SESSION_EXPIRES))
    }

    /// Closes a connection and does what follows from it.
    pub(crate) fn close(&mut self, id: ConnectionId, ending: Ending) {
        if let Some(connection) = self.connections.remove(&id) {
            self.outputs.push(Output::Close { connection: id });
            self.connection_ended(id, connection, ending);
        }
    }

    /// Whether the broker keeps to a rule on this connection.
    pub(crate) fn enforce(&self, id: ConnectionId, rule: &Rule) -> bool {
        self.connections.get(&id).is_none_or(|connection| self.rules.enforce(connection.version, rule))
    }

    /// The Session of a connection.
    pub(crate) fn session_of(&mut self, id: ConnectionId) -> Option<&mut Session> {
        let connection = self.connections.get(&id)?;
        self.sessions.get_mut(&connection.session)
    }

    /// Sends the packet twice if the rule against it is off, else once.
    pub(crate) fn send_once(&mut self, id: ConnectionId, packet: Packet, rule: &Rule) -> bool {
        if !self.enforce(id, rule) {
            self.send(id, packet.clone());
        }
        self.send(id, packet)
    }
}

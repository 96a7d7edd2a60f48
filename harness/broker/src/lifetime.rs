//! How Sessions begin and end (3.1.2.4, 3.1.2.11.2, 4.1).

use bytestring::ByteString;
use mqttspec_codec::Version;

use crate::broker::Broker;
use crate::connection::{Connection, ConnectionId, Ending};
use crate::faults::Fault;
use crate::message::Delivery;
use crate::rules::rules;
use crate::session::{NEVER, Progress, Session};

rules! {
    /// Clean Start (Clean Session) 1 discards what was stored.
    CLEAN_START_DISCARDS:
        ["MQTT-3.1.2-6/a", "MQTT-3.1.4-3"], ["MQTT-3.1.2-4", "MQTT-3.1.4-4"];
    /// With Clean Start (Clean Session) 0 the stored Session goes on.
    STORED_SESSION_RESUMED: ["MQTT-3.1.2-4/a"], ["MQTT-3.1.2-5"];
    /// Where none is stored, a new Session begins.
    NEW_SESSION_MADE: ["MQTT-3.1.2-4/b"], ["MQTT-3.1.2-6"];
    /// A Session that is to last is kept when its connection ends.
    SESSION_OUTLIVES_CONNECTION: ["MQTT-3.1.2-4/c"], ["MQTT-3.1.2-23"];
    /// A Session of Clean Session 1 ends with its connection, and nothing of it comes back.
    CLEAN_SESSION_LEAVES_NOTHING: ["MQTT-3.1.2-6/c"], [];
    /// A Session of Clean Session 1 lasts as long as its connection.
    CLEAN_SESSION_LASTS: ["MQTT-3.1.2-6/b"], [];
    /// A Session does not lose its state while it has a connection.
    STATE_KEPT_WHILE_CONNECTED: ["MQTT-4.1.0-1", "MQTT-4.1.0-2"], ["MQTT-4.1.0-1"];
    /// Retained messages stay when a Session ends.
    RETAINED_OUTLIVES_SESSION: ["MQTT-3.1.2-7"], ["S5-42"];
    /// The Client Identifier is what a Session is found by.
    SESSION_FOUND_BY_CLIENT_ID: ["MQTT-3.1.3-2"], ["MQTT-3.1.3-2"];
    /// A QoS 2 message of a share stays with the member it was sent to when the connection breaks.
    SHARED_QOS2_STAYS: [], ["MQTT-4.8.2-4"];
    /// It goes to nobody else when the Session of that member ends.
    SHARED_QOS2_ENDS_WITH_SESSION: [], ["MQTT-4.8.2-5"];
    /// A QoS 1 message of a share goes to another member when the Session of the first ends.
    SHARED_QOS1_GOES_ON: [], ["S5-47"];
}

/// How many characters of a Client Identifier count where identifiers are folded.
const FOLDED_TO: usize = 20;

impl Broker {
    /// The key of the Session of a Client Identifier: that identifier itself.
    pub(crate) fn session_key(
        &self,
        id: ConnectionId,
        version: Version,
        client_id: &ByteString,
    ) -> ByteString {
        if self.rules.has(Fault::ClientIdentifiersFolded) {
            let folded = client_id.to_lowercase().replace('\u{feff}', "");
            let last = folded.char_indices().rev().nth(FOLDED_TO - 1).map_or(0, |(position, _)| position);
            return folded.get(last..).unwrap_or_default().into();
        }
        if self.rules.enforce(version, &SESSION_FOUND_BY_CLIENT_ID) {
            client_id.clone()
        } else {
            format!("{client_id} on connection {}", id.0).into()
        }
    }

    /// Gives the connection its Session. Tells whether state was stored for it.
    pub(crate) fn begin_session(
        &mut self,
        id: ConnectionId,
        version: Version,
        key: &ByteString,
        clean_start: bool,
        expiry_interval: u32,
    ) -> bool {
        let stored = self.sessions.contains_key(key);
        let discard = if clean_start {
            self.rules.enforce(version, &CLEAN_START_DISCARDS)
        } else {
            !self.rules.enforce(version, &STORED_SESSION_RESUMED)
        };
        if stored && discard {
            self.end_session(key);
        } else if stored {
            self.will_on_resumption(key);
        }
        if !self.sessions.contains_key(key) && !clean_start && !self.rules.enforce(version, &NEW_SESSION_MADE)
        {
            return stored;
        }
        let forgets = self.rules.has(Fault::UnfinishedForgotten);
        let session = self.sessions.entry(key.clone()).or_insert_with(|| Session::new(version));
        if forgets {
            session.queue.clear();
            session.in_flight.clear();
            session.received.clear();
        }
        session.version = version;
        session.connection = Some(id);
        session.expiry_interval = expiry_interval;
        session.ends_at = None;
        for sent in &mut session.in_flight {
            sent.on_this_connection = false;
        }
        stored
    }

    /// What follows when a connection is gone.
    pub(crate) fn connection_ended(&mut self, id: ConnectionId, connection: Connection, ending: Ending) {
        if connection.session.is_empty() {
            return;
        }
        let version = connection.version;
        let key = connection.session;
        if self.rules.has(Fault::SentAliasesKept) {
            self.kept_aliases.insert(key.clone(), connection.aliases_sent);
        }
        self.detach_session(id, version, &key);
        self.will_on_ending(version, &key, connection.will, ending);
    }

    fn detach_session(&mut self, id: ConnectionId, version: Version, key: &ByteString) {
        if self.leave_session(id, key) {
            self.session_left(version, key);
        }
    }

    /// Unties a Session from its connection; tells whether they were tied.
    pub(crate) fn leave_session(&mut self, id: ConnectionId, key: &ByteString) -> bool {
        let Some(session) = self.sessions.get_mut(key).filter(|session| session.connection == Some(id))
        else {
            return false;
        };
        session.connection = None;
        session.held_until = None;
        true
    }

    /// What becomes of a Session that has just lost its connection.
    pub(crate) fn session_left(&mut self, version: Version, key: &ByteString) {
        let now = self.now;
        let Some(session) = self.sessions.get_mut(key) else { return };
        let lasts = match session.expiry_interval {
            0 if self.rules.has(Fault::SessionsStay) => true,
            0 => version == Version::V3_1_1 && !self.rules.enforce(version, &CLEAN_SESSION_LEAVES_NOTHING),
            _ => self.rules.enforce(version, &SESSION_OUTLIVES_CONNECTION),
        };
        if !lasts {
            self.end_session(key);
            return;
        }
        if session.expiry_interval != NEVER && session.expiry_interval != 0 {
            session.ends_at = Some(now + std::time::Duration::from_secs(u64::from(session.expiry_interval)));
        }
        if !self.rules.enforce(version, &SHARED_QOS2_STAYS) {
            let taken = take_in_flight(session, |progress| !matches!(progress, Progress::PubAck));
            self.redistribute(taken);
        }
    }

    /// Ends a Session: its state is gone, and a Will Message that waits for it is published.
    pub(crate) fn end_session(&mut self, key: &ByteString) {
        let Some(mut session) = self.sessions.remove(key) else { return };
        let version = session.version;
        if !self.rules.enforce(version, &RETAINED_OUTLIVES_SESSION) {
            self.retained.retain(|_, message| message.publisher != *key);
        }
        let mut left = Vec::new();
        if self.rules.enforce(Version::V5_0, &SHARED_QOS1_GOES_ON) {
            left.extend(take_in_flight(&mut session, |progress| matches!(progress, Progress::PubAck)));
        }
        if !self.rules.enforce(Version::V5_0, &SHARED_QOS2_ENDS_WITH_SESSION) {
            left.extend(take_in_flight(&mut session, |_| true));
        }
        left.extend(session.queue.into_iter().filter(|delivery| delivery.share.is_some()));
        self.redistribute(left);
        self.will_on_session_end(key, session.delayed_will);
    }

    /// Breaks the rules that keep the state of a Session while its connection lasts.
    pub(crate) fn lose_state(&mut self, id: ConnectionId) {
        let Some(connection) = self.connections.get(&id) else { return };
        let version = connection.version;
        let kept = self.rules.enforce(version, &STATE_KEPT_WHILE_CONNECTED);
        let clean_kept = self.rules.enforce(version, &CLEAN_SESSION_LASTS);
        if let Some(session) = self.session_of(id)
            && (!kept || !clean_kept && session.expiry_interval == 0)
        {
            session.forget();
        }
    }
}

/// Takes messages of shares out of what a Session has in flight.
fn take_in_flight(session: &mut Session, which: impl Fn(Progress) -> bool) -> Vec<Delivery> {
    session
        .in_flight
        .extract_if(.., |sent| sent.delivery.share.is_some() && which(sent.progress))
        .map(|sent| sent.delivery)
        .collect()
}

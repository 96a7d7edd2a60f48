//! CONNECT (3.1): whether it is accepted, and what that changes.

pub(crate) mod acknowledge;
pub(crate) mod checks;
pub(crate) mod identifier;

use std::time::Duration;

use mqttspec_codec::Version;
use mqttspec_codec::model::{ConnAck, Connect, Packet, Properties, ReasonCode};

use crate::alias::AliasesSent;
use crate::broker::Broker;
use crate::connection::{ConnectionId, Ending, Phase};
use crate::failure::Failure;
use crate::faults::Fault;
use crate::rules::rules;
use crate::session::NEVER;

rules! {
    /// A second CONNECT is a violation and ends the connection.
    SECOND_CONNECT_CLOSES: ["MQTT-3.1.0-2"], ["MQTT-3.1.0-2"];
    /// The earlier connection of the same Client is closed.
    TAKEOVER_CLOSES: ["MQTT-3.1.4-2"], ["MQTT-3.1.4-3/b"];
    /// It is told so by DISCONNECT 0x8E before.
    TAKEOVER_TOLD: [], ["MQTT-3.1.4-3/a"];
    /// Where the broker sets no Server Keep Alive, that of CONNECT counts.
    CLIENT_KEEP_ALIVE_COUNTS: [], ["MQTT-3.2.2-22"];
    /// Keep Alive 0 turns the mechanism off.
    KEEP_ALIVE_ZERO_IS_OFF: ["S311-11"], [];
    /// The Session of an assigned Client Identifier is like any other.
    ASSIGNED_ID_WORKS: ["MQTT-3.1.3-6/b"], [];
    /// It is found again under that identifier.
    ASSIGNED_ID_FOUND_AGAIN: [], ["MQTT-3.1.3-7/a"];
    /// CONNACK tells the Session Expiry Interval where it is not the one that CONNECT asked for.
    GRANTED_EXPIRY_ANNOUNCED: [], ["S5-18"];
}

/// What a CONNECT led to.
pub(crate) struct Accepted {
    pub(crate) session_present: bool,
    pub(crate) assigned: Option<bytestring::ByteString>,
    /// Session Expiry Interval, where it differs from what CONNECT asked for.
    pub(crate) granted_expiry: Option<u32>,
}

impl Broker {
    pub(crate) fn on_connect(&mut self, id: ConnectionId, mut connect: Connect) -> Result<(), Failure> {
        let Some(connection) = self.connections.get_mut(&id) else { return Ok(()) };
        if !matches!(connection.phase, Phase::New) {
            return self.second_connect(id);
        }
        // What the Client can take binds a refusal as well.
        connection.maximum_packet_size = connect.properties.maximum_packet_size();
        connection.problem_information = connect.properties.request_problem_information() != Some(0);
        let version = connection.version;
        self.misread_fields(version, &mut connect);
        self.check_connect(id, &connect)?;
        if self.ignores_connect(&connect) {
            self.stop_reading(id);
            return Ok(());
        }
        match connect.properties.authentication_method() {
            Some(method) => self.begin_authentication(id, connect, method),
            _ => {
                self.accept(id, connect);
                Ok(())
            }
        }
    }

    /// Whether a fault keeps the broker from answering.
    fn ignores_connect(&mut self, connect: &Connect) -> bool {
        let unusual = connect.will.is_some()
            || connect.user_name.is_some()
            || connect.password.is_some()
            || connect.keep_alive == 0
            || !connect.properties.is_empty();
        let unusual_will = connect
            .will
            .as_ref()
            .is_some_and(|will| !will.properties.is_empty() || will.payload.len() > usize::from(u8::MAX));
        unusual_will && self.rules.has(Fault::UnusualWillIgnored)
            || unusual && self.rules.has(Fault::UnusualConnectIgnored)
            || self.rules.has(Fault::ReturnIgnored) && !self.seen.insert(connect.client_id.clone())
    }

    fn second_connect(&mut self, id: ConnectionId) -> Result<(), Failure> {
        if self.enforce(id, &SECOND_CONNECT_CLOSES) {
            return Err(Failure::new(ReasonCode::PROTOCOL_ERROR, "second CONNECT"));
        }
        let again = ConnAck {
            session_present: false,
            reason_code: ReasonCode::SUCCESS,
            properties: Properties::default(),
        };
        self.send(id, Packet::ConnAck(again));
        Ok(())
    }

    /// Accepts a CONNECT that has passed all checks.
    pub(crate) fn accept(&mut self, id: ConnectionId, connect: Connect) {
        let Some(version) = self.connections.get(&id).map(|connection| connection.version) else { return };
        let assigned = connect.client_id.is_empty().then(|| self.assign_client_id(version));
        let client_id = assigned.clone().unwrap_or_else(|| connect.client_id.clone());
        let mut key = self.session_key(id, version, &client_id);
        if assigned.is_some() && !self.rules.enforce(version, &ASSIGNED_ID_FOUND_AGAIN) {
            key = format!("{key} assigned").into();
        }
        self.take_over(id, version, &key);
        let (expiry, granted_expiry) = self.session_expiry(version, &connect);
        let stored = self.begin_session(id, version, &key, connect.clean_start, expiry);
        if assigned.is_some() && !self.rules.enforce(version, &ASSIGNED_ID_WORKS) {
            self.sessions.remove(&key);
        }
        let silence_limit = self.silence_limit(version, connect.keep_alive);
        let kept_aliases = self.kept_aliases.remove(&key);
        let Some(connection) = self.connections.get_mut(&id) else { return };
        connection.phase = Phase::Connected;
        connection.client_id = client_id;
        connection.session = key;
        connection.silence_limit = silence_limit;
        connection.connect_expiry_interval = connect.properties.session_expiry_interval().unwrap_or(0);
        connection.receive_maximum = connect.properties.receive_maximum().unwrap_or(u16::MAX);
        connection.aliases_sent = kept_aliases
            .unwrap_or_else(|| AliasesSent::new(connect.properties.topic_alias_maximum().unwrap_or(0)));
        connection.will.clone_from(&connect.will);
        let accepted = Accepted {
            session_present: stored && !connect.clean_start,
            assigned,
            granted_expiry: granted_expiry.filter(|_| self.rules.enforce(version, &GRANTED_EXPIRY_ANNOUNCED)),
        };
        self.acknowledge_connect(id, version, &connect, accepted);
        if !self.connections.contains_key(&id) {
            return;
        }
        self.hold_queue(id);
        self.resume(id);
        self.pump(id);
    }

    /// Ends the earlier connection of the same Client (3.1.4).
    fn take_over(&mut self, id: ConnectionId, version: Version, key: &bytestring::ByteString) {
        let earlier = self.sessions.get(key).and_then(|session| session.connection);
        let Some(earlier) = earlier.filter(|&earlier| earlier != id) else { return };
        if !self.rules.enforce(version, &TAKEOVER_CLOSES) {
            if version == Version::V5_0 {
                self.send_taken_over(earlier);
            }
            return;
        }
        if self.rules.enforce(version, &TAKEOVER_TOLD) {
            self.disconnect(earlier, ReasonCode::SESSION_TAKEN_OVER, "session taken over", Ending::Failure);
        } else {
            self.close(earlier, Ending::Failure);
        }
    }

    fn send_taken_over(&mut self, id: ConnectionId) {
        self.send(
            id,
            Packet::Disconnect(mqttspec_codec::model::Disconnect {
                reason_code: Some(ReasonCode::SESSION_TAKEN_OVER),
                properties: Some(Properties::default()),
            }),
        );
    }

    /// The Session Expiry Interval, and the value to announce if it is not the one asked for.
    fn session_expiry(&self, version: Version, connect: &Connect) -> (u32, Option<u32>) {
        if version == Version::V3_1_1 {
            return (if connect.clean_start { 0 } else { NEVER }, None);
        }
        let asked = connect.properties.session_expiry_interval().unwrap_or(0);
        let granted = asked.min(self.configuration.session_expiry_maximum.unwrap_or(NEVER));
        (granted, (granted != asked).then_some(granted))
    }

    /// How long the Client may be silent.
    fn silence_limit(&self, version: Version, keep_alive: u16) -> Option<Duration> {
        let mut seconds = keep_alive;
        if version == Version::V5_0 {
            if let Some(server) = self.configuration.server_keep_alive {
                seconds = server;
            } else if !self.rules.enforce(version, &CLIENT_KEEP_ALIVE_COUNTS) {
                seconds = keep_alive.saturating_mul(20);
            }
        }
        if seconds == 0 && !self.rules.enforce(version, &KEEP_ALIVE_ZERO_IS_OFF) {
            seconds = 1;
        }
        (seconds > 0).then(|| Duration::from_secs(u64::from(seconds)) * 3 / 2)
    }
}

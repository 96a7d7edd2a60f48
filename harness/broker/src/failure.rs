//! Errors of a Client and what they lead to (4.8 of 3.1.1, 4.13 of 5.0).

use mqttspec_codec::Version;
use mqttspec_codec::model::{
    ConnAck, Disconnect, Packet, PacketType, Properties, Property, ReasonCode, Sender,
};

use crate::broker::Broker;
use crate::configuration::Refusal;
use crate::connection::{ConnectionId, Ending, Phase};
use crate::faults::Fault;
use crate::rules::{Rule, rules};

rules! {
    /// A protocol violation ends the connection it came on.
    ERRORS_CLOSE: ["MQTT-4.8.0-1"], ["MQTT-4.13.1-1"];
    /// A CONNECT that does not conform ends the connection.
    BAD_CONNECT_CLOSES: ["MQTT-3.1.4-1/a", "MQTT-4.8.0-1"], ["MQTT-3.1.4-1", "MQTT-4.13.1-1"];
    /// A CONNECT that does not conform, or that no return code fits, gets no CONNACK.
    NO_CONNACK_WITHOUT_CODE: ["MQTT-3.1.4-1/b", "MQTT-3.2.2-6"], [];
    /// A CONNACK that refuses has Session Present 0.
    REFUSED_SESSION_NOT_PRESENT: ["MQTT-3.2.2-4"], ["MQTT-3.2.2-6"];
    /// A refused CONNECT ends the connection.
    REFUSED_CONNECT_CLOSES:
        ["MQTT-3.2.2-5", "S311-17"], ["MQTT-3.1.4-2", "MQTT-3.2.2-7", "MQTT-4.13.2-1/a"];
    /// What follows a refused CONNECT has no effect.
    NOTHING_AFTER_REFUSED_CONNECT: ["MQTT-3.1.4-5"], ["MQTT-3.1.4-6"];
    /// No DISCONNECT goes out on a connection that had no CONNACK with success.
    NO_DISCONNECT_BEFORE_CONNACK: [], ["MQTT-3.14.0-1"];
    /// A close that the Client did nothing for has a Reason Code that says what it is for.
    CLOSES_HAVE_THEIR_CODES: [], ["S5-38"];
    /// DISCONNECT is the last packet that its sender sends.
    DISCONNECT_IS_LAST: [], ["MQTT-3.14.4-1"];
    /// The sender of a DISCONNECT closes the connection.
    DISCONNECT_CLOSES: [], ["MQTT-3.14.4-2", "MQTT-4.13.2-1/b"];
    /// Before the close for an error there is a DISCONNECT that tells the reason.
    DISCONNECT_TELLS_REASON: [], ["S5-54"];
    /// A well-formed CONNECT that is refused is told why.
    REFUSAL_TELLS_REASON: ["S311-22"], [];
}

/// Why a packet, or the whole connection, is not accepted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Failure {
    pub(crate) code: ReasonCode,
    /// For the Reason String.
    pub(crate) reason: &'static str,
    /// For a refused CONNECT: the packet itself is in order, and a return code of 3.1.1 may tell more.
    pub(crate) conforming: bool,
    /// The rule of its own that says that this failure is answered.
    pub(crate) answered: Option<&'static Rule>,
    /// The rule of its own that says that this failure ends the connection.
    pub(crate) closes: Option<&'static Rule>,
    /// The rules of its own count in both versions, because CONNECT left open which is spoken.
    pub(crate) both_versions: bool,
}

impl Failure {
    /// A Malformed Packet or Protocol Error.
    pub(crate) const fn new(code: ReasonCode, reason: &'static str) -> Self {
        Self { code, reason, conforming: false, answered: None, closes: None, both_versions: false }
    }

    /// A conforming CONNECT that the broker does not want.
    pub(crate) const fn refusal(code: ReasonCode, reason: &'static str) -> Self {
        Self { conforming: true, ..Self::new(code, reason) }
    }

    pub(crate) const fn answered_by(self, rule: &'static Rule) -> Self {
        Self { answered: Some(rule), ..self }
    }

    pub(crate) const fn in_both_versions(self) -> Self {
        Self { both_versions: true, ..self }
    }

    pub(crate) const fn closed_by(self, rule: &'static Rule) -> Self {
        Self { closes: Some(rule), ..self }
    }
}

/// The return code of 3.1.1 that says the same as a Reason Code (table 3.1 of 3.1.1).
const fn return_code(code: ReasonCode) -> Option<ReasonCode> {
    match code {
        ReasonCode::UNSUPPORTED_PROTOCOL_VERSION => Some(ReasonCode(1)),
        ReasonCode::CLIENT_IDENTIFIER_NOT_VALID => Some(ReasonCode(2)),
        ReasonCode::SERVER_UNAVAILABLE => Some(ReasonCode(3)),
        ReasonCode::BAD_USER_NAME_OR_PASSWORD => Some(ReasonCode(4)),
        ReasonCode::NOT_AUTHORIZED => Some(ReasonCode(5)),
        _ => None,
    }
}

/// The codes for closes that no error of the Client leads to (3.14.2.1 of 5.0).
const OWN_CODES: [ReasonCode; 4] = [
    ReasonCode::SERVER_SHUTTING_DOWN,
    ReasonCode::KEEP_ALIVE_TIMEOUT,
    ReasonCode::SESSION_TAKEN_OVER,
    ReasonCode::ADMINISTRATIVE_ACTION,
];

/// How long a refused Client is heard when that rule is broken.
const HEARD_AFTER_REFUSAL: std::time::Duration = std::time::Duration::from_millis(200);

impl Broker {
    /// Reacts to an error of the Client.
    pub(crate) fn fail(&mut self, id: ConnectionId, failure: Failure) {
        if self.rules.has(Fault::ErrorsEndAll) {
            let others: Vec<_> = self.connections.keys().copied().filter(|&other| other != id).collect();
            for other in others {
                self.close(other, Ending::Failure);
            }
        }
        let Some(connection) = self.connections.get(&id) else { return };
        let version = connection.version;
        match connection.phase {
            Phase::New | Phase::Authenticating(_) => self.refuse(id, failure),
            _ if self.rules.has(Fault::ErrorsIgnored) => self.stop_reading(id),
            _ if !self.rules.enforce(version, &ERRORS_CLOSE) => {}
            _ => {
                // Other codes are those of a CONNECT, which is an error of its own on a connection that has had one.
                let tells = failure.code.defined_for(PacketType::Disconnect, Sender::Server, version);
                let code = if tells { failure.code } else { ReasonCode::PROTOCOL_ERROR };
                self.disconnect(id, code, failure.reason, Ending::Failure);
            }
        }
    }

    /// Refuses a CONNECT (3.1.4).
    pub(crate) fn refuse(&mut self, id: ConnectionId, failure: Failure) {
        let Some(connection) = self.connections.get(&id) else { return };
        let version = connection.version;
        let kept = self.rules.has(Fault::NeverAcceptedKept);
        if !failure.conforming && (kept || !self.rules.enforce(version, &BAD_CONNECT_CLOSES)) {
            self.stop_reading(id);
            return;
        }
        let own_rule_kept = |rule: Option<&Rule>| {
            rule.is_none_or(|rule| {
                Version::ALL
                    .into_iter()
                    .filter(|&it| it == version || failure.both_versions)
                    .all(|it| self.rules.enforce(it, rule))
            })
        };
        let answered = own_rule_kept(failure.answered);
        let closes = own_rule_kept(failure.closes) && self.rules.enforce(version, &REFUSED_CONNECT_CLOSES);
        if answered {
            self.answer_refusal(id, version, failure);
        }
        let Some(connection) = self.connections.get_mut(&id) else { return };
        if !closes {
            self.stop_reading(id);
        } else if self.rules.enforce(version, &NOTHING_AFTER_REFUSED_CONNECT) {
            self.close(id, Ending::Failure);
        } else {
            connection.phase = Phase::RefusedButProcessing;
            connection.close_at = Some(self.now + HEARD_AFTER_REFUSAL);
        }
    }

    fn answer_refusal(&mut self, id: ConnectionId, version: Version, failure: Failure) {
        let session_present = !self.rules.enforce(version, &REFUSED_SESSION_NOT_PRESENT);
        if !self.rules.enforce(version, &NO_DISCONNECT_BEFORE_CONNACK) {
            let defined = failure.code.defined_for(PacketType::Disconnect, Sender::Server, version);
            let code = if defined { failure.code } else { ReasonCode::UNSPECIFIED_ERROR };
            self.send(id, Packet::Disconnect(disconnect(code, Properties::default())));
            return;
        }
        let reason_code = match version {
            Version::V3_1_1 => match return_code(failure.code).filter(|_| failure.conforming) {
                Some(code) if self.rules.enforce(version, &REFUSAL_TELLS_REASON) => code,
                Some(_) => return,
                None if self.rules.enforce(version, &NO_CONNACK_WITHOUT_CODE) => return,
                None => ReasonCode(3),
            },
            Version::V5_0 if self.configuration.refusal == Refusal::Silent => return,
            Version::V5_0 if self.rules.has(Fault::ErrorsUnnamed) => ReasonCode::UNSPECIFIED_ERROR,
            Version::V5_0 => failure.code,
        };
        let mut properties = self.problem_information(failure.reason);
        if let Some((code, reference)) = &self.configuration.redirection
            && *code == failure.code
        {
            properties.push(Property::ServerReference(reference.clone()));
        }
        self.send(id, Packet::ConnAck(ConnAck { session_present, reason_code, properties }));
    }

    /// Ends a connection from the side of the broker, with a DISCONNECT where there is one (3.14).
    pub(crate) fn disconnect(
        &mut self,
        id: ConnectionId,
        code: ReasonCode,
        reason: &'static str,
        ending: Ending,
    ) {
        let Some(connection) = self.connections.get(&id) else { return };
        let version = connection.version;
        let is_own = OWN_CODES.contains(&code) && !self.rules.enforce(version, &CLOSES_HAVE_THEIR_CODES);
        let code =
            if is_own || self.rules.has(Fault::ErrorsUnnamed) { ReasonCode::UNSPECIFIED_ERROR } else { code };
        if version == Version::V5_0
            && self.configuration.disconnect_before_close
            && self.rules.enforce(version, &DISCONNECT_TELLS_REASON)
        {
            let properties = self.problem_information(reason);
            self.send(id, Packet::Disconnect(disconnect(code, properties)));
            if !self.rules.enforce(version, &DISCONNECT_IS_LAST) {
                self.send(id, Packet::PingResp);
            }
        }
        if self.rules.enforce(version, &DISCONNECT_CLOSES) {
            self.close(id, ending);
        } else {
            self.stop_reading(id);
        }
    }

    /// Leaves a connection open that ought to be closed. No timer ends it either, or the broken rule would
    /// not show.
    pub(crate) fn stop_reading(&mut self, id: ConnectionId) {
        if let Some(connection) = self.connections.get_mut(&id) {
            connection.phase = Phase::Deaf;
        }
    }

    /// The Reason String and User Property of a packet that reports an error.
    pub(crate) fn problem_information(&self, reason: &'static str) -> Properties {
        let mut properties = Properties::default();
        if self.configuration.reason_strings {
            // Long enough that a small Maximum Packet Size has room for all but the text.
            let reason = format!("the reference broker of mqttspec says why: {reason}");
            properties.push(Property::ReasonString(reason.into()));
            properties.push(Property::UserProperty(("source".into(), "mqttspec-broker".into())));
        }
        properties
    }
}

const fn disconnect(code: ReasonCode, properties: Properties) -> Disconnect {
    Disconnect { reason_code: Some(code), properties: Some(properties) }
}

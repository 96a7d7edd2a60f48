//! Enhanced authentication (4.12 of 5.0) by a built-in challenge: the Client sends the challenge back with
//! its bytes in reverse order.

use bytes::Bytes;
use bytestring::ByteString;
use mqttspec_codec::Version;
use mqttspec_codec::model::{Auth, Connect, Packet, Properties, Property, ReasonCode};

use crate::broker::Broker;
use crate::connection::{ConnectionId, Ending, Phase};
use crate::failure::Failure;
use crate::rules::rules;

rules! {
    /// A method that the broker does not have ends the connection.
    UNKNOWN_METHOD_CLOSES: [], ["MQTT-4.12.0-1"];
    /// The AUTH that asks for more has Reason Code 0x18.
    CHALLENGE_HAS_CODE: [], ["MQTT-4.12.0-2"];
    /// The answer to it has Reason Code 0x18.
    ANSWER_HAS_CODE: [], ["MQTT-4.12.0-3"];
    /// A failed authentication ends the connection.
    FAILED_AUTHENTICATION_CLOSES: [], ["MQTT-4.12.0-4"];
    /// Each AUTH names the method.
    AUTH_NAMES_METHOD: [], ["MQTT-4.12.0-5/a"];
    /// A Client that named no method in CONNECT sends no AUTH.
    AUTH_NEEDS_METHOD: [], ["MQTT-4.12.0-7", "E5-53"];
    /// Authentication is renewed with the method of CONNECT.
    SAME_METHOD: [], ["MQTT-4.12.1-1", "E5-53"];
    /// A failed renewal ends the connection.
    FAILED_RENEWAL_CLOSES: [], ["MQTT-4.12.1-2"];
    /// A Client in enhanced authentication sends AUTH and DISCONNECT only.
    ONLY_AUTH_BEFORE_CONNACK: [], ["MQTT-3.1.2-30"];
}

const CHALLENGE_LENGTH: usize = 16;

/// An enhanced authentication on a connection.
#[derive(Clone, Debug)]
pub(crate) struct Exchange {
    method: ByteString,
    /// The challenge that waits for its answer.
    challenge: Option<Bytes>,
}

impl Broker {
    /// Starts the exchange that a CONNECT asks for.
    pub(crate) fn begin_authentication(
        &mut self,
        id: ConnectionId,
        connect: Connect,
        method: ByteString,
    ) -> Result<(), Failure> {
        if self.configuration.authentication_method.as_ref() != Some(&method) {
            return Err(Failure::refusal(
                ReasonCode::BAD_AUTHENTICATION_METHOD,
                "unknown Authentication Method",
            )
            .closed_by(&UNKNOWN_METHOD_CLOSES));
        }
        let Some(connection) = self.connections.get_mut(&id) else { return Ok(()) };
        connection.phase = Phase::Authenticating(Box::new(connect));
        connection.authentication = Some(Exchange { method, challenge: None });
        self.send_challenge(id);
        Ok(())
    }

    pub(crate) fn on_auth(&mut self, id: ConnectionId, auth: &Auth) -> Result<(), Failure> {
        let Some(connection) = self.connections.get_mut(&id) else { return Ok(()) };
        let version = connection.version;
        let Some(exchange) = &mut connection.authentication else {
            return if self.rules.enforce(version, &AUTH_NEEDS_METHOD) {
                Err(Failure::new(ReasonCode::PROTOCOL_ERROR, "AUTH without Authentication Method in CONNECT"))
            } else {
                Ok(())
            };
        };
        let none = Properties::default();
        let properties = auth.properties.as_ref().unwrap_or(&none);
        let same_method = properties.authentication_method().as_ref() == Some(&exchange.method);
        if !same_method && self.rules.enforce(version, &SAME_METHOD) {
            return Err(Failure::new(ReasonCode::PROTOCOL_ERROR, "another Authentication Method"));
        }
        let connected = matches!(connection.phase, Phase::Connected);
        if auth.reason() == ReasonCode::RE_AUTHENTICATE && connected {
            self.send_challenge(id);
            return Ok(());
        }
        let Some(challenge) = exchange.challenge.take() else {
            return Err(Failure::new(ReasonCode::PROTOCOL_ERROR, "AUTH without a challenge"));
        };
        if auth.reason() != ReasonCode::CONTINUE_AUTHENTICATION
            && self.rules.enforce(version, &ANSWER_HAS_CODE)
        {
            return Err(Failure::new(ReasonCode::PROTOCOL_ERROR, "the answer to a challenge has code 0x18"));
        }
        let expected: Vec<u8> = challenge.iter().rev().copied().collect();
        let right = properties.authentication_data().is_some_and(|answer| *answer == expected);
        self.conclude(id, right)
    }

    /// A packet between CONNECT and CONNACK.
    pub(crate) fn on_packet_while_authenticating(
        &mut self,
        id: ConnectionId,
        packet: Packet,
    ) -> Result<(), Failure> {
        match packet {
            Packet::Auth(auth) => return self.on_auth(id, &auth),
            Packet::Disconnect(_) => self.close(id, Ending::Failure),
            _ if self.enforce(id, &ONLY_AUTH_BEFORE_CONNACK) => {
                return Err(Failure::new(
                    ReasonCode::PROTOCOL_ERROR,
                    "only AUTH and DISCONNECT before CONNACK",
                ));
            }
            _ => {}
        }
        Ok(())
    }

    fn conclude(&mut self, id: ConnectionId, right: bool) -> Result<(), Failure> {
        let Some(connection) = self.connections.get_mut(&id) else { return Ok(()) };
        if let Phase::Authenticating(connect) = &connection.phase {
            if !right {
                return Err(Failure::refusal(ReasonCode::NOT_AUTHORIZED, "wrong answer to the challenge")
                    .closed_by(&FAILED_AUTHENTICATION_CLOSES));
            }
            let connect = (**connect).clone();
            self.accept(id, connect);
        } else if right {
            let properties = self.auth_properties(id);
            let auth = Auth { reason_code: Some(ReasonCode::SUCCESS), properties: Some(properties) };
            self.send(id, Packet::Auth(auth));
        } else if self.enforce(id, &FAILED_RENEWAL_CLOSES) {
            self.disconnect(id, ReasonCode::NOT_AUTHORIZED, "re-authentication failed", Ending::Failure);
        }
        Ok(())
    }

    fn send_challenge(&mut self, id: ConnectionId) {
        self.made += 1;
        // Not secret, so that runs can be repeated; each one differs from all others of the broker.
        let challenge: Bytes =
            self.made.to_be_bytes().into_iter().chain(*b"mqttspec").take(CHALLENGE_LENGTH).collect();
        let mut properties = self.auth_properties(id);
        properties.push(Property::AuthenticationData(challenge.clone()));
        properties.0.extend(self.problem_information("send the challenge back in reverse order").0);
        if let Some(exchange) =
            self.connections.get_mut(&id).and_then(|connection| connection.authentication.as_mut())
        {
            exchange.challenge = Some(challenge);
        }
        let code = if self.enforce(id, &CHALLENGE_HAS_CODE) {
            ReasonCode::CONTINUE_AUTHENTICATION
        } else {
            ReasonCode::SUCCESS
        };
        self.send(id, Packet::Auth(Auth { reason_code: Some(code), properties: Some(properties) }));
    }

    fn auth_properties(&self, id: ConnectionId) -> Properties {
        let mut properties = Properties::default();
        let exchange = self.connections.get(&id).and_then(|connection| connection.authentication.as_ref());
        if let Some(exchange) = exchange
            && self.rules.enforce(Version::V5_0, &AUTH_NAMES_METHOD)
        {
            properties.push(Property::AuthenticationMethod(exchange.method.clone()));
        }
        properties
    }
}

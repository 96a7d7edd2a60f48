//! The Client Identifier (3.1.3.1).

use bytestring::ByteString;
use mqttspec_codec::Version;
use mqttspec_codec::model::{Connect, ReasonCode};

use crate::broker::Broker;
use crate::failure::Failure;
use crate::rules::rules;

rules! {
    /// Identifiers of 1 to 23 digits and letters are accepted.
    PLAIN_ID_ACCEPTED: ["MQTT-3.1.3-5"], ["MQTT-3.1.3-5"];
    /// An empty identifier with Clean Session 0 is answered by CONNACK 0x02.
    EMPTY_ID_ANSWERED: ["MQTT-3.1.3-8/a"], [];
    /// An empty identifier with Clean Session 0 ends the connection.
    EMPTY_ID_CLOSES: ["MQTT-3.1.3-8/b"], [];
    /// A rejected identifier is answered by CONNACK 0x02.
    REJECTED_ID_ANSWERED: ["MQTT-3.1.3-9/a"], [];
    /// A rejected identifier ends the connection.
    REJECTED_ID_CLOSES: ["MQTT-3.1.3-9/b"], ["MQTT-3.1.3-8"];
    /// Each Client without an identifier gets one of its own.
    ASSIGNED_ID_UNIQUE: ["MQTT-3.1.3-6/a"], ["MQTT-3.1.3-6", "MQTT-3.2.2-16/b"];
}

impl Broker {
    pub(crate) fn check_client_id(&self, version: Version, connect: &Connect) -> Result<(), Failure> {
        let client_id = &connect.client_id;
        let rejected = |reason| Failure::refusal(ReasonCode::CLIENT_IDENTIFIER_NOT_VALID, reason);
        if client_id.is_empty() {
            return if version == Version::V3_1_1 && !connect.clean_start {
                Err(rejected("empty Client Identifier without Clean Session")
                    .answered_by(&EMPTY_ID_ANSWERED)
                    .closed_by(&EMPTY_ID_CLOSES))
            } else if self.configuration.empty_client_id {
                Ok(())
            } else {
                Err(rejected("empty Client Identifier")
                    .answered_by(&REJECTED_ID_ANSWERED)
                    .closed_by(&REJECTED_ID_CLOSES))
            };
        }
        let plain = client_id.len() <= 23 && client_id.chars().all(|char| char.is_ascii_alphanumeric());
        let denied = if plain {
            matches!(client_id.len(), 1 | 23) && !self.rules.enforce(version, &PLAIN_ID_ACCEPTED)
        } else {
            client_id.len() > self.configuration.client_id_maximum
                || self
                    .configuration
                    .client_id_denied
                    .as_ref()
                    .is_some_and(|prefix| client_id.starts_with(&**prefix))
        };
        if denied {
            return Err(rejected("Client Identifier not accepted")
                .answered_by(&REJECTED_ID_ANSWERED)
                .closed_by(&REJECTED_ID_CLOSES));
        }
        Ok(())
    }

    /// Makes an identifier that no Client has.
    pub(crate) fn assign_client_id(&mut self, version: Version) -> ByteString {
        if !self.rules.enforce(version, &ASSIGNED_ID_UNIQUE) {
            return ByteString::from_static("assigned");
        }
        loop {
            self.made += 1;
            let candidate = ByteString::from(format!("assigned{}", self.made));
            if !self.sessions.contains_key(&candidate) {
                return candidate;
            }
        }
    }
}

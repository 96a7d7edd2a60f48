//! What is checked in a CONNECT beyond its form (3.1.4).

use bytestring::ByteString;
use mqttspec_codec::Version;
use mqttspec_codec::model::{Connect, QoS, ReasonCode, Will};

use crate::broker::Broker;
use crate::connection::ConnectionId;
use crate::failure::Failure;
use crate::rules::rules;
use crate::topic::has_disallowed_character;

rules! {
    /// User Name and Password are checked.
    CREDENTIALS_CHECKED: [], ["S5-16", "S5-52"];
    /// A Will QoS above the Maximum QoS is not accepted.
    WILL_QOS_REFUSED: [], ["MQTT-3.2.2-12/a"];
    /// It ends the connection.
    WILL_QOS_CLOSES: [], ["MQTT-3.2.2-12/b"];
    /// Will Retain 1 is not accepted where there are no retained messages.
    WILL_RETAIN_REFUSED: [], ["MQTT-3.2.2-13/a"];
    /// It ends the connection.
    WILL_RETAIN_CLOSES: [], ["MQTT-3.2.2-13/b"];
    /// Will QoS 0, 1 and 2 are accepted.
    WILL_QOS_ACCEPTED: ["MQTT-3.1.2-14/a"], [];
    /// The fields of the payload are read in their order.
    FIELDS_IN_ORDER: ["MQTT-3.1.3-1"], ["MQTT-3.1.3-1"];
    /// No extension of the protocol is needed to connect.
    NO_EXTENSION_NEEDED: ["MQTT-7.0.0-2"], [];
}

impl Broker {
    pub(crate) fn check_connect(&self, id: ConnectionId, connect: &Connect) -> Result<(), Failure> {
        let Some(version) = self.connections.get(&id).map(|connection| connection.version) else {
            return Ok(());
        };
        if !self.rules.enforce(version, &NO_EXTENSION_NEEDED) {
            return Err(Failure::refusal(ReasonCode::SERVER_UNAVAILABLE, "an extension is needed"));
        }
        if self.configuration.refuse_disallowed_characters && has_disallowed_text(connect) {
            return Err(Failure::new(ReasonCode::MALFORMED_PACKET, "disallowed character in a string"));
        }
        if let Some(will) = &connect.will {
            self.check_will_form(version, will)?;
        }
        self.check_client_id(version, connect)?;
        self.check_credentials(version, connect)?;
        if let Some(will) = &connect.will {
            self.check_will(version, will)?;
        }
        match &self.configuration.redirection {
            Some((code, _)) if version == Version::V5_0 => Err(Failure::refusal(*code, "use another server")),
            _ => Ok(()),
        }
    }

    /// Takes neighbouring fields of the payload for each other, if the rule about their order is off.
    pub(crate) fn misread_fields(&self, version: Version, connect: &mut Connect) {
        if self.rules.enforce(version, &FIELDS_IN_ORDER) {
            return;
        }
        if let Some(will) = &mut connect.will
            && let Ok(topic) = ByteString::try_from(will.payload.clone())
        {
            will.payload = std::mem::replace(&mut will.topic, topic).into_bytes();
        }
        if let (Some(user_name), Some(password)) = (&mut connect.user_name, &mut connect.password)
            && let Ok(name) = ByteString::try_from(password.clone())
        {
            *password = std::mem::replace(user_name, name).into_bytes();
        }
    }

    fn check_will_form(&self, version: Version, will: &Will) -> Result<(), Failure> {
        if will.qos == QoS::ExactlyOnce && !self.rules.enforce(version, &WILL_QOS_ACCEPTED) {
            return Err(Failure::new(ReasonCode::MALFORMED_PACKET, "Will QoS 2"));
        }
        Ok(())
    }

    fn check_credentials(&self, version: Version, connect: &Connect) -> Result<(), Failure> {
        if connect.properties.authentication_method().is_some() {
            // Enhanced authentication takes the place of the password (4.12).
            return Ok(());
        }
        if !self.rules.enforce(version, &CREDENTIALS_CHECKED) {
            return Ok(());
        }
        if self.configuration.anonymous && self.configuration.accounts.is_empty() {
            return Ok(());
        }
        let known = match &connect.user_name {
            None => {
                return if self.configuration.anonymous && connect.password.is_none() {
                    Ok(())
                } else {
                    Err(Failure::refusal(ReasonCode::NOT_AUTHORIZED, "a User Name is needed"))
                };
            }
            Some(user_name) => self
                .configuration
                .accounts
                .iter()
                .any(|(name, password)| name == user_name && connect.password.as_ref() == Some(password)),
        };
        if known {
            Ok(())
        } else {
            Err(Failure::refusal(
                ReasonCode::BAD_USER_NAME_OR_PASSWORD,
                "unknown User Name or wrong Password",
            ))
        }
    }

    fn check_will(&self, version: Version, will: &Will) -> Result<(), Failure> {
        if self.is_denied(&will.topic) {
            return Err(Failure::refusal(ReasonCode::NOT_AUTHORIZED, "the Will Topic is not allowed"));
        }
        if version == Version::V3_1_1 {
            return Ok(());
        }
        if will.qos > self.configuration.maximum_qos && self.rules.enforce(version, &WILL_QOS_REFUSED) {
            return Err(Failure::refusal(ReasonCode::QOS_NOT_SUPPORTED, "Will QoS above Maximum QoS")
                .closed_by(&WILL_QOS_CLOSES));
        }
        if will.retain
            && !self.configuration.retain_available
            && self.rules.enforce(version, &WILL_RETAIN_REFUSED)
        {
            return Err(Failure::refusal(
                ReasonCode::RETAIN_NOT_SUPPORTED,
                "Will Retain without retained messages",
            )
            .closed_by(&WILL_RETAIN_CLOSES));
        }
        if self.configuration.validate_payload_format
            && will.properties.payload_format_indicator() == Some(1)
            && std::str::from_utf8(&will.payload).is_err()
        {
            return Err(Failure::refusal(
                ReasonCode::PAYLOAD_FORMAT_INVALID,
                "the Will Payload is not UTF-8",
            ));
        }
        Ok(())
    }

    /// Whether the access list keeps Clients from a topic, or from a filter.
    pub(crate) fn is_denied(&self, topic: &str) -> bool {
        self.configuration.denied_topics.as_ref().is_some_and(|prefix| topic.starts_with(&**prefix))
    }
}

fn has_disallowed_text(connect: &Connect) -> bool {
    let texts =
        [Some(&connect.client_id), connect.user_name.as_ref(), connect.will.as_ref().map(|will| &will.topic)];
    texts.into_iter().flatten().any(|text: &ByteString| has_disallowed_character(text))
}

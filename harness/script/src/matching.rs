//! Whether a packet is what a pattern allows.

use mqttspec_codec::Version;
use mqttspec_codec::model::{Packet, PacketType, PropertyId};

use crate::describe::value_words;
use crate::facts::{Fact, default_of, facts};
use crate::plan::{FieldPattern, PacketPattern, Place, Value, ValuePattern};
use crate::scope::{Scope, UnknownPlaceholder};

/// Where and how a packet differs from a pattern, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// The field, by the name that patterns use; empty when the packet is of another type.
    pub field: String,
    /// What the pattern allows.
    pub expected: String,
    /// What the packet has.
    pub found: String,
    /// Where the pattern says it; absent when the pattern does not name the field.
    pub place: Option<Place>,
}

impl std::fmt::Display for Mismatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.field.is_empty() {
            write!(f, "expected {}, got {}", self.expected, self.found)
        } else {
            write!(f, "{}: expected {}, got {}", self.field, self.expected, self.found)
        }
    }
}

/// What a comparison needs to know besides pattern and packet.
struct Context<'a> {
    packet_type: PacketType,
    version: Version,
    scope: &'a Scope,
    client: &'a str,
    last_sent: Option<u16>,
}

impl PacketPattern {
    /// Compares a packet that the client `client` received with the pattern, and gives the captured values.
    /// `last_sent` is the Packet Identifier that the client used last.
    ///
    /// # Errors
    /// The first difference. A pattern with a placeholder that stands for nothing matches no packet.
    pub fn matches(
        &self,
        packet: &Packet,
        version: Version,
        scope: &Scope,
        client: &str,
        last_sent: Option<u16>,
    ) -> Result<Vec<(String, Value)>, Mismatch> {
        if packet.packet_type() != self.packet_type {
            return Err(Mismatch {
                field: String::new(),
                expected: self.packet_type.to_string(),
                found: packet.packet_type().to_string(),
                place: None,
            });
        }
        let context = Context { packet_type: self.packet_type, version, scope, client, last_sent };
        let facts = facts(packet, version);
        let mut captured = Vec::new();
        for field in &self.fields {
            let fact = facts.iter().find(|(name, _)| *name == field.name).map(|(_, value)| value);
            context.check(field, fact)?;
            if let Some(capture) = &field.capture
                && let Some(value) = fact.cloned().or_else(|| default_of(&field.name))
            {
                captured.push((capture.0.clone(), value));
            }
        }
        if !self.rest_free {
            self.check_rest(&facts, version)?;
        }
        Ok(captured)
    }

    fn check_rest(&self, facts: &[Fact], version: Version) -> Result<(), Mismatch> {
        let unnamed = facts.iter().find(|(name, _)| {
            !is_free(self.packet_type, name) && self.fields.iter().all(|field| field.name != *name)
        });
        match unnamed {
            None => Ok(()),
            Some((name, value)) => Err(Mismatch {
                field: name.to_string(),
                expected: match default_of(name) {
                    Some(Value::List(_)) | None => "none".to_owned(),
                    Some(default) => value_words(&default, name, self.packet_type, version),
                },
                found: value_words(value, name, self.packet_type, version),
                place: None,
            }),
        }
    }
}

/// Whether the specification leaves a field to the broker, so that a pattern that does not name it does not
/// judge it either: Packet Identifier and DUP are the broker's to choose; texts for people may come with any
/// acknowledgement; the limits in a CONNACK are its own; and how long a message is kept may have limits of its own too.
fn is_free(packet_type: PacketType, name: &str) -> bool {
    match (packet_type, name) {
        (_, "packet_id") | (PacketType::Publish, "dup" | "message_expiry_interval") => true,
        (PacketType::Publish, _) => false,
        (_, "reason_string" | "user_properties") => true,
        (
            PacketType::ConnAck,
            "session_expiry_interval"
            | "receive_maximum"
            | "maximum_qos"
            | "retain_available"
            | "maximum_packet_size"
            | "topic_alias_maximum"
            | "wildcard_subscription_available"
            | "subscription_identifiers_available"
            | "shared_subscription_available"
            | "server_keep_alive",
        ) => true,
        _ => false,
    }
}

impl Context<'_> {
    fn check(&self, field: &FieldPattern, fact: Option<&Value>) -> Result<(), Mismatch> {
        let default = default_of(&field.name);
        let is_property = PropertyId::ALL.iter().any(|id| id.name() == field.name);
        let value = fact.or(default.as_ref());
        let holds = match &field.value {
            ValuePattern::Exactly(wanted) => self.same(wanted, value),
            ValuePattern::OneOf(wanted) => self.any_same(wanted, value),
            ValuePattern::AbsentOr(wanted) => {
                if fact.is_none() {
                    Ok(true)
                } else {
                    self.any_same(wanted, value)
                }
            }
            ValuePattern::NoneOf(unwanted) => {
                let present = fact.is_some() || !is_property;
                self.any_same(unwanted, value).map(|same| present && !same)
            }
            ValuePattern::Between(first, last) => {
                Ok(matches!(value, Some(Value::Number(number)) if (first..=last).contains(&number)))
            }
            ValuePattern::Present => Ok(fact.is_some()),
            ValuePattern::Absent => Ok(fact.is_none()),
            ValuePattern::Any => Ok(true),
            ValuePattern::LastSent => {
                Ok(self.last_sent.is_some_and(|id| value == Some(&Value::Number(id.into()))))
            }
        };
        match holds {
            Ok(true) => Ok(()),
            Ok(false) => Err(self.mismatch(field, value)),
            Err(unknown) => Err(Mismatch { expected: unknown.to_string(), ..self.mismatch(field, value) }),
        }
    }

    fn mismatch(&self, field: &FieldPattern, value: Option<&Value>) -> Mismatch {
        let found = match value {
            Some(value) => value_words(value, &field.name, self.packet_type, self.version),
            None => "absent".to_owned(),
        };
        let expected = match (&field.value, self.last_sent) {
            (ValuePattern::LastSent, Some(id)) => format!("{id}, the one sent last"),
            (pattern, _) => pattern.words(&field.name, self.packet_type, self.version),
        };
        Mismatch { field: field.name.clone(), expected, found, place: Some(field.place) }
    }

    fn any_same(&self, wanted: &[Value], value: Option<&Value>) -> Result<bool, UnknownPlaceholder> {
        for candidate in wanted {
            if self.same(candidate, value)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn same(&self, wanted: &Value, value: Option<&Value>) -> Result<bool, UnknownPlaceholder> {
        let Some(value) = value else { return Ok(false) };
        Ok(match (wanted, value) {
            (Value::Text(text), value) => {
                let text = self.scope.fill(text, self.client)?;
                match value {
                    Value::Text(found) => *found == text,
                    Value::Bytes(found) => text.as_bytes() == found,
                    Value::Number(found) => text == found.to_string(),
                    Value::Flag(_) | Value::List(_) => false,
                }
            }
            (Value::Bytes(wanted), Value::Text(found)) => wanted == found.as_bytes(),
            (Value::List(wanted), Value::List(found)) => {
                if wanted.len() != found.len() {
                    return Ok(false);
                }
                for (wanted, found) in wanted.iter().zip(found) {
                    if !self.same(wanted, Some(found))? {
                        return Ok(false);
                    }
                }
                true
            }
            (wanted, found) => wanted == found,
        })
    }
}

#[cfg(test)]
mod tests {
    use mqttspec_codec::Version;
    use mqttspec_codec::model::{
        Acknowledgement, ConnAck, Packet, PacketType, Properties, Property, Publish, QoS, ReasonCode, SubAck,
    };

    use super::Mismatch;
    use crate::plan::{Capture, FieldPattern, PacketPattern, Place, Value, ValuePattern};
    use crate::scope::Scope;

    fn pattern(packet_type: PacketType, fields: &[(&str, ValuePattern)]) -> PacketPattern {
        let fields = fields.iter().map(|(name, value)| FieldPattern {
            name: (*name).to_owned(),
            value: value.clone(),
            capture: None,
            place: Place::default(),
        });
        PacketPattern { packet_type, fields: fields.collect(), rest_free: false }
    }

    fn scope() -> Scope {
        Scope {
            topic_root: "root".into(),
            client_ids: [("c".into(), "id".into())].into(),
            captured: [("n".into(), Value::Number(3))].into(),
        }
    }

    fn run(pattern: &PacketPattern, packet: &Packet) -> Result<Vec<(String, Value)>, Mismatch> {
        pattern.matches(packet, Version::V5_0, &scope(), "c", Some(3))
    }

    fn message() -> Packet {
        Packet::Publish(Publish {
            dup: true,
            qos: QoS::AtLeastOnce,
            topic: "root/a".into(),
            packet_id: Some(12),
            payload: "own".into(),
            ..Publish::default()
        })
    }

    #[test]
    fn a_field_that_is_not_named_has_its_default() {
        let text = |text: &'static str| ValuePattern::Exactly(Value::Text(text.into()));
        let topic_and_payload = [("topic", text("$t/a")), ("payload", text("own"))];
        let mut wanted = pattern(PacketType::Publish, &topic_and_payload);
        let error = run(&wanted, &message()).unwrap_err();
        assert_eq!(error.to_string(), "qos: expected 0, got 1");
        wanted.rest_free = true;
        assert!(run(&wanted, &message()).is_ok());
    }

    #[test]
    fn words_say_what_differs() {
        let wanted =
            pattern(PacketType::Publish, &[("payload", ValuePattern::Exactly(Value::Text("x".into())))]);
        assert_eq!(run(&wanted, &message()).unwrap_err().to_string(), "payload: expected \"x\", got \"own\"");
        let wanted = pattern(PacketType::PubAck, &[]);
        assert_eq!(run(&wanted, &message()).unwrap_err().to_string(), "expected PUBACK, got PUBLISH");
        let ack = Packet::SubAck(SubAck {
            packet_id: 3,
            reason_codes: vec![ReasonCode(0x87)],
            ..SubAck::default()
        });
        let codes = ValuePattern::OneOf(vec![
            Value::List(vec![Value::Number(0)]),
            Value::List(vec![Value::Number(1)]),
        ]);
        let wanted = pattern(PacketType::SubAck, &[("reason_codes", codes)]);
        assert_eq!(
            run(&wanted, &ack).unwrap_err().to_string(),
            "reason_codes: expected [0x00 Granted QoS 0] or [0x01 Granted QoS 1], got [0x87 Not authorized]"
        );
    }

    #[test]
    fn packet_identifiers_follow_what_was_sent_or_captured() {
        let ack = |id| Packet::PubAck(Acknowledgement::new(id));
        let last = pattern(PacketType::PubAck, &[("packet_id", ValuePattern::LastSent)]);
        assert!(run(&last, &ack(3)).is_ok());
        assert_eq!(
            run(&last, &ack(4)).unwrap_err().to_string(),
            "packet_id: expected 3, the one sent last, got 4"
        );
        let captured = ValuePattern::Exactly(Value::Text("$(n)".into()));
        assert!(run(&pattern(PacketType::PubAck, &[("packet_id", captured)]), &ack(3)).is_ok());
        let unknown = ValuePattern::Exactly(Value::Text("$(m)".into()));
        let error = run(&pattern(PacketType::PubAck, &[("packet_id", unknown)]), &ack(3)).unwrap_err();
        assert_eq!(error.to_string(), "packet_id: expected `$(m)` stands for nothing here, got 3");
    }

    #[test]
    fn a_capture_keeps_the_value() {
        let mut wanted = pattern(PacketType::Publish, &[("packet_id", ValuePattern::Any)]);
        wanted.rest_free = true;
        for field in &mut wanted.fields {
            field.capture = Some(Capture("first".into()));
        }
        assert_eq!(run(&wanted, &message()), Ok(vec![("first".into(), Value::Number(12))]));
    }

    #[test]
    fn limits_in_a_connack_are_free_but_a_session_is_not() {
        let ack = |session_present| {
            Packet::ConnAck(ConnAck {
                session_present,
                reason_code: ReasonCode::SUCCESS,
                properties: Properties(vec![
                    Property::ReceiveMaximum(9),
                    Property::ReasonString("hi".into()),
                ]),
            })
        };
        let plain = pattern(PacketType::ConnAck, &[]);
        assert!(run(&plain, &ack(false)).is_ok());
        assert_eq!(
            run(&plain, &ack(true)).unwrap_err().to_string(),
            "session_present: expected false, got true"
        );
        let absent = pattern(PacketType::ConnAck, &[("receive_maximum", ValuePattern::Absent)]);
        assert_eq!(
            run(&absent, &ack(false)).unwrap_err().to_string(),
            "receive_maximum: expected absent, got 9"
        );
    }

    #[test]
    fn presence_defaults_and_ranges() {
        let ack = Packet::ConnAck(ConnAck {
            session_present: false,
            reason_code: ReasonCode(0x85),
            properties: Properties(vec![Property::MaximumQoS(1)]),
        });
        for (name, value, holds) in [
            ("reason_code", ValuePattern::Between(0x80, 0xA2), true),
            ("reason_code", ValuePattern::NoneOf(vec![Value::Number(0)]), true),
            ("maximum_qos", ValuePattern::Present, true),
            ("maximum_qos", ValuePattern::Exactly(Value::Number(2)), false),
            ("retain_available", ValuePattern::Exactly(Value::Number(1)), true),
            ("retain_available", ValuePattern::NoneOf(vec![Value::Number(0)]), false),
            ("server_keep_alive", ValuePattern::Between(0, 9), false),
            ("session_present", ValuePattern::Absent, true),
        ] {
            let mut wanted = pattern(PacketType::ConnAck, &[(name, value.clone())]);
            wanted.rest_free = true;
            assert_eq!(run(&wanted, &ack).is_ok(), holds, "{name} {value:?}");
        }
    }
}

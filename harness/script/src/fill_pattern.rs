//! Placeholders in patterns, for people: what a failure says was allowed is what would have matched.

use bytes::Bytes;
use bytestring::ByteString;

use crate::plan::{Alternative, FieldPattern, PacketPattern, Pattern, Value, ValuePattern};
use crate::scope::Scope;

impl Alternative {
    /// The same with the values of this run for one client. A placeholder that stands for nothing yet is left.
    #[must_use]
    pub fn filled(&self, scope: &Scope, client: &str) -> Self {
        let pattern = match &self.pattern {
            Pattern::Packet(packet) => Pattern::Packet(packet.filled(scope, client)),
            Pattern::Closed(close) => Pattern::Closed(close.clone()),
        };
        Self { pattern, ..self.clone() }
    }
}

impl PacketPattern {
    /// The same with the values of this run for one client. A placeholder that stands for nothing yet is left.
    #[must_use]
    pub fn filled(&self, scope: &Scope, client: &str) -> Self {
        let field = |field: &FieldPattern| FieldPattern {
            value: value_pattern(&field.value, scope, client),
            ..field.clone()
        };
        Self { fields: self.fields.iter().map(field).collect(), ..self.clone() }
    }
}

fn value_pattern(pattern: &ValuePattern, scope: &Scope, client: &str) -> ValuePattern {
    let one = |value: &Value| filled(value, scope, client);
    let all = |values: &[Value]| values.iter().map(one).collect();
    match pattern {
        ValuePattern::Exactly(value) => ValuePattern::Exactly(one(value)),
        ValuePattern::OneOf(values) => ValuePattern::OneOf(all(values)),
        ValuePattern::NoneOf(values) => ValuePattern::NoneOf(all(values)),
        ValuePattern::AbsentOr(values) => ValuePattern::AbsentOr(all(values)),
        ValuePattern::Between(..)
        | ValuePattern::Present
        | ValuePattern::Absent
        | ValuePattern::Any
        | ValuePattern::LastSent => pattern.clone(),
    }
}

fn filled(value: &Value, scope: &Scope, client: &str) -> Value {
    match value {
        Value::Text(text) => Value::Text(filled_text(text, scope, client)),
        Value::Bytes(bytes) => Value::Bytes(filled_bytes(bytes, scope, client)),
        Value::List(values) => Value::List(values.iter().map(|value| filled(value, scope, client)).collect()),
        Value::Flag(_) | Value::Number(_) => value.clone(),
    }
}

fn filled_text(text: &ByteString, scope: &Scope, client: &str) -> ByteString {
    scope.fill_text(text, client).unwrap_or_else(|_| text.clone())
}

fn filled_bytes(bytes: &Bytes, scope: &Scope, client: &str) -> Bytes {
    let Ok(text) = ByteString::try_from(bytes.clone()) else { return bytes.clone() };
    match scope.whole_capture(&text) {
        Ok(Some(captured)) => captured.into(),
        Ok(None) | Err(_) => filled_text(&text, scope, client).into_bytes(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use mqttspec_codec::Version;
    use mqttspec_codec::model::PacketType;

    use crate::plan::{FieldPattern, PacketPattern, Place, Value, ValuePattern};
    use crate::scope::Scope;

    #[test]
    fn what_was_allowed_is_said_with_the_values_of_the_run() {
        let field = |name: &str, value: Value| FieldPattern {
            name: name.to_owned(),
            value: ValuePattern::Exactly(value),
            capture: None,
            place: Place::default(),
        };
        let pattern = PacketPattern {
            packet_type: PacketType::Publish,
            fields: vec![
                field("topic", Value::Text("$t/a".into())),
                field("payload", Value::Bytes("$id and $(unknown)".into())),
                field("correlation_data", Value::Bytes("$id".into())),
            ],
            rest_free: true,
        };
        let scope = Scope {
            topic_root: "root".to_owned(),
            client_ids: BTreeMap::from([("one".to_owned(), "mine".to_owned())]),
            captured: BTreeMap::new(),
        };
        insta::assert_snapshot!(pattern.filled(&scope, "one").describe(Version::V5_0), @r#"PUBLISH with topic "root/a", payload "$id and $(unknown)", correlation_data "mine""#);
    }
}

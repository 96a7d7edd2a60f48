//! Patterns in words, for "what was allowed".

use mqttspec_codec::Version;
use mqttspec_codec::model::{PacketType, ReasonCode};

use crate::plan::{Alternative, ClosePattern, Grade, PacketPattern, Pattern, Value, ValuePattern};

/// The longest piece of binary data or text that is shown in full, in bytes.
const SHOWN: usize = 40;

/// Alternatives are listed until they fill so many characters: codes for three subscriptions combine to thousands.
const LISTED: usize = 1_000;

/// All alternatives of a step, in one line.
#[must_use]
pub fn describe_alternatives(alternatives: &[Alternative], version: Version) -> String {
    let words: Vec<_> = alternatives.iter().map(|alternative| alternative.describe(version)).collect();
    words.join("; or ")
}

impl Alternative {
    /// What is allowed, and what it counts as, in words.
    #[must_use]
    pub fn describe(&self, version: Version) -> String {
        let words = match &self.pattern {
            Pattern::Packet(packet) => packet.describe(version),
            Pattern::Closed(close) => close.describe(version),
        };
        match self.grade {
            Grade::Pass => words,
            Grade::Lenient(id) => format!("{words} (lenient, by {id})"),
            Grade::Unsupported => format!("{words} (unsupported)"),
        }
    }
}

impl PacketPattern {
    /// The packet that is allowed, in words.
    #[must_use]
    pub fn describe(&self, version: Version) -> String {
        let fields = self.fields.iter().filter(|field| field.value != ValuePattern::Any).map(|field| {
            format!("{} {}", field.name, field.value.words(&field.name, self.packet_type, version))
        });
        let fields: Vec<String> = fields.collect();
        if fields.is_empty() {
            self.packet_type.to_string()
        } else {
            format!("{} with {}", self.packet_type, fields.join(", "))
        }
    }
}

impl ClosePattern {
    /// The ways to end the connection that are allowed, in words.
    #[must_use]
    pub fn describe(&self, version: Version) -> String {
        let words = "the end of the connection";
        let (packet, codes) = match version {
            Version::V3_1_1 => (PacketType::ConnAck, &self.return_codes),
            Version::V5_0 => (PacketType::Disconnect, &self.reason_codes),
        };
        if codes.is_empty() {
            return words.to_owned();
        }
        let codes = or(codes.iter().map(|code| code_words(*code, packet, version)));
        match version {
            Version::V3_1_1 => format!("{words}, after a CONNACK {codes} or without"),
            Version::V5_0 => {
                format!("{words}, after a DISCONNECT (or a refusing CONNACK) {codes} or without")
            }
        }
    }
}

impl ValuePattern {
    /// The values that are allowed for a field, in words.
    pub(crate) fn words(&self, name: &str, packet_type: PacketType, version: Version) -> String {
        let words = |value: &Value| value_words(value, name, packet_type, version);
        match self {
            Self::Exactly(value) => words(value),
            Self::OneOf(values) => or(values.iter().map(words)),
            Self::AbsentOr(values) => {
                or(std::iter::once("absent".to_owned()).chain(values.iter().map(words)))
            }
            Self::NoneOf(values) => format!("anything but {}", or(values.iter().map(words))),
            Self::Between(first, last) => {
                format!("{} to {}", words(&Value::Number(*first)), words(&Value::Number(*last)))
            }
            Self::Present => "present".to_owned(),
            Self::Absent => "absent".to_owned(),
            Self::Any => "anything".to_owned(),
            Self::LastSent => "the one sent last".to_owned(),
        }
    }
}

/// A value of a field in words; Reason Codes with their names.
pub(crate) fn value_words(value: &Value, name: &str, packet_type: PacketType, version: Version) -> String {
    match value {
        Value::Flag(flag) => flag.to_string(),
        Value::Number(number) if matches!(name, "reason_code" | "reason_codes") => {
            match u8::try_from(*number) {
                Ok(code) => code_words(ReasonCode(code), packet_type, version),
                Err(_) => number.to_string(),
            }
        }
        Value::Number(number) => number.to_string(),
        Value::Text(text) => text_words(text),
        Value::Bytes(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => text_words(text),
            Err(_) => bytes_words(bytes),
        },
        Value::List(values) => {
            let values: Vec<_> =
                values.iter().map(|value| value_words(value, name, packet_type, version)).collect();
            format!("[{}]", values.join(", "))
        }
    }
}

fn code_words(code: ReasonCode, packet_type: PacketType, version: Version) -> String {
    format!("{code} {}", code.name(packet_type, version))
}

fn text_words(text: &str) -> String {
    if text.len() <= SHOWN {
        return format!("{text:?}");
    }
    let start: String = text.chars().take(SHOWN).collect();
    format!("{start:?}.. ({} bytes)", text.len())
}

fn bytes_words(bytes: &[u8]) -> String {
    let start: String = bytes.iter().take(SHOWN).map(|byte| format!("{byte:02x}")).collect();
    if bytes.len() <= SHOWN { format!("bytes {start}") } else { format!("bytes {start}.. ({})", bytes.len()) }
}

/// Joins words by commas, and the last by `or`; what is too much is counted.
fn or(words: impl Iterator<Item = String>) -> String {
    let mut room = LISTED;
    let mut listed: Vec<String> = Vec::new();
    let mut more = 0;
    for one in words {
        match room.checked_sub(one.chars().count()) {
            Some(rest) if more == 0 => {
                room = rest;
                listed.push(one);
            }
            _ => more += 1,
        }
    }
    if more > 0 {
        listed.push(format!("one of {more} more"));
    }
    match listed.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use mqttspec_codec::Version;
    use mqttspec_codec::model::{PacketType, ReasonCode};

    use super::describe_alternatives;
    use crate::plan::{
        Alternative, ClosePattern, FieldPattern, Grade, PacketPattern, Pattern, Place, Value, ValuePattern,
    };

    #[test]
    fn thousands_of_alternatives_are_counted() {
        let codes = || (0x80..0xA0).map(Value::Number);
        let pairs = codes().flat_map(|one| codes().map(move |two| Value::List(vec![one.clone(), two])));
        let words =
            ValuePattern::OneOf(pairs.collect()).words("reason_codes", PacketType::SubAck, Version::V5_0);
        assert!(words.chars().count() < super::LISTED + 200, "{words}");
        let listed = words.matches('[').count();
        assert!(words.ends_with(&format!("] or one of {} more", 32 * 32 - listed)), "{words}");
    }

    #[test]
    fn alternatives_in_one_line() {
        let alternative =
            |pattern, grade| Alternative { pattern, grade, label: None, place: Place::default() };
        let field = |name: &str, value| FieldPattern {
            name: name.to_owned(),
            value,
            capture: None,
            place: Place::default(),
        };
        let alternatives = [
            alternative(
                Pattern::Packet(PacketPattern {
                    packet_type: PacketType::PubAck,
                    fields: vec![
                        field("packet_id", ValuePattern::LastSent),
                        field(
                            "reason_code",
                            ValuePattern::OneOf(vec![Value::Number(0), Value::Number(0x10)]),
                        ),
                    ],
                    rest_free: true,
                }),
                Grade::Pass,
            ),
            alternative(
                Pattern::Closed(ClosePattern {
                    reason_codes: vec![ReasonCode::PROTOCOL_ERROR],
                    return_codes: vec![],
                }),
                Grade::Lenient(mqttspec_codec::statement!("S5-14")),
            ),
        ];
        insta::assert_snapshot!(describe_alternatives(&alternatives, Version::V5_0), @"PUBACK with packet_id the one sent last, reason_code 0x00 Success or 0x10 No matching subscribers; or the end of the connection, after a DISCONNECT (or a refusing CONNACK) 0x82 Protocol Error or without (lenient, by S5-14)");
        insta::assert_snapshot!(describe_alternatives(&alternatives[1..], Version::V3_1_1), @"the end of the connection (lenient, by S5-14)");
    }
}

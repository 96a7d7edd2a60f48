//! The value of a field in words.

use std::fmt::Write as _;

use crate::model::{PacketType, PropertyId, ReasonCode};
use crate::wire::Node;
use crate::{FieldKind, Version, variable};

/// As many characters of a string, or bytes of something else, are shown.
const SHOWN: usize = 60;

pub(super) fn words(node: &Node, bytes: &[u8], packet_type: u8, version: Version) -> String {
    let packet_type = PacketType::from_bits(packet_type);
    match (node.kind, bytes) {
        (FieldKind::FirstByte, _) => {
            let mut words = packet_type.map_or("reserved", PacketType::name).to_owned();
            if !node.bits.is_empty() {
                let _ = write!(words, " {}", bits(node));
            }
            words
        }
        (FieldKind::Flags, [byte]) if node.bits.is_empty() => format!("0b{byte:08b}"),
        (FieldKind::Flags, _) => bits(node),
        (FieldKind::ReasonCode, [code]) => {
            let code = ReasonCode(*code);
            let name = packet_type.map_or("undefined", |packet_type| code.name(packet_type, version));
            format!("{code} {name}")
        }
        (FieldKind::PropertyIdentifier, [id]) => {
            PropertyId::from_byte(*id).map_or("undefined", PropertyId::name).to_owned()
        }
        (FieldKind::VariableByteInteger | FieldKind::VariableLength, _) => match variable::read(bytes) {
            variable::Variable::Whole { value, .. } => value.to_string(),
            variable::Variable::Cut | variable::Variable::Endless => "no length".to_owned(),
        },
        (FieldKind::Byte | FieldKind::TwoByteInteger | FieldKind::FourByteInteger | FieldKind::Length, _) => {
            bytes.iter().fold(0_u64, |value, byte| value << 8 | u64::from(*byte)).to_string()
        }
        _ => data(bytes),
    }
}

fn bits(node: &Node) -> String {
    let bits: Vec<String> = node.bits.iter().map(|(name, value)| format!("{name}={value}")).collect();
    bits.join(" ")
}

/// Text in quotes where the bytes are text, and else how many bytes there are.
pub(crate) fn data(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => quoted(text),
        Err(_) => size(bytes.len()),
    }
}

/// A string in quotes, on one line whatever is in it, and not too long for one.
pub(crate) fn quoted(text: &str) -> String {
    let shown: String = text.chars().take(SHOWN).flat_map(char::escape_debug).collect();
    if text.chars().nth(SHOWN).is_some() {
        format!("\"{shown}\"... ({})", size(text.len()))
    } else {
        format!("\"{shown}\"")
    }
}

/// How much there is of something.
pub(crate) fn size(length: usize) -> String {
    if length == 1 { "1 byte".to_owned() } else { format!("{length} bytes") }
}

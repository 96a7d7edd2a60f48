//! Contents that look odd, and that a receiver must take all the same.

use std::fmt;

use super::base::{Base, Role};
use super::mutants::Mutants;
use super::{Edit, Operator};
use crate::FieldKind;
use crate::Version;
use crate::model::{Packet, Properties, Property};

pub(super) static OPERATORS: &[Operator] = &[
    Operator::new("unusual-topic", "an odd level behind a Topic Name or Topic Filter", topic),
    Operator::new("unusual-text", "an odd string", text),
    Operator::new("unusual-data", "odd bytes in a payload or in Binary Data", data),
    Operator::new("remaining-length", "a Remaining Length at an end of its range", remaining_length),
    Operator::new("packet-id", "a Packet Identifier at an end of its range", packet_id),
];

fn topic(base: &Base<'_>, mutants: &mut Mutants) {
    let ends = [
        ("empty-level", "/"),
        ("empty-levels", "//"),
        ("empty-level-inside", "//a"),
        ("space", "/ "),
        ("two-bytes", "/\u{E9}"),
        ("three-bytes", "/\u{20AC}"),
        ("four-bytes", "/\u{1D11E}"),
        ("last-character", "/\u{10FFFD}"),
        ("dollar", "/$a"),
        ("sys", "/$SYS"),
        ("share", "/$share/g/a"),
        ("dots", "/../a"),
        ("percent", "/%23"),
        ("backslash", "/\\a"),
        ("capital", "/A"),
        ("quotes", "/\"'`"),
    ];
    for (field, role) in base.texts() {
        if !matches!(role, Role::Topic | Role::Filter) || field.range.len() < 3 || has_hash(base, field.name)
        {
            continue;
        }
        for (how, end) in ends {
            let edit =
                || Edit::InsertAfter { field: format!("{}.data", field.name), bytes: end.as_bytes().into() };
            mutants.accept(format_args!("{}={how}", field.name), || vec![edit()]);
        }
    }
}

/// Whether nothing may follow the last level of a Topic Filter.
fn has_hash(base: &Base<'_>, field: &str) -> bool {
    let ends = |filter: &str| filter.ends_with('#');
    match base.packet {
        Packet::Subscribe(it) if field.starts_with("filters") => {
            it.filters.iter().any(|subscription| ends(&subscription.filter))
        }
        Packet::Unsubscribe(it) if field.starts_with("filters") => {
            it.filters.iter().any(|filter| ends(filter))
        }
        _ => false,
    }
}

fn text(base: &Base<'_>, mutants: &mut Mutants) {
    let texts = [
        ("empty", ""),
        ("space", " "),
        ("two-bytes", "\u{E9}"),
        ("three-bytes", "\u{20AC}"),
        ("four-bytes", "\u{1D11E}"),
        ("last-character", "\u{10FFFD}"),
        ("line-separator", "\u{2028}"),
        ("combining", "e\u{301}"),
        ("wildcards", "+/#"),
        ("quotes", "\"'`\\"),
        ("percent", "%s%n"),
    ];
    for (field, _) in base.texts().filter(|(_, role)| *role == Role::Free) {
        for (how, text) in texts {
            let edit = || Edit::Set { field: field.name.to_owned(), bytes: text.as_bytes().into() };
            mutants.accept(format_args!("{}={how}", field.name), || vec![edit()]);
        }
        if field.range.len() < 130 {
            for length in [127, 128, 255, 256, 1000] {
                let edit = || Edit::FillField { field: format!("{}.data", field.name), length };
                mutants.accept(format_args!("{}={length}-bytes", field.name), || vec![edit()]);
            }
        }
    }
}

/// A Server may look whether a payload is UTF-8 that is said to be so.
fn data(base: &Base<'_>, mutants: &mut Mutants) {
    let contents: [(&str, &'static [u8], bool); 8] = [
        ("empty", b"", true),
        ("nul", b"\0", true),
        ("line-feed", b"\n", true),
        ("packet", b"\xC0\x00", false),
        ("disconnect", b"\xE0\x00", false),
        ("length", b"\xFF\xFF", false),
        ("variable-length", b"\xFF\xFF\xFF\xFF\x7F", false),
        ("no-utf-8", b"\xC3\x28", false),
    ];
    let says_text = |properties: &Properties| {
        properties.iter().any(|property| matches!(property, Property::PayloadFormatIndicator(1)))
    };
    let is_text = base.version == Version::V5_0
        && match base.packet {
            Packet::Publish(publish) => says_text(&publish.properties),
            Packet::Connect(connect) => connect.will.as_ref().is_some_and(|will| says_text(&will.properties)),
            _ => false,
        };
    for field in base.fields() {
        let is_payload = field.kind == FieldKind::Payload || field.name == "will_payload";
        let is_data = field.kind == FieldKind::BinaryData && field.name.ends_with("correlation_data.value");
        if !is_payload && !is_data {
            continue;
        }
        for (how, bytes, is_utf_8) in contents {
            let target = fmt::from_fn(|f| write!(f, "{}={how}", field.name));
            let edits = || vec![Edit::Set { field: field.name.to_owned(), bytes: bytes.into() }];
            if is_payload && is_text && !is_utf_8 {
                mutants.either(target, edits);
            } else {
                mutants.accept(target, edits);
            }
        }
    }
}

/// A Server may have its limits, but hardly below 16 KiB.
fn remaining_length(base: &Base<'_>, mutants: &mut Mutants) {
    if !base.has("payload") {
        return;
    }
    let counted = base.field("remaining_length").map_or(0, |field| base.length - field.range.end);
    for length in [127, 128, 16_383, 16_384, 2_097_151, 2_097_152] {
        if counted > length as usize {
            continue;
        }
        let edit = || Edit::FillBody { field: "payload".to_owned(), remaining_length: length };
        if length > 16_384 {
            mutants.either(length, || vec![edit()]);
        } else {
            mutants.accept(length, || vec![edit()]);
        }
    }
}

fn packet_id(base: &Base<'_>, mutants: &mut Mutants) {
    let is_assigned =
        matches!(base.packet, Packet::Publish(_) | Packet::Subscribe(_) | Packet::Unsubscribe(_));
    if is_assigned && base.has("packet_id") {
        for value in [1, 255, 256, 0x1234, 0x8000, 65_535] {
            let edit = || Edit::SetInteger { field: "packet_id".to_owned(), value };
            mutants.accept(value, || vec![edit()]);
        }
    }
}

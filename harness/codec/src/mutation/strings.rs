//! UTF-8 Encoded Strings, and the lengths before them and before Binary Data.

use super::base::{Base, Field, Role};
use super::expectation::breaches;
use super::mutants::Mutants;
use super::{Edit, Operator};
use crate::FieldKind;
use crate::model::{Packet, ReasonCode};

pub(super) static OPERATORS: &[Operator] = &[
    Operator::new("ill-formed-utf-8", "bytes in a string that are no UTF-8", ill_formed),
    Operator::new("null-character", "U+0000 in a string", null),
    Operator::new("discouraged-character", "a control character or non-character in a string", discouraged),
    Operator::new("byte-order-mark", "U+FEFF at the start of a string", byte_order_mark),
    Operator::new("string-length", "a length that is not that of the string or Binary Data", wrong_length),
    Operator::new("longest-string", "a string of 65,535 bytes", longest),
];

breaches! {
    ILL_FORMED: MALFORMED_PACKET, v3 ["MQTT-1.5.3-1"], v5 ["MQTT-1.5.4-1"];
    NULL: MALFORMED_PACKET, v3 ["MQTT-1.5.3-2"], v5 ["MQTT-1.5.4-2"];
    LENGTH: MALFORMED_PACKET, v3 [], v5 [];
}

fn data(field: &Field<'_>) -> String {
    format!("{}.data", field.name)
}

fn before(field: &Field<'_>, bytes: &'static [u8]) -> Vec<Edit> {
    vec![Edit::InsertBefore { field: data(field), bytes: bytes.into() }]
}

fn after(field: &Field<'_>, bytes: &'static [u8]) -> Vec<Edit> {
    vec![Edit::InsertAfter { field: data(field), bytes: bytes.into() }]
}

/// The codes that name an error in a string of this role.
fn codes(role: Role) -> &'static [ReasonCode] {
    match role {
        Role::Topic => &[ReasonCode::TOPIC_NAME_INVALID],
        Role::Filter => &[ReasonCode::TOPIC_FILTER_INVALID],
        Role::Identity => &[ReasonCode::CLIENT_IDENTIFIER_NOT_VALID, ReasonCode::BAD_USER_NAME_OR_PASSWORD],
        Role::Free => &[],
    }
}

fn ill_formed(base: &Base<'_>, mutants: &mut Mutants) {
    let kinds: [(&str, &'static [u8]); 9] = [
        ("lone-continuation", b"\x80"),
        ("cut-sequence", b"\xC3\x28"),
        ("truncated-tail", b"\xE2\x82"),
        ("overlong-nul", b"\xC0\x80"),
        ("overlong-slash", b"\xE0\x80\xAF"),
        ("surrogate-low-end", b"\xED\xA0\x80"),
        ("surrogate-high-end", b"\xED\xBF\xBF"),
        ("above-unicode", b"\xF4\x90\x80\x80"),
        ("never-a-byte", b"\xFF"),
    ];
    for (field, role) in base.texts() {
        for (how, bytes) in kinds {
            let edits = || after(&field, bytes);
            mutants.close_with(format_args!("{}={how}", field.name), edits, &ILL_FORMED, codes(role));
        }
    }
}

/// What is done to a string.
type Edits = fn(&Field<'_>) -> Vec<Edit>;

fn null(base: &Base<'_>, mutants: &mut Mutants) {
    for (field, role) in base.texts() {
        let places: [(&str, Edits); 4] = [
            ("first", |field| before(field, b"\0")),
            ("last", |field| after(field, b"\0")),
            ("inside", |field| after(field, b"\0a")),
            ("alone", |field| vec![Edit::Set { field: field.name.to_owned(), bytes: b"\0"[..].into() }]),
        ];
        for (how, edits) in places {
            mutants.close_with(format_args!("{}={how}", field.name), || edits(&field), &NULL, codes(role));
        }
    }
}

fn discouraged(base: &Base<'_>, mutants: &mut Mutants) {
    let characters: [(&str, &'static str); 7] = [
        ("u-0001", "\u{1}"),
        ("u-001f", "\u{1F}"),
        ("u-007f", "\u{7F}"),
        ("u-009f", "\u{9F}"),
        ("u-fdd0", "\u{FDD0}"),
        ("u-ffff", "\u{FFFF}"),
        ("u-10ffff", "\u{10FFFF}"),
    ];
    for (field, _) in base.texts() {
        for (how, character) in characters {
            mutants.either(format_args!("{}={how}", field.name), || after(&field, character.as_bytes()));
        }
    }
}

fn byte_order_mark(base: &Base<'_>, mutants: &mut Mutants) {
    for (field, role) in base.texts() {
        let edits = || before(&field, "\u{FEFF}".as_bytes());
        match role {
            Role::Topic | Role::Free => mutants.accept(field.name, edits),
            Role::Filter | Role::Identity => mutants.either(field.name, edits),
        }
    }
}

/// A length that is wrong by one moves the fields behind it, which may make sense all the same: only that of the
/// last field before the end of its packet, or of its properties, is wrong for certain.
fn wrong_length(base: &Base<'_>, mutants: &mut Mutants) {
    for field in base.prefixed() {
        let length = format!("{}.length", field.name);
        if base.length < 65_535 {
            let edit = || Edit::SetInteger { field: length.clone(), value: 65_535 };
            mutants.close(format_args!("{}=65535", field.name), || vec![edit()], &LENGTH);
        }
        let is_last = base.fields().any(|outer| {
            matches!(outer.kind, FieldKind::Properties | FieldKind::Element | FieldKind::FirstByte)
                && outer.range.end == field.range.end
                && (outer.kind == FieldKind::Properties || outer.range.end == base.length)
        }) || field.range.end == base.length && matches!(base.packet, Packet::Connect(_));
        if !is_last {
            continue;
        }
        let add = |difference| vec![Edit::Add { field: length.clone(), difference }];
        mutants.close(format_args!("{}+1", field.name), || add(1), &LENGTH);
        // An empty string may be wrong in itself.
        if field.range.len() > 3 {
            mutants.close(format_args!("{}-1", field.name), || add(-1), &LENGTH);
        }
    }
}

/// A Server may have its limits.
fn longest(base: &Base<'_>, mutants: &mut Mutants) {
    for (field, _) in base.texts() {
        let edit = || Edit::FillField { field: data(&field), length: 65_535 };
        mutants.either(field.name, || vec![edit()]);
    }
}

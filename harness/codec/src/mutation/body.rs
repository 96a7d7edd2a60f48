//! Packets that are too short or too long for their fields.

use super::base::{Base, Field};
use super::expectation::breaches;
use super::mutants::Mutants;
use super::{Cut, Edit, Operator};
use crate::Version;
use crate::model::Packet;

pub(super) static OPERATORS: &[Operator] = &[
    Operator::new("truncated", "the end of the packet is missing", truncated),
    Operator::new("truncated-long", "the end of a packet of many bytes is missing", truncated_long),
    Operator::new("trailing-bytes", "bytes behind the last field", trailing_bytes),
    Operator::new("body", "a body where the packet has none", body),
];

breaches! {
    TRUNCATED: MALFORMED_PACKET, v3 [], v5 [];
    TRAILING: MALFORMED_PACKET, v3 [], v5 [];
    TRAILING_IN_ACKNOWLEDGEMENT: MALFORMED_PACKET, v3 ["S311-27"], v5 [];
    PINGREQ_BODY: MALFORMED_PACKET, v3 ["S311-27"], v5 ["E5-48"];
}

/// At the start of each field, behind its first byte, and before its last one.
fn truncated(base: &Base<'_>, mutants: &mut Mutants) {
    let body = base.field("remaining_length").map_or(0, |field| field.range.end);
    for field in base.fields().filter(|field| field.leaf && field.range.start >= body) {
        let size = field.range.len();
        let cuts = [
            (size > 0, "", Cut::Keep(0), field.range.start),
            (size > 1, "+1", Cut::Keep(1), field.range.start + 1),
            (size > 2, "-1", Cut::Drop(1), field.range.end.saturating_sub(1)),
        ];
        for (applies, sign, cut, offset) in cuts {
            if applies && !base.may_end_at(offset) {
                let edit = || Edit::Truncate { field: field.name.to_owned(), cut };
                mutants.close(format_args!("{}{sign}", field.name), || vec![edit()], &TRUNCATED);
            }
        }
    }
}

/// Sizes of buffers that programs like.
fn truncated_long(base: &Base<'_>, mutants: &mut Mutants) {
    let is_whole = |field: &Field<'_>| !base.may_end_at(field.range.end.saturating_sub(1));
    let Some(field) =
        base.prefixed().filter(|field| !field.name.starts_with("properties")).filter(is_whole).last()
    else {
        return;
    };
    let field = format!("{}.data", field.name);
    if base.length > 900 {
        return;
    }
    for remaining_length in [1023, 1024, 1025, 4096, 65_535] {
        let fill = Edit::FillBody { field: field.clone(), remaining_length: remaining_length + 1 };
        let cut = Edit::Truncate { field: field.clone(), cut: Cut::Drop(1) };
        mutants.close(remaining_length, || vec![fill, cut], &TRUNCATED);
    }
}

fn trailing_bytes(base: &Base<'_>, mutants: &mut Mutants) {
    let breach = match base.packet {
        Packet::Connect(_) => &TRAILING,
        Packet::PubAck(ack) | Packet::PubRec(ack) | Packet::PubRel(ack) | Packet::PubComp(ack)
            if base.version == Version::V3_1_1 || ack.properties.is_some() =>
        {
            &TRAILING_IN_ACKNOWLEDGEMENT
        }
        Packet::Disconnect(disconnect) if disconnect.properties.is_some() => &TRAILING,
        Packet::Auth(auth) if auth.properties.is_some() => &TRAILING,
        // The start of one more Topic Filter, which is not all there.
        Packet::Subscribe(_) | Packet::Unsubscribe(_) => &TRAILING,
        _ => return,
    };
    for (name, bytes) in [("nul", &[0x00][..]), ("letter", b"a"), ("pingreq", &[0xC0, 0x00])] {
        mutants.close(name, || vec![Edit::Append { bytes: bytes.to_vec().into() }], breach);
    }
}

fn body(base: &Base<'_>, mutants: &mut Mutants) {
    let breach = match base.packet {
        Packet::PingReq => &PINGREQ_BODY,
        Packet::Disconnect(_) if base.version == Version::V3_1_1 => &TRAILING,
        _ => return,
    };
    for (name, bytes) in [("nul", &[0x00][..]), ("two-bytes", &[0x00, 0x00]), ("pingreq", &[0xC0, 0x00])] {
        mutants.close(name, || vec![Edit::Append { bytes: bytes.to_vec().into() }], breach);
    }
}

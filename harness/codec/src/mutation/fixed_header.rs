//! The fixed header: packet type, flags, Remaining Length.

use std::fmt;

use super::base::Base;
use super::expectation::breaches;
use super::mutants::Mutants;
use super::{Edit, Operator};
use crate::model::{Packet, PacketType, Sender};
use crate::{Context, layout};

pub(super) static OPERATORS: &[Operator] = &[
    Operator::new("packet-type-0", "the reserved packet type 0", packet_type_0),
    Operator::new("packet-type-15", "packet type 15, which 3.1.1 reserves", packet_type_15),
    Operator::new("server-packet", "a packet type that only a Server sends", server_packet),
    Operator::new("reserved-flags", "other flags than the packet type prescribes", reserved_flags),
    Operator::new("longer-remaining-length", "a Remaining Length in more bytes than it needs", longer),
    Operator::new("five-byte-remaining-length", "a Remaining Length of five bytes", five_bytes),
    Operator::new("short-remaining-length", "a Remaining Length that is too small by one", short),
    Operator::new("long-remaining-length", "a Remaining Length that is too great by one", long),
];

breaches! {
    TYPE_0: MALFORMED_PACKET, v3 [], v5 ["E5-01"];
    TYPE_15: MALFORMED_PACKET, v3 [], v5 -;
    SERVER_PACKET: PROTOCOL_ERROR, v3 [], v5 ["E5-02"];
    FLAGS: MALFORMED_PACKET, v3 ["MQTT-2.2.2-2"], v5 ["MQTT-2.1.3-1"];
    PUBREL_FLAGS: MALFORMED_PACKET, v3 ["MQTT-3.6.1-1" "MQTT-2.2.2-2"], v5 ["MQTT-3.6.1-1" "MQTT-2.1.3-1"];
    SUBSCRIBE_FLAGS: MALFORMED_PACKET, v3 ["MQTT-3.8.1-1" "MQTT-2.2.2-2"], v5 ["MQTT-3.8.1-1" "MQTT-2.1.3-1"];
    UNSUBSCRIBE_FLAGS: MALFORMED_PACKET,
        v3 ["MQTT-3.10.1-1" "MQTT-2.2.2-2"], v5 ["MQTT-3.10.1-1" "MQTT-2.1.3-1"];
    DISCONNECT_FLAGS: MALFORMED_PACKET,
        v3 ["MQTT-3.14.1-1" "MQTT-2.2.2-2"], v5 ["MQTT-3.14.1-1" "MQTT-2.1.3-1"];
    AUTH_FLAGS: MALFORMED_PACKET, v3 -, v5 ["MQTT-3.15.1-1" "MQTT-2.1.3-1"];
    TOO_LONG: MALFORMED_PACKET, v3 ["S311-02"], v5 ["E5-03"];
    SHORT: MALFORMED_PACKET, v3 [], v5 [];
}

fn set(field: &str, value: u32) -> Edit {
    Edit::SetInteger { field: field.to_owned(), value }
}

/// The first packet has to be a CONNECT: another type there breaks another rule.
fn packet_type_0(base: &Base<'_>, mutants: &mut Mutants) {
    if !base.is(PacketType::Connect) {
        mutants.close("", || vec![set("packet_type", 0)], &TYPE_0);
    }
}

fn packet_type_15(base: &Base<'_>, mutants: &mut Mutants) {
    if !base.is(PacketType::Connect) {
        mutants.close("", || vec![set("packet_type", 15)], &TYPE_15);
    }
}

fn server_packet(base: &Base<'_>, mutants: &mut Mutants) {
    if base.is(PacketType::Connect) {
        return;
    }
    let context = Context { version: base.version, sender: Sender::Client };
    for packet_type in PacketType::ALL {
        if packet_type != PacketType::Auth && layout::forbidden(packet_type, context).is_some() {
            let name = fmt::from_fn(|f| f.write_str(&packet_type.name().to_lowercase()));
            let edits = || vec![set("packet_type", packet_type.bits().into()), set("flags", 0)];
            mutants.close(name, edits, &SERVER_PACKET);
        }
    }
}

fn reserved_flags(base: &Base<'_>, mutants: &mut Mutants) {
    let (prescribed, breach) = match base.packet {
        Packet::Publish(_) => return,
        Packet::PubRel(_) => (0b0010, &PUBREL_FLAGS),
        Packet::Subscribe(_) => (0b0010, &SUBSCRIBE_FLAGS),
        Packet::Unsubscribe(_) => (0b0010, &UNSUBSCRIBE_FLAGS),
        Packet::Disconnect(_) => (0, &DISCONNECT_FLAGS),
        Packet::Auth(_) => (0, &AUTH_FLAGS),
        _ => (0, &FLAGS),
    };
    for flags in (0..16).filter(|flags| *flags != prescribed) {
        mutants.close(flags, || vec![set("flags", flags)], breach);
    }
}

/// 3.1.1 has no rule, and that of 5.0 [MQTT-1.5.5-1] binds the sender only.
fn longer(base: &Base<'_>, mutants: &mut Mutants) {
    let needed = base.field("remaining_length").map_or(1, |field| field.range.len());
    for width in 2..=4_u8 {
        if usize::from(width) > needed {
            let field = "remaining_length".to_owned();
            mutants.either(format_args!("{width}-bytes"), || vec![Edit::Widen { field, width }]);
        }
    }
}

fn five_bytes(_: &Base<'_>, mutants: &mut Mutants) {
    let lengths: [(&str, &[u8]); 3] = [
        ("zero", &[0x80, 0x80, 0x80, 0x80, 0x00]),
        ("five", &[0x85, 0x80, 0x80, 0x80, 0x00]),
        ("great", &[0xFF, 0xFF, 0xFF, 0xFF, 0x01]),
    ];
    for (name, bytes) in lengths {
        let field = "remaining_length".to_owned();
        let codes = [crate::model::ReasonCode::PACKET_TOO_LARGE];
        mutants.close_with(name, || vec![Edit::Set { field, bytes: bytes.into() }], &TOO_LONG, &codes);
    }
}

/// Where the packet may end one byte early, only the byte behind it is wrong, and a Server may wait for more.
fn short(base: &Base<'_>, mutants: &mut Mutants) {
    let body = base.field("remaining_length").map_or(base.length, |field| field.range.end);
    if base.length > body && !base.may_end_at(base.length - 1) {
        let field = "remaining_length".to_owned();
        mutants.close("", || vec![Edit::Add { field, difference: -1 }], &SHORT);
    }
}

/// A Server waits for the byte that is missing, and takes the first of the next packet for it.
fn long(_: &Base<'_>, mutants: &mut Mutants) {
    let field = "remaining_length".to_owned();
    mutants.either("", || vec![Edit::Add { field, difference: 1 }]);
}

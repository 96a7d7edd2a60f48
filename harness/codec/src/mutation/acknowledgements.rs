//! Packets with a Reason Code: PUBACK, PUBREC, PUBREL, PUBCOMP, DISCONNECT and AUTH.

use super::base::Base;
use super::expectation::breaches;
use super::mutants::Mutants;
use super::{Edit, Operator};
use crate::Version;
use crate::model::{Packet, ReasonCode, Sender};

pub(super) static OPERATORS: &[Operator] = &[
    Operator::new("acknowledged-packet-id-0", "an acknowledgement of Packet Identifier 0", packet_id_0),
    Operator::new("undefined-reason-code", "a Reason Code that the packet does not have", undefined),
    Operator::new("properties-left-out", "nothing behind the Reason Code", properties_left_out),
    Operator::new("reason-code-left-out", "neither Reason Code nor properties", reason_code_left_out),
];

breaches! {
    PACKET_ID_0: PROTOCOL_ERROR, v3 [], v5 [];
    PUBACK: PROTOCOL_ERROR, v3 -, v5 ["MQTT-3.4.2-1"];
    PUBREC: PROTOCOL_ERROR, v3 -, v5 ["MQTT-3.5.2-1"];
    PUBREL: PROTOCOL_ERROR, v3 -, v5 ["MQTT-3.6.2-1"];
    PUBCOMP: PROTOCOL_ERROR, v3 -, v5 ["MQTT-3.7.2-1"];
    DISCONNECT: PROTOCOL_ERROR, v3 -, v5 ["MQTT-3.14.2-1"];
    AUTH: PROTOCOL_ERROR, v3 -, v5 ["MQTT-3.15.2-1"];
}

fn packet_id_0(base: &Base<'_>, mutants: &mut Mutants) {
    if base.is_acknowledgement() {
        let edit = || Edit::SetInteger { field: "packet_id".to_owned(), value: 0 };
        mutants.close("", || vec![edit()], &PACKET_ID_0);
    }
}

fn undefined(base: &Base<'_>, mutants: &mut Mutants) {
    let breach = match base.packet {
        Packet::PubAck(_) => &PUBACK,
        Packet::PubRec(_) => &PUBREC,
        Packet::PubRel(_) => &PUBREL,
        Packet::PubComp(_) => &PUBCOMP,
        Packet::Disconnect(_) => &DISCONNECT,
        Packet::Auth(_) => &AUTH,
        _ => return,
    };
    if !base.has("reason_code") {
        return;
    }
    let is_defined = |code: &ReasonCode| code.defined_for(base.packet_type(), Sender::Client, base.version);
    for code in (0..=u8::MAX).map(ReasonCode).filter(|code| !is_defined(code)) {
        // All that some other packet has, and the ends of the ranges of the others.
        let is_telling = (0x7E..=0xA3).contains(&code.0) || matches!(code.0, 0x00..=0x19 | 0xFE..);
        if is_telling {
            let edit = || Edit::SetInteger { field: "reason_code".to_owned(), value: code.0.into() };
            mutants.close(format_args!("0x{:02x}", code.0), || vec![edit()], breach);
        }
    }
}

fn properties_left_out(base: &Base<'_>, mutants: &mut Mutants) {
    let may_be_left_out = base.is_acknowledgement() || matches!(base.packet, Packet::Disconnect(_));
    if base.version == Version::V5_0 && may_be_left_out && base.has("properties") {
        mutants.accept("", || vec![Edit::Remove { field: "properties".to_owned() }]);
    }
}

fn reason_code_left_out(base: &Base<'_>, mutants: &mut Mutants) {
    let may_be_left_out = base.is_acknowledgement() || matches!(base.packet, Packet::Disconnect(_));
    if base.version == Version::V5_0 && may_be_left_out && base.has("reason_code") {
        let fields = ["properties", "reason_code"].into_iter().filter(|field| base.has(field));
        mutants.accept("", || fields.map(|field| Edit::Remove { field: field.to_owned() }).collect());
    }
}

//! CONNECT: protocol, flags, and what they promise.

use super::base::Base;
use super::expectation::breaches;
use super::mutants::Mutants;
use super::{Edit, Operator};
use crate::Version;
use crate::model::{Connect, Packet, ReasonCode};

pub(super) static OPERATORS: &[Operator] = &[
    Operator::new("protocol-name", "another Protocol Name", protocol_name),
    Operator::new("protocol-level", "another Protocol Level", protocol_level),
    Operator::new("reserved-connect-flag", "the reserved bit of the Connect Flags", reserved_flag),
    Operator::new("will-flags-without-will", "Will QoS or Will Retain without Will Flag", without_will),
    Operator::new("will-qos-3", "Will QoS 3", will_qos_3),
    Operator::new("will-flags", "another Will QoS or Will Retain", will_flags),
    Operator::new("password-alone", "a Password without User Name", password_alone),
    Operator::new("user-name-alone", "a User Name without Password", user_name_alone),
    Operator::new("connect-flags", "a flag that says otherwise than the payload", flags_disagree),
    Operator::new("keep-alive", "another Keep Alive", keep_alive),
    Operator::new("empty-client-id", "an empty Client Identifier", empty_client_id),
    Operator::new("client-id-length", "a long Client Identifier", client_id_length),
];

const FLAGS: &str = "connect_flags";
const USER_NAME: u32 = 0b1000_0000;
const PASSWORD: u32 = 0b0100_0000;
const WILL_RETAIN: u32 = 0b0010_0000;
const WILL_QOS: u32 = 0b0001_1000;
const WILL: u32 = 0b0000_0100;
const CLEAN_START: u32 = 0b0000_0010;
const RESERVED: u32 = 0b0000_0001;

breaches! {
    NAME: UNSUPPORTED_PROTOCOL_VERSION, v3 -, v5 ["MQTT-3.1.2-1"];
    LEVEL: UNSUPPORTED_PROTOCOL_VERSION, v3 ["MQTT-3.1.2-2"], v5 ["MQTT-3.1.2-2"];
    RESERVED_FLAG: MALFORMED_PACKET, v3 ["MQTT-3.1.2-3"], v5 ["MQTT-3.1.2-3"];
    QOS_WITHOUT_WILL: MALFORMED_PACKET, v3 ["MQTT-3.1.2-13"], v5 ["MQTT-3.1.2-11"];
    RETAIN_WITHOUT_WILL: MALFORMED_PACKET, v3 ["MQTT-3.1.2-15"], v5 ["MQTT-3.1.2-13"];
    QOS_3: MALFORMED_PACKET, v3 ["MQTT-3.1.2-14"], v5 ["MQTT-3.1.2-12"];
    PASSWORD_ALONE: MALFORMED_PACKET, v3 ["MQTT-3.1.2-22"], v5 -;
    DISAGREE: MALFORMED_PACKET, v3 [], v5 [];
    EMPTY_CLIENT_ID: CLIENT_IDENTIFIER_NOT_VALID, v3 ["MQTT-3.1.3-8"], v5 -;
}

/// The Connect Flags of a packet.
fn flags_of(connect: &Connect) -> u32 {
    let will = connect
        .will
        .as_ref()
        .map_or(0, |will| WILL | u32::from(will.qos.bits()) << 3 | if will.retain { WILL_RETAIN } else { 0 });
    let when = |given: bool, flag: u32| if given { flag } else { 0 };
    will | when(connect.user_name.is_some(), USER_NAME)
        | when(connect.password.is_some(), PASSWORD)
        | when(connect.clean_start, CLEAN_START)
}

fn set_flags(value: u32) -> Edit {
    Edit::SetInteger { field: FLAGS.to_owned(), value }
}

fn set(field: &str, bytes: &'static [u8]) -> Edit {
    Edit::Set { field: field.to_owned(), bytes: bytes.into() }
}

/// 3.1.1 lets a Server serve another protocol of this name. MQIsdp is the name of MQTT 3.1.
fn protocol_name(base: &Base<'_>, mutants: &mut Mutants) {
    let Packet::Connect(_) = base.packet else { return };
    let names: [(&str, &'static [u8]); 6] = [
        ("lower-case", b"mqtt"),
        ("mixed-case", b"Mqtt"),
        ("short", b"MQT"),
        ("other", b"MQTX"),
        ("long", b"MQTTMQTT"),
        ("empty", b""),
    ];
    for (how, name) in names {
        if base.version == Version::V3_1_1 {
            mutants.either(how, || vec![set("protocol_name", name)]);
        } else {
            mutants.close(how, || vec![set("protocol_name", name)], &NAME);
        }
    }
    mutants.either("mqisdp", || vec![set("protocol_name", b"MQIsdp")]);
}

/// Level 3 is that of MQTT 3.1, and the highest bit the mark of a bridge with some brokers.
fn protocol_level(base: &Base<'_>, mutants: &mut Mutants) {
    let Packet::Connect(_) = base.packet else { return };
    let edit = |value: u32| vec![Edit::SetInteger { field: "protocol_level".to_owned(), value }];
    for level in [0, 1, 2, 6, 7, 64, 127, 255] {
        mutants.refuse_client(level, || edit(level), &LEVEL, ReasonCode::REFUSED_PROTOCOL_VERSION);
    }
    for level in [3, 0x83, 0x84, 0x85] {
        mutants.either(level, || edit(level));
    }
}

fn reserved_flag(base: &Base<'_>, mutants: &mut Mutants) {
    let Packet::Connect(connect) = base.packet else { return };
    mutants.close("", || vec![set_flags(flags_of(connect) | RESERVED)], &RESERVED_FLAG);
}

fn without_will(base: &Base<'_>, mutants: &mut Mutants) {
    let Packet::Connect(connect @ Connect { will: None, .. }) = base.packet else { return };
    for qos in 1..=3 {
        let flags = flags_of(connect) | qos << 3;
        mutants.close(format_args!("qos-{qos}"), || vec![set_flags(flags)], &QOS_WITHOUT_WILL);
    }
    mutants.close("retain", || vec![set_flags(flags_of(connect) | WILL_RETAIN)], &RETAIN_WITHOUT_WILL);
}

fn will_qos_3(base: &Base<'_>, mutants: &mut Mutants) {
    let Packet::Connect(connect @ Connect { will: Some(_), .. }) = base.packet else { return };
    mutants.close("", || vec![set_flags(flags_of(connect) | WILL_QOS)], &QOS_3);
}

fn will_flags(base: &Base<'_>, mutants: &mut Mutants) {
    let Packet::Connect(connect @ Connect { will: Some(_), .. }) = base.packet else { return };
    let rest = flags_of(connect) & !WILL_QOS & !WILL_RETAIN;
    for (qos, need) in [(0, None), (1, Some("qos1")), (2, Some("qos2"))] {
        for (how, retain) in [("", 0), ("-retain", WILL_RETAIN)] {
            let needs: Vec<&str> = need.into_iter().chain((retain > 0).then_some("retain")).collect();
            mutants.accept_where(
                format_args!("qos-{qos}{how}"),
                || vec![set_flags(rest | qos << 3 | retain)],
                &needs,
            );
        }
    }
}

/// 5.0 allows it.
fn password_alone(base: &Base<'_>, mutants: &mut Mutants) {
    let Packet::Connect(connect @ Connect { user_name: Some(_), password: Some(_), .. }) = base.packet else {
        return;
    };
    let remove = Edit::Remove { field: "user_name".to_owned() };
    let edits = vec![remove, set_flags(flags_of(connect) & !USER_NAME)];
    if base.version == Version::V5_0 {
        mutants.either("", || edits);
    } else {
        mutants.close("", || edits, &PASSWORD_ALONE);
    }
}

/// Whom a Server admits is its own affair.
fn user_name_alone(base: &Base<'_>, mutants: &mut Mutants) {
    let Packet::Connect(connect @ Connect { user_name: Some(_), password: Some(_), .. }) = base.packet else {
        return;
    };
    let remove = Edit::Remove { field: "password".to_owned() };
    mutants.either("", || vec![remove, set_flags(flags_of(connect) & !PASSWORD)]);
}

/// One flag at a time, so that there always are more or fewer fields than the flags promise.
fn flags_disagree(base: &Base<'_>, mutants: &mut Mutants) {
    let Packet::Connect(connect) = base.packet else { return };
    let flags = flags_of(connect);
    let given = [
        ("will", WILL, connect.will.is_some()),
        ("user-name", USER_NAME, connect.user_name.is_some()),
        ("password", PASSWORD, connect.password.is_some()),
    ];
    for (name, flag, is_given) in given {
        let (how, flags) = match (is_given, flag) {
            (true, WILL) => ("without", flags & !WILL & !WILL_QOS & !WILL_RETAIN),
            (true, _) => ("without", flags & !flag),
            (false, _) => ("with", flags | flag),
        };
        mutants.close(format_args!("{how}-{name}"), || vec![set_flags(flags)], &DISAGREE);
    }
}

fn keep_alive(base: &Base<'_>, mutants: &mut Mutants) {
    let Packet::Connect(_) = base.packet else { return };
    for value in [0, 1, 2, 255, 256, 65_535] {
        let field = "keep_alive".to_owned();
        mutants.accept(value, || vec![Edit::SetInteger { field, value }]);
    }
}

fn empty_client_id(base: &Base<'_>, mutants: &mut Mutants) {
    let Packet::Connect(connect) = base.packet else { return };
    let clean = vec![set("client_id", b""), set_flags(flags_of(connect) | CLEAN_START)];
    let kept = vec![set("client_id", b""), set_flags(flags_of(connect) & !CLEAN_START)];
    mutants.either("clean", || clean);
    if base.version == Version::V5_0 {
        mutants.either("kept", || kept);
    } else {
        mutants.refuse_client("kept", || kept, &EMPTY_CLIENT_ID, ReasonCode::REFUSED_IDENTIFIER);
    }
}

/// A Server must take 23 bytes (3.1.3.5 in 3.1.1, 3.1.3.1 in 5.0).
fn client_id_length(base: &Base<'_>, mutants: &mut Mutants) {
    let Packet::Connect(Connect { client_id, .. }) = base.packet else { return };
    let fill = |length: u16| vec![Edit::FillField { field: "client_id.data".to_owned(), length }];
    let is_plain = !client_id.is_empty() && client_id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if is_plain && client_id.len() < 23 {
        mutants.accept("23", || fill(23));
    }
    for length in [24, 128, 256, 1024, 65_535] {
        if client_id.len() < usize::from(length) {
            mutants.either(length, || fill(length));
        }
    }
}

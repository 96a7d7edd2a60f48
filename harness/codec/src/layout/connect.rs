//! CONNECT (3.1).

use bytes::Bytes;
use bytestring::ByteString;

use super::access::Access;
use super::properties::{Place, properties};
use super::topic;
use super::visitor::{At, Layout, at};
use crate::model::{Connect, PacketType, Will};
use crate::rule::{rules, text_rules};
use crate::{Rule, Version};

rules! {
    /// the reserved flags of a CONNECT must be 0
    RESERVED_FLAGS: FixedHeaderFlags, MALFORMED_PACKET,
        v3 ["MQTT-2.2.2-2" "MQTT-2.2.2-1" "MQTT-3.1.4-1"],
        v5 ["MQTT-2.1.3-1" "MQTT-3.1.4-1" "MQTT-4.13.1-1"];
    /// a CONNECT must hold all the fields that its flags promise
    pub(super) CUT: Cut, MALFORMED_PACKET,
        v3 ["MQTT-3.1.4-1"],
        v5 ["MQTT-3.1.4-1" "MQTT-4.13.1-1"];
    /// the Protocol Name must be MQTT
    PROTOCOL_NAME: ProtocolName, UNSUPPORTED_PROTOCOL_VERSION,
        v3 ["MQTT-3.1.2-1"],
        v5 ["MQTT-3.1.2-1" "MQTT-3.1.4-1"];
    /// the Protocol Level of 3.1.1 is 4
    PROTOCOL_LEVEL: ProtocolLevel, REFUSED_PROTOCOL_VERSION,
        v3 ["MQTT-3.1.2-2"],
        v5 [];
    /// the Protocol Version of 5.0 is 5
    PROTOCOL_VERSION: ProtocolLevel, UNSUPPORTED_PROTOCOL_VERSION,
        v3 [],
        v5 ["MQTT-3.1.2-2"];
    /// bit 0 of the Connect Flags is reserved and must be 0
    RESERVED_FLAG: ReservedBits, MALFORMED_PACKET,
        v3 ["MQTT-3.1.2-3" "MQTT-3.1.4-1"],
        v5 ["MQTT-3.1.2-3" "MQTT-3.1.4-1" "MQTT-4.13.1-1"];
    /// without Will Flag the Will QoS must be 0
    WILL_QOS_WITHOUT_WILL: FlagCombination, MALFORMED_PACKET,
        v3 ["MQTT-3.1.2-13" "MQTT-3.1.2-11" "MQTT-3.1.4-1"],
        v5 ["MQTT-3.1.2-11" "MQTT-3.1.4-1" "MQTT-4.13.1-1"];
    /// without Will Flag the Will Retain flag must be 0
    WILL_RETAIN_WITHOUT_WILL: FlagCombination, MALFORMED_PACKET,
        v3 ["MQTT-3.1.2-15" "MQTT-3.1.2-11" "MQTT-3.1.4-1"],
        v5 ["MQTT-3.1.2-13" "MQTT-3.1.4-1" "MQTT-4.13.1-1"];
    /// the Will QoS must not be 3
    WILL_QOS: QualityOfService, MALFORMED_PACKET,
        v3 ["MQTT-3.1.2-14" "MQTT-3.1.4-1"],
        v5 ["MQTT-3.1.2-12" "MQTT-3.1.4-1" "MQTT-4.13.1-1"];
    /// without User Name there must be no Password
    PASSWORD_WITHOUT_USER_NAME: FlagCombination, MALFORMED_PACKET,
        v3 ["MQTT-3.1.2-22" "MQTT-3.1.4-1"],
        v5 [];
    /// an empty Client Identifier needs Clean Session
    EMPTY_CLIENT_ID: ClientIdentifier, REFUSED_IDENTIFIER,
        v3 ["MQTT-3.1.3-8" "MQTT-3.1.3-7"],
        v5 [];
    /// the Will Topic must not be empty
    EMPTY_WILL_TOPIC: TopicName, TOPIC_NAME_INVALID,
        v3 ["MQTT-4.7.3-1" "MQTT-3.1.4-1"],
        v5 ["MQTT-4.7.3-1" "MQTT-3.1.4-1" "MQTT-4.13.1-1"];
    /// the Will Topic must not contain wildcards
    WILL_TOPIC_WILDCARD: TopicName, TOPIC_NAME_INVALID,
        v3 ["MQTT-4.7.1-1" "MQTT-3.1.4-1"],
        v5 ["MQTT-4.7.0-1" "MQTT-3.1.4-1" "MQTT-4.13.1-1"];
    /// the Will Payload that the Will Flag promises must be there in full
    WILL_PAYLOAD: Cut, MALFORMED_PACKET,
        v3 ["MQTT-3.1.2-9" "MQTT-3.1.4-1"],
        v5 ["MQTT-3.1.2-9" "MQTT-3.1.4-1" "MQTT-4.13.1-1"];
    /// the Password that its flag promises must be there in full
    PASSWORD: Cut, MALFORMED_PACKET,
        v3 ["MQTT-3.1.2-21" "MQTT-3.1.4-1"],
        v5 ["MQTT-3.1.2-19" "MQTT-3.1.4-1" "MQTT-4.13.1-1"];
    /// no field follows the Password
    TRAILING: TrailingBytes, MALFORMED_PACKET,
        v3 ["MQTT-3.1.4-1"],
        v5 ["MQTT-3.1.4-1" "MQTT-4.13.1-1"];
    /// no Password follows when its flag is 0
    TRAILING_PASSWORD: TrailingBytes, MALFORMED_PACKET,
        v3 ["MQTT-3.1.2-20" "MQTT-3.1.4-1"],
        v5 ["MQTT-3.1.2-18" "MQTT-3.1.4-1" "MQTT-4.13.1-1"];
    /// no User Name follows when its flag is 0
    TRAILING_USER_NAME: TrailingBytes, MALFORMED_PACKET,
        v3 ["MQTT-3.1.2-18" "MQTT-3.1.2-20" "MQTT-3.1.4-1"],
        v5 ["MQTT-3.1.2-16" "MQTT-3.1.2-18" "MQTT-3.1.4-1" "MQTT-4.13.1-1"];
    /// no Will, User Name or Password follows when their flags are 0
    TRAILING_WILL: TrailingBytes, MALFORMED_PACKET,
        v3 ["MQTT-3.1.2-18" "MQTT-3.1.2-11" "MQTT-3.1.2-20" "MQTT-3.1.4-1"],
        v5 ["MQTT-3.1.2-16" "MQTT-3.1.2-18" "MQTT-3.1.4-1" "MQTT-4.13.1-1"];
}

text_rules! {
    /// the Protocol Name
    PROTOCOL_NAME_TEXT:
        short v3 [] v5 [],
        text v3 ["MQTT-1.5.3-1"] v5 ["MQTT-1.5.4-1"],
        null v3 ["MQTT-1.5.3-2"] v5 ["MQTT-1.5.4-2"],
        packet v3 ["MQTT-3.1.4-1"] v5 ["MQTT-3.1.4-1" "MQTT-4.13.1-1"];
    /// the Client Identifier
    CLIENT_ID:
        short v3 ["MQTT-3.1.3-3"] v5 ["MQTT-3.1.3-3"],
        text v3 ["MQTT-3.1.3-4" "MQTT-1.5.3-1"] v5 ["MQTT-3.1.3-4" "MQTT-1.5.4-1"],
        null v3 ["MQTT-1.5.3-2" "MQTT-3.1.3-4"] v5 ["MQTT-1.5.4-2" "MQTT-3.1.3-4"],
        packet v3 ["MQTT-3.1.4-1"] v5 ["MQTT-3.1.4-1" "MQTT-4.13.1-1"];
    /// the Will Topic
    WILL_TOPIC:
        short v3 ["MQTT-3.1.2-9"] v5 ["MQTT-3.1.2-9"],
        text v3 ["MQTT-3.1.3-10" "MQTT-1.5.3-1"] v5 ["MQTT-3.1.3-11" "MQTT-1.5.4-1"],
        null v3 ["MQTT-1.5.3-2" "MQTT-4.7.3-2" "MQTT-3.1.3-10"] v5 ["MQTT-1.5.4-2" "MQTT-4.7.3-2" "MQTT-3.1.3-11"],
        packet v3 ["MQTT-3.1.4-1"] v5 ["MQTT-3.1.4-1" "MQTT-4.13.1-1"];
    /// the User Name
    USER_NAME:
        short v3 ["MQTT-3.1.2-19"] v5 ["MQTT-3.1.2-17"],
        text v3 ["MQTT-3.1.3-11" "MQTT-1.5.3-1"] v5 ["MQTT-3.1.3-12" "MQTT-1.5.4-1"],
        null v3 ["MQTT-1.5.3-2" "MQTT-3.1.3-11"] v5 ["MQTT-1.5.4-2" "MQTT-3.1.3-12"],
        packet v3 ["MQTT-3.1.4-1"] v5 ["MQTT-3.1.4-1" "MQTT-4.13.1-1"];
}

pub(super) fn connect<L: Layout>(l: &mut L, mut it: At<'_, L, Connect>) -> Result<(), L::Error> {
    l.first_byte(PacketType::Connect, |l, flags| {
        l.fixed_bits(flags, 0b1111, 0b0000, ("flags", &RESERVED_FLAGS))
    })?;
    l.remaining_length(0, |l| body(l, at!(it)))
}

fn body<L: Layout>(l: &mut L, mut it: At<'_, L, Connect>) -> Result<Option<&'static Rule>, L::Error> {
    protocol(l, at!(it))?;
    let present = l.flags("connect_flags", &CUT, |l, flags| connect_flags(l, flags, at!(it)))?;
    l.u16("keep_alive", at!(it.keep_alive), &CUT)?;
    if l.version() == Version::V5_0 {
        properties(l, "properties", Place::packet(PacketType::Connect), at!(it.properties))?;
    }
    payload(l, &present, at!(it))?;
    Ok(Some(present.trailing()))
}

/// Which fields the Connect Flags promise.
struct Present {
    will: bool,
    user_name: bool,
    password: bool,
}

impl Present {
    /// The rule on bytes after the last field: the fields that the flags deny are not there.
    const fn trailing(&self) -> &'static Rule {
        match self {
            Self { password: true, .. } => &TRAILING,
            Self { user_name: true, .. } => &TRAILING_PASSWORD,
            Self { will: true, .. } => &TRAILING_USER_NAME,
            Self { .. } => &TRAILING_WILL,
        }
    }
}

fn protocol<L: Layout>(l: &mut L, mut it: At<'_, L, Connect>) -> Result<(), L::Error> {
    l.text("protocol_name", at!(it.protocol_name), &PROTOCOL_NAME_TEXT)?;
    l.check(it.protocol_name.as_bytes() == b"MQTT".as_slice(), "protocol_name", &PROTOCOL_NAME)?;
    l.u8("protocol_level", at!(it.protocol_level), &CUT)?;
    let expected = it.protocol_level == l.version().protocol_level();
    l.check(expected, "protocol_level", &PROTOCOL_LEVEL)?;
    l.check(expected, "protocol_level", &PROTOCOL_VERSION)
}

fn connect_flags<L: Layout>(
    l: &mut L,
    flags: &mut u8,
    mut it: At<'_, L, Connect>,
) -> Result<Present, L::Error> {
    const NAME: &str = "connect_flags";

    let user_name = l.derived_bit("user_name", flags, 7, it.user_name.is_some());
    let password = l.derived_bit("password", flags, 6, it.password.is_some());
    let will = l.derived_bit("will", flags, 2, it.will.is_some());
    if let Some(mut will) = L::Access::optional(at!(it.will), will, Will::default()) {
        l.bit("will_retain", flags, 5, at!(will.retain));
        l.two_bits("will_qos", flags, 3, at!(will.qos), (NAME, &WILL_QOS))?;
    } else {
        l.check(*flags & 0b0001_1000 == 0, NAME, &WILL_QOS_WITHOUT_WILL)?;
        l.check(*flags & 0b0010_0000 == 0, NAME, &WILL_RETAIN_WITHOUT_WILL)?;
    }
    l.bit("clean_start", flags, 1, at!(it.clean_start));
    l.fixed_bits(flags, 0b0000_0001, 0, (NAME, &RESERVED_FLAG))?;
    l.check(user_name || !password, NAME, &PASSWORD_WITHOUT_USER_NAME)?;
    Ok(Present { will, user_name, password })
}

fn payload<L: Layout>(l: &mut L, present: &Present, mut it: At<'_, L, Connect>) -> Result<(), L::Error> {
    let client_id = l.position();
    l.text("client_id", at!(it.client_id), &CLIENT_ID)?;
    if let Some(will) = L::Access::optional(at!(it.will), present.will, Will::default()) {
        self::will(l, will)?;
    }
    if let Some(user_name) = L::Access::optional(at!(it.user_name), present.user_name, ByteString::new()) {
        l.text("user_name", user_name, &USER_NAME)?;
    }
    if let Some(password) = L::Access::optional(at!(it.password), present.password, Bytes::new()) {
        l.binary("password", password, &PASSWORD)?;
    }
    // Judged last: the answer is a CONNACK, and a CONNECT that is malformed further on gets none.
    let identified = it.clean_start || !it.client_id.is_empty();
    l.check_at(client_id, identified, "client_id", &EMPTY_CLIENT_ID)
}

fn will<L: Layout>(l: &mut L, mut it: At<'_, L, Will>) -> Result<(), L::Error> {
    if l.version() == Version::V5_0 {
        properties(l, "will_properties", Place::WILL, at!(it.properties))?;
    }
    l.text("will_topic", at!(it.topic), &WILL_TOPIC)?;
    l.check(!it.topic.is_empty(), "will_topic", &EMPTY_WILL_TOPIC)?;
    l.judge("will_topic", |_| topic::has_wildcard(&it.topic).then_some(&WILL_TOPIC_WILDCARD))?;
    l.binary("will_payload", at!(it.payload), &WILL_PAYLOAD)
}

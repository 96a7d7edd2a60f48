//! What a step allows the broker to do.

use bytes::Bytes;
use bytestring::ByteString;
use mqttspec_codec::StatementId;
use mqttspec_codec::model::{PacketType, ReasonCode};

use super::Place;

/// One of the things that a step allows.
#[derive(Clone, Debug)]
pub struct Alternative {
    /// What must be seen.
    pub pattern: Pattern,
    /// What it makes of the case.
    pub grade: Grade,
    /// The name under which an `observe` step records it.
    pub label: Option<String>,
    /// Where it stands.
    pub place: Place,
}

/// What matching an alternative makes of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grade {
    /// As it should be.
    Pass,
    /// Allowed by this clause, though not what a SHOULD asks for.
    Lenient(StatementId),
    /// The broker says that it does not have what the case needs.
    Unsupported,
}

/// A packet, or the end of the connection.
#[derive(Clone, Debug)]
pub enum Pattern {
    /// A packet.
    Packet(PacketPattern),
    /// The broker closes the connection.
    Closed(ClosePattern),
}

/// What a packet must look like. A field that is not named must have its default: false, 0, empty, absent.
#[derive(Clone, Debug)]
pub struct PacketPattern {
    /// Its type.
    pub packet_type: PacketType,
    /// What is said about its fields, by the names of [`facts`](crate::facts()).
    pub fields: Vec<FieldPattern>,
    /// Whether fields that are not named may be anything.
    pub rest_free: bool,
}

/// What is said about one field.
#[derive(Clone, Debug)]
pub struct FieldPattern {
    /// The field.
    pub name: String,
    /// What its value must be.
    pub value: ValuePattern,
    /// Under which name it is kept for later steps.
    pub capture: Option<Capture>,
    /// Where it stands.
    pub place: Place,
}

/// The name that a captured value gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capture(pub String);

/// What a value must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ValuePattern {
    /// This one.
    Exactly(Value),
    /// One of these.
    OneOf(Vec<Value>),
    /// None of these, and present.
    NoneOf(Vec<Value>),
    /// A number from the first to the second.
    Between(u32, u32),
    /// Not on the wire, or one of these.
    AbsentOr(Vec<Value>),
    /// Anything, but present and not the default.
    Present,
    /// The default, or not on the wire at all.
    Absent,
    /// Anything.
    Any,
    /// The Packet Identifier that the client used last.
    LastSent,
}

/// The value of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A flag.
    Flag(bool),
    /// A number, a Reason Code among them.
    Number(u32),
    /// A string; may hold placeholders in a pattern.
    Text(ByteString),
    /// Binary data.
    Bytes(Bytes),
    /// Several values in order.
    List(Vec<Value>),
}

/// How the broker may end a connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClosePattern {
    /// 5.0: the codes that describe what was wrong, for a DISCONNECT, or for a CONNACK before the client was
    /// accepted. 0x80 to 0x83 are honest as well. Empty when no packet may come before the end.
    pub reason_codes: Vec<ReasonCode>,
    /// 3.1.1: the return codes of a CONNACK that may come before the end.
    pub return_codes: Vec<ReasonCode>,
}

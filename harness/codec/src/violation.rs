//! What the decoder says of bytes that break a rule.

use std::fmt;

use crate::model::ReasonCode;
use crate::{Rule, StatementId, Version};

/// What is wrong with a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ViolationKind {
    /// The packet type is reserved.
    PacketType,
    /// Only the other end may send the packet.
    Direction,
    /// The flags of the fixed header are not those of the packet type.
    FixedHeaderFlags,
    /// A Variable Byte Integer does not end after four bytes.
    LengthTooLong,
    /// A Variable Byte Integer is longer than it need be.
    LengthNotMinimal,
    /// The packet ends before the field does.
    Cut,
    /// Bytes follow the last field.
    TrailingBytes,
    /// A string is not UTF-8.
    IllFormedUtf8,
    /// A string contains U+0000.
    NullCharacter,
    /// The Protocol Name is not that of the protocol.
    ProtocolName,
    /// The Protocol Level is not that of the version.
    ProtocolLevel,
    /// A reserved bit has the wrong value.
    ReservedBits,
    /// Two flags contradict each other.
    FlagCombination,
    /// A QoS of 3.
    QualityOfService,
    /// DUP is set on a QoS 0 PUBLISH.
    Duplicate,
    /// A Retain Handling of 3.
    RetainHandling,
    /// No Local on a Shared Subscription.
    NoLocal,
    /// The Client Identifier is empty where it must not be.
    ClientIdentifier,
    /// Session Present is set on a refusal.
    SessionPresent,
    /// The Reason Code is not defined for the packet and its sender.
    ReasonCode,
    /// The Packet Identifier is 0.
    PacketIdentifier,
    /// The Topic Name breaks the rules of Topic Names.
    TopicName,
    /// The Topic Filter breaks the rules of Topic Filters.
    TopicFilter,
    /// A list that needs an element has none.
    EmptyList,
    /// No property has the identifier.
    UndefinedProperty,
    /// The property does not belong in the packet.
    MisplacedProperty,
    /// The property stands in the packet more than once.
    RepeatedProperty,
    /// A property that must be there is not.
    MissingProperty,
    /// The value of the property is not allowed.
    PropertyValue,
}

/// The name of a field, as [`Wire`](crate::Wire) has it: `keep_alive`, `topic.length`, `properties[2].value`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct FieldName {
    element: Option<(&'static str, usize)>,
    name: &'static str,
    length: bool,
}

impl FieldName {
    pub(crate) const fn new(element: Option<(&'static str, usize)>, name: &'static str) -> Self {
        Self { element, name, length: false }
    }

    /// The length that stands before the field.
    pub(crate) const fn length(self) -> Self {
        Self { length: true, ..self }
    }

    /// The list and the index in it, when the field is an element of a list or a part of one.
    #[must_use]
    pub const fn element(&self) -> Option<(&'static str, usize)> {
        self.element
    }
}

impl fmt::Display for FieldName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((list, index)) = self.element {
            write!(f, "{list}[{index}]")?;
            if !self.name.is_empty() {
                f.write_str(".")?;
            }
        }
        f.write_str(self.name)?;
        if self.length { f.write_str(".length") } else { Ok(()) }
    }
}

impl fmt::Debug for FieldName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Bytes broke a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Violation {
    /// What is wrong.
    pub kind: ViolationKind,
    /// The field that is wrong.
    pub field: FieldName,
    /// Where the field starts, in bytes from the start of the packet.
    pub offset: usize,
    /// The rule that is broken.
    pub rule: &'static Rule,
    /// The version in which the packet was read.
    pub version: Version,
}

impl Violation {
    /// The statements that the bytes break, most specific first; never empty.
    #[must_use]
    pub const fn statements(&self) -> &'static [StatementId] {
        self.rule.statements(self.version)
    }

    /// The most specific statement that the bytes break.
    #[must_use]
    pub const fn statement(&self) -> StatementId {
        match self.statements() {
            [first, ..] => *first,
            [] => match self.version {
                Version::V3_1_1 => crate::statement!("MQTT-4.8.0-1"),
                Version::V5_0 => crate::statement!("MQTT-4.13.1-1"),
            },
        }
    }

    /// The code with which a receiver that answers the breach would answer it.
    #[must_use]
    pub const fn reason_code(&self) -> ReasonCode {
        self.rule.reason_code
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { field, offset, rule, version, .. } = self;
        write!(f, "{field} at byte {offset}: {} (MQTT {version} [{}])", rule.summary, self.statement())
    }
}

impl std::error::Error for Violation {}

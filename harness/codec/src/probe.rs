//! Who wants to know what stands where while a packet is read or written.

use crate::model::PropertyId;

/// What a field is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FieldKind {
    /// The first byte of the packet: its type and its flags.
    FirstByte,
    /// The upper four bits of the first byte.
    PacketType,
    /// The lower four bits of the first byte.
    HeaderFlags,
    /// A byte of flags.
    Flags,
    /// A byte.
    Byte,
    /// A Two Byte Integer.
    TwoByteInteger,
    /// A Four Byte Integer.
    FourByteInteger,
    /// A Variable Byte Integer.
    VariableByteInteger,
    /// A Reason Code.
    ReasonCode,
    /// A Property Identifier.
    PropertyIdentifier,
    /// The Two Byte Integer before a string or Binary Data.
    Length,
    /// The Variable Byte Integer that says how long a group or the rest of the packet is.
    VariableLength,
    /// A UTF-8 Encoded String with its length.
    Utf8String,
    /// Binary Data with its length.
    BinaryData,
    /// What a string or Binary Data consists of, without the length.
    Data,
    /// All that is left of a packet.
    Payload,
    /// The properties of a packet or of a Will, with their length.
    Properties,
    /// One property.
    Property(PropertyId),
    /// One element of another list.
    Element,
    /// Bytes that no layout knows.
    Raw,
}

/// Is told each field as it is passed. A group contains what is told between its `open` and its `close`.
pub(crate) trait Probe {
    /// A field that has no parts.
    fn leaf(&self, name: &'static str, kind: FieldKind, size: usize);
    /// One value within the byte that was told last.
    fn bits(&self, name: &'static str, value: u8);
    /// A string or Binary Data, of which `size` bytes follow the length.
    fn prefixed(&self, name: &'static str, kind: FieldKind, size: usize);
    /// A Remaining Length of `width` bytes, and what it counts.
    fn open_body(&self, width: usize);
    /// A length of `width` bytes, and what it counts.
    fn open_group(&self, name: &'static str, kind: FieldKind, width: usize);
    /// An element of the innermost group, or of a list named so.
    fn open_element(&self, list: &'static str, kind: FieldKind);
    /// The end of the innermost group or element. Who writes knows the width of its length only now.
    fn close(&self, width: usize);
}

/// Nobody.
impl Probe for () {
    #[inline(always)]
    fn leaf(&self, _: &'static str, _: FieldKind, _: usize) {}
    #[inline(always)]
    fn bits(&self, _: &'static str, _: u8) {}
    #[inline(always)]
    fn prefixed(&self, _: &'static str, _: FieldKind, _: usize) {}
    #[inline(always)]
    fn open_body(&self, _: usize) {}
    #[inline(always)]
    fn open_group(&self, _: &'static str, _: FieldKind, _: usize) {}
    #[inline(always)]
    fn open_element(&self, _: &'static str, _: FieldKind) {}
    #[inline(always)]
    fn close(&self, _: usize) {}
}

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

/// Is told each field as it is passed. Groups contain what is told between `open` and `close`.
pub(crate) trait Probe {
    /// A field that has no parts.
    fn leaf(&mut self, name: &'static str, kind: FieldKind, size: usize);
    /// One value within the byte that was told last.
    fn bits(&mut self, name: &'static str, value: u8);
    /// A string or Binary Data, of which `size` bytes follow the length.
    fn prefixed(&mut self, name: &'static str, kind: FieldKind, size: usize);
    /// A Remaining Length of `width` bytes, and what it counts.
    fn open_body(&mut self, width: usize);
    /// A length of `width` bytes, and what it counts.
    fn open_group(&mut self, name: &'static str, kind: FieldKind, width: usize);
    /// An element of the innermost group, or of a list named so.
    fn open_element(&mut self, list: &'static str, kind: FieldKind);
    /// The end of the innermost group or element. Who writes knows the width of its length only now.
    fn close(&mut self, width: usize);
}

/// Nobody.
impl Probe for () {
    #[inline(always)]
    fn leaf(&mut self, _: &'static str, _: FieldKind, _: usize) {}
    #[inline(always)]
    fn bits(&mut self, _: &'static str, _: u8) {}
    #[inline(always)]
    fn prefixed(&mut self, _: &'static str, _: FieldKind, _: usize) {}
    #[inline(always)]
    fn open_body(&mut self, _: usize) {}
    #[inline(always)]
    fn open_group(&mut self, _: &'static str, _: FieldKind, _: usize) {}
    #[inline(always)]
    fn open_element(&mut self, _: &'static str, _: FieldKind) {}
    #[inline(always)]
    fn close(&mut self, _: usize) {}
}

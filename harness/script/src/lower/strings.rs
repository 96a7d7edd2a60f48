//! Strings and bytes in their plain and long forms.

use bytes::Bytes;
use bytestring::ByteString;

use super::context::Context;
use crate::values::parse_hex;
use crate::yaml::Node;

/// The longest string or binary data that a packet can carry, in bytes (1.5.4, 1.5.6).
const LONGEST_STRING: usize = 65_535;

/// The greatest Remaining Length.
const LONGEST_PACKET: usize = 268_435_455;

impl Context<'_> {
    /// Bytes; a plain string stands for its own.
    pub(super) fn bytes(&mut self, node: &Node) -> Bytes {
        match node.text() {
            Some(text) => Bytes::copy_from_slice(text.as_bytes()),
            None => self.long_form(node),
        }
    }

    /// Bytes; a plain string is hexadecimal digits.
    pub(super) fn hex(&mut self, node: &Node) -> Bytes {
        match node.text() {
            Some(text) => parse_hex(text).unwrap_or_default().into(),
            None => self.long_form(node),
        }
    }

    /// A string, which must be UTF-8.
    pub(super) fn string(&mut self, node: &Node) -> ByteString {
        let bytes = self.bytes(node);
        if bytes.len() > LONGEST_STRING {
            self.problems.add(
                node.place,
                "this string is too long",
                format!("{} bytes; a field holds {LONGEST_STRING}", bytes.len()),
            );
        }
        ByteString::try_from(bytes).unwrap_or_else(|_| {
            self.problems.advise(
                node.place,
                "these bytes are no UTF-8",
                "a string of a packet is UTF-8",
                "leave the field well-formed, and put the bytes in its place: `override: {FIELD: {hex: ..}}`",
            );
            ByteString::new()
        })
    }

    fn long_form(&mut self, node: &Node) -> Bytes {
        let hex = node.get("hex").and_then(Node::text);
        let text = node.get("text").and_then(Node::text);
        let repeat = node.get("repeat").and_then(Node::text);
        let count = node.get("count").and_then(Node::integer).and_then(|count| usize::try_from(count).ok());
        match (hex, text, repeat, count) {
            (Some(hex), None, None, None) => parse_hex(hex).unwrap_or_default().into(),
            (None, Some(text), None, None) => Bytes::copy_from_slice(text.as_bytes()),
            (None, None, Some(text), Some(count)) => {
                if text.len().saturating_mul(count) > LONGEST_PACKET {
                    self.problems.add(
                        node.place,
                        "this is longer than any packet",
                        format!("{count} times {} bytes", text.len()),
                    );
                    return Bytes::new();
                }
                text.repeat(count).into()
            }
            _ => {
                self.problems.add(
                    node.place,
                    "this says in no form, or in several, what the bytes are",
                    "expected {hex: ..} or {text: ..} or {repeat: .., count: ..}",
                );
                Bytes::new()
            }
        }
    }
}

//! The layout of who reads packets.

mod fields;

use bytes::Bytes;
use bytestring::ByteString;

use super::judge::Judge;
use crate::layout::{self, FRAME_CUT, TYPE_0, VariableRules, forbidden};
use crate::model::{Packet, PacketType, Sender};
use crate::probe::{FieldKind, Probe};
use crate::rule::TextRules;
use crate::scan::has_any;
use crate::variable::{self, Variable};
use crate::{Context, FieldName, Rule};

/// Walks over the bytes of one packet.
///
/// Small enough to be kept in registers while a packet is read, as long as no function that is not inlined
/// takes it by reference: so a group is read by a copy.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a, J, P> {
    frame: &'a Bytes,
    /// What is left of the innermost group.
    rest: &'a [u8],
    /// Where the innermost group ends in the packet.
    end: usize,
    /// Where the field visited last starts.
    last: usize,
    /// The list element that the walk is in.
    element: Option<(&'static str, usize)>,
    context: Context,
    judge: J,
    probe: P,
}

impl<'a, J: Judge, P: Probe + Copy> Reader<'a, J, P> {
    #[inline(always)]
    pub(crate) fn new(frame: &'a Bytes, context: Context, judge: J, probe: P) -> Self {
        Self::at_start(frame, frame.len(), context, judge, probe)
    }

    /// Over the first `length` bytes of a stream.
    #[inline(always)]
    pub(crate) fn at_start(stream: &'a Bytes, length: usize, context: Context, judge: J, probe: P) -> Self {
        let rest = stream.get(..length).unwrap_or(stream);
        Self { frame: stream, rest, end: rest.len(), last: 0, element: None, context, judge, probe }
    }

    /// Reads the packet.
    #[inline(always)]
    pub(crate) fn read<T, E>(
        mut self,
        whole: impl FnOnce(Packet) -> T,
        otherwise: impl FnOnce(J::Error) -> Result<T, E>,
    ) -> Result<T, E> {
        match self.packet_type() {
            Ok(packet_type) => layout::read(self, packet_type, whole, otherwise),
            Err(error) => otherwise(error),
        }
    }

    /// The packet type that the first byte announces.
    #[inline(always)]
    fn packet_type(&mut self) -> Result<PacketType, J::Error> {
        const FIELD: FieldName = FieldName::new(None, "packet_type");

        let Some(first) = self.rest.first() else {
            return Err(self.judge.end(self.context, FIELD, 0, &FRAME_CUT));
        };
        let Some(packet_type) = PacketType::from_bits(first >> 4) else {
            return Err(self.judge.end(self.context, FIELD, 0, &TYPE_0));
        };
        if let Some(rule) = forbidden(packet_type, self.context) {
            self.judge.fail(self.context, FIELD, 0, rule)?;
            // The packet can only be read as what its proper sender means by it.
            self.context.sender = match self.context.sender {
                _ if packet_type == PacketType::Auth => self.context.sender,
                Sender::Client => Sender::Server,
                Sender::Server => Sender::Client,
            };
        }
        Ok(packet_type)
    }

    /// A rule is broken.
    #[inline(always)]
    fn fail(&self, name: &'static str, offset: usize, rule: &'static Rule) -> Result<(), J::Error> {
        self.fail_field(FieldName::new(self.element, name), offset, rule)
    }

    #[inline(always)]
    fn fail_field(&self, field: FieldName, offset: usize, rule: &'static Rule) -> Result<(), J::Error> {
        self.judge.fail(self.context, field, offset, rule)
    }

    /// Where the walk is; the next field starts here.
    #[inline(always)]
    fn start(&mut self) -> usize {
        self.last = self.end - self.rest.len();
        self.last
    }

    /// The next bytes, or the failure of the field that needs them.
    #[inline(always)]
    fn take<const N: usize>(
        &mut self,
        name: &'static str,
        kind: FieldKind,
        short: &'static Rule,
    ) -> Result<Option<[u8; N]>, J::Error> {
        let start = self.start();
        if let Some((bytes, rest)) = self.rest.split_first_chunk::<N>() {
            self.rest = rest;
            self.probe.leaf(name, kind, N);
            return Ok(Some(*bytes));
        }
        self.fail(name, start, short)?;
        self.rest = &[];
        Ok(None)
    }

    /// The bytes that a Two Byte Integer counts: where they start, and the bytes.
    #[inline(always)]
    fn prefixed(
        &mut self,
        name: &'static str,
        kind: FieldKind,
        short: impl FnOnce() -> &'static Rule,
    ) -> Result<(usize, &'a [u8]), J::Error> {
        let start = self.start();
        if let Some((length, rest)) = self.rest.split_first_chunk::<2>()
            && let Some((data, rest)) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))
        {
            self.rest = rest;
            self.probe.prefixed(name, kind, data.len());
            return Ok((start + 2, data));
        }
        self.cut_prefixed(name, start, short())
    }

    /// The bytes that there are of a field that is cut.
    #[inline(always)]
    fn cut_prefixed(
        &mut self,
        name: &'static str,
        start: usize,
        short: &'static Rule,
    ) -> Result<(usize, &'a [u8]), J::Error> {
        let Some((_, data)) = self.rest.split_first_chunk::<2>() else {
            let field = FieldName::new(self.element, name);
            self.fail_field(if self.rest.is_empty() { field } else { field.length() }, start, short)?;
            self.rest = &[];
            return Ok((start, &[]));
        };
        self.fail_field(FieldName::new(self.element, name).length(), start, short)?;
        self.rest = &[];
        Ok((start + 2, data))
    }

    /// A Variable Byte Integer, judged; its value and its width.
    #[inline(always)]
    fn variable_integer(
        &mut self,
        field: FieldName,
        rules: VariableRules,
    ) -> Result<(usize, usize), J::Error> {
        let start = self.start();
        if let Some((byte @ ..0x80, rest)) = self.rest.split_first() {
            self.rest = rest;
            return Ok((usize::from(*byte), 1));
        }
        match variable::read(self.rest) {
            Variable::Whole { value, width } => {
                if width > 4 {
                    self.fail_field(field, start, rules.too_long)?;
                } else if width > variable::width(value) {
                    self.fail_field(field, start, rules.not_minimal)?;
                }
                self.rest = self.rest.get(width..).unwrap_or_default();
                Ok((value, width))
            }
            Variable::Cut => {
                let rule = if self.rest.len() < 4 { rules.missing } else { rules.too_long };
                self.fail_field(field, start, rule)?;
                let width = self.rest.len();
                self.rest = &[];
                Ok((0, width))
            }
            Variable::Endless => Err(self.judge.end(self.context, field, start, rules.too_long)),
        }
    }

    /// A UTF-8 Encoded String, judged.
    #[inline(always)]
    fn string(
        &mut self,
        name: &'static str,
        at: &mut ByteString,
        rules: impl TextRules,
    ) -> Result<(), J::Error> {
        let (start, data) = self.prefixed(name, FieldKind::Utf8String, || &rules.text().short)?;
        // The Protocol Name is there before it is read.
        if data == at.as_bytes().as_ref() {
            return Ok(());
        }
        let text = match ByteString::try_from(self.frame.slice(start..start + data.len())) {
            Ok(text) => text,
            Err(_) => {
                self.fail(name, self.last, &rules.text().ill_formed)?;
                String::from_utf8_lossy(data).into_owned().into()
            }
        };
        fill(at, text);
        if has_any(data, [0]) {
            self.fail(name, self.last, &rules.text().null)?;
        }
        Ok(())
    }
}

/// Puts a value where a blank is. The blank owns nothing that would have to be freed.
#[inline(always)]
fn fill<T>(at: &mut T, value: T) {
    std::mem::forget(std::mem::replace(at, value));
}

//! The layout of who reads packets.

use bytes::Bytes;
use bytestring::ByteString;

use super::judge::Judge;
use crate::layout::{
    self, BYTES_AFTER_FRAME, FRAME_CUT, LENGTH_NOT_MINIMAL, LENGTH_TOO_LONG, Layout, TYPE_0, TwoBits, Unique,
    VariableRules, forbidden,
};
use crate::model::{Packet, PacketType, Property, PropertyId, ReasonCode, Sender};
use crate::probe::{FieldKind, Probe};
use crate::rule::TextRules;
use crate::scan::has_any;
use crate::variable::{self, Variable};
use crate::{Context, FieldName, Rule, Version};

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
}

/// Puts a value where a blank is. The blank owns nothing that would have to be freed.
#[inline(always)]
fn fill<T>(at: &mut T, value: T) {
    std::mem::forget(std::mem::replace(at, value));
}

impl<'a, J: Judge, P: Probe + Copy> Layout for Reader<'a, J, P> {
    type Error = J::Error;
    type Access = Unique;

    #[inline(always)]
    fn version(&self) -> Version {
        self.context.version
    }

    #[inline(always)]
    fn position(&self) -> usize {
        self.end - self.rest.len()
    }

    #[inline(always)]
    fn has_more(&self) -> bool {
        !self.rest.is_empty()
    }

    #[inline(always)]
    fn judge(
        &mut self,
        name: &'static str,
        broken: impl FnOnce(Context) -> Option<&'static Rule>,
    ) -> Result<(), J::Error> {
        match broken(self.context) {
            None => Ok(()),
            Some(rule) => self.fail(name, self.last, rule),
        }
    }

    #[inline(always)]
    fn judge_at(
        &mut self,
        offset: usize,
        name: &'static str,
        broken: impl FnOnce(Context) -> Option<&'static Rule>,
    ) -> Result<(), J::Error> {
        match broken(self.context) {
            None => Ok(()),
            Some(rule) => self.fail(name, offset, rule),
        }
    }

    #[inline(always)]
    fn first_byte(
        &mut self,
        _: PacketType,
        flags: impl FnOnce(&mut Self, &mut u8) -> Result<(), J::Error>,
    ) -> Result<(), J::Error> {
        let Some([first]) = self.take("first_byte", FieldKind::FirstByte, &FRAME_CUT)? else { return Ok(()) };
        flags(self, &mut (first & 0b1111))
    }

    #[inline(always)]
    fn remaining_length(
        &mut self,
        _: usize,
        fields: impl FnOnce(&mut Self) -> Result<Option<&'static Rule>, J::Error>,
    ) -> Result<(), J::Error> {
        const NAME: &str = "remaining_length";
        const RULES: VariableRules = VariableRules {
            missing: &FRAME_CUT,
            cut: &FRAME_CUT,
            not_minimal: &LENGTH_NOT_MINIMAL,
            too_long: &LENGTH_TOO_LONG,
        };

        let (length, width) = self.variable_integer(FieldName::new(None, NAME), RULES)?;
        self.probe.open_body(width);
        if length != self.rest.len() {
            let rule = if length > self.rest.len() { &FRAME_CUT } else { &BYTES_AFTER_FRAME };
            self.fail(NAME, self.last, rule)?;
            let after = self.rest.len().saturating_sub(length);
            self.rest = self.rest.get(..length).unwrap_or(self.rest);
            self.end -= after;
        }
        let trailing = fields(self)?;
        if let (false, Some(trailing)) = (self.rest.is_empty(), trailing) {
            self.fail("trailing", self.end - self.rest.len(), trailing)?;
            self.probe.leaf("trailing", FieldKind::Raw, self.rest.len());
        }
        self.probe.close(width);
        Ok(())
    }

    #[inline(always)]
    fn group(
        &mut self,
        name: &'static str,
        rules: VariableRules,
        fields: impl FnOnce(&mut Self) -> Result<(), J::Error>,
    ) -> Result<(), J::Error> {
        let field = FieldName::new(None, name).length();
        let (length, width) = self.variable_integer(field, rules)?;
        self.probe.open_group(name, FieldKind::Properties, width);
        let (inside, after) = match self.rest.split_at_checked(length) {
            Some(split) => split,
            None => {
                self.fail_field(field, self.last, rules.cut)?;
                (self.rest, self.rest.get(self.rest.len()..).unwrap_or_default())
            }
        };
        let mut group = Self { rest: inside, end: self.end - after.len(), ..*self };
        fields(&mut group)?;
        self.rest = after;
        self.probe.close(width);
        Ok(())
    }

    #[inline(always)]
    fn flags<R>(
        &mut self,
        name: &'static str,
        short: &'static Rule,
        flags: impl FnOnce(&mut Self, &mut u8) -> Result<R, J::Error>,
    ) -> Result<R, J::Error> {
        let [mut byte] = self.take(name, FieldKind::Flags, short)?.unwrap_or_default();
        flags(self, &mut byte)
    }

    #[inline(always)]
    fn bit(&mut self, name: &'static str, flags: &mut u8, position: u8, at: &mut bool) {
        *at = self.derived_bit(name, flags, position, false);
    }

    #[inline(always)]
    fn derived_bit(&mut self, name: &'static str, flags: &mut u8, position: u8, _: bool) -> bool {
        let bit = *flags >> position & 1;
        self.probe.bits(name, bit);
        bit == 1
    }

    #[inline(always)]
    fn two_bits<T: TwoBits + 'static>(
        &mut self,
        name: &'static str,
        flags: &mut u8,
        position: u8,
        at: &mut T,
        (field, undefined): (&'static str, &'static Rule),
    ) -> Result<(), J::Error> {
        let bits = *flags >> position & 0b11;
        self.probe.bits(name, bits);
        *at = match T::from_bits(bits) {
            Some(value) => value,
            None => {
                self.fail(field, self.last, undefined)?;
                T::FALLBACK
            }
        };
        Ok(())
    }

    #[inline(always)]
    fn fixed_bits(
        &mut self,
        flags: &mut u8,
        mask: u8,
        value: u8,
        (field, rule): (&'static str, &'static Rule),
    ) -> Result<(), J::Error> {
        self.check(*flags & mask == value, field, rule)
    }

    #[inline(always)]
    fn u8(&mut self, name: &'static str, at: &mut u8, short: &'static Rule) -> Result<(), J::Error> {
        *at = self.take(name, FieldKind::Byte, short)?.map_or(0, u8::from_be_bytes);
        Ok(())
    }

    #[inline(always)]
    fn u16(&mut self, name: &'static str, at: &mut u16, short: &'static Rule) -> Result<(), J::Error> {
        *at = self.take(name, FieldKind::TwoByteInteger, short)?.map_or(0, u16::from_be_bytes);
        Ok(())
    }

    #[inline(always)]
    fn u32(&mut self, name: &'static str, at: &mut u32, short: &'static Rule) -> Result<(), J::Error> {
        *at = self.take(name, FieldKind::FourByteInteger, short)?.map_or(0, u32::from_be_bytes);
        Ok(())
    }

    #[inline(always)]
    fn variable(&mut self, name: &'static str, at: &mut u32, rules: VariableRules) -> Result<(), J::Error> {
        let (value, width) = self.variable_integer(FieldName::new(self.element, name), rules)?;
        self.probe.leaf(name, FieldKind::VariableByteInteger, width);
        *at = u32::try_from(value).unwrap_or(u32::MAX);
        Ok(())
    }

    #[inline(always)]
    fn reason_code(
        &mut self,
        name: &'static str,
        at: &mut ReasonCode,
        short: &'static Rule,
    ) -> Result<(), J::Error> {
        let [code] = self.take(name, FieldKind::ReasonCode, short)?.unwrap_or_default();
        *at = ReasonCode(code);
        Ok(())
    }

    #[inline(always)]
    fn text(
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

    #[inline(always)]
    fn binary(&mut self, name: &'static str, at: &mut Bytes, short: &'static Rule) -> Result<(), J::Error> {
        let (start, data) = self.prefixed(name, FieldKind::BinaryData, || short)?;
        fill(at, self.frame.slice(start..start + data.len()));
        Ok(())
    }

    #[inline(always)]
    fn payload(&mut self, name: &'static str, at: &mut Bytes) {
        let start = self.start();
        self.probe.leaf(name, FieldKind::Payload, self.rest.len());
        fill(at, self.frame.slice(start..self.end));
        self.rest = &[];
    }

    #[inline(always)]
    fn elements<T: 'static>(
        &mut self,
        list: &'static str,
        at: &mut Vec<T>,
        blank: impl Fn() -> T,
        mut element: impl FnMut(&mut Self, &mut T) -> Result<(), J::Error>,
    ) -> Result<(), J::Error> {
        while !self.rest.is_empty() {
            self.element = Some((list, at.len()));
            self.probe.open_element(list, FieldKind::Element);
            let mut value = blank();
            element(self, &mut value)?;
            at.push(value);
            self.probe.close(0);
        }
        self.element = None;
        Ok(())
    }

    #[inline(always)]
    fn properties(
        &mut self,
        list: &'static str,
        at: &mut Vec<Property>,
        undefined: &'static Rule,
        mut property: impl FnMut(&mut Self, PropertyId, &mut Property) -> Result<(), J::Error>,
    ) -> Result<(), J::Error> {
        if !self.rest.is_empty() {
            // A guess that is right for most packets and never much for few bytes.
            at.reserve((self.rest.len() / 4 + 1).min(8));
        }
        while let Some((id, rest)) = self.rest.split_first() {
            self.element = Some((list, at.len()));
            let start = self.start();
            let Some(id) = PropertyId::from_byte(*id) else {
                self.probe.open_element(list, FieldKind::Element);
                self.probe.leaf("id", FieldKind::PropertyIdentifier, 1);
                self.fail("id", start, undefined)?;
                self.probe.leaf("unread", FieldKind::Raw, rest.len());
                self.probe.close(0);
                self.rest = &[];
                break;
            };
            self.probe.open_element(list, FieldKind::Property(id));
            self.probe.leaf("id", FieldKind::PropertyIdentifier, 1);
            self.rest = rest;
            let mut value = Property::blank(id);
            property(self, id, &mut value)?;
            at.push(value);
            self.probe.close(0);
        }
        self.element = None;
        Ok(())
    }
}

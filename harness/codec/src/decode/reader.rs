//! The layout of who reads packets.

use bytes::Bytes;
use bytestring::ByteString;

use crate::variable::{self, Variable};
use crate::layout::{
    self, BYTES_AFTER_FRAME, FRAME_CUT, LENGTH_NOT_MINIMAL, LENGTH_TOO_LONG, Layout, TYPE_0, TwoBits, Unique,
    VariableRules, forbidden,
};
use crate::model::{Packet, PacketType, Property, PropertyId, ReasonCode, Sender};
use crate::probe::{FieldKind, Probe};
use crate::rule::TextRules;
use crate::{Context, FieldName, Rule, Version, Violation};

/// Walks over the bytes of one packet.
pub(crate) struct Reader<'a, P> {
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
    tolerate: &'a dyn Fn(&Violation) -> bool,
    probe: P,
}

impl<'a, P: Probe> Reader<'a, P> {
    #[inline]
    pub(crate) fn new(
        frame: &'a Bytes,
        context: Context,
        tolerate: &'a dyn Fn(&Violation) -> bool,
        probe: P,
    ) -> Self {
        Self {
            frame,
            rest: frame,
            end: frame.len(),
            last: 0,
            element: None,
            context,
            tolerate,
            probe,
        }
    }

    /// Reads the packet. It is filled where it is returned: moving one costs a tenth of reading it.
    #[inline(always)]
    pub(crate) fn packet(&mut self) -> Result<Packet, Violation> {
        let mut result = Ok(Packet::PingReq);
        if let Err(violation) = self.fill(&mut result) {
            result = Err(violation);
        }
        result
    }

    #[inline(always)]
    fn fill(&mut self, result: &mut Result<Packet, Violation>) -> Result<(), Violation> {
        let packet_type = self.packet_type()?;
        *result = Ok(layout::blank(packet_type, self.context.version));
        match result {
            Ok(packet) => layout::read(self, packet),
            Err(_) => Ok(()),
        }
    }

    /// What was told of the fields.
    pub(crate) fn into_probe(self) -> P {
        self.probe
    }

    /// The packet type that the first byte announces.
    fn packet_type(&mut self) -> Result<PacketType, Violation> {
        let Some(first) = self.rest.first() else {
            let violation = self.violation(FieldName::new(None, "packet_type"), 0, &FRAME_CUT);
            return Err(violation);
        };
        let Some(packet_type) = PacketType::from_bits(first >> 4) else {
            return Err(self.violation(FieldName::new(None, "packet_type"), 0, &TYPE_0));
        };
        if let Some(rule) = forbidden(packet_type, self.context) {
            self.fail("packet_type", 0, rule)?;
            // The packet can only be read as what its proper sender means by it.
            self.context.sender = match self.context.sender {
                _ if packet_type == PacketType::Auth => self.context.sender,
                Sender::Client => Sender::Server,
                Sender::Server => Sender::Client,
            };
        }
        Ok(packet_type)
    }

    fn violation(&self, field: FieldName, offset: usize, rule: &'static Rule) -> Violation {
        Violation { kind: rule.kind, field, offset, rule, version: self.context.version }
    }

    /// A rule is broken: goes on if the version has no such rule, or if that is tolerated.
    #[cold]
    #[inline(never)]
    fn fail(&self, name: &'static str, offset: usize, rule: &'static Rule) -> Result<(), Violation> {
        self.fail_field(FieldName::new(self.element, name), offset, rule)
    }

    #[cold]
    #[inline(never)]
    fn fail_field(&self, field: FieldName, offset: usize, rule: &'static Rule) -> Result<(), Violation> {
        if rule.statements(self.context.version).is_empty() {
            return Ok(());
        }
        let violation = self.violation(field, offset, rule);
        if (self.tolerate)(&violation) { Ok(()) } else { Err(violation) }
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
    ) -> Result<Option<[u8; N]>, Violation> {
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
    ) -> Result<(usize, &'a [u8]), Violation> {
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
    #[cold]
    fn cut_prefixed(
        &mut self,
        name: &'static str,
        start: usize,
        short: &'static Rule,
    ) -> Result<(usize, &'a [u8]), Violation> {
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
    ) -> Result<(usize, usize), Violation> {
        let start = self.start();
        if let Some((byte @ ..0x80, rest)) = self.rest.split_first() {
            self.rest = rest;
            return Ok((usize::from(*byte), 1));
        }
        self.long_variable_integer(field, start, rules)
    }

    fn long_variable_integer(
        &mut self,
        field: FieldName,
        start: usize,
        rules: VariableRules,
    ) -> Result<(usize, usize), Violation> {
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
            Variable::Endless => Err(self.violation(field, start, rules.too_long)),
        }
    }
}

impl<'a, P: Probe> Layout for Reader<'a, P> {
    type Error = Violation;
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
    ) -> Result<(), Violation> {
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
    ) -> Result<(), Violation> {
        match broken(self.context) {
            None => Ok(()),
            Some(rule) => self.fail(name, offset, rule),
        }
    }

    #[inline(always)]
    fn first_byte(
        &mut self,
        _: PacketType,
        flags: impl FnOnce(&mut Self, &mut u8) -> Result<(), Violation>,
    ) -> Result<(), Violation> {
        let Some([first]) = self.take("first_byte", FieldKind::FirstByte, &FRAME_CUT)? else { return Ok(()) };
        flags(self, &mut (first & 0b1111))
    }

    #[inline(always)]
    fn remaining_length(
        &mut self,
        _: usize,
        fields: impl FnOnce(&mut Self) -> Result<Option<&'static Rule>, Violation>,
    ) -> Result<(), Violation> {
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
        fields: impl FnOnce(&mut Self) -> Result<(), Violation>,
    ) -> Result<(), Violation> {
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
        let end = self.end;
        self.rest = inside;
        self.end -= after.len();
        fields(self)?;
        self.rest = after;
        self.end = end;
        self.probe.close(width);
        Ok(())
    }

    #[inline(always)]
    fn flags<R>(
        &mut self,
        name: &'static str,
        short: &'static Rule,
        flags: impl FnOnce(&mut Self, &mut u8) -> Result<R, Violation>,
    ) -> Result<R, Violation> {
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
    ) -> Result<(), Violation> {
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
    ) -> Result<(), Violation> {
        self.check(*flags & mask == value, field, rule)
    }

    #[inline(always)]
    fn u8(&mut self, name: &'static str, at: &mut u8, short: &'static Rule) -> Result<(), Violation> {
        *at = self.take(name, FieldKind::Byte, short)?.map_or(0, u8::from_be_bytes);
        Ok(())
    }

    #[inline(always)]
    fn u16(&mut self, name: &'static str, at: &mut u16, short: &'static Rule) -> Result<(), Violation> {
        *at = self.take(name, FieldKind::TwoByteInteger, short)?.map_or(0, u16::from_be_bytes);
        Ok(())
    }

    #[inline(always)]
    fn u32(&mut self, name: &'static str, at: &mut u32, short: &'static Rule) -> Result<(), Violation> {
        *at = self.take(name, FieldKind::FourByteInteger, short)?.map_or(0, u32::from_be_bytes);
        Ok(())
    }

    #[inline(always)]
    fn variable(
        &mut self,
        name: &'static str,
        at: &mut u32,
        rules: VariableRules,
    ) -> Result<(), Violation> {
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
    ) -> Result<(), Violation> {
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
    ) -> Result<(), Violation> {
        let (start, data) = self.prefixed(name, FieldKind::Utf8String, || &rules.text().short)?;
        *at = match ByteString::try_from(self.frame.slice(start..start + data.len())) {
            Ok(text) => text,
            Err(_) => {
                self.fail(name, self.last, &rules.text().ill_formed)?;
                String::from_utf8_lossy(data).into_owned().into()
            }
        };
        if data.contains(&0) {
            self.fail(name, self.last, &rules.text().null)?;
        }
        Ok(())
    }

    #[inline(always)]
    fn binary(&mut self, name: &'static str, at: &mut Bytes, short: &'static Rule) -> Result<(), Violation> {
        let (start, data) = self.prefixed(name, FieldKind::BinaryData, || short)?;
        *at = self.frame.slice(start..start + data.len());
        Ok(())
    }

    #[inline(always)]
    fn payload(&mut self, name: &'static str, at: &mut Bytes) {
        let start = self.start();
        self.probe.leaf(name, FieldKind::Payload, self.rest.len());
        *at = self.frame.slice(start..self.end);
        self.rest = &[];
    }

    #[inline(always)]
    fn elements<T: 'static>(
        &mut self,
        list: &'static str,
        at: &mut Vec<T>,
        blank: impl Fn() -> T,
        mut element: impl FnMut(&mut Self, &mut T) -> Result<(), Violation>,
    ) -> Result<(), Violation> {
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
        mut property: impl FnMut(&mut Self, PropertyId, &mut Property) -> Result<(), Violation>,
    ) -> Result<(), Violation> {
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

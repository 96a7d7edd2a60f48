//! The layout of who writes packets.

use std::convert::Infallible;

use bytes::{BufMut, Bytes, BytesMut};
use bytestring::ByteString;

use crate::layout::{Layout, Shared, TwoBits, VariableRules};
use crate::model::{PacketType, Property, PropertyId, ReasonCode};
use crate::probe::{FieldKind, Probe};
use crate::rule::TextRules;
use crate::variable;
use crate::{Context, Rule, Version};

/// Appends the bytes of one packet. Nothing is judged.
pub(crate) struct Writer<'a, P> {
    out: &'a mut BytesMut,
    version: Version,
    probe: P,
}

impl<'a, P: Probe> Writer<'a, P> {
    #[inline]
    pub(crate) fn new(out: &'a mut BytesMut, version: Version, probe: P) -> Self {
        Self { out, version, probe }
    }

    /// Writes a Variable Byte Integer before what `fields` write, which it counts; returns its width. The
    /// fields are moved when they turn out longer than `hint`.
    #[inline(always)]
    fn counted<R>(&mut self, hint: usize, fields: impl FnOnce(&mut Self) -> R) -> (R, usize) {
        let start = self.out.len();
        let guess = variable::width(hint);
        self.out.put_bytes(0, guess);
        let result = fields(self);
        let length = self.out.len() - start - guess;
        let width = variable::width(length);
        if width > guess {
            self.out.put_bytes(0, width - guess);
            self.out.copy_within(start + guess..start + guess + length, start + width);
        }
        if let Some(bytes) = self.out.get_mut(start..start + width) {
            variable::write(length, bytes);
        }
        (result, width)
    }

    #[inline(always)]
    fn prefixed(&mut self, name: &'static str, kind: FieldKind, data: &[u8]) {
        self.out.put_u16(u16::try_from(data.len()).unwrap_or(u16::MAX));
        self.out.put_slice(data);
        self.probe.prefixed(name, kind, data.len());
    }
}

impl<'a, P: Probe> Layout for Writer<'a, P> {
    type Error = Infallible;
    type Access = Shared;

    #[inline(always)]
    fn version(&self) -> Version {
        self.version
    }

    #[inline(always)]
    fn position(&self) -> usize {
        self.out.len()
    }

    #[inline(always)]
    fn has_more(&self) -> bool {
        false
    }

    #[inline(always)]
    fn judge(
        &mut self,
        _: &'static str,
        _: impl FnOnce(Context) -> Option<&'static Rule>,
    ) -> Result<(), Infallible> {
        Ok(())
    }

    #[inline(always)]
    fn judge_at(
        &mut self,
        _: usize,
        _: &'static str,
        _: impl FnOnce(Context) -> Option<&'static Rule>,
    ) -> Result<(), Infallible> {
        Ok(())
    }

    #[inline(always)]
    fn first_byte(
        &mut self,
        packet_type: PacketType,
        flags: impl FnOnce(&mut Self, &mut u8) -> Result<(), Infallible>,
    ) -> Result<(), Infallible> {
        let mut first = packet_type.bits() << 4;
        self.probe.leaf("first_byte", FieldKind::FirstByte, 1);
        flags(self, &mut first)?;
        self.out.put_u8(first);
        Ok(())
    }

    #[inline(always)]
    fn remaining_length(
        &mut self,
        hint: usize,
        fields: impl FnOnce(&mut Self) -> Result<Option<&'static Rule>, Infallible>,
    ) -> Result<(), Infallible> {
        self.out.reserve(hint);
        self.probe.open_body(0);
        let (result, width) = self.counted(hint, fields);
        self.probe.close(width);
        result.map(|_| ())
    }

    #[inline(always)]
    fn group(
        &mut self,
        name: &'static str,
        _: VariableRules,
        fields: impl FnOnce(&mut Self) -> Result<(), Infallible>,
    ) -> Result<(), Infallible> {
        self.probe.open_group(name, FieldKind::Properties, 0);
        let (result, width) = self.counted(0, fields);
        self.probe.close(width);
        result
    }

    #[inline(always)]
    fn flags<R>(
        &mut self,
        name: &'static str,
        _: &'static Rule,
        flags: impl FnOnce(&mut Self, &mut u8) -> Result<R, Infallible>,
    ) -> Result<R, Infallible> {
        let mut byte = 0;
        self.probe.leaf(name, FieldKind::Flags, 1);
        let result = flags(self, &mut byte)?;
        self.out.put_u8(byte);
        Ok(result)
    }

    #[inline(always)]
    fn bit(&mut self, name: &'static str, flags: &mut u8, position: u8, at: &bool) {
        self.derived_bit(name, flags, position, *at);
    }

    #[inline(always)]
    fn derived_bit(&mut self, name: &'static str, flags: &mut u8, position: u8, given: bool) -> bool {
        *flags |= u8::from(given) << position;
        self.probe.bits(name, u8::from(given));
        given
    }

    #[inline(always)]
    fn two_bits<T: TwoBits + 'static>(
        &mut self,
        name: &'static str,
        flags: &mut u8,
        position: u8,
        at: &T,
        _: (&'static str, &'static Rule),
    ) -> Result<(), Infallible> {
        *flags |= at.bits() << position;
        self.probe.bits(name, at.bits());
        Ok(())
    }

    #[inline(always)]
    fn fixed_bits(
        &mut self,
        flags: &mut u8,
        _: u8,
        value: u8,
        _: (&'static str, &'static Rule),
    ) -> Result<(), Infallible> {
        *flags |= value;
        Ok(())
    }

    #[inline(always)]
    fn u8(&mut self, name: &'static str, at: &u8, _: &'static Rule) -> Result<(), Infallible> {
        self.out.put_u8(*at);
        self.probe.leaf(name, FieldKind::Byte, 1);
        Ok(())
    }

    #[inline(always)]
    fn u16(&mut self, name: &'static str, at: &u16, _: &'static Rule) -> Result<(), Infallible> {
        self.out.put_u16(*at);
        self.probe.leaf(name, FieldKind::TwoByteInteger, 2);
        Ok(())
    }

    #[inline(always)]
    fn u32(&mut self, name: &'static str, at: &u32, _: &'static Rule) -> Result<(), Infallible> {
        self.out.put_u32(*at);
        self.probe.leaf(name, FieldKind::FourByteInteger, 4);
        Ok(())
    }

    #[inline(always)]
    fn variable(&mut self, name: &'static str, at: &u32, _: VariableRules) -> Result<(), Infallible> {
        let mut bytes = [0; 5];
        let value = *at as usize;
        let width = variable::width(value);
        if let Some(bytes) = bytes.get_mut(..width) {
            variable::write(value, bytes);
            self.out.put_slice(bytes);
        }
        self.probe.leaf(name, FieldKind::VariableByteInteger, width);
        Ok(())
    }

    #[inline(always)]
    fn reason_code(
        &mut self,
        name: &'static str,
        at: &ReasonCode,
        _: &'static Rule,
    ) -> Result<(), Infallible> {
        self.out.put_u8(at.0);
        self.probe.leaf(name, FieldKind::ReasonCode, 1);
        Ok(())
    }

    #[inline(always)]
    fn text(&mut self, name: &'static str, at: &ByteString, _: impl TextRules) -> Result<(), Infallible> {
        self.prefixed(name, FieldKind::Utf8String, at.as_bytes());
        Ok(())
    }

    #[inline(always)]
    fn binary(&mut self, name: &'static str, at: &Bytes, _: &'static Rule) -> Result<(), Infallible> {
        self.prefixed(name, FieldKind::BinaryData, at);
        Ok(())
    }

    #[inline(always)]
    fn payload(&mut self, name: &'static str, at: &Bytes) {
        self.out.put_slice(at);
        self.probe.leaf(name, FieldKind::Payload, at.len());
    }

    #[inline(always)]
    fn elements<T: 'static>(
        &mut self,
        list: &'static str,
        at: &Vec<T>,
        _: impl Fn() -> T,
        mut element: impl FnMut(&mut Self, &T) -> Result<(), Infallible>,
    ) -> Result<(), Infallible> {
        for value in at {
            self.probe.open_element(list, FieldKind::Element);
            element(self, value)?;
            self.probe.close(0);
        }
        Ok(())
    }

    #[inline(always)]
    fn properties(
        &mut self,
        list: &'static str,
        at: &Vec<Property>,
        _: &'static Rule,
        mut property: impl FnMut(&mut Self, PropertyId, &Property) -> Result<(), Infallible>,
    ) -> Result<(), Infallible> {
        for value in at {
            let id = value.id();
            self.probe.open_element(list, FieldKind::Property(id));
            self.out.put_u8(id as u8);
            self.probe.leaf("id", FieldKind::PropertyIdentifier, 1);
            property(self, id, value)?;
            self.probe.close(0);
        }
        Ok(())
    }
}

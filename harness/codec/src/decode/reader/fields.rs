//! What each field is to who reads.

use bytes::Bytes;
use bytestring::ByteString;

use super::super::judge::Judge;
use super::{Reader, fill};
use crate::layout::{
    BYTES_AFTER_FRAME, FRAME_CUT, LENGTH_NOT_MINIMAL, LENGTH_TOO_LONG, Layout, TwoBits, Unique, VariableRules,
};
use crate::model::{PacketType, Property, PropertyId, ReasonCode};
use crate::probe::{FieldKind, Probe};
use crate::rule::TextRules;
use crate::{Context, FieldName, Rule, Version};

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
        self.string(name, at, rules)
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

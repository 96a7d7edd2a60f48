//! What can be done at each field of a layout.

use bytes::Bytes;
use bytestring::ByteString;

use super::access::Access;
use crate::model::{PacketType, Property, PropertyId, QoS, ReasonCode, RetainHandling};
use crate::rule::TextRules;
use crate::{Context, Rule, Version};

/// A field of the model in a layout: `at!(it.keep_alive)`, or the whole for a while: `at!(it)`.
macro_rules! at {
    ($it:ident) => {
        <L::Access as $crate::layout::Access>::project(&mut $it, |it| it, |it| it)
    };
    ($it:ident . $($field:tt).+) => {
        <L::Access as $crate::layout::Access>::project(&mut $it, |it| &it.$($field).+, |it| &mut it.$($field).+)
    };
}
pub(crate) use at;

/// Values that take two bits, of which one pattern stands for none.
pub(crate) trait TwoBits: Copy {
    /// What to go on with when the pattern that stands for none is tolerated.
    const FALLBACK: Self;
    /// The value of the bits.
    fn from_bits(bits: u8) -> Option<Self>;
    /// The bits of the value.
    fn bits(self) -> u8;
}

impl TwoBits for QoS {
    const FALLBACK: Self = Self::ExactlyOnce;

    fn from_bits(bits: u8) -> Option<Self> {
        Self::from_bits(bits)
    }

    fn bits(self) -> u8 {
        Self::bits(self)
    }
}

impl TwoBits for RetainHandling {
    const FALLBACK: Self = Self::DoNotSend;

    fn from_bits(bits: u8) -> Option<Self> {
        Self::from_bits(bits)
    }

    fn bits(self) -> u8 {
        self as u8
    }
}

/// What binds a Variable Byte Integer and the group that it is the length of.
#[derive(Clone, Copy)]
pub(crate) struct VariableRules {
    /// The integer is there.
    pub(crate) missing: &'static Rule,
    /// What it counts is there.
    pub(crate) cut: &'static Rule,
    /// It uses no more bytes than it needs.
    pub(crate) not_minimal: &'static Rule,
    /// It has four bytes at most.
    pub(crate) too_long: &'static Rule,
}

/// A field of the model in a layout.
pub(crate) type At<'a, L, T> = <<L as Layout>::Access as Access>::To<'a, T>;

/// One way to walk through the fields of a packet.
///
/// `name` is the field's name within its list element or its packet. `short` is the rule that a packet
/// breaks which ends before the field does.
pub(crate) trait Layout: Sized {
    /// Why the walk stops early.
    type Error;

    /// How the model is reached: `&mut` by who reads packets, `&` by who writes them.
    type Access: Access;

    /// The version of the packet.
    fn version(&self) -> Version;

    /// Where the walk is, in bytes from the start of the packet.
    fn position(&self) -> usize;

    /// Whether the group goes on; only who reads packets can tell.
    fn has_more(&self) -> bool;

    /// Judges the field visited last: `broken` returns the rule that it breaks, if any.
    fn judge(
        &mut self,
        name: &'static str,
        broken: impl FnOnce(Context) -> Option<&'static Rule>,
    ) -> Result<(), Self::Error>;

    /// Judges the field that starts at an offset.
    fn judge_at(
        &mut self,
        offset: usize,
        name: &'static str,
        broken: impl FnOnce(Context) -> Option<&'static Rule>,
    ) -> Result<(), Self::Error>;

    /// Judges the field visited last by a plain condition.
    #[inline(always)]
    fn check(&mut self, ok: bool, name: &'static str, rule: &'static Rule) -> Result<(), Self::Error> {
        self.judge(name, |_| (!ok).then_some(rule))
    }

    /// Judges the field that starts at an offset by a plain condition.
    #[inline(always)]
    fn check_at(
        &mut self,
        offset: usize,
        ok: bool,
        name: &'static str,
        rule: &'static Rule,
    ) -> Result<(), Self::Error> {
        self.judge_at(offset, name, |_| (!ok).then_some(rule))
    }

    /// The first byte: the packet type, and the flags that the closure visits.
    fn first_byte(
        &mut self,
        packet_type: PacketType,
        flags: impl FnOnce(&mut Self, &mut u8) -> Result<(), Self::Error>,
    ) -> Result<(), Self::Error>;

    /// Remaining Length and all that it counts. `hint` is a lower bound of the length, where one is known
    /// without effort. The closure returns the rule that bytes after the last field break, if there can be any.
    fn remaining_length(
        &mut self,
        hint: usize,
        fields: impl FnOnce(&mut Self) -> Result<Option<&'static Rule>, Self::Error>,
    ) -> Result<(), Self::Error>;

    /// A length and the fields that it counts; the closure leaves nothing over.
    fn group(
        &mut self,
        name: &'static str,
        rules: VariableRules,
        fields: impl FnOnce(&mut Self) -> Result<(), Self::Error>,
    ) -> Result<(), Self::Error>;

    /// A byte of flags, which the closure visits.
    fn flags<R>(
        &mut self,
        name: &'static str,
        short: &'static Rule,
        flags: impl FnOnce(&mut Self, &mut u8) -> Result<R, Self::Error>,
    ) -> Result<R, Self::Error>;

    /// A flag that the model holds.
    fn bit(&mut self, name: &'static str, flags: &mut u8, position: u8, at: At<'_, Self, bool>);

    /// A flag that follows from the model.
    fn derived_bit(&mut self, name: &'static str, flags: &mut u8, position: u8, given: bool) -> bool;

    /// A value of two bits.
    fn two_bits<T: TwoBits + 'static>(
        &mut self,
        name: &'static str,
        flags: &mut u8,
        position: u8,
        at: At<'_, Self, T>,
        undefined: (&'static str, &'static Rule),
    ) -> Result<(), Self::Error>;

    /// Flags that have one value only.
    fn fixed_bits(
        &mut self,
        flags: &mut u8,
        mask: u8,
        value: u8,
        wrong: (&'static str, &'static Rule),
    ) -> Result<(), Self::Error>;

    /// A byte.
    fn u8(
        &mut self,
        name: &'static str,
        at: At<'_, Self, u8>,
        short: &'static Rule,
    ) -> Result<(), Self::Error>;

    /// A Two Byte Integer.
    fn u16(
        &mut self,
        name: &'static str,
        at: At<'_, Self, u16>,
        short: &'static Rule,
    ) -> Result<(), Self::Error>;

    /// A Four Byte Integer.
    fn u32(
        &mut self,
        name: &'static str,
        at: At<'_, Self, u32>,
        short: &'static Rule,
    ) -> Result<(), Self::Error>;

    /// A Variable Byte Integer.
    fn variable(
        &mut self,
        name: &'static str,
        at: At<'_, Self, u32>,
        rules: VariableRules,
    ) -> Result<(), Self::Error>;

    /// A Reason Code.
    fn reason_code(
        &mut self,
        name: &'static str,
        at: At<'_, Self, ReasonCode>,
        short: &'static Rule,
    ) -> Result<(), Self::Error>;

    /// A UTF-8 Encoded String.
    fn text(
        &mut self,
        name: &'static str,
        at: At<'_, Self, ByteString>,
        rules: impl TextRules,
    ) -> Result<(), Self::Error>;

    /// Binary Data.
    fn binary(
        &mut self,
        name: &'static str,
        at: At<'_, Self, Bytes>,
        short: &'static Rule,
    ) -> Result<(), Self::Error>;

    /// All that is left of the packet.
    fn payload(&mut self, name: &'static str, at: At<'_, Self, Bytes>);

    /// A list that goes on to the end of its group.
    fn elements<T: 'static>(
        &mut self,
        list: &'static str,
        at: At<'_, Self, Vec<T>>,
        blank: impl Fn() -> T,
        element: impl FnMut(&mut Self, At<'_, Self, T>) -> Result<(), Self::Error>,
    ) -> Result<(), Self::Error>;

    /// A list of properties that goes on to the end of its group. After an identifier that stands for
    /// nothing no more can be read of the list.
    fn properties(
        &mut self,
        list: &'static str,
        at: At<'_, Self, Vec<Property>>,
        undefined: &'static Rule,
        property: impl FnMut(&mut Self, PropertyId, At<'_, Self, Property>) -> Result<(), Self::Error>,
    ) -> Result<(), Self::Error>;
}

//! Properties (2.2.2 in 5.0).

use super::access::{Access, Value};
use super::property_rules::{self, PropertyText};
use super::visitor::{At, Layout, at};
use crate::Context;
use crate::model::{PacketType, Properties, Property, PropertyId, Sender};

/// Where properties stand: in the variable header of a packet, or in the Will of a CONNECT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    packet_type: PacketType,
    will: bool,
}

impl Place {
    /// The Will Properties.
    pub(super) const WILL: Self = Self { packet_type: PacketType::Connect, will: true };

    /// The properties of a packet.
    pub(super) const fn packet(packet_type: PacketType) -> Self {
        Self { packet_type, will: false }
    }

    /// The packet that the properties are in.
    pub(super) const fn packet_type(self) -> PacketType {
        self.packet_type
    }

    /// Whether the properties are those of a Will.
    pub(super) const fn is_will(self) -> bool {
        self.will
    }

    const fn admits(self, id: PropertyId, sender: Sender) -> bool {
        if self.will { id.allowed_in_will() } else { id.allowed_in(self.packet_type, sender) }
    }

    /// Whether the description of a property calls a second one an error here. That of Payload Format
    /// Indicator and of Message Expiry Interval does so for the Will, but not for PUBLISH (E5-31).
    fn admits_again(self, id: PropertyId) -> bool {
        match (self.packet_type, id) {
            (PacketType::Publish, PropertyId::PayloadFormatIndicator | PropertyId::MessageExpiryInterval) => {
                true
            }
            (PacketType::Subscribe, PropertyId::SubscriptionIdentifier) => false,
            _ => !id.only_once(),
        }
    }
}

#[inline(always)]
pub(super) fn properties<L: Layout>(
    l: &mut L,
    list: &'static str,
    place: Place,
    mut it: At<'_, L, Properties>,
) -> Result<(), L::Error> {
    let rules = property_rules::of(place);
    let start = l.position();
    let mut seen = 0_u64;
    l.group(list, rules.length, |l| {
        l.properties(list, at!(it.0), rules.undefined, |l, id, mut property| {
            l.judge("id", |Context { sender, .. }| {
                (!place.admits(id, sender)).then(|| property_rules::misplaced(place, id, sender))
            })?;
            let bit = 1 << id as u8;
            if seen & bit != 0 {
                l.judge("id", |_| (!place.admits_again(id)).then(|| property_rules::repeated(place, id)))?;
            }
            seen |= bit;
            value(l, place, id, at!(property))?;
            l.judge("value", |_| property_rules::broken_value(place, &property))
        })
    })?;
    l.judge_at(start, list, |_| property_rules::missing(place, &it))
}

fn value<L: Layout>(
    l: &mut L,
    place: Place,
    id: PropertyId,
    it: At<'_, L, Property>,
) -> Result<(), L::Error> {
    const NAME: &str = "value";

    let short = property_rules::of(place).value.cut;
    let text = PropertyText { place, id };
    match L::Access::value(it) {
        Value::Byte(value) => l.u8(NAME, value, short),
        Value::TwoByteInteger(value) => l.u16(NAME, value, short),
        Value::FourByteInteger(value) => l.u32(NAME, value, short),
        Value::VariableByteInteger(value) => l.variable(NAME, value, property_rules::of(place).value),
        Value::BinaryData(value) => l.binary(NAME, value, short),
        Value::Utf8String(value) => l.text(NAME, value, text),
        Value::Utf8StringPair(mut pair) => {
            l.text("name", at!(pair.0), text)?;
            l.text(NAME, at!(pair.1), text)
        }
    }
}

//! Ways to change a well-formed packet, each with what the specification says of the result.
//!
//! An [`Operator`] walks the fields of a packet and yields [`Mutant`]s: changes to named fields with an
//! [`Expectation`], which is worked out from the specification and never from what the decoder says. Half of
//! the operators make packets that are unusual but legal, and that a receiver must take.
//!
//! Changes are given in terms of fields, not of offsets, so a mutant can be replayed on any packet that has the
//! same fields, whatever they hold.
//!
//! Left out is what one packet cannot show: limits that a Server announces in its CONNACK, Packet Identifiers in
//! use, Topic Aliases without a mapping, packets out of order.

mod acknowledgements;
mod base;
mod body;
mod connect;
mod contradiction;
mod edit;
mod expectation;
mod fixed_header;
mod mutants;
mod properties;
mod property_values;
mod publish;
mod strings;
mod subscriptions;
mod unusual;

pub use contradiction::{contradiction, contradiction_in};
pub use edit::{Cut, Edit};
pub use expectation::{Expectation, Verdict};

use bytes::Bytes;

use crate::model::Packet;
use crate::{Version, Wire, WireError};
use base::Base;
use mutants::Mutants;

/// A way to change packets.
#[derive(Debug)]
pub struct Operator {
    /// Its name, in lower case with hyphens, never changed.
    pub name: &'static str,
    /// What it does, in our own words.
    pub summary: &'static str,
    mutate: fn(&Base<'_>, &mut Mutants),
}

impl Operator {
    const fn new(name: &'static str, summary: &'static str, mutate: fn(&Base<'_>, &mut Mutants)) -> Self {
        Self { name, summary, mutate }
    }

    /// What the operator makes of a well-formed packet from a Client; nothing, where it does not apply.
    #[must_use]
    pub fn apply(&'static self, packet: &Packet, version: Version) -> Vec<Mutant> {
        self.apply_to(&Base::new(packet, version))
    }

    fn apply_to(&'static self, base: &Base<'_>) -> Vec<Mutant> {
        self.collect(base, None).into_list()
    }

    fn collect(&'static self, base: &Base<'_>, wanted: Option<usize>) -> Mutants {
        let mut mutants = Mutants::new(self, base, wanted);
        (self.mutate)(base, &mut mutants);
        mutants
    }
}

/// A changed packet.
#[derive(Clone, Debug)]
pub struct Mutant {
    /// What changed it.
    pub operator: &'static Operator,
    /// The field that was changed, and how where there is more than one way: `client_id=nul`.
    pub target: String,
    /// The changes, in order.
    pub edits: Vec<Edit>,
    /// What becomes of it.
    pub expectation: Expectation,
}

impl Mutant {
    /// The operator and the target, as in `truncated:client_id+1`: what [`mutant`] finds it by.
    #[must_use]
    pub fn label(&self) -> String {
        if self.target.is_empty() {
            self.operator.name.to_owned()
        } else {
            format!("{}:{}", self.operator.name, self.target)
        }
    }

    /// Makes the changes to a packet with the same fields.
    ///
    /// # Errors
    /// When the packet lacks a field that is to be changed.
    pub fn change(&self, wire: &mut Wire) -> Result<(), WireError> {
        self.edits.iter().try_for_each(|edit| edit.apply(wire))
    }

    /// The bytes of a packet with the changes.
    ///
    /// # Errors
    /// As for [`Mutant::change`].
    pub fn bytes(&self, packet: &Packet, version: Version) -> Result<Bytes, WireError> {
        let mut wire = Wire::of(packet, version);
        self.change(&mut wire)?;
        Ok(wire.to_bytes())
    }
}

/// All operators.
pub fn operators() -> impl Iterator<Item = &'static Operator> {
    [
        fixed_header::OPERATORS,
        body::OPERATORS,
        connect::OPERATORS,
        strings::OPERATORS,
        publish::OPERATORS,
        acknowledgements::OPERATORS,
        subscriptions::OPERATORS,
        properties::OPERATORS,
        property_values::OPERATORS,
        unusual::OPERATORS,
    ]
    .into_iter()
    .flatten()
}

/// All mutants of a well-formed packet from a Client.
#[must_use]
pub fn mutants(packet: &Packet, version: Version) -> Vec<Mutant> {
    let base = Base::new(packet, version);
    operators().flat_map(|operator| operator.apply_to(&base)).collect()
}

/// A mutant that is made alone.
#[derive(Debug)]
pub struct Picked {
    /// The mutant.
    pub mutant: Mutant,
    /// Its bytes; an error is one of the operator.
    pub bytes: Result<Bytes, WireError>,
}

/// One mutant of a well-formed packet from a Client, for much less than [`mutants`] costs. Both numbers are counted
/// round: that of the operator, which gives way to the next that applies, and that of the mutant among those of the operator.
#[must_use]
pub fn pick(packet: &Packet, version: Version, operator: usize, mutant: usize) -> Option<Picked> {
    let mut base = Base::new(packet, version);
    let first = operator.checked_rem(operators().count())?;
    let in_turn = operators().skip(first).chain(operators().take(first));
    let mutant = in_turn
        .filter_map(|operator| {
            let count = operator.collect(&base, Some(usize::MAX)).count();
            let wanted = mutant.checked_rem(count)?;
            operator.collect(&base, Some(wanted)).into_list().pop()
        })
        .next()?;
    let bytes = mutant.change(&mut base.wire).map(|()| base.wire.to_bytes());
    Some(Picked { mutant, bytes })
}

/// The mutant of a packet that goes by a label.
#[must_use]
pub fn mutant(packet: &Packet, version: Version, label: &str) -> Option<Mutant> {
    let name = label.split_once(':').map_or(label, |(name, _)| name);
    let operator = operators().find(|operator| operator.name == name)?;
    operator.apply(packet, version).into_iter().find(|mutant| mutant.label() == label)
}

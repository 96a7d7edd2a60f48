//! The target `malformed`: the operators and the strict decoder, which know the specification independently of each
//! other.

use arbitrary::{Arbitrary, Unstructured};
use mqttspec_codec::Version;
use mqttspec_codec::model::{Packet, Sender};
use mqttspec_codec::mutation::{Picked, contradiction_in, operators, pick};

use crate::legal;

/// A legal packet of a Client, and which change is made to it.
#[derive(Debug)]
pub struct ChangedPacket {
    /// The version of the packet.
    pub version: Version,
    /// The packet before the change.
    pub packet: Packet,
    /// The number of the operator that changes it, or gives way to the next that applies.
    pub operator: usize,
    /// Which of the mutants that the operator makes, counted round.
    pub mutant: usize,
}

impl<'a> Arbitrary<'a> for ChangedPacket {
    fn arbitrary(tape: &mut Unstructured<'a>) -> arbitrary::Result<Self> {
        let version = *tape.choose(&Version::ALL)?;
        let operator = tape.int_in_range(0..=operators().count() - 1)?;
        let mutant = usize::from(tape.arbitrary::<u16>()?);
        Ok(Self { version, packet: legal::packet(tape, version, Sender::Client)?, operator, mutant })
    }
}

/// Changes a packet: the strict decoder must refuse it exactly when the operator says so, and cite its statement.
///
/// # Panics
/// When the two contradict each other.
pub fn malformed(ChangedPacket { version, packet, operator, mutant }: &ChangedPacket) {
    let Some(Picked { mutant, bytes }) = pick(packet, *version, *operator, *mutant) else { return };
    if let Some(contradiction) = contradiction_in(packet, *version, &mutant, bytes) {
        panic!("{contradiction}");
    }
}

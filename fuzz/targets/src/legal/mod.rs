//! Legal packets, drawn from the tape of a fuzzer. It is the space of the codec's strategies for proptest, drawn a
//! hundred times as fast.

mod packets;
mod properties;
mod text;

use arbitrary::{Arbitrary, Unstructured};
use mqttspec_codec::Version;
use mqttspec_codec::model::{Packet, Sender};

pub(crate) use packets::packet;

/// A packet that the specification allows to be sent.
#[derive(Debug)]
pub struct LegalPacket {
    /// The version of the packet.
    pub version: Version,
    /// Who sends it.
    pub sender: Sender,
    /// The packet.
    pub packet: Packet,
}

impl<'a> Arbitrary<'a> for LegalPacket {
    fn arbitrary(tape: &mut Unstructured<'a>) -> arbitrary::Result<Self> {
        let version = *tape.choose(&Version::ALL)?;
        let sender = *tape.choose(&[Sender::Client, Sender::Server])?;
        Ok(Self { version, sender, packet: packet(tape, version, sender)? })
    }
}

//! What the clients of one session send.

mod bases;
mod enumerate;
mod generate;

use bytes::Bytes;
use mqttspec_codec::model::Packet;
use mqttspec_codec::mutation::Mutant;
use mqttspec_codec::{Version, encode};

pub use enumerate::Sessions;

/// Packets of one to four clients, in the order in which they are sent.
#[derive(Clone, Debug)]
pub struct Session {
    /// Its number under the seed.
    pub number: u64,
    /// The version that all its clients speak.
    pub version: Version,
    /// What is done, in order.
    pub steps: Vec<Step>,
}

/// One thing that a client does.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "nearly all steps send")]
pub enum Step {
    /// Sends a packet, over a new Network Connection if it has none.
    Send {
        /// The client.
        client: usize,
        /// The packet as it would be if it were well-formed.
        packet: Packet,
        /// What is changed.
        mutant: Option<Mutant>,
    },
    /// Ends its Network Connection without DISCONNECT.
    Drop {
        /// The client.
        client: usize,
    },
}

impl Step {
    /// A packet without a change.
    #[must_use]
    pub const fn send(client: usize, packet: Packet) -> Self {
        Self::Send { client, packet, mutant: None }
    }

    /// Whose step it is.
    #[must_use]
    pub const fn client(&self) -> usize {
        match self {
            Self::Send { client, .. } | Self::Drop { client } => *client,
        }
    }

    /// What changes its packet.
    #[must_use]
    pub const fn mutant(&self) -> Option<&Mutant> {
        match self {
            Self::Send { mutant, .. } => mutant.as_ref(),
            Self::Drop { .. } => None,
        }
    }

    /// The bytes that it sends; none for a change that does not fit its packet.
    #[must_use]
    pub fn bytes(&self, version: Version) -> Bytes {
        match self {
            Self::Send { packet, mutant: None, .. } => encode(packet, version),
            Self::Send { packet, mutant: Some(mutant), .. } => {
                mutant.bytes(packet, version).unwrap_or_default()
            }
            Self::Drop { .. } => Bytes::new(),
        }
    }
}

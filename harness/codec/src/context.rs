//! What a decoder has to know beside the bytes.

use crate::Version;
use crate::model::Sender;

/// The version in which a packet is to be read, and the end of the connection that sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Context {
    /// The version that the connection speaks.
    pub version: Version,
    /// Who sent the packet.
    pub sender: Sender,
}

impl Context {
    /// What a Server receives.
    #[must_use]
    pub const fn from_client(version: Version) -> Self {
        Self { version, sender: Sender::Client }
    }

    /// What a Client receives.
    #[must_use]
    pub const fn from_server(version: Version) -> Self {
        Self { version, sender: Sender::Server }
    }
}

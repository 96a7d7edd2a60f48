//! What can be wrong with a stream of packets.

use std::fmt;

use crate::Violation;

/// Why the bytes of a stream cannot become a packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FramingError {
    /// The packet breaks a rule.
    Violation(Violation),
    /// The packet is longer than the limit, both in bytes.
    TooLong {
        /// The length of the packet, with its fixed header.
        length: usize,
        /// The limit that the framer was given.
        limit: usize,
    },
}

impl From<Violation> for FramingError {
    fn from(violation: Violation) -> Self {
        Self::Violation(violation)
    }
}

impl fmt::Display for FramingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Violation(violation) => violation.fmt(f),
            Self::TooLong { length, limit } => {
                write!(f, "a packet of {length} bytes is above the limit of {limit} bytes")
            }
        }
    }
}

impl std::error::Error for FramingError {}

/// A stream ended within a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CutPacket {
    /// The bytes of the packet that are there.
    pub have: usize,
    /// The length of the whole packet, if its Remaining Length is there.
    pub want: Option<usize>,
}

impl fmt::Display for CutPacket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.want {
            Some(want) => write!(f, "the stream ends after {} of the {want} bytes of a packet", self.have),
            None => write!(f, "the stream ends {} bytes into a packet", self.have),
        }
    }
}

impl std::error::Error for CutPacket {}

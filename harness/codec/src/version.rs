//! The two protocol versions under test.

use std::fmt;
use std::str::FromStr;

/// A version of the MQTT specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Version {
    /// OASIS MQTT 3.1.1 (29 October 2014), protocol level 4.
    V3_1_1,
    /// OASIS MQTT 5.0 (7 March 2019), protocol version 5.
    V5_0,
}

impl Version {
    /// Both versions, oldest first.
    pub const ALL: [Self; 2] = [Self::V3_1_1, Self::V5_0];

    /// The byte that a CONNECT carries after the protocol name (3.1.2.2 in both versions).
    #[must_use]
    pub const fn protocol_level(self) -> u8 {
        match self {
            Self::V3_1_1 => 4,
            Self::V5_0 => 5,
        }
    }

    /// The version that a CONNECT with this protocol level speaks, if it is one of the two.
    #[must_use]
    pub const fn from_protocol_level(level: u8) -> Option<Self> {
        match level {
            4 => Some(Self::V3_1_1),
            5 => Some(Self::V5_0),
            _ => None,
        }
    }

    /// `3.1.1` or `5.0`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V3_1_1 => "3.1.1",
            Self::V5_0 => "5.0",
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The text was neither `3.1.1` nor `5.0`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownVersion(pub String);

impl fmt::Display for UnknownVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown version `{}`, expected 3.1.1 or 5.0", self.0)
    }
}

impl std::error::Error for UnknownVersion {}

impl FromStr for Version {
    type Err = UnknownVersion;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "3.1.1" => Ok(Self::V3_1_1),
            "5.0" | "5" => Ok(Self::V5_0),
            other => Err(UnknownVersion(other.to_owned())),
        }
    }
}

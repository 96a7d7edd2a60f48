//! Quality of Service (4.3).

use std::fmt;

/// A Quality of Service level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum QoS {
    /// QoS 0, delivered at most once (4.3.1).
    #[default]
    AtMostOnce = 0,
    /// QoS 1, delivered at least once (4.3.2).
    AtLeastOnce = 1,
    /// QoS 2, delivered exactly once (4.3.3).
    ExactlyOnce = 2,
}

impl QoS {
    /// The level that two bits stand for; 3 stands for none.
    #[must_use]
    pub const fn from_bits(bits: u8) -> Option<Self> {
        match bits {
            0 => Some(Self::AtMostOnce),
            1 => Some(Self::AtLeastOnce),
            2 => Some(Self::ExactlyOnce),
            _ => None,
        }
    }

    /// The two bits of the level.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self as u8
    }
}

impl fmt::Display for QoS {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.bits())
    }
}

//! Names that no two cases share: topic roots and Client Identifiers.

use std::fmt;

/// The part of all names that is unique to a run, so that two runs against one broker do not meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunName(u32);

/// Values of a run's name: four digits to the base 36.
const RUNS: u32 = 36 * 36 * 36 * 36;

impl RunName {
    /// A name made from any number; runs that start at other times should use other numbers.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        // The remainder is below 36^4, so it fits.
        Self(u32::try_from(seed % u64::from(RUNS)).unwrap_or_default())
    }
}

impl fmt::Display for RunName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Base36 { value: self.0, digits: 4 })
    }
}

/// What keeps one playing of a script apart from all others of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlayName {
    run: RunName,
    play: u32,
}

impl PlayName {
    /// The name of one playing; `play` counts through the run.
    #[must_use]
    pub const fn new(run: RunName, play: u32) -> Self {
        Self { run, play }
    }

    /// The root of all topics of the playing; always of the same length.
    #[must_use]
    pub fn topic_root(self) -> String {
        format!("mqttspec/{}/{}", self.run, Base36 { value: self.play, digits: 4 })
    }

    /// The Client Identifier of one client: 11 of the characters that every Server must accept
    /// [MQTT-3.1.3-5].
    #[must_use]
    pub fn client_id(self, client: usize) -> String {
        let client = u32::try_from(client).unwrap_or(u32::MAX);
        format!(
            "m{}{}{}",
            self.run,
            Base36 { value: self.play, digits: 4 },
            Base36 { value: client, digits: 2 }
        )
    }
}

struct Base36 {
    value: u32,
    digits: u32,
}

impl fmt::Display for Base36 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (0..self.digits).rev().try_for_each(|place| {
            let digit = self.value / 36_u32.pow(place) % 36;
            write!(f, "{}", char::from_digit(digit, 36).unwrap_or('0'))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{PlayName, RunName};

    #[test]
    fn names_are_of_fixed_length_and_apart() {
        let one = PlayName::new(RunName::new(7), 0);
        let other = PlayName::new(RunName::new(7), 1);
        assert_eq!(one.topic_root(), "mqttspec/0007/0000");
        assert_eq!(other.client_id(3), "m0007000103");
        assert_ne!(one.client_id(0), other.client_id(0));
    }
}

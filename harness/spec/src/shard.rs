//! Parts of a suite for machines that share it.

use std::fmt;
use std::str::FromStr;

use mqttspec_codec::Version;

/// One of several parts of a suite.
///
/// A case belongs to the part whose number is `hash % count + 1`, with the 64-bit FNV-1a hash of version, space and
/// id: `5.0 ping/ping/answered`. So it stays in its part whatever other cases come and go, on every machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// The number of this part, from 1.
    pub number: u32,
    /// How many parts there are.
    pub count: u32,
}

/// The text was not of the form `2/8`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidShard(pub String);

impl Shard {
    /// Whether a case belongs to this part.
    #[must_use]
    pub fn holds(self, id: &str, version: Version) -> bool {
        let name = format!("{version} {id}");
        u32::try_from(hash(&name) % u64::from(self.count)).is_ok_and(|index| index + 1 == self.number)
    }
}

/// FNV-1a, 64 bits.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

impl FromStr for Shard {
    type Err = InvalidShard;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidShard(text.to_owned());
        let (number, count) = text.split_once('/').ok_or_else(invalid)?;
        let number: u32 = number.parse().map_err(|_| invalid())?;
        let count: u32 = count.parse().map_err(|_| invalid())?;
        if (1..=count).contains(&number) { Ok(Self { number, count }) } else { Err(invalid()) }
    }
}

impl fmt::Display for InvalidShard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is no part of a suite, expected a form like 2/8: the second of eight parts", self.0)
    }
}

impl std::error::Error for InvalidShard {}

#[cfg(test)]
mod tests {
    use mqttspec_codec::Version;

    use super::{Shard, hash};

    #[test]
    fn the_hash_is_the_published_one() {
        assert_eq!(hash(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(hash("a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(hash("foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn cases_stay_where_they_are() {
        let part = |id, version| {
            (1..=8).filter(|&number| Shard { number, count: 8 }.holds(id, version)).collect::<Vec<_>>()
        };
        assert_eq!(part("ping/ping/answered", Version::V3_1_1), [8]);
        assert_eq!(part("ping/ping/answered", Version::V5_0), [8]);
        assert_eq!(part("connect/second-connect/closed", Version::V5_0), [8]);
        assert_eq!(part("errors/pingreq/refused[reserved-flags:10]", Version::V3_1_1), [3]);
    }

    #[test]
    fn only_parts_that_there_are() {
        assert_eq!("2/8".parse(), Ok(Shard { number: 2, count: 8 }));
        for text in ["0/8", "9/8", "0/0", "2", "2/", "-1/8", "2/8/1"] {
            assert!(text.parse::<Shard>().is_err(), "{text}");
        }
    }
}

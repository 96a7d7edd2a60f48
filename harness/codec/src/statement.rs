//! Names of normative statements and of rules that the specification leaves without a number.

use std::fmt;
use std::str::FromStr;

use crate::Version;

/// The id of one rule: a numbered statement such as `MQTT-3.1.2-24`, a clause of one such as
/// `MQTT-4.3.3-2/b`, or a rule that only we have numbered (`S311-02`, `S5-14`, `E5-04`).
///
/// 54 numbers mean different things in the two versions, so a reader needs a [`Citation`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StatementId(Kind);

#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Kind {
    Numbered { section: [u8; 3], number: u8, clause: u8 },
    Unnumbered { series: Series, number: u8 },
}

/// The lists of rules that the specification states without a number.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Series {
    /// SHOULD, MAY and plain normative prose of 3.1.1.
    Should311,
    /// SHOULD, MAY and plain normative prose of 5.0.
    Should5,
    /// Malformed Packet and Protocol Error conditions of 5.0.
    Error5,
}

/// Marks the missing third level of `MQTT-4.2-1`, the one id that has just two.
const NO_LEVEL: u8 = u8::MAX;

impl StatementId {
    /// Reads an id at compile time; the [`statement!`](crate::statement) macro is the way to call it.
    ///
    /// # Panics
    /// When the text is no id: in a `const`, that is a compile error.
    #[must_use]
    #[expect(clippy::panic, reason = "evaluated in const context only, where it is a compile error")]
    pub const fn literal(text: &str) -> Self {
        match Self::parse(text.as_bytes()) {
            Some(id) => id,
            None => panic!("not a statement id"),
        }
    }

    const fn parse(text: &[u8]) -> Option<Self> {
        if let Some(rest) = strip(text, b"MQTT-") {
            Self::parse_numbered(rest)
        } else if let Some(rest) = strip(text, b"S311-") {
            Self::parse_unnumbered(Series::Should311, rest)
        } else if let Some(rest) = strip(text, b"S5-") {
            Self::parse_unnumbered(Series::Should5, rest)
        } else if let Some(rest) = strip(text, b"E5-") {
            Self::parse_unnumbered(Series::Error5, rest)
        } else {
            None
        }
    }

    const fn parse_unnumbered(series: Series, text: &[u8]) -> Option<Self> {
        match number(text) {
            Some((number, [])) => Some(Self(Kind::Unnumbered { series, number })),
            _ => None,
        }
    }

    const fn parse_numbered(text: &[u8]) -> Option<Self> {
        let Some((first, rest)) = number(text) else { return None };
        let Some(rest) = strip(rest, b".") else { return None };
        let Some((second, rest)) = number(rest) else { return None };
        let (third, rest) = match strip(rest, b".") {
            Some(rest) => match number(rest) {
                Some(found) => found,
                None => return None,
            },
            None => (NO_LEVEL, rest),
        };
        let Some(rest) = strip(rest, b"-") else { return None };
        let Some((number, rest)) = number(rest) else { return None };
        let clause = match rest {
            [] => 0,
            [b'/', letter @ b'a'..=b'z'] => *letter,
            _ => return None,
        };
        Some(Self(Kind::Numbered { section: [first, second, third], number, clause }))
    }

    /// The statement that a clause belongs to; any other id is its own.
    #[must_use]
    pub const fn statement(self) -> Self {
        match self.0 {
            Kind::Numbered { section, number, .. } => Self(Kind::Numbered { section, number, clause: 0 }),
            Kind::Unnumbered { .. } => self,
        }
    }

    /// The letter of the clause, when the id names one.
    #[must_use]
    pub const fn clause(self) -> Option<char> {
        match self.0 {
            Kind::Numbered { clause: 1.., .. } => match self.0 {
                Kind::Numbered { clause, .. } => Some(clause as char),
                Kind::Unnumbered { .. } => None,
            },
            _ => None,
        }
    }

    /// The id of one clause of this statement.
    #[must_use]
    pub const fn with_clause(self, letter: char) -> Self {
        match self.0 {
            Kind::Numbered { section, number, .. } => {
                Self(Kind::Numbered { section, number, clause: letter as u8 })
            }
            Kind::Unnumbered { .. } => self,
        }
    }

    /// Whether OASIS gave the rule its number.
    #[must_use]
    pub const fn is_numbered(self) -> bool {
        matches!(self.0, Kind::Numbered { .. })
    }
}

const fn strip<'a>(text: &'a [u8], prefix: &[u8]) -> Option<&'a [u8]> {
    match (text, prefix) {
        (rest, []) => Some(rest),
        ([first, rest @ ..], [wanted, more @ ..]) if *first == *wanted => strip(rest, more),
        _ => None,
    }
}

const fn number(mut text: &[u8]) -> Option<(u8, &[u8])> {
    let mut value: u16 = 0;
    let mut digits = 0;
    while let [digit @ b'0'..=b'9', rest @ ..] = text {
        value = value * 10 + (*digit - b'0') as u16;
        if value >= NO_LEVEL as u16 {
            return None;
        }
        digits += 1;
        text = rest;
    }
    if digits == 0 { None } else { Some((value as u8, text)) }
}

impl fmt::Display for StatementId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Kind::Numbered { section: [first, second, third], number, clause } => {
                write!(f, "MQTT-{first}.{second}")?;
                if third != NO_LEVEL {
                    write!(f, ".{third}")?;
                }
                write!(f, "-{number}")?;
                if clause != 0 { write!(f, "/{}", char::from(clause)) } else { Ok(()) }
            }
            Kind::Unnumbered { series, number } => {
                let prefix = match series {
                    Series::Should311 => "S311",
                    Series::Should5 => "S5",
                    Series::Error5 => "E5",
                };
                write!(f, "{prefix}-{number:02}")
            }
        }
    }
}

impl fmt::Debug for StatementId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text does not have the form of a statement id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidStatementId(pub String);

impl fmt::Display for InvalidStatementId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is no statement id, expected a form like MQTT-3.1.2-24", self.0)
    }
}

impl std::error::Error for InvalidStatementId {}

impl FromStr for StatementId {
    type Err = InvalidStatementId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text.as_bytes()).ok_or_else(|| InvalidStatementId(text.to_owned()))
    }
}

/// A rule of one version of the specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Citation {
    /// The version whose text holds the rule.
    pub version: Version,
    /// The rule.
    pub id: StatementId,
}

impl fmt::Display for Citation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.version, self.id)
    }
}

/// A [`StatementId`] known at compile time; a text that is no id does not compile.
#[macro_export]
macro_rules! statement {
    ($text:literal) => {
        const { $crate::StatementId::literal($text) }
    };
}

#[cfg(test)]
mod tests {
    use super::StatementId;

    #[test]
    fn ids_print_as_they_are_written() {
        for text in ["MQTT-3.1.2-24", "MQTT-4.2-1", "MQTT-4.3.3-2/b", "S311-02", "S5-14", "E5-04"] {
            assert_eq!(text.parse::<StatementId>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "MQTT-", "MQTT-3.1.2", "MQTT-3-1", "MQTT-3.1.2-24/", "MQTT-3.1.2-24/A", "E5-", "X-1"]
        {
            assert!(text.parse::<StatementId>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_clause_belongs_to_its_statement() {
        let clause = statement!("MQTT-4.3.3-2/b");
        assert_eq!(clause.statement(), statement!("MQTT-4.3.3-2"));
        assert_eq!(clause.clause(), Some('b'));
        assert_eq!(statement!("MQTT-4.3.3-2").clause(), None);
    }
}

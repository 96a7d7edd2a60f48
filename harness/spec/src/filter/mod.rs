//! The filter language: which cases a selection, a baseline or a profile speaks about.
//!
//! An expression joins predicates by `and`, `or`, `not` and parentheses:
//! `id(connect/*) and not tag(slow)`. A word alone is short for one predicate: [`Filter::word`].

mod earlier;
mod error;
mod glob;
mod leaf;
mod parse;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;

use mqttspec_codec::{StatementId, Version};

pub use earlier::EarlierRun;
pub use error::FilterError;
pub use leaf::{Leaf, LeafKind};

use crate::{Registry, Standing, record};

/// An expression that chooses cases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    text: String,
    root: Expression,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Expression {
    All,
    Leaf(Leaf),
    Not(Box<Self>),
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
}

/// What a filter looks at.
#[derive(Clone, Debug)]
pub struct Subject<'a> {
    /// The id of the case.
    pub id: &'a str,
    /// The version of MQTT that it speaks.
    pub version: Version,
    /// The statements that it covers.
    pub statements: Cow<'a, [StatementId]>,
    /// Its tags.
    pub tags: &'a BTreeSet<String>,
    /// How it stood in an earlier run, if it was part of one.
    pub earlier: Option<Standing>,
}

impl<'a> Subject<'a> {
    /// The case of a record; nothing if its version is none that is known.
    #[must_use]
    pub fn of(case: &'a record::Case) -> Option<Self> {
        Some(Self {
            id: &case.id,
            version: case.version.parse().ok()?,
            statements: case.statements.iter().filter_map(|id| id.parse().ok()).collect(),
            tags: &case.tags,
            earlier: None,
        })
    }
}

impl Filter {
    /// Reads an expression.
    ///
    /// # Errors
    /// When it is none: what is wrong, where, and how to mend it.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        Ok(Self { text: text.to_owned(), root: parse::expression(text)? })
    }

    /// Reads a word: a statement, a section, `tag:WORD`, or else an id with `*` for anything. What holds a
    /// parenthesis, as no id does, is an expression.
    ///
    /// # Errors
    /// When it is an expression and not a right one.
    pub fn word(text: &str) -> Result<Self, FilterError> {
        if text.contains(['(', ')']) {
            return Self::parse(text);
        }
        Ok(Self { text: text.to_owned(), root: Expression::Leaf(Leaf::of_word(text)) })
    }

    /// Whether the filter chooses a case.
    #[must_use]
    pub fn chooses(&self, subject: &Subject<'_>, registry: &Registry) -> bool {
        self.root.chooses(subject, registry)
    }

    /// Its predicates, from left to right.
    #[must_use]
    pub fn leaves(&self) -> Vec<&Leaf> {
        let mut leaves = Vec::new();
        self.root.gather(&mut leaves);
        leaves
    }

    /// An error for who uses `verdict(..)` where there is no earlier run.
    ///
    /// # Errors
    /// When the filter asks for the verdict of an earlier run; `advice` says how to mend it.
    pub fn without_verdicts(&self, advice: &str) -> Result<(), FilterError> {
        match self.leaves().into_iter().find(|leaf| leaf.kind() == LeafKind::Verdict) {
            None => Ok(()),
            Some(leaf) => Err(FilterError {
                text: self.text.clone(),
                span: leaf.span(),
                message: "there is no earlier run whose verdicts could be asked for".to_owned(),
                label: "asks for the verdict of an earlier run".to_owned(),
                advice: Some(advice.to_owned()),
            }),
        }
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Expression {
    fn chooses(&self, subject: &Subject<'_>, registry: &Registry) -> bool {
        match self {
            Self::All => true,
            Self::Leaf(leaf) => leaf.chooses(subject, registry),
            Self::Not(inner) => !inner.chooses(subject, registry),
            Self::And(left, right) => left.chooses(subject, registry) && right.chooses(subject, registry),
            Self::Or(left, right) => left.chooses(subject, registry) || right.chooses(subject, registry),
        }
    }

    fn gather<'a>(&'a self, leaves: &mut Vec<&'a Leaf>) {
        match self {
            Self::All => {}
            Self::Leaf(leaf) => leaves.push(leaf),
            Self::Not(inner) => inner.gather(leaves),
            Self::And(left, right) | Self::Or(left, right) => {
                left.gather(leaves);
                right.gather(leaves);
            }
        }
    }
}

/// A range of bytes in the text of a filter.
type Span = Range<usize>;

#[cfg(test)]
mod tests;

//! One predicate of a filter.

use mqttspec_codec::{Citation, StatementId, Version};

use super::glob::matches;
use super::{Span, Subject};
use crate::{Level, Registry, Standing};

/// One predicate, with its place in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    predicate: Predicate,
    /// Whether it was written as a word, not as `name(value)`.
    is_word: bool,
    span: Span,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Predicate {
    Id(String),
    Statement(StatementId),
    Section(String),
    Version(Version),
    Level(Level),
    Tag(String),
    Verdict(Standing),
}

/// What a predicate looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeafKind {
    /// The id of the case, or of its family: what stands before the bracket.
    Id,
    /// A statement that it covers, with all clauses.
    Statement,
    /// A section, with all below it, that holds a statement which it covers.
    Section,
    /// The version of MQTT.
    Version,
    /// How strong a statement is that it covers.
    Level,
    /// A tag.
    Tag,
    /// The verdict of an earlier run.
    Verdict,
}

impl LeafKind {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Id, Self::Statement, Self::Section, Self::Version, Self::Level, Self::Tag, Self::Verdict];

    /// The name in the language.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Statement => "statement",
            Self::Section => "section",
            Self::Version => "version",
            Self::Level => "level",
            Self::Tag => "tag",
            Self::Verdict => "verdict",
        }
    }
}

impl Leaf {
    pub(super) const fn new(predicate: Predicate, span: Span) -> Self {
        Self { predicate, is_word: false, span }
    }

    pub(super) fn of_word(text: &str) -> Self {
        let predicate = if let Ok(id) = text.parse() {
            Predicate::Statement(id)
        } else if let Some(tag) = text.strip_prefix("tag:") {
            Predicate::Tag(tag.to_owned())
        } else if is_section(text) {
            Predicate::Section(text.to_owned())
        } else {
            Predicate::Id(text.to_owned())
        };
        Self { predicate, is_word: true, span: 0..text.len() }
    }

    /// What it looks at.
    #[must_use]
    pub const fn kind(&self) -> LeafKind {
        match self.predicate {
            Predicate::Id(_) => LeafKind::Id,
            Predicate::Statement(_) => LeafKind::Statement,
            Predicate::Section(_) => LeafKind::Section,
            Predicate::Version(_) => LeafKind::Version,
            Predicate::Level(_) => LeafKind::Level,
            Predicate::Tag(_) => LeafKind::Tag,
            Predicate::Verdict(_) => LeafKind::Verdict,
        }
    }

    /// Whether it was written as a word, not as `name(value)`.
    #[must_use]
    pub const fn is_word(&self) -> bool {
        self.is_word
    }

    /// Its place in the text, in bytes.
    #[must_use]
    pub fn span(&self) -> Span {
        self.span.clone()
    }

    /// What it compares with.
    #[must_use]
    pub fn value(&self) -> String {
        match &self.predicate {
            Predicate::Id(text) | Predicate::Section(text) | Predicate::Tag(text) => text.clone(),
            Predicate::Statement(id) => id.to_string(),
            Predicate::Version(version) => version.to_string(),
            Predicate::Level(level) => level.to_string().to_lowercase(),
            Predicate::Verdict(standing) => standing.to_string(),
        }
    }

    /// Whether it chooses a case.
    #[must_use]
    pub fn chooses(&self, subject: &Subject<'_>, registry: &Registry) -> bool {
        let any_statement = |wanted: &dyn Fn(&crate::Statement) -> bool| {
            subject
                .statements
                .iter()
                .any(|&id| registry.get(Citation { version: subject.version, id }).is_some_and(wanted))
        };
        match &self.predicate {
            Predicate::Id(pattern) => {
                matches(pattern, subject.id)
                    || subject.id.split_once('[').is_some_and(|(family, _)| matches(pattern, family))
            }
            Predicate::Section(section) => {
                any_statement(&|statement| statement.section.split(", ").any(|of| is_within(of, section)))
            }
            Predicate::Level(Level::Must) => any_statement(&|statement| statement.level.is_binding()),
            Predicate::Level(level) => any_statement(&|statement| statement.level == *level),
            Predicate::Statement(wanted) => subject.statements.iter().any(|id| match wanted.clause() {
                Some(_) => id == wanted,
                None => id.statement() == *wanted,
            }),
            Predicate::Version(version) => subject.version == *version,
            Predicate::Tag(tag) => subject.tags.contains(tag),
            Predicate::Verdict(standing) => subject.earlier == Some(*standing),
        }
    }
}

/// Whether a text is the number of a section.
pub(super) fn is_section(text: &str) -> bool {
    text.split('.').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

fn is_within(section: &str, outer: &str) -> bool {
    section.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::{Leaf, LeafKind, is_within};

    #[test]
    fn a_section_holds_those_below_it() {
        assert!(is_within("3.1.2.11", "3.1"));
        assert!(is_within("3.1", "3.1"));
        assert!(!is_within("3.12", "3.1"));
    }

    #[test]
    fn words_are_told_apart() {
        for (word, kind) in [
            ("3.1.2", LeafKind::Section),
            ("connect/*", LeafKind::Id),
            ("tag:slow", LeafKind::Tag),
            ("MQTT-3.1.0-2", LeafKind::Statement),
        ] {
            assert_eq!(Leaf::of_word(word).kind(), kind, "{word}");
        }
    }
}

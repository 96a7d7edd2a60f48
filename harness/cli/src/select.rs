//! Chooses cases by id, section, statement or tag.

use std::collections::BTreeSet;
use std::fmt;

use mqttspec_codec::{Citation, StatementId, Version};
use mqttspec_script::plan::Case;
use mqttspec_spec::Registry;

/// One word of a selection.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Term {
    /// A pattern of ids, in which `*` stands for anything.
    Id(String),
    /// A section and all below it.
    Section(String),
    /// A statement, with all its clauses.
    Statement(StatementId),
    /// A tag.
    Tag(String),
}

impl Term {
    fn parse(text: &str) -> Self {
        if let Ok(id) = text.parse() {
            return Self::Statement(id);
        }
        if let Some(tag) = text.strip_prefix("tag:") {
            return Self::Tag(tag.to_owned());
        }
        let is_section =
            text.split('.').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
        if is_section { Self::Section(text.to_owned()) } else { Self::Id(text.to_owned()) }
    }

    fn chooses(&self, case: &Case, registry: &Registry) -> bool {
        match self {
            Self::Id(pattern) => {
                matches(pattern, &case.id)
                    || case.id.split_once('[').is_some_and(|(family, _)| matches(pattern, family))
            }
            Self::Section(section) => case.covers.iter().any(|&id| {
                registry
                    .get(Citation { version: case.version, id })
                    .is_some_and(|statement| statement.section.split(", ").any(|of| is_within(of, section)))
            }),
            Self::Statement(wanted) => case.covers.iter().any(|id| match wanted.clause() {
                Some(_) => id == wanted,
                None => id.statement() == *wanted,
            }),
            Self::Tag(tag) => case.tags.contains(tag),
        }
    }
}

fn is_within(section: &str, outer: &str) -> bool {
    section.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Whether a text has the form of a pattern in which `*` stands for anything.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((start, rest)) => text.strip_prefix(start).is_some_and(|text| {
            text.char_indices()
                .map(|(index, _)| index)
                .chain([text.len()])
                .any(|index| text.get(index..).is_some_and(|tail| matches(rest, tail)))
        }),
    }
}

/// The selection chose nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NothingSelected {
    unmatched: Vec<(String, Option<String>)>,
}

impl fmt::Display for NothingSelected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no case was selected")?;
        for (term, guess) in &self.unmatched {
            write!(f, "\n  `{term}` chooses no case")?;
            if let Some(guess) = guess {
                write!(f, ", did you mean `{guess}`?")?;
            }
        }
        f.write_str("\n  `mqttspec list` shows all cases")
    }
}

/// Chosen cases, and the words of the selection that chose none, with a guess.
#[derive(Debug)]
pub(crate) struct Selected {
    pub(crate) cases: Vec<Case>,
    pub(crate) unmatched: Vec<(String, Option<String>)>,
}

/// Chooses the cases that any term chooses; all when there is no term.
pub(crate) fn select(
    cases: Vec<Case>,
    terms: &[String],
    version: Option<Version>,
    registry: &Registry,
) -> Result<Selected, NothingSelected> {
    let parsed: Vec<Term> = terms.iter().map(|text| Term::parse(text)).collect();
    let unmatched: Vec<(String, Option<String>)> = terms
        .iter()
        .zip(&parsed)
        .filter(|(_, term)| !cases.iter().any(|case| term.chooses(case, registry)))
        .map(|(text, _)| (text.clone(), closest(text, &cases)))
        .collect();
    let chosen: Vec<Case> = cases
        .into_iter()
        .filter(|case| version.is_none_or(|version| case.version == version))
        .filter(|case| parsed.is_empty() || parsed.iter().any(|term| term.chooses(case, registry)))
        .collect();
    if chosen.is_empty() {
        Err(NothingSelected { unmatched })
    } else {
        Ok(Selected { cases: chosen, unmatched })
    }
}

/// The id, family, statement or tag that is closest to a word, if any is close.
fn closest(text: &str, cases: &[Case]) -> Option<String> {
    let mut names: BTreeSet<String> = BTreeSet::new();
    for case in cases {
        names.insert(case.id.split('[').next().unwrap_or_default().to_owned());
        names.insert(format!("{}/*", case.id.split('/').next().unwrap_or_default()));
        names.extend(case.covers.iter().map(ToString::to_string));
        names.extend(case.tags.iter().map(|tag| format!("tag:{tag}")));
    }
    let within = text.chars().count() / 3 + 1;
    names
        .into_iter()
        .map(|name| (distance(text, &name), name))
        .filter(|(distance, _)| *distance <= within)
        .min()
        .map(|(_, name)| name)
}

/// The number of characters to insert, remove or replace to get from one text to the other.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (index, character) in from.chars().enumerate() {
        let mut before = index;
        let mut next = vec![index + 1];
        for (place, other) in to.iter().enumerate() {
            let above = row.get(place + 1).copied().unwrap_or_default();
            let left = next.last().copied().unwrap_or_default();
            let replaced = before + usize::from(character != *other);
            next.push(replaced.min(above + 1).min(left + 1));
            before = above;
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Term, distance, is_within, matches};

    #[test]
    fn a_star_stands_for_anything() {
        assert!(matches("connect/*", "connect/second-connect"));
        assert!(matches("*second*", "connect/second-connect"));
        assert!(matches("connect/second-connect", "connect/second-connect"));
        assert!(!matches("connect", "connect/second-connect"));
        assert!(!matches("connect/*x", "connect/second-connect"));
    }

    #[test]
    fn a_section_holds_those_below_it() {
        assert!(is_within("3.1.2.11", "3.1"));
        assert!(is_within("3.1", "3.1"));
        assert!(!is_within("3.12", "3.1"));
    }

    #[test]
    fn words_are_told_apart() {
        assert_eq!(Term::parse("3.1.2"), Term::Section("3.1.2".to_owned()));
        assert_eq!(Term::parse("connect/*"), Term::Id("connect/*".to_owned()));
        assert_eq!(Term::parse("tag:slow"), Term::Tag("slow".to_owned()));
        assert!(matches!(Term::parse("MQTT-3.1.0-2"), Term::Statement(_)));
    }

    #[test]
    fn distances_count_edits() {
        assert_eq!(distance("conect", "connect"), 1);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", "abc"), 0);
    }
}

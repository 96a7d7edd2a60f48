//! Chooses cases.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use mqttspec_codec::StatementId;
use mqttspec_script::plan::Case;
use mqttspec_spec::filter::{Leaf, LeafKind};
use mqttspec_spec::{Filter, Registry, Standing, Subject, nearest};

use crate::guess;
use crate::selection::Selection;

/// The selection chose nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NothingSelected {
    unmatched: Vec<String>,
}

impl fmt::Display for NothingSelected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no case was selected")?;
        for words in &self.unmatched {
            write!(f, "\n  {words}")?;
        }
        f.write_str("\n  `mqttspec list` shows all cases")
    }
}

/// Chosen cases.
#[derive(Debug)]
pub(crate) struct Selected {
    pub(crate) cases: Vec<Case>,
    /// Whether they are all that there are.
    pub(crate) is_whole: bool,
    /// What to say about predicates that choose no case at all.
    pub(crate) unmatched: Vec<String>,
}

/// Chooses the cases that fit all that a selection says.
pub(crate) fn select(
    cases: Vec<Case>,
    selection: &Selection,
    registry: &Registry,
) -> Result<Selected, NothingSelected> {
    let unmatched = unmatched(&cases, selection, registry);
    let count = cases.len();
    let cases: Vec<Case> = cases.into_iter().filter(|case| is_chosen(case, selection, registry)).collect();
    if cases.is_empty() {
        Err(NothingSelected { unmatched })
    } else {
        Ok(Selected { is_whole: cases.len() == count, cases, unmatched })
    }
}

fn is_chosen(case: &Case, selection: &Selection, registry: &Registry) -> bool {
    let subject = subject(case, selection);
    let any = |filters: &[Filter]| {
        filters.is_empty() || filters.iter().any(|filter| filter.chooses(&subject, registry))
    };
    selection.version.is_none_or(|version| case.version == version)
        && selection.shard.is_none_or(|shard| shard.holds(&case.id, case.version))
        && (!selection.only_failed || subject.earlier.is_some_and(Standing::is_bad))
        && any(&selection.words)
        && any(&selection.filters)
}

fn subject<'a>(case: &'a Case, selection: &Selection) -> Subject<'a> {
    Subject {
        id: &case.id,
        version: case.version,
        statements: Cow::Borrowed(&case.covers),
        tags: &case.tags,
        earlier: selection.earlier.as_ref().and_then(|run| run.standing(&case.id, case.version)),
    }
}

/// Predicates that choose no case, each with a guess what was meant.
fn unmatched(cases: &[Case], selection: &Selection, registry: &Registry) -> Vec<String> {
    let leaves = selection.words.iter().chain(&selection.filters).flat_map(Filter::leaves);
    let chooses_none =
        |leaf: &&Leaf| !cases.iter().any(|case| leaf.chooses(&subject(case, selection), registry));
    leaves
        .filter(chooses_none)
        .map(|leaf| {
            let shown = |value: &str| match (leaf.is_word(), leaf.kind()) {
                (true, LeafKind::Tag) => format!("tag:{value}"),
                (true, _) => value.to_owned(),
                (false, kind) => format!("{}({value})", kind.as_str()),
            };
            let mut words = format!("`{}` chooses no case", shown(&leaf.value()));
            if leaf.is_word() && leaf.value().ends_with(".yaml") {
                words.push_str(", give a file of cases by `--cases`");
            } else if let Some(guess) = closest(leaf, cases) {
                words.push_str(&format!(", did you mean `{}`?", shown(&guess)));
            }
            words
        })
        .collect()
}

/// The value that is closest to that of a predicate, if any is close.
fn closest(leaf: &Leaf, cases: &[Case]) -> Option<String> {
    let value = leaf.value();
    match leaf.kind() {
        LeafKind::Id => guess::cases(&value, cases.iter().map(|case| case.id.as_str())),
        LeafKind::Statement => {
            let covered: BTreeSet<StatementId> =
                cases.iter().flat_map(|case| case.covers.iter().copied()).collect();
            guess::statement(&value, covered).map(|id| id.to_string())
        }
        LeafKind::Tag => {
            let tags: BTreeSet<&str> =
                cases.iter().flat_map(|case| case.tags.iter().map(String::as_str)).collect();
            nearest(&value, tags).map(str::to_owned)
        }
        LeafKind::Section | LeafKind::Version | LeafKind::Level | LeafKind::Verdict => None,
    }
}

/// How many cases a selection chooses.
pub(crate) fn count(cases: &[Case], selection: &Selection, registry: &Registry) -> usize {
    cases.iter().filter(|case| is_chosen(case, selection, registry)).count()
}

//! Compares a run with a baseline.

use std::collections::BTreeSet;

use super::{Baseline, Entry, signature};
use crate::record::{BaselineResult, Case, Expectation, Foreseen, Run, RunEnd, StaleEntry};
use crate::{Registry, Standing, Subject, Verdict};

/// Whether a run could have shown that an entry speaks about nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All cases of the suite were selected.
    Whole,
    /// Some were left out, perhaps those that an entry speaks about.
    Part,
}

/// The entries of a baseline that hold for the broker under test.
#[derive(Clone, Debug)]
pub struct Accepted<'a> {
    pub(super) baseline: &'a Baseline,
    pub(super) entries: Vec<&'a Entry>,
}

impl<'a> Accepted<'a> {
    /// Whether an entry holds for the version of the broker.
    #[must_use]
    pub fn holds(&self, entry: &Entry) -> bool {
        self.entries.iter().any(|one| std::ptr::eq(*one, entry))
    }

    /// The entry that speaks about a case: the first that chooses it.
    #[must_use]
    pub fn entry(&self, case: &Case, registry: &Registry) -> Option<&'a Entry> {
        let subject = Subject::of(case)?;
        self.entries.iter().copied().find(|entry| entry.filter.chooses(&subject, registry))
    }

    /// What was expected of a case, and what there is to say about it.
    #[must_use]
    pub fn expectation(&self, case: &Case, registry: &Registry) -> (Expectation, Option<Foreseen>) {
        let standing = Standing::of(case);
        let Some(entry) = self.entry(case, registry) else {
            return if standing.is_bad() {
                let advice = format!(
                    "this {} is not in the baseline: mend the broker, or add an entry to {} (mqttspec baseline write \
                     makes one)",
                    noun(standing),
                    self.baseline.file
                );
                (Expectation::Unexpected, Some(Foreseen { advice: Some(advice), ..Foreseen::default() }))
            } else {
                (Expectation::Expected, None)
            };
        };
        let place = self.baseline.place(entry);
        let (expectation, advice) = match (entry.verdict, standing) {
            // The case was not put to the test, so nothing speaks against the entry.
            (_, Standing::Settled(Verdict::Skipped | Verdict::Unsupported)) => {
                return (Expectation::Expected, None);
            }
            (Standing::Flaky, _) => (Expectation::Expected, None),
            (foreseen, seen) if foreseen == seen => match other_signature(entry, case) {
                None => (Expectation::Expected, None),
                Some(seen) => (
                    Expectation::Unexpected,
                    Some(format!(
                        "the baseline foresees {} in another way ({}), seen was `{seen}`: look whether the broker does \
                         something new; if that is known too, add the signature to {place}",
                        noun(foreseen),
                        entry
                            .signatures
                            .iter()
                            .map(|one| format!("`{one}`"))
                            .collect::<Vec<_>>()
                            .join(" or "),
                    )),
                ),
            },
            (foreseen, seen) if seen.is_bad() => (
                Expectation::Unexpected,
                Some(format!(
                    "the baseline foresees {foreseen}, not {seen}: look what has changed, then mend the broker or {place}"
                )),
            ),
            (foreseen, seen) => (
                Expectation::Stale,
                Some(format!(
                    "the baseline foresees {foreseen}, but the broker is better now ({seen}): take the case out of the \
                     filter at {place}, or the whole entry if this was the last of its cases"
                )),
            ),
        };
        let foreseen = Foreseen {
            entry: Some(place),
            reason: Some(entry.reason.clone()),
            issue: entry.issue.clone(),
            advice,
        };
        (expectation, Some(foreseen))
    }

    /// Writes into a record what was expected of its cases, and which entries speak about none.
    pub fn judge(&self, run: &mut Run, registry: &Registry, scope: Scope) {
        let mut used: BTreeSet<u32> = BTreeSet::new();
        for case in &mut run.cases {
            used.extend(self.entry(case, registry).map(|entry| entry.line));
            let (expectation, foreseen) = self.expectation(case, registry);
            case.expectation = Some(expectation);
            case.foreseen = foreseen;
        }
        let is_telling = scope == Scope::Whole && run.end == RunEnd::Complete;
        let stale = self.entries.iter().filter(|entry| is_telling && !used.contains(&entry.line));
        run.baseline = Some(BaselineResult {
            file: self.baseline.file.clone(),
            stale: stale
                .map(|entry| StaleEntry {
                    entry: self.baseline.place(entry),
                    filter: entry.filter.to_string(),
                    advice: "the entry speaks about no case of the suite, or about none that an earlier entry leaves to \
                             it: mend its filter, or take it out"
                        .to_owned(),
                })
                .collect(),
        });
    }
}

/// The signature of a case, when it is none of those that the entry names.
fn other_signature(entry: &Entry, case: &Case) -> Option<String> {
    let seen = signature(case);
    (!entry.signatures.is_empty() && !entry.signatures.contains(&seen)).then_some(seen)
}

fn noun(standing: Standing) -> &'static str {
    match standing {
        Standing::Settled(Verdict::Fail) => "failure",
        Standing::Flaky => "flaky verdict",
        Standing::Settled(_) => "verdict",
    }
}

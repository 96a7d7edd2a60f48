//! One of the records that are compared.

use std::collections::BTreeMap;

use mqttspec_spec::record::Run;

use crate::evidence::Evidence;

/// A record with a name of its own.
pub(super) struct Contender<'a> {
    /// What the columns are called: the broker's name, and when the run began if the name alone is not unique.
    pub(super) label: String,
    /// The broker without its version: records of one family are of the same broker.
    pub(super) family: String,
    pub(super) run: &'a Run,
    pub(super) evidence: Evidence<'a>,
}

impl<'a> Contender<'a> {
    pub(super) fn of(runs: &'a [Run]) -> Vec<Self> {
        let mut names: BTreeMap<String, usize> = BTreeMap::new();
        for run in runs {
            *names.entry(name(run)).or_default() += 1;
        }
        let mut labels: BTreeMap<String, usize> = BTreeMap::new();
        let mut contenders = Vec::new();
        for run in runs {
            let mut label = name(run);
            if names.get(&label).is_some_and(|&count| count > 1) {
                label = format!("{label}, {}", run.started);
            }
            let count = labels.entry(label.clone()).or_default();
            *count += 1;
            if *count > 1 {
                label = format!("{label} ({count})");
            }
            contenders.push(Self { label, family: family(run), run, evidence: Evidence::of(run) });
        }
        contenders
    }

    /// The families, in the order in which they were given.
    pub(super) fn families(contenders: &[Self]) -> Vec<&str> {
        let mut families: Vec<&str> = Vec::new();
        for contender in contenders {
            if !families.contains(&contender.family.as_str()) {
                families.push(&contender.family);
            }
        }
        families
    }
}

/// The broker's name with its version, unless the name has it already.
fn name(run: &Run) -> String {
    let name = &run.broker.name;
    match &run.broker.version {
        Some(version) if !name.contains(version.as_str()) => format!("{name} {version}"),
        _ => name.clone(),
    }
}

/// The words of the name before the first that begins like a version.
fn family(run: &Run) -> String {
    let name = &run.broker.name;
    let is_version = |word: &str| word.trim_start_matches('v').starts_with(|c: char| c.is_ascii_digit());
    let words: Vec<&str> = name.split_whitespace().take_while(|word| !is_version(word)).collect();
    // An address begins with a digit as well, and is a name of its own.
    if words.is_empty() { name.clone() } else { words.join(" ") }
}

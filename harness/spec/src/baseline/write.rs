//! Makes a baseline from the record of a run.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::signature;
use crate::Standing;
use crate::record::{Case, Run, RunEnd};

/// Lines of the file are broken behind this column where they can be.
const WIDTH: usize = 110;

/// A run from which no baseline can be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NothingToWrite;

impl fmt::Display for NothingToWrite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "the run broke off before its end: a baseline made from it would foresee what nobody has seen",
        )
    }
}

impl std::error::Error for NothingToWrite {}

/// A baseline, as YAML, that foresees what a run has found: one entry for each family of cases that failed in the
/// same way. Without a reason it has a place to fill in for each entry, and cannot be used before.
///
/// # Errors
/// When the run broke off.
pub fn write(run: &Run, reason: Option<&str>) -> Result<String, NothingToWrite> {
    if run.end != RunEnd::Complete {
        return Err(NothingToWrite);
    }
    let mut groups: BTreeMap<(&str, &str, Standing, String), Vec<&str>> = BTreeMap::new();
    for case in run.cases.iter().filter(|case| Standing::of(case).is_bad()) {
        let standing = Standing::of(case);
        let signature = if standing == Standing::Flaky { String::new() } else { signature(case) };
        let key = (case.version.as_str(), family(&case.id), standing, signature);
        groups.entry(key).or_default().push(&case.id);
    }
    let mut text = format!(
        "# Known deviations of {}: what `mqttspec run --baseline` takes for expected.\n",
        one_line(&run.broker.name)
    );
    if groups.is_empty() {
        text.push_str("[]\n");
    }
    for ((version, family, standing, signature), ids) in groups {
        let chosen: BTreeSet<&str> = ids.into_iter().collect();
        let patterns = patterns(&chosen, family, version, &run.cases);
        text.push_str(&entry(version, &patterns, standing, &signature, reason));
    }
    Ok(text)
}

fn entry(
    version: &str,
    patterns: &BTreeSet<String>,
    standing: Standing,
    signature: &str,
    reason: Option<&str>,
) -> String {
    let ids: Vec<String> = patterns.iter().map(|pattern| format!("id({pattern})")).collect();
    let all = ids.join(" or ");
    let mut text = match ids.as_slice() {
        [id] => format!("- filter: version({version}) and {id}\n"),
        _ if all.len() < WIDTH => format!("- filter: version({version}) and ({all})\n"),
        _ => format!("- filter: |\n    version({version}) and (\n    {})\n", ids.join(" or\n    ")),
    };
    text.push_str(&format!("  verdict: {standing}\n"));
    if !signature.is_empty() {
        text.push_str(&format!("  signature: {}\n", quoted(signature)));
    }
    match reason {
        Some(reason) => text.push_str(&format!("  reason: {}\n", quoted(&one_line(reason)))),
        None => text.push_str("  reason:\n"),
    }
    text
}

fn quoted(text: &str) -> String {
    let is_plain = text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.chars().all(|one| one.is_ascii_alphanumeric() || " -./;".contains(one))
        && text.contains(' ')
        && !text.ends_with(' ');
    if is_plain { text.to_owned() } else { format!("'{}'", text.replace('\'', "''")) }
}

fn one_line(text: &str) -> String {
    text.chars().map(|one| if one.is_control() { ' ' } else { one }).collect()
}

/// What stands before the labels of an expanded case.
fn family(id: &str) -> &str {
    id.split('[').next().unwrap_or(id)
}

/// The shortest patterns that choose these cases of a family and none of the others.
fn patterns(chosen: &BTreeSet<&str>, family: &str, version: &str, cases: &[Case]) -> BTreeSet<String> {
    let others: Vec<&str> = cases
        .iter()
        .filter(|case| case.version == version && self::family(&case.id) == family)
        .map(|case| case.id.as_str())
        .filter(|id| !chosen.contains(id))
        .collect();
    if others.is_empty() {
        return BTreeSet::from([family.to_owned()]);
    }
    let shortest = |id: &str| {
        id.match_indices([':', ','])
            .filter_map(|(at, _)| id.get(..=at))
            .find(|start| !others.iter().any(|other| other.starts_with(start)))
            .map_or_else(|| id.to_owned(), |start| format!("{start}*]"))
    };
    // A pattern for a single case says less than its id.
    let mut by_pattern: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for id in chosen {
        by_pattern.entry(shortest(id)).or_default().push(id);
    }
    let name = |(pattern, ids): (String, Vec<&str>)| match ids.as_slice() {
        [id] => (*id).to_owned(),
        _ => pattern,
    };
    by_pattern.into_iter().map(name).collect()
}

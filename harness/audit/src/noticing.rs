//! Which cases notice anything. That each switch has a case which notices it says nothing of the other cases: one that
//! no broken broker makes fail may prove less than its title says.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use mqttspec_broker::{Fault, Rules};
use mqttspec_codec::{Citation, Version};
use mqttspec_engine::Outcome;
use mqttspec_script::plan::Case;
use mqttspec_spec::{Registry, Verdict};
use serde::Serialize;

use crate::audit::{Baseline, Switch, kill, names, side_by_side};
use crate::configurations::Named;
use crate::in_virtual_time::{Verdicts, against_reference};

/// The families of the suite that are known to have cases that notice nothing, with the reasons.
pub const NOTICING_NOTHING: &str = include_str!("../noticing-nothing.txt");

/// Which cases notice nothing, and which faults are noticed by none of them.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Noticing {
    /// How many cases can fail, as they do more than record a choice.
    pub judging: usize,
    /// Families with the version, and those of their cases that notice nothing.
    pub nothing: BTreeMap<String, BTreeSet<String>>,
    /// The faults that none of the cases noticed that were left for them.
    pub idle_faults: Vec<String>,
}

/// A line of the list of known families.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The version and the family.
    pub family: String,
    /// How many of its cases notice nothing.
    pub cases: usize,
}

/// How the cases that notice nothing differ from the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unlisted {
    /// Families of which more cases notice nothing than the list says, with both numbers.
    pub more: Vec<(String, usize, usize)>,
    /// Families of which fewer do, so that the list has to shrink.
    pub fewer: Vec<(String, usize, usize)>,
}

impl Noticing {
    /// How many cases notice nothing.
    #[must_use]
    pub fn total(&self) -> usize {
        self.nothing.values().map(BTreeSet::len).sum()
    }

    /// Compares with the lines of a list.
    #[must_use]
    pub fn against(&self, list: &str) -> Unlisted {
        let listed: BTreeMap<String, usize> =
            list.lines().filter_map(Listed::parse).map(|line| (line.family, line.cases)).collect();
        let families: BTreeSet<&String> = self.nothing.keys().chain(listed.keys()).collect();
        let mut unlisted = Unlisted::default();
        for family in families {
            let found = self.nothing.get(family).map_or(0, BTreeSet::len);
            let known = listed.get(family).copied().unwrap_or_default();
            let entry = (family.clone(), found, known);
            match found.cmp(&known) {
                std::cmp::Ordering::Greater => unlisted.more.push(entry),
                std::cmp::Ordering::Less => unlisted.fewer.push(entry),
                std::cmp::Ordering::Equal => {}
            }
        }
        unlisted
    }
}

impl Listed {
    /// Reads `VERSION FAMILY NUMBER`; absent for reasons, which begin with `#`, and for empty lines.
    #[must_use]
    pub fn parse(line: &str) -> Option<Self> {
        if line.starts_with('#') {
            return None;
        }
        let (family, cases) = line.trim().rsplit_once(' ')?;
        Some(Self { family: family.to_owned(), cases: cases.parse().ok()? })
    }
}

/// A case, by version and id.
type Key = (Version, String);

fn key(case: &Case) -> Key {
    (case.version, case.id.clone())
}

/// Searches for the cases that notice nothing: what no switch made fail so far is put to the broker in the other
/// configurations in which it can be played, and then to the faults.
pub(crate) fn search(
    cases: &[Arc<Case>],
    registry: &Arc<Registry>,
    configurations: &[Named],
    intact: &[(&'static str, Verdicts)],
    switches: &[Switch],
    threads: usize,
) -> io::Result<Noticing> {
    let judging: BTreeSet<Key> = intact
        .iter()
        .flat_map(|(_, verdicts)| verdicts)
        .filter(|(_, outcome)| !matches!(outcome.verdict, Verdict::Info))
        .map(|(case, _)| key(case))
        .collect();
    let killers: BTreeSet<Key> = switches
        .iter()
        .filter_map(|switch| Some((switch.citation()?.version, switch)))
        .flat_map(|(version, switch)| switch.killers.iter().map(move |killer| (version, killer.clone())))
        .collect();
    let left: Mutex<BTreeSet<Key>> = Mutex::new(judging.difference(&killers).cloned().collect());
    if let Some((_, default)) = intact.first() {
        for (named, (_, verdicts)) in configurations.iter().zip(intact) {
            again(cases, registry, named, (default, verdicts), switches, &left, threads)?;
        }
    }
    let idle = faults(cases, registry, configurations, intact, &left, threads)?;
    let mut nothing: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (version, id) in left.into_inner().unwrap_or_else(PoisonError::into_inner) {
        let family = format!("{version} {}", id.split('[').next().unwrap_or_default());
        nothing.entry(family).or_default().insert(id);
    }
    Ok(Noticing { judging: judging.len(), nothing, idle_faults: idle })
}

/// The cases that are left.
fn those(left: &Mutex<BTreeSet<Key>>, cases: &[Arc<Case>]) -> Vec<Arc<Case>> {
    let left = left.lock().unwrap_or_else(PoisonError::into_inner);
    cases.iter().filter(|case| left.contains(&key(case))).cloned().collect()
}

fn take(left: &Mutex<BTreeSet<Key>>, case: &Case) {
    left.lock().unwrap_or_else(PoisonError::into_inner).remove(&key(case));
}

/// Plays the switches once more for the cases that are left: in the default, where more than a fail counts now, and
/// in the configurations in which they go another way.
fn again(
    cases: &[Arc<Case>],
    registry: &Arc<Registry>,
    named: &Named,
    (default, verdicts): (&Verdicts, &Verdicts),
    switches: &[Switch],
    left: &Mutex<BTreeSet<Key>>,
    threads: usize,
) -> io::Result<()> {
    let verdict_of = |verdicts: &Verdicts| -> BTreeMap<Key, Verdict> {
        verdicts.iter().map(|(case, outcome)| (key(case), outcome.verdict)).collect()
    };
    let (by_default, here) = (verdict_of(default), verdict_of(verdicts));
    let baseline = Baseline::of(verdicts);
    let is_default = std::ptr::eq(default, verdicts);
    let differing: Vec<Arc<Case>> = those(left, cases)
        .into_iter()
        .filter(|case| {
            let verdict = here.get(&key(case));
            verdict.is_some() && (is_default || verdict != by_default.get(&key(case)))
        })
        .collect();
    side_by_side(switches, threads, |switch| {
        let Some(citation) = switch.citation() else { return Ok(()) };
        let covering: Vec<Arc<Case>> = differing
            .iter()
            .filter(|case| case.version == citation.version)
            .filter(|case| case.covers.iter().any(|&covered| names(covered, citation.id)))
            .cloned()
            .collect();
        if covering.is_empty() {
            return Ok(());
        }
        for (case, outcome) in against_reference(&covering, registry, named, &Rules::without([citation]))? {
            if is_worse(&case, &outcome, &baseline)
                || kill(citation, &case, &outcome, &baseline, registry).is_some()
            {
                take(left, &case);
            }
        }
        Ok(())
    })?;
    Ok(())
}

/// Plays the faults, and gives those that nothing noticed.
fn faults(
    cases: &[Arc<Case>],
    registry: &Arc<Registry>,
    configurations: &[Named],
    intact: &[(&'static str, Verdicts)],
    left: &Mutex<BTreeSet<Key>>,
    threads: usize,
) -> io::Result<Vec<String>> {
    let cases = those(left, cases);
    let baselines: Vec<Baseline> = intact.iter().map(|(_, verdicts)| Baseline::of(verdicts)).collect();
    // The default comes first; the others are for what it cannot play.
    let mut played: BTreeSet<Key> = BTreeSet::new();
    let mut by_configuration: Vec<(&Named, &Baseline, Vec<Arc<Case>>)> = Vec::new();
    for ((named, (_, verdicts)), baseline) in configurations.iter().zip(intact).zip(&baselines) {
        let here: BTreeSet<Key> = verdicts
            .iter()
            .filter(|(_, outcome)| !matches!(outcome.verdict, Verdict::Unsupported))
            .map(|(case, _)| key(case))
            .collect();
        let new: Vec<Arc<Case>> = cases
            .iter()
            .filter(|case| here.contains(&key(case)) && !played.contains(&key(case)))
            .cloned()
            .collect();
        played.extend(new.iter().map(|case| key(case)));
        by_configuration.push((named, baseline, new));
    }
    let noticed = side_by_side(Fault::ALL, threads, |&fault| {
        let mut is_noticed = false;
        for (named, baseline, cases) in &by_configuration {
            let rules = Rules::with_fault(fault);
            for (case, outcome) in against_reference(cases, registry, named, &rules)? {
                if notices(&case, &outcome, baseline, registry) {
                    is_noticed = true;
                    take(left, &case);
                }
            }
        }
        Ok(is_noticed)
    })?;
    let idle = Fault::ALL.iter().zip(noticed).filter(|(_, is_noticed)| !is_noticed);
    Ok(idle.map(|(fault, _)| fault.to_string()).collect())
}

/// Whether a case that passes on the intact broker is lenient now, where that is the worst that it can be.
fn is_worse(case: &Case, outcome: &Outcome, baseline: &Baseline) -> bool {
    outcome.verdict == Verdict::Lenient && baseline.differs(case, outcome)
}

/// Whether a case fails by a rule that it covers, or turns lenient.
fn notices(case: &Case, outcome: &Outcome, baseline: &Baseline, registry: &Registry) -> bool {
    is_worse(case, outcome, baseline)
        || case.covers.iter().any(|&covered| {
            let citation = Citation { version: case.version, id: covered };
            kill(citation, case, outcome, baseline, registry).is_some()
        })
}

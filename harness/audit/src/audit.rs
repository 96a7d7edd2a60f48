//! The audit: the suite against the intact broker in every configuration, and against the broker with one switch
//! after the other turned off.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use mqttspec_broker::{Rules, switches};
use mqttspec_codec::{Citation, StatementId, Version, statement};
use mqttspec_engine::Outcome;
use mqttspec_script::plan::Case;
use mqttspec_spec::{Level, Registry, Verdict};
use serde::Serialize;

use crate::configurations::{Named, configurations};
use crate::in_virtual_time::{Verdicts, against_reference};
use crate::noticing::{self, Noticing};

/// What an audit found out.
#[derive(Clone, Debug, Serialize)]
pub struct Audit {
    /// How many cases hold on the intact broker, by configuration.
    pub intact: Vec<Intact>,
    /// Each switch, in the order of version and id.
    pub switches: Vec<Switch>,
    /// The cases that notice no switch that they cover, and no fault.
    pub noticing: Noticing,
}

/// The suite on the intact broker in one configuration.
#[derive(Clone, Debug, Serialize)]
pub struct Intact {
    /// The configuration.
    pub configuration: &'static str,
    /// The number of cases that were played; the broker says itself that it lacks what the others need.
    pub played: usize,
    /// Cases that do not hold, with why.
    pub broken: Vec<String>,
}

/// One switch, and the cases that notice that it is off.
#[derive(Clone, Debug, Serialize)]
pub struct Switch {
    /// Version and id of the statement or clause.
    pub statement: String,
    /// How many cases cover it.
    pub covering: usize,
    /// How it was noticed.
    pub killed: Option<Kill>,
    /// The cases that noticed it.
    pub killers: Vec<String>,
    /// In which configuration.
    pub configuration: Option<&'static str>,
}

impl Switch {
    /// The statement or clause.
    #[must_use]
    pub fn citation(&self) -> Option<Citation> {
        let (version, id) = self.statement.split_once(' ')?;
        Some(Citation { version: version.parse().ok()?, id: id.parse().ok()? })
    }
}

/// How a switch that is off was noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kill {
    /// A covering case fails and cites the statement.
    Failed,
    /// A covering case is lenient and cites a SHOULD: the rule is no more than that.
    Lenient,
    /// A covering case records another choice: the rule is a freedom.
    Recorded,
}

/// Clauses that hold no more than a recommendation, though their statement has a number: the DISCONNECT before a
/// close is a SHOULD (4.13 of 5.0).
const RECOMMENDED: [Citation; 2] = [
    Citation { version: Version::V5_0, id: statement!("MQTT-3.1.4-3/a") },
    Citation { version: Version::V5_0, id: statement!("MQTT-3.14.1-1/b") },
];

/// Which rules of the reference broker an audit breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Every rule that has a switch: the cases are meant to notice all.
    Whole,
    /// Those that the cases cover: a folder of somebody's own is about no others.
    Covered,
}

/// Does the audit, on as many threads as are asked for.
///
/// # Errors
/// When no runtime can be made.
pub fn audit(
    cases: &[Arc<Case>],
    registry: &Arc<Registry>,
    extent: Extent,
    threads: usize,
) -> io::Result<Audit> {
    let configurations = configurations();
    let intact = side_by_side(&configurations, threads, |named| {
        Ok((named.name, against_reference(cases, registry, named, &Rules::all())?))
    })?;
    let reference: BTreeMap<&str, Baseline> =
        intact.iter().map(|(name, verdicts)| (*name, Baseline::of(verdicts))).collect();
    let switches: Vec<Citation> = switches()
        .filter(|&switch| extent == Extent::Whole || cases.iter().any(|case| covers(case, switch)))
        .collect();
    let judged = side_by_side(&switches, threads, |&switch| {
        judge_switch(switch, cases, registry, &configurations, &reference)
    })?;
    let mut noticing = noticing::search(cases, registry, &configurations, &intact, &judged, threads)?;
    if extent == Extent::Covered {
        noticing.idle_faults.clear();
    }
    let intact = intact.into_iter().map(|(name, verdicts)| Intact::of(name, &verdicts)).collect();
    Ok(Audit { intact, switches: judged, noticing })
}

impl Audit {
    /// The switches that no case noticed.
    pub fn survivors(&self) -> impl Iterator<Item = &Switch> {
        self.switches.iter().filter(|switch| switch.killed.is_none())
    }

    /// The cases that do not hold on the intact broker.
    pub fn broken(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.intact
            .iter()
            .flat_map(|intact| intact.broken.iter().map(|case| (intact.configuration, case.as_str())))
    }
}

impl Intact {
    fn of(configuration: &'static str, verdicts: &Verdicts) -> Self {
        let broken = verdicts
            .iter()
            .filter(|(_, outcome)| matches!(outcome.verdict, Verdict::Fail | Verdict::Inconclusive))
            .map(|(case, outcome)| {
                let why = outcome.findings.first().map_or("", |finding| finding.message.as_str());
                format!("{} {} {}: {why}", outcome.verdict, case.version, case.id)
            })
            .collect();
        Self { configuration, played: verdicts.len(), broken }
    }
}

/// What each case says of the intact broker.
pub(crate) struct Baseline(BTreeMap<(Version, String), (Verdict, BTreeSet<String>)>);

impl Baseline {
    pub(crate) fn of(verdicts: &Verdicts) -> Self {
        Self(
            verdicts
                .iter()
                .map(|(case, outcome)| ((case.version, case.id.clone()), summary(outcome)))
                .collect(),
        )
    }

    pub(crate) fn differs(&self, case: &Case, outcome: &Outcome) -> bool {
        self.0.get(&(case.version, case.id.clone())).is_some_and(|before| *before != summary(outcome))
    }
}

/// Verdict and recorded choices.
fn summary(outcome: &Outcome) -> (Verdict, BTreeSet<String>) {
    let choices = outcome.findings.iter().filter_map(|finding| finding.choice.clone());
    (outcome.verdict, choices.collect())
}

fn judge_switch(
    switch: Citation,
    cases: &[Arc<Case>],
    registry: &Arc<Registry>,
    configurations: &[Named],
    reference: &BTreeMap<&str, Baseline>,
) -> io::Result<Switch> {
    let covering: Vec<Arc<Case>> = cases.iter().filter(|case| covers(case, switch)).cloned().collect();
    let mut judged = Switch {
        statement: switch.to_string(),
        covering: covering.len(),
        killed: None,
        killers: Vec::new(),
        configuration: None,
    };
    if covering.is_empty() {
        return Ok(judged);
    }
    let rules = Rules::without([switch]);
    for named in configurations {
        let verdicts = against_reference(&covering, registry, named, &rules)?;
        let Some(baseline) = reference.get(named.name) else { continue };
        for (case, outcome) in &verdicts {
            let kill = kill(switch, case, outcome, baseline, registry);
            if kill.is_some() {
                judged.killed = judged.killed.or(kill);
                judged.killers.push(case.id.clone());
            }
        }
        if judged.killed.is_some() {
            judged.configuration = Some(named.name);
            break;
        }
    }
    Ok(judged)
}

fn covers(case: &Case, switch: Citation) -> bool {
    case.version == switch.version && case.covers.iter().any(|&covered| names(covered, switch.id))
}

/// Whether one id names the other: the same, or the one a clause of the other.
pub(crate) fn names(covered: StatementId, switch: StatementId) -> bool {
    covered == switch
        || (covered.clause().is_none() || switch.clause().is_none())
            && covered.statement() == switch.statement()
}

/// Whether, and how, a case noticed that a switch is off.
pub(crate) fn kill(
    switch: Citation,
    case: &Case,
    outcome: &Outcome,
    baseline: &Baseline,
    registry: &Registry,
) -> Option<Kill> {
    let level = registry.get(switch).map(|statement| statement.level)?;
    let is_cited = outcome.cited.iter().any(|&cited| names(cited, switch.id));
    let is_recommended = level == Level::Should || RECOMMENDED.contains(&switch);
    match outcome.verdict {
        Verdict::Fail if is_cited => Some(Kill::Failed),
        Verdict::Lenient
            if (is_recommended || !switch.id.is_numbered()) && baseline.differs(case, outcome) =>
        {
            Some(Kill::Lenient)
        }
        Verdict::Inconclusive => None,
        _ if !switch.id.is_numbered() && baseline.differs(case, outcome) => Some(Kill::Recorded),
        _ => None,
    }
}

/// A family of cases, and the switches that it fails for though it covers none of their statements.
#[derive(Clone, Debug, Serialize)]
pub struct Breadth {
    /// The family: ids without what stands in brackets, and the version.
    pub family: String,
    /// The number of switches of its version.
    pub switches: usize,
    /// The switches of other statements that one case of it fails for.
    pub others: Vec<String>,
}

impl Breadth {
    /// Whether it fails for half of all switches: such a case says little about any.
    #[must_use]
    pub fn is_too_broad(&self) -> bool {
        self.others.len() * 2 > self.switches
    }
}

/// Plays one case of each family against each switch in the default configuration, and gives the families by the
/// number of foreign switches that they fail for, the broadest first.
///
/// # Errors
/// When no runtime can be made.
pub fn cross_kill(cases: &[Arc<Case>], registry: &Arc<Registry>, threads: usize) -> io::Result<Vec<Breadth>> {
    let mut families: BTreeMap<(Version, &str), Arc<Case>> = BTreeMap::new();
    for case in cases {
        let family = case.id.split('[').next().unwrap_or_default();
        families.entry((case.version, family)).or_insert_with(|| Arc::clone(case));
    }
    let samples: Vec<Arc<Case>> = families.into_values().collect();
    let switches: Vec<Citation> = switches().collect();
    let default = configurations().swap_remove(0);
    let failing = side_by_side(&switches, threads, |&switch| {
        let of_version: Vec<Arc<Case>> =
            samples.iter().filter(|case| case.version == switch.version).cloned().collect();
        let verdicts = against_reference(&of_version, registry, &default, &Rules::without([switch]))?;
        let foreign = verdicts.into_iter().filter(|(case, outcome)| {
            outcome.verdict == Verdict::Fail && !case.covers.iter().any(|&id| names(id, switch.id))
        });
        Ok((switch, foreign.map(|(case, _)| case).collect::<Vec<_>>()))
    })?;
    let mut breadths: BTreeMap<String, Breadth> = BTreeMap::new();
    for (switch, cases) in failing {
        for case in cases {
            let family = case.id.split('[').next().unwrap_or_default();
            let family = format!("{} {family}", case.version);
            let of_version = switches.iter().filter(|other| other.version == switch.version).count();
            breadths
                .entry(family.clone())
                .or_insert(Breadth { family, switches: of_version, others: Vec::new() })
                .others
                .push(switch.id.to_string());
        }
    }
    let mut breadths: Vec<Breadth> = breadths.into_values().collect();
    breadths.sort_by_key(|breadth| std::cmp::Reverse(breadth.others.len()));
    Ok(breadths)
}

/// Does the same to every item, on several threads, and keeps the order.
pub(crate) fn side_by_side<T: Sync, R: Send>(
    items: &[T],
    threads: usize,
    work: impl Fn(&T) -> io::Result<R> + Sync,
) -> io::Result<Vec<R>> {
    let next = AtomicUsize::new(0);
    let done: Mutex<BTreeMap<usize, io::Result<R>>> = Mutex::new(BTreeMap::new());
    thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                while let Some((index, item)) = {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    items.get(index).map(|item| (index, item))
                } {
                    let result = work(item);
                    done.lock().unwrap_or_else(PoisonError::into_inner).insert(index, result);
                }
            });
        }
    });
    done.into_inner().unwrap_or_else(PoisonError::into_inner).into_values().collect()
}

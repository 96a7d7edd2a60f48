//! The audit as text.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use mqttspec_spec::Registry;

use crate::audit::{Audit, Breadth, Kill, Switch};
use crate::noticing::{Noticing, Unlisted};

/// Cases that are named for each switch.
const NAMED_KILLERS: usize = 3;

/// Families that are named as the broadest.
const NAMED_FAMILIES: usize = 10;

/// The broadest families of cases as text.
#[must_use]
pub fn render_breadth(breadths: &[Breadth]) -> String {
    let mut text = String::from(
        "the families of cases that fail for the most switches of statements they do not cover:\n",
    );
    for breadth in breadths.iter().take(NAMED_FAMILIES) {
        let mark = if breadth.is_too_broad() { "  too broad" } else { "" };
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "  {:>3} of {} switches  {}{mark}",
            breadth.others.len(),
            breadth.switches,
            breadth.family
        );
    }
    text
}

/// How much of an audit is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Report {
    /// Survivors and totals.
    Short,
    /// A line for every switch as well.
    Full,
}

/// The audit as text: the table, the survivors, what does not hold on the intact broker, and the totals.
#[must_use]
pub fn render(audit: &Audit, registry: &Registry, report: Report) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    if report == Report::Full {
        let _ = writeln!(text, "{:<24} {:>6}  {:<9} noticed by", "switch", "cases", "noticed");
        for switch in &audit.switches {
            let _ = writeln!(text, "{}", line(switch));
        }
        text.push('\n');
    }
    for survivor in audit.survivors() {
        let _ = writeln!(text, "survivor  {:<24} {}", survivor.statement, reason(survivor, registry));
    }
    for (configuration, case) in audit.broken() {
        let _ = writeln!(text, "broken    on the intact broker ({configuration}): {case}");
    }
    let _ = writeln!(text, "\n{:<11} {:>8} {:>8} {:>9}", "chapter", "switches", "noticed", "survivors");
    for ((version, chapter), (all, killed)) in chapters(audit) {
        let chapter = format!("{version:<5} {chapter}");
        let _ = writeln!(text, "{chapter:<11} {all:>8} {killed:>8} {:>9}", all - killed);
    }
    text.push('\n');
    for intact in &audit.intact {
        let Some(holding) = intact.played.checked_sub(intact.broken.len()) else { continue };
        let _ = writeln!(
            text,
            "intact, {}: {holding} of {} cases that apply hold",
            intact.configuration, intact.played
        );
    }
    let survivors = audit.survivors().count();
    let all = audit.switches.len();
    let _ = writeln!(text, "{} of {all} switches are noticed, {survivors} survive", all - survivors);
    text
}

fn line(switch: &Switch) -> String {
    let how = match switch.killed {
        None => "-",
        Some(Kill::Failed) => "fail",
        Some(Kill::Lenient) => "lenient",
        Some(Kill::Recorded) => "recorded",
    };
    let configuration = switch
        .configuration
        .filter(|name| *name != "default")
        .map(|name| format!("  ({name})"))
        .unwrap_or_default();
    let named: Vec<&str> = switch.killers.iter().take(NAMED_KILLERS).map(String::as_str).collect();
    let more = match switch.killers.len().saturating_sub(NAMED_KILLERS) {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    let killers = format!("{}{more}", named.join(", "));
    let line = format!("{:<24} {:>6}  {how:<9} {killers}{configuration}", switch.statement, switch.covering);
    line.trim_end().to_owned()
}

fn reason(survivor: &Switch, registry: &Registry) -> String {
    let summary = survivor
        .citation()
        .and_then(|citation| {
            let statement = registry.get(citation)?;
            let clause = statement.clauses.iter().find(|clause| clause.id == citation.id);
            Some(clause.map_or(statement.summary.as_str(), |clause| clause.summary.as_str()))
        })
        .unwrap_or_default();
    match survivor.covering {
        0 => format!("no case: {summary}"),
        count => format!("{count} cases do not notice: {summary}"),
    }
}

/// A chapter by its number, or the rules without one by the start of their ids.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Chapter {
    Numbered(u32, Option<u32>),
    Unnumbered(String),
}

impl Chapter {
    fn of(id: &str) -> Self {
        let Some(numbers) = id.strip_prefix("MQTT-") else {
            return Self::Unnumbered(id.split('-').next().unwrap_or_default().to_owned());
        };
        let mut levels = numbers.split(['.', '-']).map(|level| level.parse().unwrap_or_default());
        match (levels.next().unwrap_or_default(), levels.next()) {
            // The chapters on packets and on behaviour are long.
            (first @ (3 | 4), Some(second)) => Self::Numbered(first, Some(second)),
            (first, _) => Self::Numbered(first, None),
        }
    }
}

impl fmt::Display for Chapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Numbered(first, Some(second)) => write!(f, "{first}.{second}"),
            Self::Numbered(first, None) => write!(f, "{first}"),
            Self::Unnumbered(name) => f.write_str(name),
        }
    }
}

/// Switches and kills by version and chapter.
fn chapters(audit: &Audit) -> BTreeMap<(&str, Chapter), (usize, usize)> {
    let mut chapters: BTreeMap<(&str, Chapter), (usize, usize)> = BTreeMap::new();
    for switch in &audit.switches {
        let (version, id) = switch.statement.split_once(' ').unwrap_or_default();
        let (all, killed) = chapters.entry((version, Chapter::of(id))).or_default();
        *all += 1;
        *killed += usize::from(switch.killed.is_some());
    }
    chapters
}

/// The cases that notice nothing, against the list of those that are known.
#[must_use]
pub fn render_noticing(noticing: &Noticing, unlisted: &Unlisted) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    for (family, found, known) in &unlisted.more {
        let _ = writeln!(text, "idle      {family}: {found} cases notice nothing, {known} are expected to");
    }
    for (family, found, known) in &unlisted.fewer {
        let _ =
            writeln!(text, "stale     {family}: {found} cases notice nothing, but {known} are expected to");
    }
    for fault in &noticing.idle_faults {
        let _ = writeln!(text, "idle      no case needs the fault {fault} to notice something");
    }
    let noticed = noticing.judging - noticing.total().min(noticing.judging);
    let _ = writeln!(
        text,
        "{noticed} of {} cases that judge notice a switch or a fault, {} notice none",
        noticing.judging,
        noticing.total()
    );
    text
}

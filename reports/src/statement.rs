//! The implementation statement: both specifications statement by statement, with what a broker was seen to do.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use mqttspec_codec::Version;
use mqttspec_spec::record::{Case, Crash, Expectation, Run, RunEnd};
use mqttspec_spec::{Level, Observable, Registry, Statement, Verdict};

use crate::document::{Block, Cell, Document, Form};
use crate::escape::clip;
use crate::evidence::{Evidence, Seen};
use crate::notes::Notes;
use crate::section::Section;

/// Longer texts of a broker are cut, in characters.
const LONGEST_TEXT: usize = 300;
/// Cases that are named for one statement.
const MOST_CASES: usize = 3;

/// Writes the implementation statement of the broker of a run.
///
/// # Errors
/// When the writer fails.
pub fn write(writer: impl Write, run: &Run, registry: &Registry, form: Form) -> io::Result<()> {
    let evidence = Evidence::of(run);
    let mut notes = Notes::of(run);
    let mut blocks = introduction(run);
    let general_at = blocks.len();
    blocks.push(Block::Heading("Statements by level and verdict".to_owned()));
    blocks.push(overview(&evidence, registry));
    blocks.extend(crashes(&run.crashes));
    for (version, properties) in &run.broker.connack {
        blocks.push(Block::Heading(format!("MQTT {version}: capabilities and limits in CONNACK")));
        let rows: Vec<_> =
            properties.iter().map(|(name, value)| vec![name.as_str().into(), short(value).into()]).collect();
        blocks.push(match rows.is_empty() {
            true => Block::Text("The CONNACK names none.".to_owned()),
            false => Block::table(&["Property", "Value"], rows),
        });
    }
    for version in [Version::V3_1_1, Version::V5_0] {
        for (section, statements) in Section::all(version, registry) {
            let title = section.title(version.as_str());
            blocks.push(Block::Heading(format!("MQTT {version}, {section} {title}")));
            blocks.extend(notes.about_section(version, section).into_iter().map(Block::Text));
            let rows = statements
                .iter()
                .map(|statement| row(statement, &evidence.about(statement), notes.about(statement)));
            blocks.push(Block::table(&["Statement", "Level", "Demand", "Verdict", "Seen"], rows.collect()));
        }
    }
    blocks.splice(general_at..general_at, notes.left().into_iter().map(Block::Text));
    let title = format!("Implementation statement of {}", run.broker.name);
    Document { title, blocks }.write(writer, form)
}

fn introduction(run: &Run) -> Vec<Block> {
    let mut blocks = vec![Block::Text(format!(
        "Made by {} {} on {} from {} cases (suite {}). It says what was seen at the wire, not what the vendor \
         claims. Statements are in the words of {0}; a choice is one that the specification leaves to a broker.",
        run.tool.name,
        run.tool.version,
        run.started,
        run.cases.len(),
        run.tool.suite_digest
    ))];
    if !run.broker.notes.is_empty() {
        blocks.push(Block::Text(
            "What stands after \u{201c}Documented\u{201d} is from the vendor's documentation, and was seen only where a \
             verdict says so."
                .to_owned(),
        ));
    }
    let ended = match run.end {
        RunEnd::Complete => return blocks,
        RunEnd::Interrupted => "it was interrupted",
        RunEnd::BrokerUnreachable => "the broker could not be reached",
        RunEnd::BrokerLost => "the broker stopped answering",
        RunEnd::FailFast => "it was to end at the first failures",
    };
    blocks.push(Block::Text(format!("The run did not play all of its cases: {ended}.")));
    blocks
}

/// How many statements of each level ended how.
fn overview(evidence: &Evidence<'_>, registry: &Registry) -> Block {
    let mut counts: BTreeMap<(Version, Level), BTreeMap<String, usize>> = BTreeMap::new();
    let mut marks = Vec::new();
    for statement in registry.iter() {
        let (verdict, mark) = shown(statement, &evidence.about(statement));
        let key = (statement.citation.version, statement.level);
        *counts.entry(key).or_default().entry(mark.clone()).or_default() += 1;
        marks.push((std::cmp::Reverse(verdict), mark));
    }
    marks.sort();
    marks.dedup();
    let names = marks.iter().map(|(_, mark)| mark.clone());
    let head = ["Version", "Level", "All"].into_iter().map(ToOwned::to_owned).chain(names).collect();
    let mut rows = Vec::new();
    for version in [Version::V3_1_1, Version::V5_0] {
        for level in [Level::Must, Level::Norm, Level::Should, Level::May] {
            let Some(counts) = counts.get(&(version, level)) else { continue };
            let all: usize = counts.values().sum();
            let counted = marks.iter().map(|(_, mark)| counts.get(mark).copied().unwrap_or_default());
            let cells = [version.to_string(), level.to_string(), all.to_string()].into_iter();
            rows.push(cells.chain(counted.map(|count| count.to_string())).map(Cell::from).collect());
        }
    }
    Block::Table(head, rows)
}

fn crashes(crashes: &[Crash]) -> Vec<Block> {
    if crashes.is_empty() {
        return Vec::new();
    }
    let rows = crashes.iter().map(|crash| {
        let (cause, packet, rerun) = match &crash.culprit {
            Some(culprit) => {
                let packet = culprit.packet.as_deref().or(culprit.bytes.as_deref()).unwrap_or_default();
                (format!("{} {}", culprit.version, culprit.id), short(packet), culprit.rerun.clone())
            }
            None => {
                let suspects: Vec<&str> = crash.suspects.iter().map(String::as_str).collect();
                (format!("one of: {}", few(&suspects)), String::new(), String::new())
            }
        };
        let last = crash.log.last().map(|line| short(line)).unwrap_or_default();
        [short(&crash.what), cause, packet, rerun, last].map(Cell::from).to_vec()
    });
    let head = ["Crash", "Case", "Last packet", "To see it again", "Last words of the broker"];
    vec![Block::Heading("Crashes".to_owned()), Block::table(&head, rows.collect())]
}

fn row(statement: &Statement, seen: &Seen<'_>, documented: Vec<String>) -> Vec<Cell> {
    let (verdict, mark) = shown(statement, seen);
    vec![
        seen.id.as_str().into(),
        statement.level.to_string().into(),
        statement.summary.trim_end().into(),
        Cell::Verdict(verdict, mark),
        [words(statement, seen)]
            .into_iter()
            .chain(documented)
            .filter(|words| !words.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
            .into(),
    ]
}

/// The verdict about a statement, and the words for it.
fn shown(statement: &Statement, seen: &Seen<'_>) -> (Option<Verdict>, String) {
    let mark = match (seen.verdict, statement.observable) {
        (None, Observable::No) => "· not observable".to_owned(),
        (None, Observable::ClientOnly) => "· binds clients only".to_owned(),
        (verdict, _) => crate::document::mark(verdict).to_owned(),
    };
    (seen.verdict, mark)
}

/// What was seen of a statement: cases by verdict, what happened, choices, and the limits of the test.
fn words(statement: &Statement, seen: &Seen<'_>) -> String {
    let mut parts = Vec::new();
    let counts: Vec<String> = Verdict::ALL
        .iter()
        .map(|&verdict| (seen.of_verdict(verdict).count(), verdict.to_string()))
        .chain([(
            seen.cases.iter().filter(|case| seen.failed_elsewhere(case)).count(),
            "failed for another statement".to_owned(),
        )])
        .filter(|(count, _)| *count > 0)
        .map(|(count, name)| format!("{count} {name}"))
        .collect();
    match seen.cases.len() {
        0 => {}
        1 => parts.push(format!("1 case: {}.", counts.join(", "))),
        all => parts.push(format!("{all} cases: {}.", counts.join(", "))),
    }
    let choices = seen.choices();
    for (choice, cases) in &choices {
        parts.push(format!("Choice: {} ({}).", short(choice), named(cases)));
    }
    let deciding = seen.deciding();
    let happened = seen.happened().filter(|_| seen.verdict != Some(Verdict::Info));
    if let Some(happened) = happened {
        parts.push(format!("{}.", short(happened.trim_end_matches('.'))));
    }
    if !deciding.is_empty() && (choices.is_empty() || seen.verdict != Some(Verdict::Info)) {
        parts.push(format!("See {}.", named(&deciding)));
    }
    parts.extend(foreseen(seen));
    if let Some(reason) = &statement.reason {
        let what = if statement.observable.is_testable() { "Limits of the test" } else { "No case can tell" };
        parts.push(format!("{what}: {}.", reason.trim_end().trim_end_matches('.')));
    }
    parts.join(" ")
}

/// What a baseline says about the cases: the reasons of known deviations, and of those that are none any more.
fn foreseen(seen: &Seen<'_>) -> BTreeSet<String> {
    let concerned = seen.cases.iter().filter(|case| !seen.failed_elsewhere(case));
    let words = concerned.filter_map(|case| {
        let reason = case.foreseen.as_ref()?.reason.as_deref()?;
        let label = match case.expectation? {
            Expectation::Expected => "Known deviation",
            Expectation::Stale => "Said to deviate, and does not",
            Expectation::Unexpected => "Deviates otherwise than known",
        };
        Some(format!("{label}: {}.", short(reason.trim_end().trim_end_matches('.'))))
    });
    words.collect()
}

fn named(cases: &[&Case]) -> String {
    let ids: Vec<&str> = cases.iter().map(|case| case.id.as_str()).collect();
    few(&ids)
}

/// The first names, and how many more there are.
fn few(names: &[&str]) -> String {
    let (first, rest) = names.split_at(names.len().min(MOST_CASES));
    let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
    format!("{}{more}", first.join(", "))
}

fn short(text: &str) -> String {
    clip(text, LONGEST_TEXT).into_owned()
}

//! The summary for the page of a CI job: what is unexpected, in plain words, with the evidence folded.

mod text;

use std::collections::BTreeMap;
use std::io::{self, Write};

use mqttspec_codec::Version;
use mqttspec_spec::record::{Case, Crash, Expectation, Run};
use mqttspec_spec::{Registry, Standing, Tally, Verdict};

use crate::case::{CaseText, Detail, demand, is_known_deviation};
use crate::crash;
use crate::escape::clip;
use crate::paper::Paper;
use crate::summary::{Remark, baseline, broker_words, count_of, outcome, warnings};
use text::{inline, line, preformatted};

/// The longest summary in bytes. GitHub drops what is longer than 1 MiB, and says nothing of its content.
pub const LIMIT: usize = 1_000_000;

/// Remarks that are shown: a baseline may have any number of stale entries.
const REMARKS: usize = 100;

/// Reasons of known deviations that are shown.
const REASONS: usize = 100;

/// Longer reasons of known deviations are cut, in characters.
const LONGEST_REASON: usize = 300;

/// Kept free for the words about what was left out.
const RESERVE: usize = 1_000;

/// Writes a run as Markdown for GitHub and GitLab, of at most [`LIMIT`] bytes.
///
/// `suite_root` is put before the paths of the suite's files.
///
/// # Errors
/// When the writer fails.
pub fn write(mut writer: impl Write, run: &Run, registry: &Registry, suite_root: &str) -> io::Result<()> {
    let text = CaseText { registry, suite_root, detail: Detail::NORMAL };
    let cases = run.cases.iter().filter(|case| is_unexpected(case)).map(|case| Part::of(text, case));
    let results: Vec<Part> = run.crashes.iter().map(Part::of_crash).chain(cases).collect();
    let head = head(run);
    let mut room = LIMIT.saturating_sub(RESERVE + head.len());
    let results_shown = results.iter().take_while(|part| take(&mut room, part.result.len())).count();
    let mut left_out = 0;
    writer.write_all(head.as_bytes())?;
    if !results.is_empty() {
        writeln!(writer, "\n### Unexpected results")?;
    }
    for part in results.iter().take(results_shown) {
        writer.write_all(part.result.as_bytes())?;
        if take(&mut room, part.details.len()) {
            writer.write_all(part.details.as_bytes())?;
        } else {
            left_out += 1;
        }
    }
    let missing = results.len() - results_shown;
    if missing + left_out > 0 {
        writeln!(
            writer,
            "\n**Left out to stay below the limit of a job page:** {} and the details of {}. The JSON and JUnit \
             reports hold all.",
            count_of(missing, "unexpected result", "unexpected results"),
            count_of(left_out, "result", "results"),
        )?;
    }
    writer.flush()
}

/// Whether so many bytes fit; they are taken if they do.
fn take(room: &mut usize, bytes: usize) -> bool {
    let rest = room.checked_sub(bytes);
    *room = rest.unwrap_or(*room);
    rest.is_some()
}

fn is_unexpected(case: &Case) -> bool {
    match case.expectation {
        Some(Expectation::Expected) => false,
        Some(Expectation::Unexpected | Expectation::Stale) => true,
        None => Standing::of(case).is_bad(),
    }
}

fn head(run: &Run) -> String {
    let mut head = String::from("## mqttspec\n\n");
    for (index, remark) in outcome(run).iter().enumerate() {
        let mark = if index == 0 { "**" } else { "" };
        head.push_str(&format!("{mark}{}{mark}\n\n", line(&remark.words)));
    }
    head.push_str(&remarks(&warnings(run)));
    head.push_str(&format!(
        "Broker: {}. Tool: {} {}, suite {}. Began {}.\n\n",
        inline(&broker_words(&run.broker)),
        inline(&run.tool.name),
        inline(&run.tool.version),
        inline(&run.tool.suite_digest),
        inline(&run.started),
    ));
    head.push_str(&tally(run));
    let baseline = remarks(&baseline(run));
    if !baseline.is_empty() {
        head.push_str(&format!("\n{}\n", baseline.trim_end()));
    }
    head.push_str(&known(run));
    head
}

/// Paragraphs, each of which says what kind of remark it is.
fn remarks(remarks: &[Remark]) -> String {
    let mut text = String::new();
    // The last one sums up, so it stays.
    let more = remarks.len().saturating_sub(REMARKS);
    let left_out = REMARKS - 1..REMARKS - 1 + more;
    let shown = remarks.iter().enumerate().filter(|(index, _)| !left_out.contains(index));
    for (_, remark) in shown {
        let label = remark.label.map(|label| format!("**{label}:** ")).unwrap_or_default();
        let about = remark.about.as_ref().map(|about| format!("{}. ", line(about))).unwrap_or_default();
        text.push_str(&format!("{label}{about}{}\n\n", line(&remark.words)));
    }
    if more > 0 {
        text.push_str(&format!(
            "{} in the other reports.\n\n",
            count_of(more, "more remark", "more remarks")
        ));
    }
    text
}

/// The reasons of known deviations, each with how many cases it is about, most of them first.
fn known(run: &Run) -> String {
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for case in run.cases.iter().filter(|case| is_known_deviation(case)) {
        if let Some(reason) = case.foreseen.as_ref().and_then(|foreseen| foreseen.reason.as_deref()) {
            *reasons.entry(reason).or_default() += 1;
        }
    }
    if reasons.is_empty() {
        return String::new();
    }
    let mut reasons: Vec<_> = reasons.into_iter().collect();
    reasons.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let mut text = String::from("\n### Known deviations\n\n");
    for (reason, count) in reasons.iter().take(REASONS) {
        let cases = count_of(*count, "case", "cases");
        text.push_str(&format!("- {cases}: {}\n", inline(&clip(reason, LONGEST_REASON))));
    }
    if let Some(more) = reasons.len().checked_sub(REASONS).filter(|more| *more > 0) {
        text.push_str(&format!("- {} more in the other reports\n", count_of(more, "reason", "reasons")));
    }
    text
}

fn tally(run: &Run) -> String {
    let versions = [Version::V3_1_1, Version::V5_0].map(Version::as_str);
    let of = |version: &str| -> Tally {
        run.cases.iter().filter(|case| case.version == version).map(|case| case.verdict).collect()
    };
    let [three, five] = versions.map(of);
    let all: Tally = run.cases.iter().map(|case| case.verdict).collect();
    let mut table = format!("| verdict | {} | {} | all |\n|---|---:|---:|---:|\n", versions[0], versions[1]);
    for verdict in Verdict::ALL {
        if all[verdict] > 0 {
            table.push_str(&format!(
                "| {verdict} | {} | {} | {} |\n",
                three[verdict], five[verdict], all[verdict]
            ));
        }
    }
    table.push_str(&format!("| **cases** | {} | {} | {} |\n", three.total(), five.total(), all.total()));
    table
}

/// What the summary says about one case.
struct Part {
    /// What is always shown.
    result: String,
    /// What is folded.
    details: String,
}

impl Part {
    fn of(text: CaseText<'_>, case: &Case) -> Self {
        let mut result = format!(
            "\n#### {}{} {} {}\n\n{}\n\n",
            case.verdict.as_str(),
            if case.flaky { " (flaky)" } else { "" },
            inline(&case.version),
            inline(&case.id),
            inline(&case.title),
        );
        if case.expectation == Some(Expectation::Stale) {
            result.push_str("- **Baseline:** the entry no longer applies\n");
        }
        for finding in &case.findings {
            result.push_str(&format!("- **{}:** {}\n", finding.verdict.as_str(), inline(&finding.message)));
            if let Some(allowed) = &finding.allowed {
                result.push_str(&format!("- **Allowed:** {}\n", inline(allowed)));
            }
        }
        for id in if case.cited.is_empty() { &case.statements } else { &case.cited } {
            let words = demand(text.registry, &case.version, id).map_or_else(
                || "not in the register of statements".to_owned(),
                |(level, summary)| format!("{level}: {}", inline(summary)),
            );
            result.push_str(&format!("- **{}** {words}\n", inline(id)));
        }
        result.push_str(&format!("- **Place:** {}\n", inline(&text.place(case))));
        let mut paper = Paper::new(false);
        text.full(&mut paper, case);
        Self { result, details: folded("Timeline, and how to run it again", paper) }
    }

    fn of_crash(found: &Crash) -> Self {
        let mut paper = Paper::new(false);
        crash::full(&mut paper, found);
        Self {
            result: format!("\n#### crash {}\n", inline(&crash::headline(found))),
            details: folded("What was sent, and what the broker wrote", paper),
        }
    }
}

/// Text that opens with a click.
fn folded(title: &str, paper: Paper) -> String {
    let text = preformatted(&paper.into_text());
    format!("\n<details><summary>{title}</summary>\n\n<pre>\n{text}</pre>\n\n</details>\n")
}

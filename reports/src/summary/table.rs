//! Cases by section, version and verdict.

use std::collections::BTreeMap;

use anstyle::Style;
use mqttspec_spec::record::Run;
use mqttspec_spec::{Registry, Tally, Verdict};

use crate::escape::visible;
use crate::paper::{DIM, HEADING, PLAIN, Paper, verdict_style};
use crate::section::Section;

/// The width of a section's number.
const NUMBER: usize = 5;

pub(super) fn table(paper: &mut Paper, run: &Run, registry: &Registry) {
    let mut rows: BTreeMap<(Section, &str), Tally> = BTreeMap::new();
    let mut versions: BTreeMap<&str, Tally> = BTreeMap::new();
    let mut total = Tally::default();
    for case in &run.cases {
        *rows.entry((Section::of(case, registry), &case.version)).or_default() += case.verdict;
        *versions.entry(&case.version).or_default() += case.verdict;
        total += case.verdict;
    }
    let columns = Columns {
        verdicts: Verdict::ALL.into_iter().filter(|&verdict| total[verdict] > 0).collect(),
        title: rows.keys().map(|(section, version)| section.title(version).len()).max().unwrap_or(0),
        version: versions.keys().map(|version| visible(version).chars().count()).max().unwrap_or(0).max(7),
    };

    columns.head(paper);
    for ((section, version), tally) in &rows {
        columns.row(paper, PLAIN, &section.to_string(), section.title(version), version, tally);
    }
    if versions.len() > 1 {
        for (version, tally) in &versions {
            columns.row(paper, HEADING, "all", "", version, tally);
        }
    }
    columns.row(paper, HEADING, "total", "", "", &total);
}

/// What the lines of a table share.
struct Columns {
    /// The verdicts that occur.
    verdicts: Vec<Verdict>,
    title: usize,
    version: usize,
}

impl Columns {
    fn head(&self, paper: &mut Paper) {
        paper.cell(HEADING, "section", NUMBER + 1 + self.title).say("  ");
        paper.cell(HEADING, "version", self.version);
        for &verdict in &self.verdicts {
            paper.put(verdict_style(verdict), &format!("  {verdict}"));
        }
        paper.put(HEADING, "  cases").end();
    }

    fn row(&self, paper: &mut Paper, style: Style, number: &str, title: &str, version: &str, tally: &Tally) {
        paper.cell(style, number, NUMBER).say(" ").cell(style, title, self.title).say("  ");
        paper.cell(style, version, self.version);
        for &verdict in &self.verdicts {
            let width = verdict.as_str().len() + 2;
            match tally[verdict] {
                0 => paper.put(DIM, &format!("{:>width$}", "-")),
                count => paper.put(verdict_style(verdict), &format!("{count:>width$}")),
            };
        }
        paper.put(style, &format!("{:>7}", tally.total())).end();
    }
}

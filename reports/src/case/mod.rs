//! One case as text. A full rendering stands alone: a reader needs neither the suite nor the record.

mod evidence;
mod snippet;
mod timeline;

use mqttspec_spec::record::{Case, Expectation};
use mqttspec_spec::{Registry, Standing};

pub(crate) use evidence::{demand, ending_words};

use crate::escape::clip;
use crate::paper::{DIM, DOUBTFUL, HEADING, PLAIN, Paper, verdict_style};

/// How much of a case a rendering shows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Detail {
    /// Bytes of each packet.
    bytes: usize,
    /// Events of the timeline.
    events: usize,
    /// Characters of each text of the broker.
    characters: usize,
    /// Whether the control's part of the timeline is shown when it held.
    control: bool,
}

impl Detail {
    pub(crate) const NORMAL: Self = Self { bytes: 16, events: 40, characters: 160, control: false };
    pub(crate) const MORE: Self = Self { bytes: 32, events: 200, characters: 400, control: true };
    pub(crate) const MOST: Self = Self { bytes: 256, events: usize::MAX, characters: 4000, control: true };

    pub(crate) const fn at(verbosity: u8) -> Self {
        match verbosity {
            0 => Self::NORMAL,
            1 => Self::MORE,
            _ => Self::MOST,
        }
    }
}

/// What all renderings of cases share.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CaseText<'a> {
    pub(crate) registry: &'a Registry,
    /// What is put before the paths of the suite's files.
    pub(crate) suite_root: &'a str,
    pub(crate) detail: Detail,
}

impl CaseText<'_> {
    /// Everything about a case: place, demand, evidence, and how to run it again.
    pub(crate) fn full(self, paper: &mut Paper, case: &Case) {
        self.heading(paper, case);
        self.findings(paper, case);
        self.statements(paper, case);
        self.timeline(paper, case);
        self.endings(paper, case);
        self.rerun(paper, case);
    }

    /// What a reader needs to decide whether to look closer.
    pub(crate) fn brief(self, paper: &mut Paper, case: &Case) {
        self.heading(paper, case);
        paper.say("  --> ").put(PLAIN, &self.place(case)).end();
        for finding in &case.findings {
            paper.say("      ").paragraph(PLAIN, 6, &self.clipped(&finding.message));
            if let Some(allowed) = &finding.allowed {
                paper.say("      allowed: ").paragraph(PLAIN, 15, &self.clipped(allowed));
            }
        }
        self.rerun(paper, case);
    }

    /// Verdict, version, id and what was found in one line.
    pub(crate) fn found(self, paper: &mut Paper, case: &Case) {
        name(paper, case);
        paper
            .say("  ")
            .say(&self.clipped(case.findings.first().map_or(&case.title, |finding| &finding.message)));
        if !case.cited.is_empty() {
            paper.put(DIM, &format!("  [{}]", case.cited.join(", ")));
        }
        if let Some(reason) = case.foreseen.as_ref().and_then(|foreseen| foreseen.reason.as_deref()) {
            paper.put(DIM, "  known: ").put(DIM, &self.clipped(reason));
        }
        paper.end();
    }

    fn heading(self, paper: &mut Paper, case: &Case) {
        name(paper, case);
        if case.flaky {
            paper.put(DOUBTFUL, "  flaky");
        }
        if let Some(words) = case.expectation.and_then(expectation_words) {
            paper.put(DIM, "  ").put(DIM, words);
        }
        paper.end();
        paper.say("  ").paragraph(HEADING, 2, &self.clipped(&case.title));
        if case.flaky {
            paper.say("  The verdict was not the same each time the case was played.").end();
        }
        self.baseline(paper, case);
    }

    /// What the baseline says about the case.
    fn baseline(self, paper: &mut Paper, case: &Case) {
        let Some(foreseen) = &case.foreseen else { return };
        if let Some(reason) = &foreseen.reason {
            paper.say("  known: ").paragraph(PLAIN, 9, &self.clipped(reason));
        }
        if let Some(issue) = &foreseen.issue {
            paper.say("  issue: ").say(&self.clipped(issue)).end();
        }
        if let Some(advice) = &foreseen.advice {
            paper.put(DOUBTFUL, "  baseline: ").paragraph(PLAIN, 12, advice);
        }
    }

    /// File, line and column of the step that decided; the case's own line when none did.
    pub(crate) fn place(self, case: &Case) -> String {
        let path = self.path(case);
        match case.findings.iter().find_map(|finding| finding.place.as_ref()) {
            Some(place) => format!("{path}:{}:{}", place.line, place.column),
            None => format!("{path}:{}", case.source.line),
        }
    }

    pub(crate) fn path(self, case: &Case) -> String {
        match self.suite_root.trim_end_matches('/') {
            "" => case.source.path.clone(),
            root => format!("{root}/{}", case.source.path),
        }
    }

    fn clipped(self, text: &str) -> String {
        clip(text, self.detail.characters).into_owned()
    }
}

/// Verdict, version, id and title in one line.
pub(crate) fn headline(paper: &mut Paper, case: &Case) {
    name(paper, case);
    paper.say("  ").say(&clip(&case.title, Detail::NORMAL.characters)).end();
}

fn name(paper: &mut Paper, case: &Case) {
    paper.put(verdict_style(case.verdict), &case.verdict.as_str().to_uppercase());
    paper.say("  ").cell(DIM, &case.version, 5).say("  ").put(HEADING, &case.id);
}

/// What a heading says about the baseline; nothing for the usual.
const fn expectation_words(expectation: Expectation) -> Option<&'static str> {
    match expectation {
        Expectation::Expected => None,
        Expectation::Unexpected => Some("not as the baseline says"),
        Expectation::Stale => Some("the baseline's entry no longer applies"),
    }
}

/// Whether the baseline foresees that the case does not pass.
pub(crate) fn is_known_deviation(case: &Case) -> bool {
    case.expectation == Some(Expectation::Expected) && Standing::of(case).is_bad()
}

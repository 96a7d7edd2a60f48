//! The line of the case file that a finding is about, underlined, with what happened and what was allowed.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use anstyle::{AnsiColor, Style};
use mqttspec_spec::Verdict;
use mqttspec_spec::record::{Case, Finding, Place};

use super::CaseText;
use crate::escape::visible;
use crate::paper::{PLAIN, Paper, verdict_style};

impl CaseText<'_> {
    pub(super) fn findings(self, paper: &mut Paper, case: &Case) {
        if case.findings.is_empty() {
            paper.say(&format!("  --> {}:{}", self.path(case), case.source.line)).end();
        }
        for finding in &case.findings {
            let message = self.message(case, finding);
            match &finding.place {
                Some(place) => self.underlined(paper, case, finding, place, &message),
                None => {
                    paper.say(&format!("  --> {}:{}", self.path(case), case.source.line)).end();
                    for text in [message].into_iter().chain(self.notes(finding)) {
                        paper.say("   = ").paragraph(PLAIN, 5, &text);
                    }
                }
            }
        }
    }

    /// What happened; a finding that did not decide the verdict says what it is.
    fn message(self, case: &Case, finding: &Finding) -> String {
        let message = self.clipped(&finding.message);
        if finding.verdict == case.verdict { message } else { format!("{}: {message}", finding.verdict) }
    }

    fn notes(self, finding: &Finding) -> Vec<String> {
        let mut notes = Vec::new();
        if let Some(allowed) = &finding.allowed {
            notes.push(format!("allowed: {}", self.clipped(allowed)));
        }
        if let Some(choice) = &finding.choice {
            notes.push(format!("choice: {}", self.clipped(choice)));
        }
        if finding.by_deadline {
            notes.push("found by waiting until a deadline".to_owned());
        }
        notes
    }

    fn underlined(self, paper: &mut Paper, case: &Case, finding: &Finding, place: &Place, message: &str) {
        // annotate-snippets calls its titles and messages safe from control characters, but not from the
        // marks that hide or reorder text, so it gets escaped text only.
        let source = visible(&place.text);
        let path = self.path(case);
        let snippet = Snippet::source(source.as_ref())
            .line_start(usize::try_from(place.line).unwrap_or(1).max(1))
            .path(visible(&path).into_owned())
            .fold(false)
            .annotation(AnnotationKind::Primary.span(span(place)).label(visible(message).into_owned()));
        let notes = self
            .notes(finding)
            .into_iter()
            .map(|note| Level::NOTE.no_name().message(visible(&note).into_owned()));
        let level = match finding.verdict {
            Verdict::Fail => Level::ERROR,
            Verdict::Inconclusive => Level::WARNING,
            _ => Level::INFO,
        };
        let group = Group::with_level(level).element(snippet).elements(notes);
        paper.lines(&renderer(paper.colour()).render(&[group]));
    }
}

/// The bytes of the escaped line that a place underlines: at least one character, unless at the line's end.
fn span(place: &Place) -> Range<usize> {
    let index = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
    let first = index(place.column.saturating_sub(1));
    let width_of = |count: usize| -> usize {
        place
            .text
            .chars()
            .take(count)
            .map(|character| visible(character.encode_utf8(&mut [0; 4])).len())
            .sum()
    };
    width_of(first)..width_of(first.saturating_add(index(place.length.max(1))))
}

/// The colours are set here because the defaults depend on the platform.
fn renderer(colour: bool) -> Renderer {
    if !colour {
        return Renderer::plain();
    }
    let frame = AnsiColor::Blue.on_default().bold();
    Renderer::styled()
        .error(verdict_style(Verdict::Fail))
        .warning(verdict_style(Verdict::Inconclusive))
        .info(verdict_style(Verdict::Lenient))
        .note(Style::new())
        .line_num(frame)
        .emphasis(Style::new())
        .context(frame)
        .none(Style::new())
}

#[cfg(test)]
mod tests {
    use mqttspec_spec::record::Place;

    use super::span;

    fn place(text: &str, column: u32, length: u32) -> Place {
        Place { line: 1, column, text: text.to_owned(), length }
    }

    #[test]
    fn the_span_counts_characters_and_yields_bytes() {
        assert_eq!(span(&place("- expect: {closed: a}", 12, 6)), 11..17);
        assert_eq!(span(&place("- é: ü", 6, 1)), 6..8);
    }

    #[test]
    fn the_span_follows_escapes() {
        assert_eq!(span(&place("\u{1b}ab", 2, 1)), 6..7);
    }

    #[test]
    fn a_place_outside_the_line_is_drawn_at_its_end() {
        assert_eq!(span(&place("abc", 9, 4)), 3..3);
        assert_eq!(span(&place("abc", 0, 0)), 0..1);
        assert_eq!(span(&place("", 1, u32::MAX)), 0..0);
    }
}

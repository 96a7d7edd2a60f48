//! Text under construction. Whatever is put on it is escaped, so no renderer can forget to.

use anstyle::{AnsiColor, Style};
use mqttspec_spec::Verdict;

use crate::escape::visible;

pub(crate) const PLAIN: Style = Style::new();
pub(crate) const HEADING: Style = Style::new().bold();
pub(crate) const DIM: Style = Style::new().dimmed();
pub(crate) const SENT: Style = AnsiColor::Cyan.on_default();
pub(crate) const RECEIVED: Style = AnsiColor::Magenta.on_default();
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
pub(crate) const DOUBTFUL: Style = AnsiColor::Yellow.on_default().bold();
pub(crate) const GOOD: Style = AnsiColor::Green.on_default().bold();

/// Paragraphs are broken before this column.
const WIDTH: usize = 100;

/// The style of a verdict.
pub(crate) const fn verdict_style(verdict: Verdict) -> Style {
    match verdict {
        Verdict::Fail => BAD,
        Verdict::Inconclusive => DOUBTFUL,
        Verdict::Pass => GOOD,
        Verdict::Lenient => AnsiColor::Cyan.on_default().bold(),
        Verdict::Info => AnsiColor::Blue.on_default().bold(),
        Verdict::Unsupported | Verdict::Skipped => DIM,
    }
}

/// A text that grows line by line, in colour or without.
#[derive(Debug)]
pub(crate) struct Paper {
    text: String,
    colour: bool,
}

impl Paper {
    pub(crate) const fn new(colour: bool) -> Self {
        Self { text: String::new(), colour }
    }

    pub(crate) const fn colour(&self) -> bool {
        self.colour
    }

    /// Adds text that may hold anything.
    pub(crate) fn put(&mut self, style: Style, text: &str) -> &mut Self {
        let text = visible(text);
        if self.colour && style != PLAIN && !text.is_empty() {
            self.text.push_str(&format!("{style}{text}{style:#}"));
        } else {
            self.text.push_str(&text);
        }
        self
    }

    /// Adds text in the ordinary style.
    pub(crate) fn say(&mut self, text: &str) -> &mut Self {
        self.put(PLAIN, text)
    }

    /// Adds text that fills at least `width` columns.
    pub(crate) fn cell(&mut self, style: Style, text: &str, width: usize) -> &mut Self {
        let text = visible(text);
        let fill = width.saturating_sub(text.chars().count());
        self.put(style, &text).say(&" ".repeat(fill))
    }

    /// Ends the line.
    pub(crate) fn end(&mut self) -> &mut Self {
        let kept = self.text.trim_end_matches(' ').len();
        self.text.truncate(kept);
        self.text.push('\n');
        self
    }

    /// Adds lines that another renderer made from escaped text.
    pub(crate) fn lines(&mut self, rendered: &str) -> &mut Self {
        for line in rendered.lines() {
            self.text.push_str(line);
            self.end();
        }
        self
    }

    /// Adds a paragraph whose first line goes on where the paper stands, at column `indent`, and whose
    /// other lines begin there.
    pub(crate) fn paragraph(&mut self, style: Style, indent: usize, text: &str) -> &mut Self {
        let mut line = String::new();
        let mut column = indent;
        for word in text.split(' ') {
            let length = visible(word).chars().count();
            if line.is_empty() {
                column += length;
            } else if column + 1 + length > WIDTH {
                self.put(style, &line).end().say(&" ".repeat(indent));
                line.clear();
                column = indent + length;
            } else {
                line.push(' ');
                column += 1 + length;
            }
            line.push_str(word);
        }
        self.put(style, &line).end()
    }

    pub(crate) fn into_text(self) -> String {
        self.text
    }
}

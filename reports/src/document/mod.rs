//! Texts for people that do without a script: headings, paragraphs and tables, as Markdown or as HTML.

mod html;
mod markdown;

use std::io::{self, Write};

use mqttspec_spec::Verdict;

/// The form in which a document is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// One HTML file without script or external assets.
    Html,
    /// GitHub's Markdown.
    Markdown,
}

/// A text, block by block.
pub(crate) struct Document {
    pub(crate) title: String,
    pub(crate) blocks: Vec<Block>,
}

/// A part of a text. Every string may be hostile; the writers make it harmless.
pub(crate) enum Block {
    /// A heading of the second level.
    Heading(String),
    /// A paragraph.
    Text(String),
    /// A table: the names of its columns, and its rows.
    Table(Vec<String>, Vec<Vec<Cell>>),
}

/// A cell of a table.
#[derive(Clone)]
pub(crate) enum Cell {
    /// Words.
    Text(String),
    /// Words that say how something ended, with the verdict that gives them their colour.
    Verdict(Option<Verdict>, String),
}

impl Cell {
    /// The mark of a verdict, and what else is to be said about it.
    pub(crate) fn mark(verdict: Option<Verdict>, more: &str) -> Self {
        Self::Verdict(verdict, format!("{}{more}", mark(verdict)))
    }

    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Text(text) | Self::Verdict(_, text) => text,
        }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl Block {
    pub(crate) fn table(head: &[&str], rows: Vec<Vec<Cell>>) -> Self {
        Self::Table(head.iter().map(|&name| name.to_owned()).collect(), rows)
    }
}

impl Document {
    pub(crate) fn write(&self, writer: impl Write, form: Form) -> io::Result<()> {
        match form {
            Form::Html => html::write(writer, self),
            Form::Markdown => markdown::write(writer, self),
        }
    }
}

/// A verdict as shape and word, so that no reader depends on colours.
pub(crate) const fn mark(verdict: Option<Verdict>) -> &'static str {
    match verdict {
        None => "· not tested",
        Some(Verdict::Skipped) => "○ skipped",
        Some(Verdict::Unsupported) => "– unsupported",
        Some(Verdict::Info) => "ℹ info",
        Some(Verdict::Pass) => "✔ pass",
        Some(Verdict::Lenient) => "◐ lenient",
        Some(Verdict::Inconclusive) => "? inconclusive",
        Some(Verdict::Fail) => "✘ fail",
    }
}

//! What a report says in words about a run as a whole.

use anstyle::Style;

use crate::paper::{DOUBTFUL, PLAIN, Paper};

/// The column at which the words behind a label begin.
const INDENT: usize = 12;

/// One thing that is said about a run, from which each report makes what is a paragraph to it.
pub(crate) struct Remark {
    style: Style,
    /// What kind of remark it is, if that has to be said.
    pub(crate) label: Option<&'static str>,
    /// What is spoken about, if it is a thing with a name.
    pub(crate) about: Option<String>,
    /// What is said.
    pub(crate) words: String,
}

impl Remark {
    pub(super) fn new(style: Style, words: impl Into<String>) -> Self {
        Self { style, label: None, about: None, words: words.into() }
    }

    pub(super) fn warning(words: impl Into<String>) -> Self {
        Self { label: Some("warning"), ..Self::new(PLAIN, words) }
    }

    pub(super) fn stale_entry(about: String, words: impl Into<String>) -> Self {
        Self { label: Some("stale entry"), about: Some(about), ..Self::new(PLAIN, words) }
    }

    pub(super) fn put(&self, paper: &mut Paper) {
        let Some(label) = self.label else {
            paper.paragraph(self.style, 0, &self.words);
            return;
        };
        paper.cell(DOUBTFUL, label, INDENT);
        if let Some(about) = &self.about {
            paper.say(about).end().say(&" ".repeat(INDENT));
        }
        paper.paragraph(self.style, INDENT, &self.words);
    }
}

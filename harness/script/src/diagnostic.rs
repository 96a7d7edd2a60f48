//! What is wrong with a case file, where, and how to mend it.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use crate::plan::{File, Place};

/// An error in a case file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The file.
    pub file: Arc<File>,
    /// The part of it that is wrong.
    pub place: Place,
    /// What is wrong, in one line.
    pub message: String,
    /// What stands under the place: what was expected, or why it is wrong. May be empty.
    pub label: String,
    /// How to mend it.
    pub advice: Option<String>,
}

impl Diagnostic {
    /// The error for people: message, file, line and column, the line with the place underlined, the
    /// advice. With `color`, in the colours of a terminal.
    #[must_use]
    pub fn render(&self, color: bool) -> String {
        let annotation = AnnotationKind::Primary.span(self.span());
        let annotation = if self.label.is_empty() { annotation } else { annotation.label(&self.label) };
        let snippet = Snippet::source(&self.file.text).path(&self.file.path).annotation(annotation);
        let mut group = Level::ERROR.primary_title(&self.message).element(snippet);
        if let Some(advice) = &self.advice {
            group = group.element(Level::HELP.message(advice));
        }
        let renderer = if color { Renderer::styled() } else { Renderer::plain() };
        renderer.render(&[group])
    }

    /// The same error in a file whose path is taken from `folder`.
    #[must_use]
    pub fn below(self, folder: &Path) -> Self {
        let File { path, text } = &*self.file;
        let path = folder.join(path).to_string_lossy().replace('\\', "/");
        Self { file: Arc::new(File { path, text: text.clone() }), ..self }
    }

    /// The place as a range of bytes.
    fn span(&self) -> std::ops::Range<usize> {
        let text = &self.file.text;
        let line = usize::try_from(self.place.line.saturating_sub(1)).unwrap_or(usize::MAX);
        let mut start = 0;
        for _ in 0..line {
            match text.get(start..).and_then(|rest| rest.find('\n')) {
                Some(end) => start += end + 1,
                None => return text.len()..text.len(),
            }
        }
        let rest = text.get(start..).unwrap_or_default();
        let line = rest.lines().next().unwrap_or_default();
        let byte_of = |column: u32| {
            let column = usize::try_from(column).unwrap_or(usize::MAX);
            line.char_indices().nth(column).map_or(line.len(), |(index, _)| index)
        };
        let first = self.place.column.saturating_sub(1);
        start + byte_of(first)..start + byte_of(first + self.place.length)
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place { line, column, .. } = self.place;
        write!(f, "{}:{line}:{column}: {}", self.file.path, self.message)
    }
}

impl std::error::Error for Diagnostic {}

/// The errors found so far in one file.
#[derive(Debug)]
pub(crate) struct Problems {
    file: Arc<File>,
    list: Vec<Diagnostic>,
}

impl Problems {
    pub(crate) fn new(file: Arc<File>) -> Self {
        Self { file, list: Vec::new() }
    }

    /// Notes an error. The same error at the same place, as expansion brings forth, is noted once.
    pub(crate) fn add(&mut self, place: Place, message: impl Into<String>, label: impl Into<String>) {
        self.push_with(place, message.into(), label.into(), None);
    }

    /// The same with advice how to mend it.
    pub(crate) fn advise(
        &mut self,
        place: Place,
        message: impl Into<String>,
        label: impl Into<String>,
        advice: impl Into<String>,
    ) {
        self.push_with(place, message.into(), label.into(), Some(advice.into()));
    }

    /// The same with advice, if there is any.
    pub(crate) fn push_with(&mut self, place: Place, message: String, label: String, advice: Option<String>) {
        let diagnostic = Diagnostic { file: Arc::clone(&self.file), place, message, label, advice };
        if !self.list.contains(&diagnostic) {
            self.list.push(diagnostic);
        }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    pub(crate) fn into_list(self) -> Vec<Diagnostic> {
        self.list
    }
}

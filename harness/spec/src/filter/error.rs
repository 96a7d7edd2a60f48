//! What is wrong with a filter.

use std::fmt;
use std::ops::Range;

/// Why a text is no filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterError {
    /// The whole text.
    pub text: String,
    /// The part of it that is wrong, in bytes.
    pub span: Range<usize>,
    /// What is wrong, in one line.
    pub message: String,
    /// What stands under the part.
    pub label: String,
    /// How to mend it.
    pub advice: Option<String>,
}

impl fmt::Display for FilterError {
    /// The message, the text with the part underlined, the advice.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A caret stands under a character only if each takes one column of one line.
        let shown: String = self.text.chars().map(|one| if one.is_control() { ' ' } else { one }).collect();
        let columns = |range: Range<usize>| self.text.get(range).map_or(0, |part| part.chars().count());
        let before = " ".repeat(columns(0..self.span.start));
        let carets = "^".repeat(columns(self.span.clone()).max(1));
        writeln!(f, "{}", self.message)?;
        writeln!(f, "  {shown}")?;
        write!(f, "  {before}{carets} {}", self.label)?;
        match &self.advice {
            None => Ok(()),
            Some(advice) => write!(f, "\n  {advice}"),
        }
    }
}

impl std::error::Error for FilterError {}

//! Files whose name says in which form a document is written.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use mqttspec_reports::Form;

/// A file for a document.
#[derive(Clone, Debug)]
pub(crate) struct DocumentFile {
    pub(crate) path: PathBuf,
    pub(crate) form: Form,
}

impl FromStr for DocumentFile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let form = match Path::new(text).extension().and_then(|extension| extension.to_str()) {
            Some("html") => Form::Html,
            Some("md") => Form::Markdown,
            _ => return Err(format!("`{text}` says no form: expected a name that ends in .html or .md")),
        };
        Ok(Self { path: text.into(), form })
    }
}

//! The files that a run, or its record, is turned into.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use mqttspec_reports::{file, html, junit, markdown, pcapng, statement};
use mqttspec_spec::Registry;
use mqttspec_spec::record::Run;

use super::Failure;
use crate::document_file::DocumentFile;

/// Which reports are written, and where.
#[derive(Debug, Args)]
pub(crate) struct ReportFiles {
    /// Write a report for people as one HTML file.
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// Write the implementation statement: what the broker was seen to do, statement by statement. The name ends in
    /// .html or .md; can be given twice.
    #[arg(long, value_name = "FILE")]
    pub(crate) statement: Vec<DocumentFile>,
    /// Write a JUnit report.
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
    /// Write a summary in Markdown, for the page of a CI job.
    #[arg(long, value_name = "FILE")]
    pub(crate) markdown: Option<PathBuf>,
    /// Write a capture (pcapng) of each case that failed, was inconclusive, lenient or flaky.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) pcap: Option<PathBuf>,
    /// Write a capture of every case that was played.
    #[arg(long, requires = "pcap")]
    pub(crate) pcap_all: bool,
}

impl ReportFiles {
    /// Whether no report was asked for.
    pub(super) fn is_empty(&self) -> bool {
        self.html.is_none()
            && self.statement.is_empty()
            && self.junit.is_none()
            && self.markdown.is_none()
            && self.pcap.is_none()
    }
}

/// Writes the reports that were asked for. `suite_root` is put before the paths of the suite's files.
pub(super) fn write_reports(
    files: &ReportFiles,
    record: &Run,
    registry: &Registry,
    suite_root: &str,
) -> Result<(), Failure> {
    let failed = |error: file::WriteError| Failure::usage(error.to_string());
    if let Some(path) = &files.html {
        file::write_atomically(path, |writer| html::write(writer, record, registry)).map_err(failed)?;
    }
    for DocumentFile { path, form } in &files.statement {
        file::write_atomically(path, |writer| statement::write(writer, record, registry, *form))
            .map_err(failed)?;
    }
    if let Some(path) = &files.junit {
        file::write_atomically(path, |writer| junit::write(writer, record, registry, suite_root))
            .map_err(failed)?;
    }
    if let Some(path) = &files.markdown {
        file::write_atomically(path, |writer| markdown::write(writer, record, registry, suite_root))
            .map_err(failed)?;
    }
    if let Some(folder) = &files.pcap {
        write_captures(folder, record, files.pcap_all)?;
    }
    Ok(())
}

fn write_captures(folder: &Path, record: &Run, all: bool) -> Result<(), Failure> {
    fs::create_dir_all(folder).map_err(|error| {
        Failure::usage(format!("cannot make the folder {} for --pcap: {error}", folder.display()))
    })?;
    for capture in pcapng::captures(record, all) {
        file::write_atomically(&folder.join(&capture.file_name), |writer| {
            pcapng::write(writer, record, capture.case)
        })
        .map_err(|error| Failure::usage(error.to_string()))?;
    }
    Ok(())
}

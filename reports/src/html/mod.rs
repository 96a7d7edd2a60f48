//! The report for people: one HTML file that needs no network.
//!
//! The page is a fixed template with the run as a JSON island; its script only ever sets text, never markup, so
//! nothing that a broker sent is read as HTML.

mod data;
mod timeline;

use std::io::{self, Write};

use mqttspec_spec::Registry;
use mqttspec_spec::record::Run;

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Writes a run as one HTML file.
///
/// # Errors
/// When the writer fails.
pub fn write(mut writer: impl Write, run: &Run, registry: &Registry) -> io::Result<()> {
    let island = data::island(run, registry)?;
    let mut rest = PAGE;
    // Each mark is looked for only in what follows of the template, never in what was put in.
    for (mark, content) in [("/*style*/", STYLE), ("/*data*/", island.as_str()), ("/*script*/", SCRIPT)] {
        let (before, after) = rest.split_once(mark).unwrap_or((rest, ""));
        writer.write_all(before.as_bytes())?;
        writer.write_all(content.as_bytes())?;
        rest = after;
    }
    writer.write_all(rest.as_bytes())?;
    writer.flush()
}

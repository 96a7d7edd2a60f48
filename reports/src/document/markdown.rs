//! Documents as Markdown.

use std::io::{self, Write};

use super::{Block, Cell, Document};
use crate::escape::visible;

pub(super) fn write(mut writer: impl Write, document: &Document) -> io::Result<()> {
    writeln!(writer, "# {}", plain(&document.title))?;
    for block in &document.blocks {
        writeln!(writer)?;
        match block {
            Block::Heading(text) => writeln!(writer, "## {}", plain(text))?,
            Block::Text(text) => writeln!(writer, "{}", plain(text))?,
            Block::Table(head, rows) => {
                row(&mut writer, head.iter().map(String::as_str))?;
                writeln!(writer, "|{}", " --- |".repeat(head.len()))?;
                for cells in rows {
                    row(&mut writer, cells.iter().map(Cell::text))?;
                }
            }
        }
    }
    writer.flush()
}

fn row<'a>(writer: &mut impl Write, cells: impl Iterator<Item = &'a str>) -> io::Result<()> {
    let cells: Vec<String> = cells.map(plain).collect();
    writeln!(writer, "| {} |", cells.join(" | "))
}

/// Text in which no character means anything to Markdown.
fn plain(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in visible(text).chars() {
        match character {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            // Otherwise a name with `@` or an address would become a mention or a link.
            '@' => escaped.push_str("&#64;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '$' => {
                escaped.push('\\');
                escaped.push(character);
            }
            other => escaped.push(other),
        }
    }
    escaped
}

//! Documents as HTML without a script.

use std::io::{self, Write};

use super::{Block, Cell, Document};
use crate::escape::visible;

const STYLE: &str = include_str!("document.css");

pub(super) fn write(mut writer: impl Write, document: &Document) -> io::Result<()> {
    let title = plain(&document.title);
    writeln!(
        writer,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>"
    )?;
    let headings: Vec<&String> = document
        .blocks
        .iter()
        .filter_map(|block| match block {
            Block::Heading(text) => Some(text),
            Block::Text(_) | Block::Table(..) => None,
        })
        .collect();
    writeln!(writer, "<details><summary>Contents</summary><ol>")?;
    for (index, text) in headings.iter().enumerate() {
        writeln!(writer, "<li><a href=\"#s{index}\">{}</a></li>", plain(text))?;
    }
    writeln!(writer, "</ol></details>")?;
    let mut heading = 0;
    for block in &document.blocks {
        match block {
            Block::Heading(text) => {
                writeln!(writer, "<h2 id=\"s{heading}\">{}</h2>", plain(text))?;
                heading += 1;
            }
            Block::Text(text) => writeln!(writer, "<p>{}</p>", plain(text))?,
            Block::Table(head, rows) => table(&mut writer, head, rows)?,
        }
    }
    writeln!(writer, "</main>\n</body>\n</html>")?;
    writer.flush()
}

fn table(writer: &mut impl Write, head: &[String], rows: &[Vec<Cell>]) -> io::Result<()> {
    write!(writer, "<table><thead><tr>")?;
    for name in head {
        write!(writer, "<th scope=\"col\">{}</th>", plain(name))?;
    }
    writeln!(writer, "</tr></thead><tbody>")?;
    for cells in rows {
        write!(writer, "<tr>")?;
        for (cell, name) in cells.iter().zip(head) {
            let class = match cell {
                Cell::Text(_) => String::new(),
                Cell::Verdict(None, _) => " class=\"none\"".to_owned(),
                Cell::Verdict(Some(verdict), _) => format!(" class=\"{verdict}\""),
            };
            write!(writer, "<td{class} data-name=\"{}\">{}</td>", plain(name), plain(cell.text()))?;
        }
        writeln!(writer, "</tr>")?;
    }
    writeln!(writer, "</tbody></table>")
}

fn plain(text: &str) -> String {
    visible(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

//! The annotated bytes as text.

use std::fmt::Write as _;

use super::AnnotatedField;

/// Bytes on one line.
const WIDTH: usize = 8;
/// Lines of bytes of one field; of longer ones the rest is counted.
const LINES: usize = 8;

/// Writes annotated bytes as a table of offset, hexadecimal bytes, field and value; a breach stands below the
/// field where it is. `bytes` are those that were annotated.
#[must_use]
pub fn render(bytes: &[u8], fields: &[AnnotatedField]) -> String {
    let names = fields.iter().map(|field| field.name.len()).max().unwrap_or_default();
    let mut out = String::new();
    for field in fields {
        let AnnotatedField { name, range, words, violation } = field;
        let bytes = bytes.get(range.clone()).unwrap_or_default();
        let mut lines = bytes.chunks(WIDTH);
        let first = lines.next().unwrap_or_default();
        line(&mut out, range.start, &hex(first), &format!("{name:names$}  {words}"));
        for (index, bytes) in lines.by_ref().take(LINES - 1).enumerate() {
            line(&mut out, range.start + (index + 1) * WIDTH, &hex(bytes), "");
        }
        let hidden: usize = lines.map(<[u8]>::len).sum();
        if hidden > 0 {
            line(&mut out, range.end - hidden, &format!("... {hidden} more"), "");
        }
        if let Some(violation) = violation {
            let _ = writeln!(out, "       ^ {violation}");
        }
    }
    out
}

fn line(out: &mut String, offset: usize, hex: &str, text: &str) {
    let line = format!("{offset:>5}  {hex:<23}  {text}");
    out.push_str(line.trim_end());
    out.push('\n');
}

fn hex(bytes: &[u8]) -> String {
    let bytes: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    bytes.join(" ")
}

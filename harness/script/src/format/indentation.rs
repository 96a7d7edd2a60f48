//! Spaces in front of lines.

use super::spacing::Line;

/// A level of block collections: the column where it stands, and where it should.
#[derive(Clone, Copy)]
struct Level {
    old: usize,
    new: usize,
    is_list: bool,
}

/// The lines with their indentation put right: two for each level. Comments stand where the line after them
/// does.
pub(super) fn normalise(lines: &[Line]) -> Vec<String> {
    let mut levels: Vec<Level> = Vec::new();
    let mut shift = 0;
    let mut comments: Vec<&str> = Vec::new();
    let mut out = Vec::with_capacity(lines.len());
    for line in lines {
        if line.goes_on {
            let indent = (line.indent as isize + shift).max(0).cast_unsigned();
            out.push(format!("{}{}", " ".repeat(indent), line.content));
            continue;
        }
        if line.content.is_empty() || line.content.starts_with('#') {
            comments.push(&line.content);
            continue;
        }
        let new = enter(&mut levels, line);
        flush(&mut comments, new, &mut out);
        shift = new.cast_signed() - line.indent.cast_signed();
        out.push(format!("{}{}", " ".repeat(new), line.content));
    }
    flush(&mut comments, 0, &mut out);
    out
}

fn flush(comments: &mut Vec<&str>, indent: usize, out: &mut Vec<String>) {
    for comment in comments.drain(..) {
        out.push(if comment.is_empty() { String::new() } else { format!("{}{comment}", " ".repeat(indent)) });
    }
}

/// Finds the level of a line, and opens those that it begins; gives the line's new indentation.
fn enter(levels: &mut Vec<Level>, line: &Line) -> usize {
    let mut column = line.indent;
    let mut content = line.content.as_str();
    let mut first = None;
    loop {
        let is_list = content == "-" || content.starts_with("- ");
        while levels
            .last()
            .is_some_and(|level| level.old > column || level.old == column && level.is_list && !is_list)
        {
            levels.pop();
        }
        let known = levels.last().filter(|level| level.old == column && level.is_list == is_list);
        let new = match (known, levels.last()) {
            (Some(level), _) => level.new,
            (None, parent) => {
                let new = parent.map_or(0, |parent| parent.new + 2);
                levels.push(Level { old: column, new, is_list });
                new
            }
        };
        first.get_or_insert(new);
        match content.strip_prefix("- ").filter(|_| is_list) {
            // What stands behind a dash is a level of its own. Spacing has left one space there, but on the
            // lines that follow the old column counts.
            Some(inner) if !inner.starts_with('#') => {
                column += 2 + line.after_dash;
                content = inner;
            }
            _ => return first.unwrap_or_default(),
        }
    }
}

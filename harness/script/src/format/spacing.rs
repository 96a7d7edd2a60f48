//! Spaces inside lines.

/// A line of the file.
#[derive(Clone, Debug)]
pub(super) struct Line {
    /// The number of spaces in front.
    pub(super) indent: usize,
    /// The rest.
    pub(super) content: String,
    /// The number of spaces that stood behind the first dash, beyond the one that is due.
    pub(super) after_dash: usize,
    /// Whether the line goes on with a flow collection or a quoted string that began on a line before.
    pub(super) goes_on: bool,
}

/// What a line ends in the middle of.
#[derive(Clone, Copy, Default)]
struct Open {
    /// The number of flow collections.
    depth: usize,
    /// The quote of a string.
    quote: Option<char>,
}

/// All lines with their spaces put right, and none at their ends.
pub(super) fn normalise(text: &str) -> Vec<Line> {
    let mut open = Open::default();
    text.lines()
        .map(|line| {
            let goes_on = open.depth > 0 || open.quote.is_some();
            let bare = line.trim_start_matches(' ');
            let indent = line.len() - bare.len();
            let after_dash = bare
                .strip_prefix('-')
                .map_or(0, |rest| (rest.len() - rest.trim_start_matches(' ').len()).saturating_sub(1));
            let content = respace(bare, &mut open);
            Line { indent, content, after_dash, goes_on }
        })
        .collect()
}

fn respace(line: &str, open: &mut Open) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line.trim_end();
    while let Some(c) = rest.chars().next() {
        let after = rest.get(c.len_utf8()..).unwrap_or_default();
        if let Some(quote) = open.quote {
            rest = quoted(quote, c, after, &mut out, open);
            continue;
        }
        rest = match c {
            '#' if out.is_empty() || out.ends_with(' ') => {
                push_comment(rest, line, &mut out);
                break;
            }
            // Only what begins a value can be a quote.
            '"' | '\'' if out.is_empty() || out.ends_with([' ', '[', '{']) => {
                open.quote = Some(c);
                out.push(c);
                after
            }
            '[' | '{' if open.depth > 0 || out.is_empty() || out.ends_with(' ') => {
                open.depth += 1;
                out.push(c);
                after.trim_start_matches(' ')
            }
            ']' | '}' if open.depth > 0 => {
                open.depth -= 1;
                trim_end(&mut out);
                if c == '}' {
                    shorten_rest(&mut out);
                }
                out.push(c);
                after
            }
            ',' if open.depth > 0 => {
                trim_end(&mut out);
                shorten_rest(&mut out);
                out.push(',');
                let after = after.trim_start_matches(' ');
                if !after.is_empty() {
                    out.push(' ');
                }
                after
            }
            ':' if after.is_empty() || after.starts_with(' ') => {
                trim_end(&mut out);
                out.push(':');
                one_space(after, &mut out)
            }
            '-' if after.starts_with(' ') && is_prefix(&out) => {
                out.push('-');
                one_space(after, &mut out)
            }
            c => {
                out.push(c);
                after
            }
        };
    }
    trim_end(&mut out);
    out
}

/// Takes one character of a quoted string.
fn quoted<'a>(quote: char, c: char, after: &'a str, out: &mut String, open: &mut Open) -> &'a str {
    out.push(c);
    let next = after.chars().next();
    match (quote, c, next) {
        ('"', '\\', Some(escaped)) | ('\'', '\'', Some(escaped @ '\'')) => {
            out.push(escaped);
            after.get(escaped.len_utf8()..).unwrap_or_default()
        }
        _ => {
            if c == quote {
                open.quote = None;
            }
            after
        }
    }
}

/// Comments keep their distance, which is at least two spaces behind a value.
fn push_comment(comment: &str, line: &str, out: &mut String) {
    if out.is_empty() {
        out.push_str(comment);
        return;
    }
    let before = line.get(..line.trim_end().len() - comment.len()).unwrap_or_default();
    let distance = before.len() - before.trim_end_matches(' ').len();
    trim_end(out);
    out.push_str(&" ".repeat(distance.max(2)));
    out.push_str(comment);
}

/// One space before what follows on the line, if anything but a comment does.
fn one_space<'a>(after: &'a str, out: &mut String) -> &'a str {
    let rest = after.trim_start_matches(' ');
    if rest.is_empty() {
        return rest;
    }
    out.push(' ');
    rest
}

/// `..: ` without a value is `..`.
fn shorten_rest(out: &mut String) {
    if out.ends_with("{..:") || out.ends_with(" ..:") {
        out.pop();
    }
}

fn trim_end(out: &mut String) {
    out.truncate(out.trim_end_matches(' ').len());
}

/// Whether only dashes of enclosing lists came before.
fn is_prefix(out: &str) -> bool {
    out.chars().all(|c| matches!(c, '-' | ' '))
}

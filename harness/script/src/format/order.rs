//! The order of a case's keys, and the blank lines between cases.

use super::rank;

/// Lines that belong together.
#[derive(Default)]
struct Block {
    key: String,
    lines: Vec<String>,
}

/// Puts the keys of each case in order, and one blank line between cases.
pub(super) fn normalise(lines: &[String]) -> Vec<String> {
    let mut out = Vec::with_capacity(lines.len());
    let mut pending: Vec<String> = Vec::new();
    let mut case: Vec<String> = Vec::new();
    for line in lines {
        let is_lead = line.is_empty() || line.starts_with('#');
        if line.starts_with("- ") {
            finish(&mut case, &mut out);
            case.append(&mut pending);
            case.push(line.clone());
        } else if is_lead {
            pending.push(line.clone());
        } else {
            case.append(&mut pending);
            case.push(line.clone());
        }
    }
    finish(&mut case, &mut out);
    out.extend(pending.into_iter().filter(|line| !line.is_empty()));
    out
}

/// Writes a case: what stands before it, then its keys.
fn finish(case: &mut Vec<String>, out: &mut Vec<String>) {
    let lines = std::mem::take(case);
    let Some(start) = lines.iter().position(|line| line.starts_with("- ")) else {
        out.extend(lines);
        return;
    };
    let (lead, body) = lines.split_at(start);
    if out.iter().any(|line| line.starts_with("- ")) {
        out.push(String::new());
    }
    out.extend(lead.iter().filter(|line| !line.is_empty()).cloned());
    let mut blocks = blocks(body);
    blocks.sort_by_key(|block| rank(&block.key));
    let mut is_first = true;
    for line in blocks.into_iter().flat_map(|block| block.lines) {
        let is_key = line.starts_with("  ") && !line.starts_with("   ") && !line.starts_with("  #");
        match line.get(2..) {
            Some(rest) if is_first && is_key => {
                out.push(format!("- {rest}"));
                is_first = false;
            }
            // A comment before what is now the first key stands before the case.
            Some(rest) if is_first => out.push(rest.to_owned()),
            _ => out.push(line),
        }
    }
}

/// The keys of a case, each with the lines below it and the comments above it.
fn blocks(body: &[String]) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut comments: Vec<String> = Vec::new();
    for line in body {
        let line = match line.strip_prefix("- ") {
            Some(rest) => format!("  {rest}"),
            None => line.clone(),
        };
        let bare = line.trim_start_matches(' ');
        let indent = line.len() - bare.len();
        if bare.is_empty() {
            continue;
        }
        if indent == 2 && bare.starts_with('#') {
            comments.push(line);
        } else if indent == 2 {
            let key = bare.split(':').next().unwrap_or_default().to_owned();
            let mut lines = std::mem::take(&mut comments);
            lines.push(line);
            blocks.push(Block { key, lines });
        } else if let Some(block) = blocks.last_mut() {
            block.lines.append(&mut comments);
            block.lines.push(line);
        }
    }
    if let Some(block) = blocks.last_mut() {
        block.lines.append(&mut comments);
    }
    blocks
}

//! The broker's crashes: what was seen, which case brings it about, and what the broker wrote.

use mqttspec_spec::record::{Crash, Run};

use crate::escape::clip;
use crate::paper::{BAD, DIM, HEADING, PLAIN, Paper};

/// Lines of the broker's log that are shown.
const LOG: usize = 20;
/// Characters of each of them.
const LINE: usize = 200;
/// Suspects that are named.
const SUSPECTS: usize = 5;
/// Characters of a packet's bytes.
const BYTES: usize = 160;

/// A crash in one line.
pub(crate) fn headline(crash: &Crash) -> String {
    match &crash.culprit {
        Some(culprit) => format!("{}  {}  {}", culprit.version, culprit.id, crash.what),
        None => crash.what.clone(),
    }
}

pub(super) fn crashes(paper: &mut Paper, run: &Run) {
    for found in &run.crashes {
        crash(paper, found);
        paper.end();
    }
}

/// Everything about one crash.
pub(crate) fn crash(paper: &mut Paper, crash: &Crash) {
    paper.put(BAD, "CRASH").say(&format!("  {}", headline(crash))).end();
    match &crash.culprit {
        Some(culprit) => {
            if let (Some(packet), Some(bytes)) = (&culprit.packet, &culprit.bytes) {
                paper.put(HEADING, "  after     ").paragraph(PLAIN, 12, &clip(packet, LINE));
                paper.put(HEADING, "  bytes     ").say(&clip(bytes, BYTES)).end();
            }
            paper.put(HEADING, "  run again ").say(&culprit.rerun).end();
        }
        None => suspects(paper, &crash.suspects),
    }
    for (index, line) in crash.log.iter().rev().take(LOG).rev().enumerate() {
        paper.put(HEADING, if index == 0 { "  log       " } else { "            " });
        paper.put(DIM, &clip(line, LINE)).end();
    }
}

/// What may have brought a crash about that no case brings about alone.
fn suspects(paper: &mut Paper, suspects: &[String]) {
    paper.put(HEADING, "  cause     ");
    let mut words = "none of the cases of that time brings it about when played again".to_owned();
    if !suspects.is_empty() {
        let named: Vec<&str> = suspects.iter().take(SUSPECTS).map(String::as_str).collect();
        words.push_str(&format!(": {}", named.join(", ")));
    }
    if suspects.len() > SUSPECTS {
        words.push_str(&format!(", and {} more", suspects.len() - SUSPECTS));
    }
    paper.paragraph(PLAIN, 12, &words);
}

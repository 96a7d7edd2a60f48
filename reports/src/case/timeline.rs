//! What was seen on the wire, event by event.

use mqttspec_spec::Verdict;
use mqttspec_spec::record::{Case, Entry, Event};

use super::CaseText;
use super::evidence::{client_name, ending_words};
use crate::paper::{BAD, DIM, HEADING, PLAIN, Paper, RECEIVED, SENT};
use crate::summary::count_of;

/// Longer names of clients are not aligned.
const WIDEST_CLIENT: usize = 16;
/// What follows more bytes than this, in columns, is not aligned.
const WIDEST_HEX: usize = 64;
/// The columns before an event: indent, time and unit.
const TIME_WIDTH: usize = 12;

impl CaseText<'_> {
    pub(super) fn timeline(self, paper: &mut Paper, case: &Case) {
        if case.timeline.is_empty() {
            return;
        }
        // A control that held is no evidence for anything, except when the case found nothing else.
        let hide_control = !self.detail.control && case.verdict != Verdict::Inconclusive;
        let (control, shown): (Vec<_>, Vec<_>) =
            case.timeline.iter().partition(|entry| hide_control && entry.control);
        paper.put(HEADING, "  timeline");
        if !control.is_empty() {
            let events = count_of(control.len(), "event", "events");
            paper.put(DIM, &format!("  ({events} of the control left out; -v shows all)"));
        }
        paper.end();

        // The end tells more than the beginning.
        let head = self.detail.events / 4;
        let left_out = shown.len().saturating_sub(self.detail.events);
        let layout = Layout::of(&shown, self.detail.bytes);
        for (index, entry) in shown.into_iter().enumerate() {
            if left_out > 0 && index == head {
                paper.put(DIM, &format!("  … {left_out} more events, all in the JSON report")).end();
            }
            if left_out == 0 || index < head || index >= head + left_out {
                self.entry(paper, entry, &layout);
            }
        }
    }

    fn entry(self, paper: &mut Paper, entry: &Entry, layout: &Layout) {
        let time = format!("{}.{:03} ms", entry.at_us / 1000, entry.at_us % 1000);
        paper.put(DIM, &format!("  {time:>TIME_WIDTH$}  "));
        if layout.control {
            paper.cell(DIM, if entry.control { "control" } else { "" }, "control".len()).say("  ");
        }
        let client = if entry.client.is_empty() {
            String::new()
        } else {
            client_name(&entry.client, entry.connection)
        };
        paper.cell(PLAIN, &client, layout.client);
        match &entry.event {
            Event::Opened => paper.put(DIM, "    opened").end(),
            Event::Sent { bytes, summary, violates } => {
                paper.put(SENT, "  → ").cell(SENT, &hex(bytes, self.detail.bytes), layout.hex);
                paper.say("  ").say(&self.clipped(summary));
                if !violates.is_empty() {
                    paper.put(DIM, &format!("  (breaks {} on purpose)", violates.join(", ")));
                }
                paper.end()
            }
            Event::Received { bytes, summary, violation } => {
                paper.put(RECEIVED, "  ← ").cell(RECEIVED, &hex(bytes, self.detail.bytes), layout.hex);
                paper.say("  ").say(&self.clipped(summary)).end();
                if let Some(violation) = violation {
                    paper
                        .say(&" ".repeat(layout.text()))
                        .put(BAD, "breaks ")
                        .say(&self.clipped(violation))
                        .end();
                }
                paper
            }
            Event::Ended { how } => paper.put(DIM, "    ").put(DIM, ending_words(*how)).end(),
            Event::Timer { what } => paper.put(DIM, &format!("    timer: {}", self.clipped(what))).end(),
            Event::Step { line, verb } => {
                paper.put(DIM, &format!("    line {line}: {}", self.clipped(verb))).end()
            }
        };
    }
}

/// The widths of the columns of one timeline.
struct Layout {
    control: bool,
    client: usize,
    hex: usize,
}

impl Layout {
    fn of(entries: &[&Entry], limit: usize) -> Self {
        let client = |entry: &&Entry| client_name(&entry.client, entry.connection).chars().count();
        let bytes = |entry: &&Entry| match &entry.event {
            Event::Sent { bytes, .. } | Event::Received { bytes, .. } => hex(bytes, limit).chars().count(),
            _ => 0,
        };
        Self {
            control: entries.iter().any(|entry| entry.control),
            client: entries.iter().map(client).max().unwrap_or(0).min(WIDEST_CLIENT),
            hex: entries.iter().map(bytes).max().unwrap_or(0).min(WIDEST_HEX),
        }
    }

    /// The column in which the text of a packet begins.
    const fn text(&self) -> usize {
        let control = if self.control { "control".len() + 2 } else { 0 };
        2 + TIME_WIDTH + 2 + control + self.client + 4 + self.hex + 2
    }
}

/// Bytes in pairs of digits, cut after `limit` of them.
fn hex(digits: &str, limit: usize) -> String {
    let mut rest = digits.chars();
    let mut pairs: Vec<String> = Vec::new();
    while pairs.len() < limit {
        let pair: String = rest.by_ref().take(2).collect();
        if pair.is_empty() {
            break;
        }
        pairs.push(pair);
    }
    if rest.next().is_some() {
        pairs.push(format!("… ({} bytes)", digits.len() / 2));
    }
    pairs.join(" ")
}

#[cfg(test)]
mod tests {
    use super::hex;

    #[test]
    fn bytes_are_cut_at_the_limit() {
        assert_eq!(hex("20020000", 4), "20 02 00 00");
        assert_eq!(hex("2002000000", 4), "20 02 00 00 … (5 bytes)");
        assert_eq!(hex("", 4), "");
    }
}

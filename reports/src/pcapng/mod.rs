//! Captures for Wireshark and tshark: what a case sent and received, with what the tool says about each packet.
//!
//! The record holds what the case read and wrote, not what was on the wire. Addresses, handshakes and
//! acknowledgements are made up around it; a comment of the file says so. So MQTT stands in the clear, also where it
//! went through TLS or WebSocket.

mod block;
mod name;
mod segment;
mod stream;

use std::io::{self, Write};

use junit_report::OffsetDateTime;
use mqttspec_spec::Verdict;
use mqttspec_spec::record::{Case, Entry, Event, Run};
use time::format_description::well_known::Rfc3339;

use crate::escape::{clip, visible};
use name::Names;
use stream::Stream;

/// Characters of one text of the broker in a comment.
const CHARACTERS: usize = 1_000;

/// A case of which a capture is to be written.
#[derive(Clone, Debug)]
pub struct Capture<'a> {
    /// The case.
    pub case: &'a Case,
    /// The name of its file, which no other case of the run has and every operating system takes.
    pub file_name: String,
}

/// The captures of a run: cases that failed, were inconclusive, lenient or flaky; all that were played if `all`.
#[must_use]
pub fn captures(run: &Run, all: bool) -> Vec<Capture<'_>> {
    let is_wanted = |case: &&Case| {
        let is_special =
            case.flaky || matches!(case.verdict, Verdict::Fail | Verdict::Inconclusive | Verdict::Lenient);
        (all || is_special) && !case.timeline.is_empty()
    };
    let mut names = Names::default();
    run.cases.iter().filter(is_wanted).map(|case| Capture { case, file_name: names.of(case) }).collect()
}

/// Writes one case as pcapng.
///
/// # Errors
/// When the writer fails.
pub fn write(mut writer: impl Write, run: &Run, case: &Case) -> io::Result<()> {
    let application = visible(&format!("{} {}", run.tool.name, run.tool.version)).into_owned();
    block::begin(&mut writer, &application, &about(case))?;
    // A time that nobody can read is none: the packets then begin in 1970.
    let began = OffsetDateTime::parse(&run.started, &Rfc3339)
        .ok()
        .and_then(|time| u64::try_from(time.unix_timestamp()).ok())
        .unwrap_or(0)
        .saturating_mul(1_000_000);
    for packet in packets(case) {
        let at_us = began.saturating_add(packet.at_us);
        block::packet(&mut writer, at_us, &packet.bytes, &packet.comment)?;
    }
    writer.flush()
}

fn about(case: &Case) -> String {
    let mut lines = vec![
        line(&format!("{} {} {}: {}", case.verdict, case.version, case.id, case.title)),
        line(&format!("{}:{}", case.source.path, case.source.line)),
    ];
    lines.extend(
        case.findings.iter().map(|finding| line(&format!("{}: {}", finding.verdict, finding.message))),
    );
    lines.push(line(&format!("run again: {}", case.rerun)));
    lines.push(
        "Made from the record of a run: addresses, handshakes and acknowledgements are made up, times count from the \
         beginning of the run as if the case had begun then."
            .to_owned(),
    );
    lines.join("\n")
}

/// A text of the broker as one line.
fn line(text: &str) -> String {
    visible(&clip(text, CHARACTERS)).into_owned()
}

struct Packet {
    at_us: u64,
    bytes: Vec<u8>,
    comment: String,
}

fn packets(case: &Case) -> Vec<Packet> {
    let mut streams: Vec<Stream> = Vec::new();
    let mut packets: Vec<Packet> = Vec::new();
    let mut step = String::new();
    let mut timers: Vec<String> = Vec::new();
    for entry in &case.timeline {
        match &entry.event {
            Event::Step { line, verb } => step = format!("line {line}: {verb}"),
            Event::Timer { what } => timers.push(what.clone()),
            Event::Opened | Event::Sent { .. } | Event::Received { .. } | Event::Ended { .. } => {
                let mut made = Vec::new();
                let known = streams.iter().position(|stream| stream.is_of(entry));
                let at = known.unwrap_or(streams.len());
                if known.is_none() {
                    let number = u16::try_from(at).unwrap_or(u16::MAX);
                    let (stream, opening) = Stream::open(entry, number);
                    streams.push(stream);
                    made = opening;
                }
                if let Some(stream) = streams.get_mut(at) {
                    made.extend(stream.packets(&entry.event));
                }
                let mut comment = comment(case, entry, &step);
                if !made.is_empty() {
                    comment.extend(timers.drain(..).map(|timer| format!("before: timer {}", line(&timer))));
                }
                let comment = comment.join("\n");
                packets.extend(made.into_iter().map(|bytes| Packet {
                    at_us: entry.at_us,
                    bytes,
                    comment: comment.clone(),
                }));
            }
        }
    }
    if let Some(last) = packets.last_mut() {
        for timer in timers {
            last.comment.push_str(&format!("\nafter: timer {}", line(&timer)));
        }
        for finding in &case.findings {
            last.comment.push_str(&format!("\nverdict {}: {}", finding.verdict, line(&finding.message)));
        }
    }
    packets
}

/// What the tool says about one event, line by line.
fn comment(case: &Case, entry: &Entry, step: &str) -> Vec<String> {
    let part = if entry.control { "control" } else { "script" };
    let mut lines = vec![line(&format!("{part}, client {}, connection {}", entry.client, entry.connection))];
    if !step.is_empty() {
        lines.push(line(step));
    }
    match &entry.event {
        Event::Sent { summary, violates, .. } => {
            lines.push(line(&format!("sent {summary}")));
            if !violates.is_empty() {
                lines.push(line(&format!("breaks {} on purpose", violates.join(", "))));
            }
        }
        Event::Received { summary, violation, .. } => {
            lines.push(line(&format!("received {summary}")));
            if let Some(violation) = violation {
                lines.push(line(&format!("verdict {}: breaks {violation}", case.verdict)));
            }
        }
        Event::Opened => lines.push("opened".to_owned()),
        Event::Ended { how } => lines.push(crate::case::ending_words(*how).to_owned()),
        Event::Timer { .. } | Event::Step { .. } => {}
    }
    lines
}

//! Timelines with annotated packets; equal packets, and equal lines of packets, stand in the file once.

use std::collections::HashMap;

use mqttspec_codec::model::Sender;
use mqttspec_codec::{Context, Version, annotate, render};
use mqttspec_spec::record::{Case, Entry, Event};
use serde_json::{Value, json};

use crate::case::ending_words;
use crate::escape::clip;

/// Of longer packets only the first bytes are shown, without annotation.
const LONGEST_PACKET: usize = 2048;
/// Events of one case beyond this are left out.
const MOST_EVENTS: usize = 400;

/// Collects timelines and the packets that they share.
#[derive(Default)]
pub(super) struct Timelines {
    packets: Vec<Vec<usize>>,
    known: HashMap<String, usize>,
    lines: Vec<String>,
    known_lines: HashMap<String, usize>,
    size: usize,
}

impl Timelines {
    /// About how many bytes the timelines take so far.
    pub(super) const fn size(&self) -> usize {
        self.size
    }

    /// The packets that timelines refer to by index, and the lines that packets refer to.
    pub(super) fn into_packets(self) -> (Vec<Vec<usize>>, Vec<String>) {
        (self.packets, self.lines)
    }

    /// The timeline of one case.
    pub(super) fn of(&mut self, case: &Case) -> Value {
        let version = case.version.parse().ok();
        let entries: Vec<Value> =
            case.timeline.iter().take(MOST_EVENTS).map(|entry| self.entry(entry, version)).collect();
        let left_out = case.timeline.len() - entries.len();
        json!({"entries": entries, "leftOut": left_out})
    }

    fn entry(&mut self, entry: &Entry, version: Option<Version>) -> Value {
        let mut shown = json!({"at": entry.at_us, "client": entry.client});
        if entry.connection > 0 {
            put(&mut shown, "connection", entry.connection);
        }
        if entry.control {
            put(&mut shown, "control", true);
        }
        let (kind, detail) = match &entry.event {
            Event::Opened => ("opened", Value::Null),
            Event::Sent { bytes, summary, violates } => {
                put(&mut shown, "packet", self.packet(bytes, version, Sender::Client));
                if !violates.is_empty() {
                    put(&mut shown, "violates", violates.join(", "));
                }
                ("sent", summary.as_str().into())
            }
            Event::Received { bytes, summary, violation } => {
                put(&mut shown, "packet", self.packet(bytes, version, Sender::Server));
                if let Some(violation) = violation {
                    put(&mut shown, "violation", violation.as_str());
                }
                ("received", summary.as_str().into())
            }
            Event::Ended { how } => ("ended", json!(ending_words(*how))),
            Event::Timer { what } => ("timer", what.as_str().into()),
            Event::Step { line, verb } => ("step", format!("line {line}: {verb}").into()),
        };
        put(&mut shown, "event", kind);
        put(&mut shown, "text", detail);
        self.size += shown.to_string().len();
        shown
    }

    fn packet(&mut self, hex: &str, version: Option<Version>, sender: Sender) -> usize {
        let text = annotated(hex, version, sender);
        if let Some(&index) = self.known.get(&text) {
            return index;
        }
        let index = self.packets.len();
        let lines = text.lines().map(|line| self.line(line)).collect();
        self.packets.push(lines);
        self.known.insert(text, index);
        index
    }

    fn line(&mut self, line: &str) -> usize {
        // The digits and the comma of the reference.
        self.size += 6;
        if let Some(&index) = self.known_lines.get(line) {
            return index;
        }
        let index = self.lines.len();
        self.size += line.len();
        self.lines.push(line.to_owned());
        self.known_lines.insert(line.to_owned(), index);
        index
    }
}

fn put(value: &mut Value, key: &str, content: impl Into<Value>) {
    if let Some(fields) = value.as_object_mut() {
        fields.insert(key.to_owned(), content.into());
    }
}

/// The bytes field by field; the digits as they are where no version or no bytes can be read.
fn annotated(hex: &str, version: Option<Version>, sender: Sender) -> String {
    match (version, bytes(hex)) {
        (Some(version), Some(bytes)) if bytes.len() <= LONGEST_PACKET => {
            let context = Context { version, sender };
            render(&bytes, &annotate(&bytes, context))
        }
        _ => clip(hex, 256).into_owned(),
    }
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = hex.chars().map(|digit| digit.to_digit(16)).collect();
    let digits = digits?;
    let pairs = digits.chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return None;
    }
    pairs.map(|pair| u8::try_from(pair.iter().fold(0, |byte, digit| byte * 16 + digit)).ok()).collect()
}

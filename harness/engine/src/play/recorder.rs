//! Writes down what a playing sees.

use std::fmt::Write;
use std::time::Duration;

use mqttspec_codec::StatementId;
use mqttspec_spec::record::{EndingKind, Entry, Event};

use crate::trace::{Playing, StepOutcome, StepReport};

/// Timeline and findings of one playing.
#[derive(Debug, Default)]
pub(super) struct Recorder {
    pub(super) playing: Playing,
    pub(super) began: Duration,
    pub(super) control: bool,
    /// The step being played.
    pub(super) step: usize,
}

impl Recorder {
    pub(super) fn event(&mut self, at: Duration, client: &str, connection: u32, event: Event) {
        let at_us = u64::try_from(at.saturating_sub(self.began).as_micros()).unwrap_or(u64::MAX);
        self.playing.entries.push(Entry {
            at_us,
            control: self.control,
            client: client.to_owned(),
            connection,
            event,
        });
    }

    pub(super) fn sent(
        &mut self,
        at: Duration,
        client: &str,
        connection: u32,
        bytes: &[u8],
        summary: String,
        violates: &[StatementId],
    ) {
        let violates = violates.iter().map(ToString::to_string).collect();
        self.event(at, client, connection, Event::Sent { bytes: hex(bytes), summary, violates });
    }

    pub(super) fn received(
        &mut self,
        at: Duration,
        client: &str,
        connection: u32,
        bytes: &[u8],
        summary: String,
        violation: Option<String>,
    ) {
        self.event(at, client, connection, Event::Received { bytes: hex(bytes), summary, violation });
    }

    pub(super) fn ended(&mut self, at: Duration, client: &str, connection: u32, how: EndingKind) {
        self.event(at, client, connection, Event::Ended { how });
    }

    pub(super) fn report(&mut self, outcome: StepOutcome) {
        self.playing.steps.push(StepReport { step: self.step, outcome });
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

//! What a broker writes: the last of it.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mqttspec_engine::Clock;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};

/// Lines that are kept.
const LINES: usize = 2_000;
/// Bytes of a line that are kept.
const LINE_LENGTH: u64 = 2_000;

/// A line that a program wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When, since the launch.
    pub at: Duration,
    /// What. Bytes that are no UTF-8 are replaced, and control characters shown as they are escaped.
    pub text: String,
}

/// The lines that a broker wrote last, of standard output and standard error alike.
#[derive(Debug)]
pub struct Log {
    clock: Clock,
    ring: Mutex<Ring>,
}

#[derive(Debug, Default)]
struct Ring {
    lines: VecDeque<Line>,
    /// How many lines came before those that are kept.
    dropped: usize,
}

impl Log {
    pub(crate) fn new(clock: Clock) -> Self {
        Self { clock, ring: Mutex::default() }
    }

    fn ring(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn push(&self, bytes: &[u8]) {
        let line = Line { at: self.clock.now(), text: readable(bytes) };
        let mut ring = self.ring();
        if ring.lines.len() == LINES {
            ring.lines.pop_front();
            ring.dropped += 1;
        }
        ring.lines.push_back(line);
    }

    /// How many lines were written so far.
    #[must_use]
    pub fn written(&self) -> usize {
        let ring = self.ring();
        ring.dropped + ring.lines.len()
    }

    /// The lines that came after so many, as far as they are kept.
    #[must_use]
    pub fn since(&self, written: usize) -> Vec<Line> {
        let ring = self.ring();
        ring.lines.iter().skip(written.saturating_sub(ring.dropped)).cloned().collect()
    }

    /// Takes in a stream until it ends.
    pub(crate) async fn read(&self, stream: impl AsyncRead + Unpin) {
        let mut reader = BufReader::new(stream);
        let mut line = Vec::new();
        // A line without end is cut into pieces, so that nothing grows without bound.
        while let Ok(1..) = (&mut reader).take(LINE_LENGTH).read_until(b'\n', &mut line).await {
            self.push(&line);
            line.clear();
        }
    }
}

/// Text that cannot drive a terminal, without the colours that it may have had.
fn readable(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_end_matches(['\n', '\r']);
    let mut readable = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        if c == '\u{1b}' && rest.as_str().starts_with('[') {
            // ESC, a bracket, parameters, and a letter that ends the sequence (ECMA-48).
            let _ = rest.by_ref().skip(1).find(|c| matches!(c, '@'..='~'));
        } else if c.is_control() && c != '\t' {
            readable.extend(c.escape_default());
        } else {
            readable.push(c);
        }
    }
    readable
}

#[cfg(test)]
mod tests {
    use mqttspec_engine::Clock;

    use super::{LINES, Log};

    #[tokio::test]
    async fn the_last_lines_are_kept_and_counted() {
        let log = Log::new(Clock::start());
        log.read(&b"one\r\n\x1b[1;31mtw\x1b[0mo\x07\n"[..]).await;
        let texts: Vec<String> = log.since(0).into_iter().map(|line| line.text).collect();
        assert_eq!(texts, ["one", "two\\u{7}"]);
        for number in 0..LINES {
            log.push(number.to_string().as_bytes());
        }
        assert_eq!(log.written(), LINES + 2);
        assert_eq!(log.since(0).len(), LINES);
        assert_eq!(log.since(LINES + 1).len(), 1);
    }

    #[tokio::test]
    async fn a_line_without_end_is_cut() {
        let log = Log::new(Clock::start());
        log.read(&[b'x'; 5_000][..]).await;
        assert_eq!(log.written(), 3);
    }
}

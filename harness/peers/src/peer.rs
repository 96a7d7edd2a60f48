//! A codec, and what it makes of a packet.

use std::cell::Cell;
use std::fmt::{self, Debug};
use std::panic::{self, AssertUnwindSafe};
use std::sync::LazyLock;

use bytes::Bytes;
use mqttspec_codec::{Context, Framer, Version};

/// Names the codecs to look at, with commas between them; all if it is not set. The panic of a codec named here is not
/// caught.
const CHOICE: &str = "MQTTSPEC_PEERS";

/// What a codec makes of one whole packet.
pub enum Reading {
    /// It refuses it.
    Refused(Box<dyn Debug>),
    /// It accepts it. What it writes when it is to write the packet again; nothing, if it was not asked to.
    Accepted(Result<Vec<u8>, Box<dyn Debug>>),
    /// It panics, with these words.
    Panicked(String),
}

impl Reading {
    /// A refusal.
    pub(crate) fn refused(error: impl Debug + 'static) -> Self {
        Self::Refused(Box::new(error))
    }

    /// From what a codec returns, and what it does to write a packet.
    pub(crate) fn of<T, E: Debug + 'static, W: Debug + 'static>(
        read: Result<T, E>,
        again: bool,
        write: impl FnOnce(T) -> Result<Vec<u8>, W>,
    ) -> Self {
        match read {
            Err(error) => Self::refused(error),
            Ok(_) if !again => Self::Accepted(Ok(Vec::new())),
            Ok(packet) => Self::Accepted(write(packet).map_err(|error| Box::new(error) as Box<dyn Debug>)),
        }
    }
}

/// A stream that begins with a whole packet.
#[derive(Clone, Debug)]
pub struct Input {
    /// The stream.
    pub stream: Bytes,
    /// How many bytes the packet has, at most those of the stream.
    pub length: usize,
    /// The version in which it is to be read.
    pub version: Version,
}

impl Input {
    /// A packet with nothing behind it.
    #[must_use]
    pub fn packet(bytes: impl Into<Bytes>, version: Version) -> Self {
        let stream = bytes.into();
        Self { length: stream.len(), stream, version }
    }

    /// Reads an input of the fuzz target `differential`: a stream, and a byte that is odd for 5.0. `None` if the stream
    /// does not begin with a whole packet.
    #[must_use]
    pub fn read(input: &[u8]) -> Option<Self> {
        let (last, stream) = input.split_last()?;
        let version = if last % 2 == 0 { Version::V3_1_1 } else { Version::V5_0 };
        let stream = Bytes::copy_from_slice(stream);
        let mut framer = Framer::new(Context::from_client(version), 1 << 20);
        framer.push_chunk(stream.clone());
        let length = framer.next_frame_tolerating(&|_| true).ok()??.len();
        Some(Self { stream, length, version })
    }

    /// The packet.
    #[must_use]
    pub fn frame(&self) -> &[u8] {
        self.stream.get(..self.length).unwrap_or(&self.stream)
    }
}

impl fmt::Display for Input {
    /// The bytes of the packet, and behind a space those that follow.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (packet, behind) = self.stream.split_at_checked(self.length).unwrap_or((&self.stream, &[]));
        packet.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        if !behind.is_empty() {
            f.write_str(" ")?;
        }
        behind.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Reads a whole packet of a version, and writes it again if asked to; `None` if the codec has no such version.
pub(crate) type Read = fn(&Input, bool) -> Option<Reading>;

/// A codec.
pub struct Peer {
    /// The name of the crate.
    pub name: &'static str,
    pub(crate) read: Read,
}

thread_local! {
    /// Whether a panic is to be caught without a word.
    static HUSHED: Cell<bool> = const { Cell::new(false) };
}

static CHOICES: LazyLock<Option<String>> = LazyLock::new(|| std::env::var(CHOICE).ok());

impl Peer {
    /// Whether the environment names the codec.
    fn is_named(&self) -> bool {
        CHOICES.as_deref().is_some_and(|names| names.split(',').any(|name| name.trim() == self.name))
    }

    /// Reads a whole packet, and writes it again if asked to; `None` if the codec has no such version.
    ///
    /// # Panics
    /// When the codec does, and `MQTTSPEC_PEERS` names it.
    #[must_use]
    pub fn read(&self, input: &Input, again: bool) -> Option<Reading> {
        if self.is_named() {
            return (self.read)(input, again);
        }
        HUSHED.set(true);
        let read = panic::catch_unwind(AssertUnwindSafe(|| (self.read)(input, again)));
        HUSHED.set(false);
        read.unwrap_or_else(|words| {
            let words = words
                .downcast_ref::<String>()
                .cloned()
                .or_else(|| words.downcast_ref::<&str>().map(|words| (*words).to_owned()));
            Some(Reading::Panicked(words.unwrap_or_default()))
        })
    }
}

/// The codecs that the environment chooses, else all.
///
/// # Panics
/// When `MQTTSPEC_PEERS` chooses none.
pub fn chosen() -> &'static [&'static Peer] {
    static CHOSEN: LazyLock<Vec<&Peer>> = LazyLock::new(|| {
        let all = || crate::PEERS.iter();
        let chosen: Vec<&Peer> = match &*CHOICES {
            None => all().collect(),
            Some(_) => all().filter(|peer| peer.is_named()).collect(),
        };
        let names: Vec<&str> = all().map(|peer| peer.name).collect();
        assert!(!chosen.is_empty(), "{CHOICE} names no codec; there are {}", names.join(", "));
        chosen
    });
    &CHOSEN
}

/// Keeps the panics that are caught from being reported, and from what else a panic hook does: that of libFuzzer ends
/// the process.
pub fn hush() {
    let hook = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if !HUSHED.get() {
            hook(info);
        }
    }));
}

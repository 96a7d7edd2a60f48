//! The ways to read a stream of which nobody says who sent it, and in which version.

use mqttspec_codec::model::{Packet, Sender};
use mqttspec_codec::{Context, Framer, FramingError, Version};

/// No packet may be longer, in bytes.
pub(crate) const LIMIT: usize = 1 << 20;

/// Each version and each sender.
pub(crate) const CONTEXTS: [Context; 4] = [
    Context { version: Version::V3_1_1, sender: Sender::Client },
    Context { version: Version::V5_0, sender: Sender::Client },
    Context { version: Version::V3_1_1, sender: Sender::Server },
    Context { version: Version::V5_0, sender: Sender::Server },
];

/// Takes the last byte off an input, which says how the stream before it is to be read. Behind the stream it leaves
/// the packets of the input what they are to other tools.
pub(crate) fn split_context(input: &[u8]) -> Option<(&[u8], Context)> {
    let (number, stream) = input.split_last()?;
    CONTEXTS.get(usize::from(*number) % CONTEXTS.len()).map(|context| (stream, *context))
}

/// What is to be read next.
pub(crate) enum Next {
    /// A packet, well-formed or not, and the number of its bytes.
    Packet(Result<Packet, FramingError>, usize),
    /// Nothing more until bytes come.
    Nothing,
    /// Nothing any more: the stream is lost.
    Lost(FramingError),
}

/// Takes the next packet by some function of the framer.
pub(crate) fn next(
    framer: &mut Framer,
    take: impl FnOnce(&mut Framer) -> Result<Option<Packet>, FramingError>,
) -> Next {
    let before = framer.pending().len();
    let taken = take(framer);
    let length = before - framer.pending().len();
    match taken {
        Ok(Some(packet)) => Next::Packet(Ok(packet), length),
        Ok(None) => Next::Nothing,
        Err(error) if length > 0 => Next::Packet(Err(error), length),
        Err(error) => Next::Lost(error),
    }
}

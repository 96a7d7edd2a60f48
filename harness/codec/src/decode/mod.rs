//! Bytes to packets.

mod framer;
mod framing_error;
mod judge;
mod reader;
mod received;

pub use framer::{Framer, connect_version};
pub use framing_error::{CutPacket, FramingError};
pub(crate) use judge::Careful;
pub(crate) use reader::Reader;

use bytes::Bytes;
use judge::{Broken, Hasty};

use crate::model::Packet;
use crate::{Context, Violation};

/// Reads one whole packet, strings and payload without copying.
///
/// The packet is judged by everything that can be told from it alone and from who sent it.
///
/// # Errors
/// The first breach of the specification, in the order of the bytes.
pub fn decode(frame: &Bytes, context: Context) -> Result<Packet, Violation> {
    decode_start(frame, frame.len(), context, |packet| packet)
}

/// Reads the packet that takes up the first `length` bytes of a stream.
#[inline(always)]
fn decode_start<T, E: From<Violation>>(
    stream: &Bytes,
    length: usize,
    context: Context,
    whole: impl Fn(Packet) -> T,
) -> Result<T, E> {
    let otherwise = |Broken| Ok(whole(decode_tolerating(&stream.slice(..length), context, &|_| false)?));
    Reader::at_start(stream, length, context, Hasty, ()).read(&whole, otherwise)
}

/// Reads one whole packet, going on after each breach that is tolerated as well as the bytes allow: what is
/// missing is read as absent or empty, what is too much is ignored, ill-formed UTF-8 is replaced, a QoS of 3
/// is read as 2.
///
/// `tolerate` is not asked about a packet without fault.
///
/// # Errors
/// The first breach that is not tolerated, or after which nothing can be read: no packet at all, packet type
/// 0, or a Variable Byte Integer that goes on after five bytes.
pub fn decode_tolerating(
    frame: &Bytes,
    context: Context,
    tolerate: &dyn Fn(&Violation) -> bool,
) -> Result<Packet, Violation> {
    Reader::new(frame, context, Careful::new(tolerate), ()).read(|packet| packet, Err)
}

//! A stream of bytes to whole packets.

use bytes::{Bytes, BytesMut};

use super::decode_start;
use super::framing_error::{CutPacket, FramingError};
use super::received::Received;
use crate::layout::{LENGTH_TOO_LONG, TYPE_0};
use crate::model::{Packet, PacketType};
use crate::variable::{self, Variable};
use crate::{Context, FieldName, Rule, Violation};

/// Cuts a stream of bytes, in chunks of any size, into packets.
///
/// The packets are taken out of the buffer without copying. The length of a packet is judged as soon as its
/// Remaining Length is there, so that no more of a packet above the limit is ever waited for.
///
/// ```
/// use mqttspec_codec::model::Packet;
/// use mqttspec_codec::{Context, Framer, Version};
///
/// let mut framer = Framer::new(Context::from_client(Version::V5_0), 1_000);
/// framer.push(&[0xC0]);
/// assert_eq!(framer.next_packet(), Ok(None));
/// framer.push(&[0x00]);
/// assert_eq!(framer.next_packet(), Ok(Some(Packet::PingReq)));
/// ```
#[derive(Debug)]
pub struct Framer {
    received: Received,
    context: Context,
    limit: usize,
}

impl Framer {
    /// A framer for what one end of a connection sends; no packet may have more than `limit` bytes.
    #[must_use]
    pub fn new(context: Context, limit: usize) -> Self {
        Self { received: Received::default(), context, limit }
    }

    /// Changes the version: a Server learns it from the CONNECT, see [`connect_version`].
    pub fn set_context(&mut self, context: Context) {
        self.context = context;
    }

    /// What the packets are judged by.
    #[must_use]
    pub const fn context(&self) -> Context {
        self.context
    }

    /// Adds received bytes, by copying them.
    pub fn push(&mut self, bytes: &[u8]) {
        self.received.growing().extend_from_slice(bytes);
    }

    /// Adds received bytes that can be shared: they are copied only if they go on with a packet that is not whole.
    pub fn push_chunk(&mut self, chunk: Bytes) {
        self.received.add(chunk);
    }

    /// The buffer, for who can receive straight into it; only to append to.
    pub fn buffer_mut(&mut self) -> &mut BytesMut {
        self.received.growing()
    }

    /// The bytes received that are not part of a packet taken.
    #[must_use]
    pub fn pending(&self) -> &[u8] {
        self.received.bytes()
    }

    /// Takes the next packet, if all of it is there.
    ///
    /// # Errors
    /// When the bytes cannot become a packet; the stream is then lost.
    pub fn next_frame(&mut self) -> Result<Option<Bytes>, FramingError> {
        self.next_frame_tolerating(&|_| false)
    }

    /// Takes the next packet, if all of it is there, even if its Remaining Length has five bytes and that is
    /// tolerated.
    ///
    /// # Errors
    /// When the bytes cannot become a packet; the stream is then lost.
    pub fn next_frame_tolerating(
        &mut self,
        tolerate: &dyn Fn(&Violation) -> bool,
    ) -> Result<Option<Bytes>, FramingError> {
        Ok(self.whole(tolerate)?.map(|length| self.received.cutting().split_to(length)))
    }

    /// Takes and decodes the next packet, if all of it is there: the same as to [`decode`](crate::decode) what
    /// [`next_frame`](Self::next_frame) gives, and quicker.
    ///
    /// Take all packets that are there before you add more bytes: those that are left are then copied.
    ///
    /// # Errors
    /// When the bytes cannot become a packet, or when the packet breaks the specification. In the second case the
    /// packet is taken, and the next one can still be asked for.
    #[inline]
    pub fn next_packet(&mut self) -> Result<Option<Packet>, FramingError> {
        let Some(length) = self.whole(&|_| false)? else { return Ok(None) };
        // Nothing comes after the decoding, so that the packet is built where the caller wants it.
        decode_start(self.received.take(length), length, self.context, Some)
    }

    /// The length of the next packet, if all of it is there.
    #[inline]
    fn whole(&self, tolerate: &dyn Fn(&Violation) -> bool) -> Result<Option<usize>, FramingError> {
        let Some(want) = self.want(tolerate)? else { return Ok(None) };
        if want > self.limit {
            return Err(FramingError::TooLong { length: want, limit: self.limit });
        }
        Ok((want <= self.received.bytes().len()).then_some(want))
    }

    /// The length of the packet that the buffer starts with, once it is known.
    #[inline]
    fn want(&self, tolerate: &dyn Fn(&Violation) -> bool) -> Result<Option<usize>, Violation> {
        let Some((first, rest)) = self.received.bytes().split_first() else { return Ok(None) };
        if PacketType::from_bits(first >> 4).is_none() {
            return Err(self.violation("packet_type", 0, &TYPE_0));
        }
        let too_long = || self.violation("remaining_length", 1, &LENGTH_TOO_LONG);
        match variable::read(rest) {
            Variable::Whole { width: 5.., .. } if !tolerate(&too_long()) => Err(too_long()),
            Variable::Whole { value, width } => Ok(Some(value.saturating_add(1 + width))),
            Variable::Cut if rest.len() == 4 && !tolerate(&too_long()) => Err(too_long()),
            Variable::Cut => Ok(None),
            Variable::Endless => Err(too_long()),
        }
    }

    fn violation(&self, name: &'static str, offset: usize, rule: &'static Rule) -> Violation {
        Violation {
            kind: rule.kind,
            field: FieldName::new(None, name),
            offset,
            rule,
            version: self.context.version,
        }
    }

    /// Judges the end of the stream: between packets it is clean.
    ///
    /// # Errors
    /// When the stream ends within a packet.
    pub fn finish(&self) -> Result<(), CutPacket> {
        let have = self.received.bytes().len();
        if have == 0 {
            return Ok(());
        }
        let want = self.want(&|_| true).ok().flatten();
        Err(CutPacket { have, want })
    }
}

/// The Protocol Level that a packet asks for, if it is a CONNECT that reaches that far.
///
/// Nothing is judged: the level says in which version to judge.
#[must_use]
pub fn connect_version(frame: &[u8]) -> Option<u8> {
    let (first, rest) = frame.split_first()?;
    if PacketType::from_bits(first >> 4) != Some(PacketType::Connect) {
        return None;
    }
    let Variable::Whole { width, .. } = variable::read(rest) else { return None };
    let (length, rest) = rest.get(width..)?.split_first_chunk::<2>()?;
    rest.get(usize::from(u16::from_be_bytes(*length))).copied()
}

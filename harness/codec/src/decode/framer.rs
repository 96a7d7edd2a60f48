//! A stream of bytes to whole packets.

use std::fmt;

use bytes::{Bytes, BytesMut};

use crate::layout::{LENGTH_TOO_LONG, TYPE_0};
use crate::model::PacketType;
use crate::variable::{self, Variable};
use crate::{Context, FieldName, Rule, Violation};

/// Cuts a stream of bytes, in chunks of any size, into packets.
///
/// The packets are taken out of the buffer without copying. The length of a packet is judged as soon as its
/// Remaining Length is there, so that no more of a packet above the limit is ever waited for.
#[derive(Debug)]
pub struct Framer {
    buffer: BytesMut,
    context: Context,
    limit: usize,
}

impl Framer {
    /// A framer for what one end of a connection sends; no packet may have more than `limit` bytes.
    #[must_use]
    pub fn new(context: Context, limit: usize) -> Self {
        Self { buffer: BytesMut::new(), context, limit }
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

    /// Adds received bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The buffer, for who can receive straight into it; only to append to.
    pub fn buffer_mut(&mut self) -> &mut BytesMut {
        &mut self.buffer
    }

    /// The bytes received that are not part of a packet taken.
    #[must_use]
    pub fn pending(&self) -> &[u8] {
        &self.buffer
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
        let Some(want) = self.want(tolerate)? else { return Ok(None) };
        if want > self.limit {
            return Err(FramingError::TooLong { length: want, limit: self.limit });
        }
        if self.buffer.len() < want {
            return Ok(None);
        }
        Ok(Some(self.buffer.split_to(want).freeze()))
    }

    /// The length of the packet that the buffer starts with, once it is known.
    fn want(&self, tolerate: &dyn Fn(&Violation) -> bool) -> Result<Option<usize>, Violation> {
        let Some((first, rest)) = self.buffer.split_first() else { return Ok(None) };
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
        if self.buffer.is_empty() {
            return Ok(());
        }
        let want = self.want(&|_| true).ok().flatten();
        Err(CutPacket { have: self.buffer.len(), want })
    }
}

/// The bytes of a stream that cannot become a packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FramingError {
    /// The start of the packet breaks a rule.
    Violation(Violation),
    /// The packet is longer than the limit, both in bytes.
    TooLong {
        /// The length of the packet, with its fixed header.
        length: usize,
        /// The limit that the framer was given.
        limit: usize,
    },
}

impl From<Violation> for FramingError {
    fn from(violation: Violation) -> Self {
        Self::Violation(violation)
    }
}

impl fmt::Display for FramingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Violation(violation) => violation.fmt(f),
            Self::TooLong { length, limit } => {
                write!(f, "a packet of {length} bytes is above the limit of {limit} bytes")
            }
        }
    }
}

impl std::error::Error for FramingError {}

/// A stream ended within a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CutPacket {
    /// The bytes of the packet that are there.
    pub have: usize,
    /// The length of the whole packet, if its Remaining Length is there.
    pub want: Option<usize>,
}

impl fmt::Display for CutPacket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.want {
            Some(want) => write!(f, "the stream ends after {} of the {want} bytes of a packet", self.have),
            None => write!(f, "the stream ends {} bytes into a packet", self.have),
        }
    }
}

impl std::error::Error for CutPacket {}

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

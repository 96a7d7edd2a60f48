//! From bytes, cut anywhere, to frames (section 5).

use std::fmt;

use bytes::{Buf, Bytes, BytesMut};

use crate::frame::{Frame, Opcode};

/// The longest payload of a control frame, in bytes (5.5).
const LONGEST_CONTROL: u64 = 125;

/// The side that sent the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    /// Who opened the connection: its frames are masked.
    Client,
    /// Who accepted it: its frames are not.
    Server,
}

/// How bytes break the RFC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameError {
    /// A frame of a client has no mask (5.1).
    NotMasked,
    /// A frame of a server has one (5.1).
    Masked,
    /// RSV1, RSV2 or RSV3 is set, though no extension was agreed on (5.2).
    ReservedBits,
    /// The length takes more bytes than it needs (5.2).
    LengthNotMinimal,
    /// A control frame is longer than 125 bytes (5.5).
    ControlTooLong,
    /// A control frame is not the last of its message (5.5).
    ControlFragmented,
    /// A control frame of a kind that the RFC does not define (5.2).
    UnknownControl(Opcode),
    /// A continuation that goes on with nothing (5.4).
    NothingToContinue,
    /// A message begins before the one before it has ended (5.4).
    MessageInMessage,
    /// The frame is longer than the receiver takes, in bytes.
    TooLong(u64),
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotMasked => f.write_str("a frame of a client without a mask"),
            Self::Masked => f.write_str("a frame of a server with a mask"),
            Self::ReservedBits => f.write_str("a frame with reserved bits set"),
            Self::LengthNotMinimal => f.write_str("a frame whose length takes more bytes than it needs"),
            Self::ControlTooLong => f.write_str("a control frame of more than 125 bytes"),
            Self::ControlFragmented => f.write_str("a control frame that is not whole"),
            Self::UnknownControl(opcode) => write!(f, "a control frame of the unknown kind {:#x}", opcode.0),
            Self::NothingToContinue => f.write_str("a continuation frame that goes on with nothing"),
            Self::MessageInMessage => f.write_str("a data frame before the end of the message before it"),
            Self::TooLong(length) => write!(f, "a frame of {length} bytes, which is more than is taken"),
        }
    }
}

impl std::error::Error for FrameError {}

/// Takes in what one side sends, and gives its frames.
#[derive(Debug)]
pub struct Frames {
    sender: Sender,
    longest: u64,
    buffer: BytesMut,
}

/// What stands before a payload.
struct Header {
    last: bool,
    opcode: Opcode,
    mask: Option<[u8; 4]>,
    /// The number of bytes of the header itself.
    size: usize,
    payload: u64,
}

impl Frames {
    /// A reader for what `sender` sends, which takes payloads of up to `longest` bytes.
    #[must_use]
    pub fn new(sender: Sender, longest: u64) -> Self {
        Self { sender, longest, buffer: BytesMut::new() }
    }

    /// Takes in bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The next frame, once it is whole.
    ///
    /// # Errors
    /// When the bytes break the RFC; nothing after can be read then.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, FrameError> {
        let Some(header) = self.header()? else { return Ok(None) };
        let Some(whole) = usize::try_from(header.payload).ok().and_then(|it| it.checked_add(header.size))
        else {
            return Err(FrameError::TooLong(header.payload));
        };
        if self.buffer.len() < whole {
            return Ok(None);
        }
        let mut frame = self.buffer.split_to(whole);
        frame.advance(header.size);
        if let Some(key) = header.mask {
            frame.iter_mut().zip(key.iter().cycle()).for_each(|(byte, key)| *byte ^= key);
        }
        let Header { last, opcode, mask, .. } = header;
        Ok(Some(Frame { last, reserved: 0, opcode, mask, payload: Bytes::from(frame) }))
    }

    fn header(&self) -> Result<Option<Header>, FrameError> {
        let [first, second, rest @ ..] = &*self.buffer else { return Ok(None) };
        let (last, opcode) = (first & 0x80 != 0, Opcode(first & 0xF));
        if first & 0x70 != 0 {
            return Err(FrameError::ReservedBits);
        }
        let is_masked = second & 0x80 != 0;
        match self.sender {
            Sender::Client if !is_masked => return Err(FrameError::NotMasked),
            Sender::Server if is_masked => return Err(FrameError::Masked),
            Sender::Client | Sender::Server => {}
        }
        let (payload, rest, width) = match second & 0x7F {
            126 => {
                let Some((length, rest)) = rest.split_first_chunk() else { return Ok(None) };
                (u64::from(u16::from_be_bytes(*length)), rest, 2)
            }
            127 => {
                let Some((length, rest)) = rest.split_first_chunk() else { return Ok(None) };
                (u64::from_be_bytes(*length), rest, 8)
            }
            length => (u64::from(length), rest, 0),
        };
        let is_minimal = match width {
            2 => payload > LONGEST_CONTROL,
            8 => payload > u64::from(u16::MAX),
            _ => true,
        };
        if !is_minimal {
            return Err(FrameError::LengthNotMinimal);
        }
        if opcode.is_control() {
            match () {
                () if payload > LONGEST_CONTROL => return Err(FrameError::ControlTooLong),
                () if !last => return Err(FrameError::ControlFragmented),
                () if opcode.0 > Opcode::PONG.0 => return Err(FrameError::UnknownControl(opcode)),
                () => {}
            }
        }
        if payload > self.longest {
            return Err(FrameError::TooLong(payload));
        }
        let mask = match (is_masked, rest.first_chunk()) {
            (true, None) => return Ok(None),
            (true, Some(key)) => Some(*key),
            (false, _) => None,
        };
        let size = 2 + width + if is_masked { 4 } else { 0 };
        Ok(Some(Header { last, opcode, mask, size, payload }))
    }
}

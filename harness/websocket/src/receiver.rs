//! From frames to what they mean: data with its kind, and talk about the connection (sections 5.4 and 5.5).

use bytes::Bytes;

use crate::frame::Opcode;
use crate::frames::{FrameError, Frames, Sender};

/// What has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Received {
    /// A data frame, or one that goes on with it.
    Data {
        /// The kind of data; in a continuation that of the message's first frame.
        kind: Opcode,
        /// What it carries.
        payload: Bytes,
    },
    /// Asks for a pong with the same payload.
    Ping(Bytes),
    /// Answers a ping.
    Pong,
    /// The end of the connection, with the status code if there is one.
    Close(Option<u16>),
}

/// Takes in what one side sends.
#[derive(Debug)]
pub struct Receiver {
    frames: Frames,
    /// The kind of the message that has begun and not ended.
    message: Option<Opcode>,
}

impl Receiver {
    /// A receiver of what `sender` sends, which takes frames of up to `longest` bytes of payload.
    #[must_use]
    pub fn new(sender: Sender, longest: u64) -> Self {
        Self { frames: Frames::new(sender, longest), message: None }
    }

    /// Takes in bytes, cut anywhere.
    pub fn push(&mut self, bytes: &[u8]) {
        self.frames.push(bytes);
    }

    /// What has come next.
    ///
    /// # Errors
    /// When the bytes break the RFC; nothing after can be read then.
    pub fn next_received(&mut self) -> Result<Option<Received>, FrameError> {
        let Some(frame) = self.frames.next_frame()? else { return Ok(None) };
        let received = match frame.opcode {
            Opcode::PING => Received::Ping(frame.payload),
            Opcode::PONG => Received::Pong,
            Opcode::CLOSE => {
                let status = frame.payload.first_chunk().map(|status| u16::from_be_bytes(*status));
                Received::Close(status)
            }
            opcode => {
                let kind = match (opcode, self.message) {
                    (Opcode::CONTINUATION, Some(kind)) => kind,
                    (Opcode::CONTINUATION, None) => return Err(FrameError::NothingToContinue),
                    (_, Some(_)) => return Err(FrameError::MessageInMessage),
                    (kind, None) => kind,
                };
                self.message = (!frame.last).then_some(kind);
                Received::Data { kind, payload: frame.payload }
            }
        };
        Ok(Some(received))
    }
}

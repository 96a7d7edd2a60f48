//! The receiving half: the payloads of binary frames, one after the other.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use mqttspec_websocket::{Frame, Opcode, Received, Receiver, Sender};
use tokio::io::{AsyncRead, ReadBuf};

use super::fault::Fault;
use super::writer::Replies;

/// The longest frame of a broker that is taken in, in bytes of payload.
const LONGEST_FRAME: u64 = 8 * 1024 * 1024;
/// Bytes read at once.
const PIECE: usize = 16 * 1024;

pub(super) struct Reader {
    inner: Box<dyn AsyncRead + Send + Unpin>,
    receiver: Receiver,
    replies: Replies,
    /// Payload that nobody has read yet.
    payload: Bytes,
    ended: bool,
    buffer: Box<[u8]>,
}

impl Reader {
    /// Reads on where the handshake has ended; `first` came with it.
    pub(super) fn new(inner: Box<dyn AsyncRead + Send + Unpin>, first: &[u8], replies: Replies) -> Self {
        let mut receiver = Receiver::new(Sender::Server, LONGEST_FRAME);
        receiver.push(first);
        let buffer = vec![0; PIECE].into_boxed_slice();
        Self { inner, receiver, replies, payload: Bytes::new(), ended: false, buffer }
    }

    /// Looks at frames until there is payload, or the connection has ended, or another frame is needed (false).
    fn advance(&mut self) -> Result<bool, Fault> {
        while self.payload.is_empty() && !self.ended {
            match self.receiver.next_received().map_err(Fault::Framing)? {
                None => return Ok(false),
                Some(Received::Data { kind: Opcode::BINARY, payload }) => self.payload = payload,
                Some(Received::Data { kind, .. }) => return Err(Fault::NotBinary(kind)),
                Some(Received::Ping(payload)) => self.replies.send(Frame::new(Opcode::PONG, payload)),
                Some(Received::Pong) => {}
                // The end of the WebSocket connection is the end of the Network Connection.
                Some(Received::Close(_)) => {
                    self.replies.close();
                    self.ended = true;
                }
            }
        }
        Ok(true)
    }
}

impl AsyncRead for Reader {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        while !this.advance().map_err(io::Error::other)? {
            let mut piece = ReadBuf::new(&mut this.buffer);
            ready!(Pin::new(&mut this.inner).poll_read(cx, &mut piece))?;
            match piece.filled() {
                [] => this.ended = true,
                bytes => this.receiver.push(bytes),
            }
        }
        let length = this.payload.len().min(out.remaining());
        out.put_slice(&this.payload.split_to(length));
        Poll::Ready(Ok(()))
    }
}

//! The sending half. Replies to control frames go the same way as what a case writes, so one task owns the
//! connection below, and both tell it what to do.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use mqttspec_websocket::{Frame, Opcode};
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc;

use super::super::Writer;

/// The status of an end without a fault (7.4.1 of RFC 6455).
const NORMAL: u16 = 1000;

/// The kind of frame in which a write goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DataFrame {
    /// What it is; binary unless a rule is to be broken [MQTT-6.0.0-1].
    pub opcode: Opcode,
    /// Whether it is the last of its message; without that, the frames after have to go on with it.
    pub last: bool,
    /// Whether it is masked, as all frames of a client have to be (5.1 of RFC 6455).
    pub masked: bool,
}

impl Default for DataFrame {
    fn default() -> Self {
        Self { opcode: Opcode::BINARY, last: true, masked: true }
    }
}

enum Command {
    Write(Bytes),
    Shutdown,
    Reset,
}

/// Where frames go that answer others.
pub(super) struct Replies {
    commands: mpsc::UnboundedSender<Command>,
    key: [u8; 4],
}

impl Replies {
    pub(super) fn send(&self, frame: Frame) {
        // Without the task the connection is gone, and nobody waits for the reply.
        let _ = self.commands.send(Command::Write(frame.masked(self.key).encode()));
    }

    /// Answers the end of the connection.
    pub(super) fn close(&self) {
        self.send(Frame::close(NORMAL));
        let _ = self.commands.send(Command::Shutdown);
    }
}

/// What a client writes to.
pub(super) struct FrameWriter {
    commands: mpsc::UnboundedSender<Command>,
    next: DataFrame,
    key: [u8; 4],
}

/// Starts the task that owns the connection below.
pub(super) fn start(inner: Box<dyn Writer>, seed: u64) -> (FrameWriter, Replies) {
    let (commands, queue) = mpsc::unbounded_channel();
    let [.., a, b, c, d] = seed.to_be_bytes();
    // A key of zeros would not show whether the broker takes the mask off.
    let key = [a | 1, b, c, d];
    tokio::spawn(carry_out(inner, queue));
    (FrameWriter { commands: commands.clone(), next: DataFrame::default(), key }, Replies { commands, key })
}

async fn carry_out(mut inner: Box<dyn Writer>, mut queue: mpsc::UnboundedReceiver<Command>) {
    while let Some(command) = queue.recv().await {
        match command {
            Command::Write(bytes) => {
                // That the broker has ended the connection is seen by reading.
                let _ = inner.write_all(&bytes).await;
                let _ = inner.flush().await;
            }
            Command::Shutdown => {
                let _ = inner.shutdown().await;
            }
            Command::Reset => return inner.reset(),
        }
    }
}

fn gone() -> io::Error {
    io::ErrorKind::BrokenPipe.into()
}

impl FrameWriter {
    fn send(&mut self, frame: Frame) -> io::Result<()> {
        self.commands.send(Command::Write(frame.encode())).map_err(|_| gone())
    }
}

impl Writer for FrameWriter {
    fn reset(self: Box<Self>) {
        let _ = self.commands.send(Command::Reset);
    }

    fn next_frame(&mut self, frame: DataFrame) {
        self.next = frame;
    }
}

impl AsyncWrite for FrameWriter {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let DataFrame { opcode, last, masked } = std::mem::take(&mut this.next);
        let frame = Frame { last, ..Frame::new(opcode, bytes.to_vec()) };
        let frame = if masked { frame.masked(this.key) } else { frame };
        Poll::Ready(this.send(frame).map(|()| bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let closed = this.send(Frame::close(NORMAL).masked(this.key));
        Poll::Ready(closed.and_then(|()| this.commands.send(Command::Shutdown).map_err(|_| gone())))
    }
}

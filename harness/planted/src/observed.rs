//! A stream whose packets are seen by the watcher before the broker reads them.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use mqttspec_codec::{Framer, Version, connect_version, decode};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::fault::Fault;
use crate::watcher::{Consequence, Watcher};

/// Longer packets are not looked at.
const LONGEST_PACKET: usize = 1024 * 1024;

/// Longer packets may come in pieces.
const SHORT: usize = 200;

/// The stream of one connection.
pub(crate) struct Observed {
    stream: TcpStream,
    watcher: Arc<Watcher>,
    id: u64,
    framer: Framer,
    /// Whether the version is known.
    is_begun: bool,
    /// Whether the broker is told that it has ended.
    is_over: bool,
}

impl Observed {
    pub(crate) fn new(stream: TcpStream, watcher: Arc<Watcher>) -> Self {
        let id = watcher.opened();
        let context = mqttspec_codec::Context::from_client(Version::V5_0);
        let framer = Framer::new(context, LONGEST_PACKET);
        Self { stream, watcher, id, framer, is_begun: false, is_over: false }
    }

    /// Shows whole packets to the watcher.
    fn show(&mut self, bytes: &[u8]) {
        self.framer.push(bytes);
        while let Ok(Some(frame)) = self.framer.next_frame() {
            if !self.is_begun {
                let is_5_0 = connect_version(&frame) == Some(Version::V5_0.protocol_level());
                let version = if is_5_0 { Version::V5_0 } else { Version::V3_1_1 };
                self.framer.set_context(mqttspec_codec::Context::from_client(version));
                self.is_begun = true;
            }
            // What is malformed ends the connection, and no sequence goes on.
            if let Ok(packet) = decode(&frame, self.framer.context()) {
                self.is_over |= self.watcher.sees(self.id, &packet) == Consequence::End;
            }
        }
        let is_cut = (1..SHORT).contains(&self.framer.pending().len()) && bytes.len() < SHORT;
        self.is_over |= is_cut && self.watcher.has(Fault::WholeOnly);
    }
}

impl Drop for Observed {
    fn drop(&mut self) {
        self.watcher.closed(self.id);
    }
}

impl AsyncRead for Observed {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = ready!(Pin::new(&mut self.stream).poll_read(context, buffer));
        self.is_over |= self.watcher.reads(self.id) == Consequence::End;
        let bytes = buffer.filled().get(before..).unwrap_or_default().to_vec();
        self.show(&bytes);
        if self.is_over {
            buffer.set_filled(before);
        }
        Poll::Ready(read)
    }
}

impl AsyncWrite for Observed {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

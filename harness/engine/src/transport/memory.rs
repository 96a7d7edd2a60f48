//! Pipes in memory, for runs in virtual time.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncWrite, DuplexStream, WriteHalf, split};

use super::{Connecting, Connection, Connector, Writer};

/// Bytes that a pipe holds before the writer has to wait.
const CAPACITY: usize = 64 * 1024;

/// Connects to a broker in the same process: each connection hands the broker's end of a pipe to `accept`.
pub struct Memory {
    accept: Box<dyn Fn(DuplexStream) -> io::Result<()> + Send + Sync>,
}

impl Memory {
    /// A connector whose connections are served by `accept`, which fails to refuse one.
    pub fn new(accept: impl Fn(DuplexStream) -> io::Result<()> + Send + Sync + 'static) -> Self {
        Self { accept: Box::new(accept) }
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Memory")
    }
}

impl Connector for Memory {
    fn connect(&self) -> Connecting<'_> {
        Box::pin(async move {
            let (ours, theirs) = tokio::io::duplex(CAPACITY);
            (self.accept)(theirs)?;
            let (reader, writer) = split(ours);
            Ok(Connection { reader: Box::new(reader), writer: Box::new(MemoryWriter(writer)) })
        })
    }

    fn address(&self) -> String {
        "memory".to_owned()
    }
}

struct MemoryWriter(WriteHalf<DuplexStream>);

impl Writer for MemoryWriter {
    fn reset(self: Box<Self>) {}
}

impl AsyncWrite for MemoryWriter {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

//! Pipes in memory, for runs in virtual time.

use std::fmt;
use std::io;

use tokio::io::{DuplexStream, WriteHalf, split};

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
            Ok(Connection { reader: Box::new(reader), writer: Box::new(writer) })
        })
    }

    fn address(&self) -> String {
        "memory".to_owned()
    }
}

impl Writer for WriteHalf<DuplexStream> {
    // A pipe knows no reset: its end is all that the broker can see.
    fn reset(self: Box<Self>) {}
}

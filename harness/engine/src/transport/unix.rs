//! Unix sockets.

use std::path::PathBuf;

use tokio::net::UnixStream;
use tokio::net::unix::OwnedWriteHalf;

use super::{Connecting, Connection, Connector, Writer};

/// Connects to a socket of the file system.
#[derive(Clone, Debug)]
pub struct Unix {
    path: PathBuf,
}

impl Unix {
    /// A connector to this socket.
    #[must_use]
    pub const fn new(path: PathBuf) -> Self {
        Self { path }
    }
}

impl Connector for Unix {
    fn connect(&self) -> Connecting<'_> {
        Box::pin(async move {
            let (reader, writer) = UnixStream::connect(&self.path).await?.into_split();
            Ok(Connection { reader: Box::new(reader), writer: Box::new(writer) })
        })
    }

    fn address(&self) -> String {
        format!("unix://{}", self.path.display())
    }
}

impl Writer for OwnedWriteHalf {
    // A Unix socket knows no reset: its end is all that the broker can see.
    fn reset(self: Box<Self>) {}
}

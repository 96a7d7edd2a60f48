//! WebSocket (section 6) over any other transport: each write is one frame, and what comes is the payload of
//! the broker's data frames.

mod fault;
mod reader;
mod writer;

use std::fmt;
use std::hash::BuildHasher;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::BytesMut;
use mqttspec_codec::Version;
use mqttspec_websocket::{Answer, HandshakeError, Request, SUBPROTOCOL, head_length};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{Address, Connecting, Connection, Connector, Tcp};

pub(crate) use fault::Fault;
pub use writer::DataFrame;

/// The longest answer to an upgrade that is taken in, in bytes.
const LONGEST_ANSWER: usize = 16 * 1024;

/// Connects through WebSocket.
#[derive(Debug)]
pub struct WebSocket {
    inner: Arc<dyn Connector>,
    address: String,
    host: String,
    path: String,
    versions: Vec<Version>,
    opened: AtomicU64,
}

/// What a client asks for in the handshake, where it is not the usual.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// What is added to the URI, when something is.
    pub query: Option<String>,
    /// The subprotocols.
    pub subprotocols: Vec<String>,
}

impl Default for Offer {
    fn default() -> Self {
        Self { query: None, subprotocols: vec![SUBPROTOCOL.to_owned()] }
    }
}

/// An upgrade that was accepted.
#[derive(Debug)]
pub struct Upgraded {
    /// The connection.
    pub connection: Connection,
    /// The subprotocol that the server selected.
    pub subprotocol: Option<String>,
}

/// Why there is no WebSocket connection.
#[derive(Debug)]
pub enum UpgradeError {
    /// The connection below could not be opened.
    Unopened(io::Error),
    /// The broker refused the upgrade: by a status of HTTP, or by closing.
    Refused(String),
    /// The broker's answer is no handshake.
    Handshake(HandshakeError),
}

impl fmt::Display for UpgradeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unopened(error) => write!(f, "{error}"),
            Self::Refused(how) => write!(f, "the broker refused the upgrade to WebSocket: {how}"),
            Self::Handshake(error) => write!(f, "what answers the upgrade to WebSocket is wrong: {error}"),
        }
    }
}

impl std::error::Error for UpgradeError {}

impl From<UpgradeError> for io::Error {
    fn from(error: UpgradeError) -> Self {
        match error {
            UpgradeError::Unopened(error) => error,
            other => Self::other(other),
        }
    }
}

impl WebSocket {
    /// A connector through `inner`; `address` is what people see, `host` and `path` what the broker is asked for.
    #[must_use]
    pub fn new(inner: Arc<dyn Connector>, address: String, host: String, path: String) -> Self {
        Self { inner, address, host, path, versions: Version::ALL.to_vec(), opened: AtomicU64::new(0) }
    }

    /// A connector through TCP.
    #[must_use]
    pub fn over_tcp(address: Address, path: &str) -> Self {
        let (shown, host) = (format!("ws://{address}{path}"), address.to_string());
        Self::new(Arc::new(Tcp::new(address)), shown, host, path.to_owned())
    }

    /// The same for a listener that serves these versions only.
    #[must_use]
    pub fn for_versions(self, versions: Vec<Version>) -> Self {
        Self { versions, ..self }
    }

    /// Opens a connection and asks for the upgrade.
    ///
    /// # Errors
    /// When it cannot be opened, or the broker does not accept.
    pub async fn upgrade(&self, offer: &Offer) -> Result<Upgraded, UpgradeError> {
        let Connection { mut reader, mut writer } =
            self.inner.connect().await.map_err(UpgradeError::Unopened)?;
        let seed = std::hash::RandomState::new().hash_one(self.opened.fetch_add(1, Ordering::Relaxed));
        let joint = if self.path.contains('?') { '&' } else { '?' };
        let path = match &offer.query {
            None => self.path.clone(),
            Some(query) => format!("{}{joint}{query}", self.path),
        };
        let random = u128::from(seed) << 64 | u128::from(!seed);
        let request = Request::new(&self.host, &path, offer.subprotocols.clone(), random.to_be_bytes());
        // A broker that does not read on may have answered all the same.
        let _ = writer.write_all(&request.encode()).await;
        let _ = writer.flush().await;
        let mut answer = BytesMut::new();
        let length = loop {
            if let Some(length) = head_length(&answer) {
                break length;
            }
            if answer.len() > LONGEST_ANSWER {
                return Err(UpgradeError::Handshake(HandshakeError::NotHttp));
            }
            match reader.read_buf(&mut answer).await {
                Ok(1..) => {}
                Ok(0) | Err(_) => return Err(UpgradeError::Refused("it closed the connection".to_owned())),
            }
        };
        let head = answer.split_to(length);
        match Answer::read(&head, &request).map_err(UpgradeError::Handshake)? {
            Answer::Refused { status } => Err(UpgradeError::Refused(status)),
            Answer::Accepted { subprotocol } => {
                let (writer, replies) = writer::start(writer, seed);
                let reader = reader::Reader::new(reader, &answer, replies);
                let connection = Connection { reader: Box::new(reader), writer: Box::new(writer) };
                Ok(Upgraded { connection, subprotocol })
            }
        }
    }
}

impl Connector for WebSocket {
    fn connect(&self) -> Connecting<'_> {
        Box::pin(async move { Ok(self.upgrade(&Offer::default()).await?.connection) })
    }

    fn serves(&self, version: Version) -> bool {
        self.versions.contains(&version)
    }

    fn address(&self) -> String {
        self.address.clone()
    }
}

//! The client's part.

use super::HandshakeError;
use super::head::Head;
use super::key::base64;

/// What a client asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Host, and port unless it is the usual one.
    pub host: String,
    /// Path and query of the URI.
    pub path: String,
    /// Sec-WebSocket-Key.
    pub key: String,
    /// The subprotocols that the client offers, in the order of its preference. MQTT demands `mqtt` among them
    /// [MQTT-6.0.0-3].
    pub subprotocols: Vec<String>,
}

/// Why a server refuses an upgrade: a status of HTTP with its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The status code.
    pub status: u16,
    /// The words after it.
    pub reason: &'static str,
}

impl Refusal {
    /// The request is no handshake, or offers no subprotocol that the server speaks.
    pub const BAD_REQUEST: Self = Self { status: 400, reason: "Bad Request" };
    /// Nothing is served under the path.
    pub const NOT_FOUND: Self = Self { status: 404, reason: "Not Found" };

    /// The bytes on the wire.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let Self { status, reason } = self;
        format!("HTTP/1.1 {status} {reason}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n").into_bytes()
    }
}

impl Request {
    /// A request with a key made of 16 random bytes.
    #[must_use]
    pub fn new(host: &str, path: &str, subprotocols: Vec<String>, random: [u8; 16]) -> Self {
        Self { host: host.to_owned(), path: path.to_owned(), key: base64(&random), subprotocols }
    }

    /// The bytes on the wire.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let Self { host, path, key, subprotocols } = self;
        let offer = match subprotocols.as_slice() {
            [] => String::new(),
            several => format!("Sec-WebSocket-Protocol: {}\r\n", several.join(", ")),
        };
        format!(
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n{offer}\r\n"
        )
        .into_bytes()
    }

    /// Reads the head of a request.
    ///
    /// # Errors
    /// When it is no handshake (4.2.1).
    pub fn read(head: &[u8]) -> Result<Self, HandshakeError> {
        let head = Head::read(head)?;
        let mut words = head.first.split(' ');
        let (Some("GET"), Some(path), Some("HTTP/1.1"), None) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return Err(HandshakeError::NotHttp);
        };
        head.demand("Upgrade", "websocket")?;
        head.demand("Connection", "Upgrade")?;
        if head.one("Sec-WebSocket-Version")? != "13" {
            return Err(HandshakeError::Wrong("Sec-WebSocket-Version"));
        }
        Ok(Self {
            host: head.one("Host")?.to_owned(),
            path: path.to_owned(),
            key: head.one("Sec-WebSocket-Key")?.to_owned(),
            subprotocols: head.list("Sec-WebSocket-Protocol").into_iter().map(str::to_owned).collect(),
        })
    }
}

//! The server's part.

use super::head::Head;
use super::key::accept;
use super::{HandshakeError, Request};

/// What a server says that accepts an upgrade.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    accept: String,
    /// The subprotocol that it has selected.
    pub subprotocol: Option<String>,
}

/// What a server said, as the client reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It accepts the upgrade.
    Accepted {
        /// The subprotocol that it has selected.
        subprotocol: Option<String>,
    },
    /// It does not.
    Refused {
        /// The status line without the version of HTTP.
        status: String,
    },
}

impl Response {
    /// Accepts a request.
    #[must_use]
    pub fn to(request: &Request, subprotocol: Option<String>) -> Self {
        Self { accept: accept(&request.key), subprotocol }
    }

    /// The bytes on the wire.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let selected = match &self.subprotocol {
            None => String::new(),
            Some(name) => format!("Sec-WebSocket-Protocol: {name}\r\n"),
        };
        format!(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Accept: {}\r\n{selected}\r\n",
            self.accept
        )
        .into_bytes()
    }
}

impl Answer {
    /// Reads the head of what answers a request.
    ///
    /// # Errors
    /// When it is no HTTP, or says 101 and is no handshake all the same (4.1).
    pub fn read(head: &[u8], request: &Request) -> Result<Self, HandshakeError> {
        let head = Head::read(head)?;
        let Some(("HTTP/1.1" | "HTTP/1.0", status)) = head.first.split_once(' ') else {
            return Err(HandshakeError::NotHttp);
        };
        if status.split(' ').next() != Some("101") {
            return Ok(Self::Refused { status: status.to_owned() });
        }
        head.demand("Upgrade", "websocket")?;
        head.demand("Connection", "Upgrade")?;
        if head.one("Sec-WebSocket-Accept")? != accept(&request.key) {
            return Err(HandshakeError::Wrong("Sec-WebSocket-Accept"));
        }
        let subprotocol = match head.one("Sec-WebSocket-Protocol") {
            Ok(name) => Some(name.to_owned()),
            Err(HandshakeError::Missing(_)) => None,
            Err(error) => return Err(error),
        };
        Ok(Self::Accepted { subprotocol })
    }
}

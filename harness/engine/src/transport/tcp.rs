//! TCP.

use std::fmt;
use std::io;
use std::net::Ipv4Addr;
use std::pin::Pin;
use std::str::FromStr;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, ReadBuf};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

use super::{Connecting, Connection, Connector, Writer};
use crate::clock::Clock;

/// How long the first attempt to connect may take.
const FIRST_ATTEMPT: Duration = Duration::from_millis(100);

/// A host and a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    host: String,
    port: u16,
}

/// The text is no `HOST:PORT`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidAddress(String);

impl fmt::Display for InvalidAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is no address, expected HOST:PORT such as 127.0.0.1:1883", self.0)
    }
}

impl std::error::Error for InvalidAddress {}

impl FromStr for Address {
    type Err = InvalidAddress;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidAddress(text.to_owned());
        let (host, port) = text.rsplit_once(':').ok_or_else(invalid)?;
        let port = port.parse().map_err(|_| invalid())?;
        let host = host.trim_start_matches('[').trim_end_matches(']');
        if host.is_empty() || host.contains('/') {
            return Err(invalid());
        }
        Ok(Self { host: host.to_owned(), port })
    }
}

impl Address {
    /// Reads an address that may leave out the port.
    pub(super) fn with_usual_port(text: &str, port: u16) -> Result<Self, InvalidAddress> {
        let has_port = match text.rsplit_once(':') {
            Some((host, _)) => !host.contains(':') || host.ends_with(']'),
            None => false,
        };
        if has_port { text.parse() } else { format!("{text}:{port}").parse() }
    }

    /// A port of the loopback interface.
    #[must_use]
    pub fn loopback(port: u16) -> Self {
        Self { host: Ipv4Addr::LOCALHOST.to_string(), port }
    }

    /// The same host with another port.
    #[must_use]
    pub fn with_port(&self, port: u16) -> Self {
        Self { host: self.host.clone(), port }
    }

    /// The host.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// A broker whose queue of connections is full makes the kernel drop the request, and ask again only a second
    /// later. So an attempt that takes long is given up for another one, each with twice the time of the one before.
    pub(super) async fn open(&self) -> io::Result<TcpStream> {
        let clock = Clock::start();
        let mut patience = FIRST_ATTEMPT;
        loop {
            let attempt = TcpStream::connect((self.host.as_str(), self.port));
            if let Some(opened) = clock.before(clock.now() + patience, attempt).await {
                let stream = opened?;
                stream.set_nodelay(true)?;
                return Ok(stream);
            }
            patience = patience.saturating_mul(2);
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

/// Connects over TCP.
#[derive(Clone, Debug)]
pub struct Tcp {
    address: Address,
}

impl Tcp {
    /// A connector to this address.
    #[must_use]
    pub const fn new(address: Address) -> Self {
        Self { address }
    }

    /// A connector to a port of the loopback interface.
    #[must_use]
    pub fn loopback(port: u16) -> Self {
        Self::new(Address::loopback(port))
    }
}

impl Connector for Tcp {
    fn connect(&self) -> Connecting<'_> {
        Box::pin(async move {
            let (reader, writer) = self.address.open().await?.into_split();
            Ok(Connection { reader: Box::new(Prompt(reader)), writer: Box::new(writer) })
        })
    }

    fn address(&self) -> String {
        self.address.to_string()
    }
}

/// The receiving half of a connection. It has what came acknowledged before it waits for more: a broker that leaves
/// Nagle's algorithm on holds each answer back until the one before is acknowledged, which the kernel likes to put off
/// for 40 ms.
struct Prompt(OwnedReadHalf);

impl Prompt {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn acknowledge(&self) {
        // Where it fails the answers come later.
        let _ = self.0.as_ref().set_quickack(true);
    }

    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    fn acknowledge(&self) {}
}

impl AsyncRead for Prompt {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.0).poll_read(context, buffer);
        if read.is_pending() {
            self.acknowledge();
        }
        read
    }
}

impl Writer for OwnedWriteHalf {
    fn reset(self: Box<Self>) {
        // Without linger time the kernel sends RST; a failure leaves an orderly end, which the broker has
        // to take for the same loss of the connection.
        let _ = self.as_ref().as_ref().set_zero_linger();
        self.forget();
    }
}

#[cfg(test)]
mod tests {
    use super::Address;

    #[test]
    fn addresses_print_as_they_are_read() {
        for text in ["127.0.0.1:1883", "localhost:1", "[::1]:1883"] {
            assert_eq!(text.parse::<Address>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "localhost", ":1883", "localhost:", "localhost:65536", "mqtt://localhost:1883"] {
            assert!(text.parse::<Address>().is_err(), "{text}");
        }
    }
}

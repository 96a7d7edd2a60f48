//! Network Connections (4.2). A transport carries bytes and tells how the peer ended it.

mod listeners;
mod memory;
mod target;
mod tcp;
mod tls;
#[cfg(unix)]
mod unix;
mod websocket;

use std::collections::BTreeSet;
use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;

use mqttspec_codec::Version;
use mqttspec_script::profile::Account;
use tokio::io::{AsyncRead, AsyncWrite};

pub use listeners::{Listener, Listeners};
pub use memory::Memory;
pub use target::{InvalidTarget, Route, Target, TargetError};
pub use tcp::{Address, InvalidAddress, Tcp};
pub use tls::{Credentials, CredentialsError, Tls};
#[cfg(unix)]
pub use unix::Unix;
pub use websocket::{DataFrame, Offer, UpgradeError, Upgraded, WebSocket};

pub(crate) use websocket::Fault;

/// Opens Network Connections to one broker.
pub trait Connector: Send + Sync + fmt::Debug {
    /// Opens one.
    fn connect(&self) -> Connecting<'_>;

    /// Opens one for a client of this version, in a case with these needs: a broker may serve versions, or what
    /// cases need, on listeners of their own.
    fn connect_for(&self, _version: Version, _needs: &BTreeSet<String>) -> Connecting<'_> {
        self.connect()
    }

    /// Whether the broker is said to serve a version at all.
    fn serves(&self, _version: Version) -> bool {
        true
    }

    /// What each client has to show that names no account itself.
    fn account(&self) -> Option<&Account> {
        None
    }

    /// Where the connections lead, for people.
    fn address(&self) -> String;
}

/// A connection that is being opened.
pub type Connecting<'a> = Pin<Box<dyn Future<Output = io::Result<Connection>> + Send + 'a>>;

/// An open Network Connection.
pub struct Connection {
    /// What the broker sends.
    pub reader: Box<dyn AsyncRead + Send + Unpin>,
    /// What we send.
    pub writer: Box<dyn Writer>,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connection")
    }
}

/// The sending half of a connection.
pub trait Writer: AsyncWrite + Send + Unpin {
    /// Makes the connection end with a reset as soon as both halves are dropped.
    fn reset(self: Box<Self>);

    /// Says in what kind of WebSocket frame the next write goes; a transport without frames has no use for it.
    fn next_frame(&mut self, _frame: DataFrame) {}
}

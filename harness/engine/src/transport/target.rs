//! Where a broker is, as a user says it.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use tokio_rustls::rustls::pki_types::ServerName;

#[cfg(unix)]
use super::Unix;
use super::{Address, Connector, Credentials, Tcp, Tls, WebSocket};

/// A broker's address with the transport that leads to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// TCP: `HOST:PORT` or `mqtt://HOST[:1883]`.
    Tcp(Address),
    /// TLS: `mqtts://HOST[:8883]`.
    Tls(Address),
    /// WebSocket: `ws://HOST[:80][/PATH]`.
    WebSocket(Address, String),
    /// WebSocket over TLS: `wss://HOST[:443][/PATH]`.
    SecureWebSocket(Address, String),
    /// A Unix socket: `unix:///PATH`.
    Unix(PathBuf),
}

/// The text names no broker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidTarget(String);

impl fmt::Display for InvalidTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is no address, expected HOST:PORT such as 127.0.0.1:1883, or one of mqtt://HOST:PORT, \
             mqtts://HOST:PORT, ws://HOST:PORT/PATH, wss://HOST:PORT/PATH, unix:///PATH",
            self.0
        )
    }
}

impl std::error::Error for InvalidTarget {}

impl FromStr for Target {
    type Err = InvalidTarget;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidTarget(text.to_owned());
        let Some((scheme, rest)) = text.split_once("://") else {
            return text.parse().map(Self::Tcp).map_err(|_| invalid());
        };
        let address = |text: &str, port| Address::with_usual_port(text, port).map_err(|_| invalid());
        let with_path = |port| {
            let (host, path) = rest.find('/').map_or((rest, ""), |start| rest.split_at(start));
            let is_plain = path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#');
            if !is_plain {
                return Err(invalid());
            }
            let path = if path.is_empty() { "/" } else { path };
            Ok((address(host, port)?, path.to_owned()))
        };
        match scheme {
            "mqtt" => Ok(Self::Tcp(address(rest, 1883)?)),
            "mqtts" => Ok(Self::Tls(address(rest, 8883)?)),
            "ws" => with_path(80).map(|(address, path)| Self::WebSocket(address, path)),
            "wss" => with_path(443).map(|(address, path)| Self::SecureWebSocket(address, path)),
            "unix" if rest.starts_with('/') => Ok(Self::Unix(rest.into())),
            _ => Err(invalid()),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => write!(f, "{address}"),
            Self::Tls(address) => write!(f, "mqtts://{address}"),
            Self::WebSocket(address, path) => write!(f, "ws://{address}{path}"),
            Self::SecureWebSocket(address, path) => write!(f, "wss://{address}{path}"),
            Self::Unix(path) => write!(f, "unix://{}", path.display()),
        }
    }
}

/// The way to a broker.
#[derive(Clone, Debug)]
pub struct Route {
    /// What opens connections.
    pub connector: Arc<dyn Connector>,
    /// The same, where it goes through WebSocket.
    pub websocket: Option<Arc<WebSocket>>,
}

/// Why no connection to a target can be tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TargetError {
    /// TLS needs to know whom to trust.
    NoCredentials,
    /// Neither an address nor a name as a certificate can hold it.
    InvalidServerName(String),
    /// This system has no Unix sockets that the tool could use.
    NoUnixSockets,
}

impl fmt::Display for TargetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoCredentials => f.write_str("TLS needs to know whom to trust"),
            Self::InvalidServerName(name) => write!(f, "`{name}` is no name that a certificate could hold"),
            Self::NoUnixSockets => f.write_str("there are no Unix sockets on this system"),
        }
    }
}

impl std::error::Error for TargetError {}

impl Target {
    /// Whether TLS is on the way.
    #[must_use]
    pub const fn is_secure(&self) -> bool {
        matches!(self, Self::Tls(_) | Self::SecureWebSocket(..))
    }

    /// Whether WebSocket is on the way.
    #[must_use]
    pub const fn is_websocket(&self) -> bool {
        matches!(self, Self::WebSocket(..) | Self::SecureWebSocket(..))
    }

    /// Whether the broker is on this machine, as far as the address says.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        match self {
            Self::Tcp(address)
            | Self::Tls(address)
            | Self::WebSocket(address, _)
            | Self::SecureWebSocket(address, _) => {
                let host = address.host();
                host.eq_ignore_ascii_case("localhost")
                    || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
            }
            Self::Unix(_) => true,
        }
    }

    /// The way to the broker. Its certificate has to be for `server_name`, or else for the host.
    ///
    /// # Errors
    /// When TLS is on the way and there are no credentials, or the name is none; and for a Unix socket where there
    /// are none.
    pub fn route(
        &self,
        credentials: Option<&Credentials>,
        server_name: Option<&str>,
    ) -> Result<Route, TargetError> {
        let secure = |address: &Address| {
            let credentials = credentials.ok_or(TargetError::NoCredentials)?.clone();
            let name = server_name.unwrap_or(address.host());
            let name = ServerName::try_from(name.to_owned())
                .map_err(|_| TargetError::InvalidServerName(name.to_owned()))?;
            Ok(Tls::new(address.clone(), name, credentials))
        };
        let plain = |connector| Route { connector, websocket: None };
        let upgraded = |inner: Arc<dyn Connector>, address: &Address, path: &str| {
            let websocket =
                Arc::new(WebSocket::new(inner, self.to_string(), address.to_string(), path.to_owned()));
            Route { connector: Arc::<WebSocket>::clone(&websocket), websocket: Some(websocket) }
        };
        Ok(match self {
            Self::Tcp(address) => plain(Arc::new(Tcp::new(address.clone()))),
            Self::Tls(address) => plain(Arc::new(secure(address)?)),
            Self::WebSocket(address, path) => upgraded(Arc::new(Tcp::new(address.clone())), address, path),
            Self::SecureWebSocket(address, path) => upgraded(Arc::new(secure(address)?), address, path),
            #[cfg(unix)]
            Self::Unix(path) => plain(Arc::new(Unix::new(path.clone()))),
            #[cfg(not(unix))]
            Self::Unix(_) => return Err(TargetError::NoUnixSockets),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Target;

    #[test]
    fn targets_print_as_they_are_read() {
        for text in [
            "127.0.0.1:1883",
            "mqtts://localhost:8883",
            "ws://[::1]:80/mqtt",
            "wss://localhost:443/",
            "unix:///run/mqtt.sock",
        ] {
            assert_eq!(text.parse::<Target>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn the_usual_ports_may_be_left_out() {
        for (text, whole) in [
            ("mqtt://localhost", "localhost:1883"),
            ("mqtt://localhost:1", "localhost:1"),
            ("mqtts://[::1]", "mqtts://[::1]:8883"),
            ("ws://localhost", "ws://localhost:80/"),
            ("wss://localhost/mqtt?a=b", "wss://localhost:443/mqtt?a=b"),
        ] {
            assert_eq!(text.parse::<Target>().unwrap().to_string(), whole);
        }
    }

    #[test]
    fn this_machine_is_told_from_others() {
        for (text, is_here) in [
            ("127.0.0.1:1883", true),
            ("wss://127.8.0.1/mqtt", true),
            ("mqtts://LocalHost", true),
            ("[::1]:1883", true),
            ("unix:///run/mqtt.sock", true),
            ("192.0.2.1:1883", false),
            ("0.0.0.0:1883", false),
            ("ws://localhost.example", false),
            ("mqtt://127.0.0.1.example", false),
        ] {
            assert_eq!(text.parse::<Target>().unwrap().is_loopback(), is_here, "{text}");
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "localhost",
            "http://localhost",
            "mqtt://",
            "ws:///mqtt",
            "ws://localhost/a b",
            "ws://localhost/a#b",
            "unix://run",
            "mqtt://localhost/path",
        ] {
            assert!(text.parse::<Target>().is_err(), "{text}");
        }
    }
}

//! The ways to a broker: one for each listener that it has here.

use std::sync::Arc;

use mqttspec_codec::Version;
use mqttspec_engine::transport::{Address, Connector, Credentials, Listener, Listeners, Target, WebSocket};
use mqttspec_script::profile::{self, ACCOUNT, Account, Transport};

use crate::certificates::SERVER_NAME;
use crate::values::Values;

/// The way to a listener.
#[derive(Clone, Debug)]
pub struct Way {
    /// The name of the listener's port.
    pub name: String,
    /// How connections come.
    pub transport: Transport,
    /// The versions that it serves.
    pub versions: Vec<Version>,
    /// What it provides to cases that need it.
    pub provides: Vec<&'static str>,
    /// What opens connections.
    pub connector: Arc<dyn Connector>,
    /// The same, where it goes through WebSocket.
    pub websocket: Option<Arc<WebSocket>>,
}

impl Way {
    /// The way to a listener of a profile; none where it takes TLS and there are no credentials.
    pub(crate) fn to(
        listener: &profile::Listener,
        values: &Values,
        credentials: Option<&Credentials>,
    ) -> Option<Self> {
        let address = Address::loopback(values.port(listener));
        let below = match listener.transport.is_secure() {
            true => Target::Tls(address.clone()),
            false => Target::Tcp(address.clone()),
        };
        let below = below.route(credentials, Some(SERVER_NAME)).ok()?.connector;
        let path = listener.path.clone();
        let websocket = match listener.transport {
            Transport::Tcp | Transport::Tls => None,
            Transport::WebSocket => Some(Target::WebSocket(address.clone(), path.clone())),
            Transport::SecureWebSocket => Some(Target::SecureWebSocket(address.clone(), path.clone())),
        };
        let websocket = websocket.map(|target| {
            let websocket = WebSocket::new(Arc::clone(&below), target.to_string(), address.to_string(), path);
            Arc::new(websocket.for_versions(listener.versions.clone()))
        });
        let connector = match &websocket {
            Some(websocket) => Arc::<WebSocket>::clone(websocket),
            None => below,
        };
        Some(Self {
            name: listener.port.clone(),
            transport: listener.transport,
            versions: listener.versions.clone(),
            provides: listener.provides.clone(),
            connector,
            websocket,
        })
    }

    /// Whether it serves whatever needs nothing special.
    pub(crate) fn is_for_all(&self) -> bool {
        self.provides.is_empty()
    }

    pub(crate) fn listener(&self) -> Listener {
        Listener {
            connector: Arc::clone(&self.connector),
            versions: self.versions.clone(),
            provides: self.provides.clone(),
        }
    }

    /// What opens connections to this listener only, with the account that it asks for, or else the one of the broker.
    pub(crate) fn alone(&self, account: Option<&Account>) -> Listeners {
        // One for accounts may serve nobody without.
        let account = if self.provides.contains(&"auth") {
            Some(Account { user_name: ACCOUNT.0.to_owned(), password: ACCOUNT.1.to_owned() })
        } else {
            account.cloned()
        };
        let listener = Listener { versions: Version::ALL.to_vec(), provides: Vec::new(), ..self.listener() };
        Listeners::new(listener, Vec::new(), account)
    }
}

//! Profiles: how a broker is started, reached and stopped, and what it is said to support.
//!
//! A profile is YAML with templates in it: `{{port}}` and the like stand for what only a launch knows.

mod keys;
mod read;
mod template;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use mqttspec_codec::Version;
use mqttspec_spec::Baseline;
use mqttspec_spec::record::Note;

use crate::plan::File;

pub(crate) use keys::PROFILE;
pub use template::{Placeholder, Template};

/// The account that a broker with `auth` has.
pub const ACCOUNT: (&str, &str) = ("mqttspec", "secret");

/// How a broker is started, reached and stopped.
#[derive(Clone, Debug)]
pub struct Profile {
    /// The name to choose it by.
    pub name: String,
    /// The broker's name for people.
    pub title: String,
    /// The command that installs it, for people.
    pub install: Option<Template>,
    /// Files that its installation leaves, besides the program.
    pub requires: Vec<Template>,
    /// The command that prints its version.
    pub version: Option<Command>,
    /// Variables of its environment.
    pub environment: Vec<(String, Template)>,
    /// Files that it finds in its folder, by path and text.
    pub files: Vec<(Template, Template)>,
    /// Commands that are run once, before it is first started.
    pub setup: Vec<Command>,
    /// The command that is the broker. Absent when the profile only describes one that runs already.
    pub start: Option<Command>,
    /// Files that it writes its log to, besides standard output and standard error.
    pub logs: Vec<Template>,
    /// Texts in its log that tell that something in it broke, besides those that any program may write.
    pub alarms: Vec<String>,
    /// Where it takes connections. There is at least one, and the first is for TCP.
    pub listeners: Vec<Listener>,
    /// The names of further ports that it needs free, for other things than MQTT.
    pub ports: Vec<String>,
    /// What each of its clients has to show.
    pub account: Option<Account>,
    /// What it declares about itself.
    pub declares: Declared,
    /// What its documentation says that it does otherwise than the specification. Absent when the profile does not speak
    /// about it, which is another thing than a list without entries.
    pub deviations: Option<Baseline>,
    /// What its documentation says about parts of the specification.
    pub notes: Vec<Note>,
    /// How long it may take from its start to its first CONNACK.
    pub ready_within: Duration,
    /// How long it may take to stop in order.
    pub stop_within: Duration,
    /// The file that the profile stands in.
    pub file: Arc<File>,
}

/// A command: the program, then its arguments.
#[derive(Clone, Debug)]
pub struct Command {
    /// The words; there is at least one.
    pub words: Vec<Template>,
}

/// Where a broker takes connections.
#[derive(Clone, Debug)]
pub struct Listener {
    /// The name of its port.
    pub port: String,
    /// How connections come.
    pub transport: Transport,
    /// The path of the WebSocket resource.
    pub path: String,
    /// The versions that it serves.
    pub versions: Vec<Version>,
    /// What it provides to cases that need it, in the vocabulary of `needs`.
    pub provides: Vec<&'static str>,
}

/// How connections come to a listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// TCP.
    Tcp,
    /// TLS over TCP.
    Tls,
    /// WebSocket.
    WebSocket,
    /// WebSocket over TLS.
    SecureWebSocket,
}

/// The transports with their words.
const TRANSPORTS: [(Transport, &str); 4] = [
    (Transport::Tcp, "tcp"),
    (Transport::Tls, "tls"),
    (Transport::WebSocket, "websocket"),
    (Transport::SecureWebSocket, "secure-websocket"),
];

impl Transport {
    /// Whether TLS is on the way.
    #[must_use]
    pub const fn is_secure(self) -> bool {
        matches!(self, Self::Tls | Self::SecureWebSocket)
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = TRANSPORTS.iter().find(|(transport, _)| transport == self).map(|(_, word)| *word);
        f.write_str(word.unwrap_or_default())
    }
}

/// The text names no transport.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownTransport(String);

impl fmt::Display for UnknownTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = TRANSPORTS.map(|(_, word)| word).join(", ");
        write!(f, "`{}` is no transport, expected one of {words}", self.0)
    }
}

impl std::error::Error for UnknownTransport {}

impl FromStr for Transport {
    type Err = UnknownTransport;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = TRANSPORTS.iter().find(|(_, word)| *word == text);
        found.map(|(transport, _)| *transport).ok_or_else(|| UnknownTransport(text.to_owned()))
    }
}

/// User Name and Password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// User Name.
    pub user_name: String,
    /// Password.
    pub password: String,
}

/// What a broker is declared to support, or not to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Declared {
    /// What it supports, in the vocabulary of `needs`.
    pub supports: Vec<&'static str>,
    /// What it lacks.
    pub lacks: Vec<&'static str>,
    /// Limits by name, in the order of the file.
    pub limits: Vec<(String, u32)>,
}

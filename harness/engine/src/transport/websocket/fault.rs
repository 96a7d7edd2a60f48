//! What a broker does wrong below MQTT.

use std::fmt;

use mqttspec_codec::{StatementId, statement};
use mqttspec_websocket::{FrameError, Opcode};

/// Why what comes can no longer be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A data frame of the broker is not binary.
    NotBinary(Opcode),
    /// The broker breaks RFC 6455, which is no rule of MQTT.
    Framing(FrameError),
}

impl Fault {
    /// The statement of MQTT that it breaks, if it breaks one.
    pub(crate) const fn statement(&self) -> Option<StatementId> {
        match self {
            Self::NotBinary(_) => Some(statement!("MQTT-6.0.0-1/a")),
            Self::Framing(_) => None,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotBinary(Opcode::TEXT) => {
                f.write_str("the broker sent a WebSocket text frame, not a binary one")
            }
            Self::NotBinary(opcode) => {
                write!(f, "the broker sent a WebSocket data frame of the kind {}, not a binary one", opcode.0)
            }
            Self::Framing(error) => write!(f, "the broker breaks RFC 6455: {error}"),
        }
    }
}

impl std::error::Error for Fault {}

//! WebSocket (RFC 6455) as far as MQTT needs it (section 6 of both versions), for both sides and without I/O.
//!
//! Well-kept libraries keep to the RFC, and so cannot put a broker to the test: here frames of any kind can be
//! written, masked or not, and any subprotocols be offered. What comes is read strictly.

mod frame;
mod frames;
mod handshake;
mod receiver;

pub use frame::{Frame, Opcode};
pub use frames::{FrameError, Frames, Sender};
pub use handshake::{Answer, HandshakeError, Refusal, Request, Response, head_length};
pub use receiver::{Received, Receiver};

/// The subprotocol of MQTT [MQTT-6.0.0-3], [MQTT-6.0.0-4].
pub const SUBPROTOCOL: &str = "mqtt";

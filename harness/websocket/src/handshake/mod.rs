//! The opening handshake (sections 1.3 and 4).

mod head;
mod key;
mod request;
mod response;

use std::fmt;

pub use head::head_length;
pub use request::{Refusal, Request};
pub use response::{Answer, Response};

/// Why a message is no part of a handshake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HandshakeError {
    /// It is no HTTP.
    NotHttp,
    /// A header that has to be there is missing.
    Missing(&'static str),
    /// A header says something else than it has to.
    Wrong(&'static str),
}

impl fmt::Display for HandshakeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotHttp => f.write_str("it is no HTTP"),
            Self::Missing(header) => write!(f, "it has no {header}"),
            Self::Wrong(header) => write!(f, "its {header} is wrong"),
        }
    }
}

impl std::error::Error for HandshakeError {}

//! DISCONNECT (3.14) and AUTH (3.15).

use super::{Properties, ReasonCode};

/// DISCONNECT (3.14). 3.1.1 has no body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Disconnect {
    /// The Reason Code, when it is on the wire.
    pub reason_code: Option<ReasonCode>,
    /// The properties, when their length is on the wire; never without a Reason Code.
    pub properties: Option<Properties>,
}

impl Disconnect {
    /// The Reason Code that the packet conveys: Normal disconnection when none is on the wire.
    #[must_use]
    pub fn reason(&self) -> ReasonCode {
        self.reason_code.unwrap_or(ReasonCode::SUCCESS)
    }
}

/// AUTH (3.15), 5.0 only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Auth {
    /// The Reason Code, when it is on the wire.
    pub reason_code: Option<ReasonCode>,
    /// The properties, when their length is on the wire; never without a Reason Code.
    pub properties: Option<Properties>,
}

impl Auth {
    /// The Reason Code that the packet conveys: Success when none is on the wire.
    #[must_use]
    pub fn reason(&self) -> ReasonCode {
        self.reason_code.unwrap_or(ReasonCode::SUCCESS)
    }
}

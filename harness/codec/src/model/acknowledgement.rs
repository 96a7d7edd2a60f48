//! PUBACK (3.4), PUBREC (3.5), PUBREL (3.6) and PUBCOMP (3.7), which share one layout.

use super::{Properties, ReasonCode};

/// The body of a PUBACK, PUBREC, PUBREL or PUBCOMP.
///
/// 5.0 lets the sender leave out the Reason Code when it is Success, and the Property Length when there
/// are no properties; both fields say what was on the wire. 3.1.1 has neither.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Acknowledgement {
    /// The Packet Identifier of the PUBLISH.
    pub packet_id: u16,
    /// The Reason Code, when it is on the wire.
    pub reason_code: Option<ReasonCode>,
    /// The properties, when their length is on the wire; never without a Reason Code.
    pub properties: Option<Properties>,
}

impl Acknowledgement {
    /// The shortest form, which in 5.0 stands for Success.
    #[must_use]
    pub const fn new(packet_id: u16) -> Self {
        Self { packet_id, reason_code: None, properties: None }
    }

    /// The Reason Code that the packet conveys: Success when none is on the wire.
    #[must_use]
    pub fn reason(&self) -> ReasonCode {
        self.reason_code.unwrap_or(ReasonCode::SUCCESS)
    }
}

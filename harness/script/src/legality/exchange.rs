//! The exchanges of Packet Identifiers that a client has open: its own, and those of what it received.

use mqttspec_codec::model::QoS;

/// What the client has sent under a Packet Identifier and not yet finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// A PUBLISH at QoS 1 without its PUBACK.
    AwaitsPubAck,
    /// A PUBLISH at QoS 2 without its PUBREC.
    AwaitsPubRec,
    /// A PUBREC has come, and no PUBREL has been sent.
    OwesPubRel,
    /// A PUBREL without its PUBCOMP.
    AwaitsPubComp,
    /// A SUBSCRIBE without its SUBACK.
    AwaitsSubAck,
    /// An UNSUBSCRIBE without its UNSUBACK.
    AwaitsUnsubAck,
}

impl Stage {
    /// Whether the exchange delivers a message, so that it belongs to the Session State and counts against
    /// the Receive Maximum.
    pub(super) const fn is_delivery(self) -> bool {
        !matches!(self, Self::AwaitsSubAck | Self::AwaitsUnsubAck)
    }

    /// How an exchange begins that a PUBLISH of this QoS opens.
    pub(super) const fn of_publish(qos: QoS) -> Self {
        match qos {
            QoS::AtMostOnce | QoS::AtLeastOnce => Self::AwaitsPubAck,
            QoS::ExactlyOnce => Self::AwaitsPubRec,
        }
    }
}

/// An exchange that the client began.
#[derive(Clone, Copy, Debug)]
pub(super) struct Exchange {
    pub(super) id: u16,
    pub(super) stage: Stage,
    /// The number of the connection on which the client sent its part last.
    pub(super) connection: u32,
}

/// What the client still owes for a message that it received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Debt {
    PubAck,
    PubRec,
    /// Nothing at present: the broker's PUBREL is to come.
    Nothing,
    PubComp,
}

/// A message that the client received at QoS 1 or 2.
#[derive(Clone, Copy, Debug)]
pub(super) struct Delivery {
    pub(super) id: u16,
    pub(super) debt: Debt,
}

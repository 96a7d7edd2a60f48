//! A rule for clients that a packet breaks.

use std::fmt;

use mqttspec_codec::{StatementId, Version, statement};

/// A rule that a packet breaks because of what was sent and received before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// The statements that forbid it, in the client's version; any of them may be declared.
    pub statements: &'static [StatementId],
    /// What is wrong, in one line.
    pub message: String,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        for (index, id) in self.statements.iter().enumerate() {
            write!(f, "{}{id}", if index == 0 { " (" } else { ", " })?;
        }
        if self.statements.is_empty() { Ok(()) } else { f.write_str(")") }
    }
}

impl std::error::Error for Breach {}

/// The rules that the model knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    ConnectFirst,
    ConnectOnce,
    SilenceAfterDisconnect,
    ServerPacket,
    OnlyAuthBeforeConnAck,
    AuthWithoutMethod,
    AuthOtherMethod,
    AuthContinues,
    IdentifierInUse,
    FirstPublishHasNoDup,
    RepeatedPublishHasDup,
    RepeatOnlyAfterReconnect,
    NoPublishAfterPubRel,
    PubAckOfReceived,
    PubRecOfReceived,
    PubRelOfReceived,
    PubCompOfReceived,
    PubAckOrder,
    PubRecOrder,
    PubRelOrder,
    ReceiveMaximum,
    MaximumQoS,
    RetainAvailable,
    MaximumPacketSize,
    TopicAliasMaximum,
    NoTopicAlias,
    UnboundTopicAlias,
    WildcardAvailable,
    SharedAvailable,
    IdentifiersAvailable,
    LateSessionExpiry,
}

impl Rule {
    /// A breach of the rule.
    pub(super) fn broken(self, version: Version, message: impl Into<String>) -> Breach {
        Breach { statements: self.statements(version), message: message.into() }
    }

    const fn statements(self, version: Version) -> &'static [StatementId] {
        match version {
            Version::V3_1_1 => self.statements_311(),
            Version::V5_0 => self.statements_50(),
        }
    }

    const fn statements_311(self) -> &'static [StatementId] {
        match self {
            Self::ConnectFirst => &[statement!("MQTT-3.1.0-1")],
            Self::ConnectOnce => &[statement!("MQTT-3.1.0-2")],
            Self::SilenceAfterDisconnect => &[statement!("MQTT-3.14.4-2")],
            Self::ServerPacket => &[statement!("MQTT-4.8.0-1")],
            Self::IdentifierInUse => {
                &[statement!("MQTT-2.3.1-2"), statement!("MQTT-4.3.2-1"), statement!("MQTT-4.3.3-1")]
            }
            Self::FirstPublishHasNoDup => &[statement!("MQTT-4.3.2-1"), statement!("MQTT-4.3.3-1")],
            Self::RepeatedPublishHasDup => &[statement!("MQTT-3.3.1-1")],
            Self::NoPublishAfterPubRel => &[statement!("MQTT-4.3.3-1")],
            Self::PubAckOfReceived => &[statement!("MQTT-2.3.1-6"), statement!("MQTT-4.3.2-2")],
            Self::PubRecOfReceived | Self::PubCompOfReceived => {
                &[statement!("MQTT-2.3.1-6"), statement!("MQTT-4.3.3-2")]
            }
            Self::PubRelOfReceived => &[statement!("MQTT-2.3.1-6"), statement!("MQTT-4.3.3-1")],
            Self::PubAckOrder => &[statement!("MQTT-4.6.0-2")],
            Self::PubRecOrder => &[statement!("MQTT-4.6.0-3")],
            Self::PubRelOrder => &[statement!("MQTT-4.6.0-4")],
            Self::OnlyAuthBeforeConnAck
            | Self::AuthWithoutMethod
            | Self::AuthOtherMethod
            | Self::AuthContinues
            | Self::RepeatOnlyAfterReconnect
            | Self::ReceiveMaximum
            | Self::MaximumQoS
            | Self::RetainAvailable
            | Self::MaximumPacketSize
            | Self::TopicAliasMaximum
            | Self::NoTopicAlias
            | Self::UnboundTopicAlias
            | Self::WildcardAvailable
            | Self::SharedAvailable
            | Self::IdentifiersAvailable
            | Self::LateSessionExpiry => &[],
        }
    }

    const fn statements_50(self) -> &'static [StatementId] {
        match self {
            Self::ConnectFirst => &[statement!("MQTT-3.1.0-1")],
            Self::ConnectOnce => &[statement!("MQTT-3.1.0-2")],
            Self::SilenceAfterDisconnect => &[statement!("MQTT-3.14.4-1")],
            Self::ServerPacket => &[statement!("E5-02")],
            Self::OnlyAuthBeforeConnAck => &[statement!("MQTT-3.1.2-30")],
            Self::AuthWithoutMethod => &[statement!("MQTT-4.12.0-7"), statement!("E5-53")],
            Self::AuthOtherMethod => {
                &[statement!("MQTT-4.12.0-5"), statement!("MQTT-4.12.1-1"), statement!("E5-53")]
            }
            Self::AuthContinues => &[statement!("MQTT-4.12.0-3")],
            Self::IdentifierInUse => {
                &[statement!("MQTT-2.2.1-3"), statement!("MQTT-4.3.2-1"), statement!("MQTT-4.3.3-1")]
            }
            Self::FirstPublishHasNoDup => &[statement!("MQTT-4.3.2-2"), statement!("MQTT-4.3.3-2")],
            Self::RepeatedPublishHasDup => &[statement!("MQTT-3.3.1-1")],
            Self::RepeatOnlyAfterReconnect => &[statement!("MQTT-4.4.0-1")],
            Self::NoPublishAfterPubRel => &[statement!("MQTT-4.3.3-6")],
            Self::PubAckOfReceived => &[statement!("MQTT-2.2.1-5"), statement!("MQTT-4.3.2-4")],
            Self::PubRecOfReceived => &[statement!("MQTT-2.2.1-5"), statement!("MQTT-4.3.3-8")],
            Self::PubRelOfReceived => &[statement!("MQTT-2.2.1-5"), statement!("MQTT-4.3.3-4")],
            Self::PubCompOfReceived => &[statement!("MQTT-2.2.1-5"), statement!("MQTT-4.3.3-11")],
            Self::PubAckOrder => &[statement!("MQTT-4.6.0-2")],
            Self::PubRecOrder => &[statement!("MQTT-4.6.0-3")],
            Self::PubRelOrder => &[statement!("MQTT-4.6.0-4")],
            Self::ReceiveMaximum => {
                &[statement!("MQTT-3.3.4-7"), statement!("MQTT-4.9.0-2"), statement!("E5-36")]
            }
            Self::MaximumQoS => &[statement!("MQTT-3.2.2-11"), statement!("E5-33")],
            Self::RetainAvailable => &[statement!("MQTT-3.2.2-14"), statement!("E5-34")],
            Self::MaximumPacketSize => &[statement!("MQTT-3.2.2-15"), statement!("E5-35")],
            Self::TopicAliasMaximum => {
                &[statement!("MQTT-3.2.2-17"), statement!("MQTT-3.3.2-9"), statement!("E5-37")]
            }
            Self::NoTopicAlias => &[
                statement!("MQTT-3.2.2-18"),
                statement!("MQTT-3.2.2-17"),
                statement!("MQTT-3.3.2-9"),
                statement!("E5-37"),
            ],
            Self::UnboundTopicAlias => &[statement!("E5-26"), statement!("MQTT-3.3.2-7")],
            Self::WildcardAvailable => &[statement!("E5-45")],
            Self::SharedAvailable => &[statement!("E5-47")],
            Self::IdentifiersAvailable => &[statement!("E5-46")],
            Self::LateSessionExpiry => &[statement!("E5-50")],
        }
    }
}

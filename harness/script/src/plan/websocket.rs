//! What only clients on WebSocket can do (section 6).

use mqttspec_codec::StatementId;

/// The transport that a client uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transport {
    /// That of the run.
    #[default]
    Any,
    /// WebSocket.
    WebSocket,
}

/// What a client asks for when its WebSocket connection is opened, and what the server may answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Upgrade {
    /// What is added to the URI, when something is.
    pub query: Option<String>,
    /// The subprotocols that are offered; absent for `mqtt`.
    pub subprotocols: Option<Vec<String>>,
    /// The answers that are allowed; empty when any subprotocol may be selected, or none.
    pub selected: Vec<Selected>,
    /// The rules that the offer breaks on purpose.
    pub violates: Vec<StatementId>,
}

/// What a server answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selected {
    /// It selects the subprotocol of MQTT.
    Mqtt,
    /// It accepts the upgrade, and selects no subprotocol.
    Absent,
    /// It refuses the upgrade.
    Refused,
}

/// The kind of WebSocket frames in which bytes go; one for each write.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Frames {
    /// Which kind of data they say they are.
    pub data: FrameData,
    /// Whether all are one message: the first begins it, the others go on with it.
    pub fragmented: bool,
    /// Whether they lack the mask that RFC 6455 demands of clients.
    pub unmasked: bool,
}

/// A kind of data frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FrameData {
    /// Binary, as MQTT demands.
    #[default]
    Binary,
    /// Text.
    Text,
    /// One that RFC 6455 keeps for later.
    Reserved,
}

impl Upgrade {
    /// Whether the server may answer by refusing.
    #[must_use]
    pub fn may_be_refused(&self) -> bool {
        self.selected.contains(&Selected::Refused)
    }

    /// Whether the offer breaks a rule: it lacks the subprotocol of MQTT [MQTT-6.0.0-3].
    #[must_use]
    pub fn lacks_mqtt(&self) -> bool {
        self.subprotocols.as_ref().is_some_and(|names| names.iter().all(|name| name != "mqtt"))
    }

    /// The allowed answers, in words.
    #[must_use]
    pub fn describe(&self) -> String {
        let words = self.selected.iter().map(|selected| match selected {
            Selected::Mqtt => "the subprotocol `mqtt`",
            Selected::Absent => "no subprotocol",
            Selected::Refused => "a refusal of the upgrade",
        });
        words.collect::<Vec<_>>().join(" or ")
    }
}

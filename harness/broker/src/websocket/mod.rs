//! The server's end of a WebSocket connection (section 6), between the bytes of the network and those of MQTT.
//!
//! The version that a Client speaks stands in its CONNECT, which comes after the handshake and may come in
//! pieces; so here a switch of either version breaks the rule for all.

mod endpoint;
mod packets;

pub(crate) use endpoint::{Action, Endpoint};

use mqttspec_codec::Version;

use crate::rules::{Rule, Rules, rules};

rules! {
    /// All data frames of the server are binary.
    SENDS_BINARY: ["MQTT-6.0.0-1/a"], ["MQTT-6.0.0-1/a"];
    /// A data frame that is not binary ends the connection.
    TAKES_BINARY_ONLY: ["MQTT-6.0.0-1/b"], ["MQTT-6.0.0-1/b"];
    /// Several packets in one frame are all handled.
    SEVERAL_IN_ONE_FRAME: ["MQTT-6.0.0-2/a"], ["MQTT-6.0.0-2/a"];
    /// A packet in several frames is put together.
    ONE_IN_SEVERAL_FRAMES: ["MQTT-6.0.0-2/b"], ["MQTT-6.0.0-2/b"];
    /// The subprotocol that the server selects is mqtt.
    SELECTS_MQTT: ["MQTT-6.0.0-4"], ["MQTT-6.0.0-4"];
    /// The URI of the WebSocket makes no difference to MQTT.
    URI_HAS_NO_MEANING: ["S311-46"], ["S5-57"];
}

fn enforce(rules: &Rules, rule: &Rule) -> bool {
    Version::ALL.into_iter().all(|version| rules.enforce(version, rule))
}

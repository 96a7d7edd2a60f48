//! How each codec reads and writes.

mod flowsdk;
mod mqtt5_protocol;
mod mqtt_proto;
mod mqtt_protocol_core;
mod mqttrs;
mod rmqtt_codec;
mod rumqttc;
#[cfg(feature = "rumqttd")]
mod rumqttd;

use crate::peer::Peer;

/// The greatest packet that a codec is told to expect.
const LIMIT: usize = 1 << 20;

/// All codecs.
pub const PEERS: &[Peer] = &[
    Peer { name: "rumqttc", read: rumqttc::read },
    Peer { name: "rmqtt-codec", read: rmqtt_codec::read },
    Peer { name: "mqtt-protocol-core", read: mqtt_protocol_core::read },
    Peer { name: "flowsdk", read: flowsdk::read },
    Peer { name: "mqtt5-protocol", read: mqtt5_protocol::read },
    Peer { name: "mqtt-proto", read: mqtt_proto::read },
    Peer { name: "mqttrs", read: mqttrs::read },
    #[cfg(feature = "rumqttd")]
    Peer { name: "rumqttd", read: rumqttd::read },
];

//! The codec of mqttspec beside other published MQTT codecs, on the same packets.

pub mod packets;
pub mod peers;
pub mod strictness;
pub mod table;

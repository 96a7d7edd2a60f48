//! Every packet leaves the broker here: fitted to what the Client allows, then encoded.
//!
//! The rules about the content of a packet of the server stand in [`fields`], those about its bytes in
//! [`bytes`]; with a rule off, they spoil a packet that was right up to there.

pub(crate) mod bytes;
pub(crate) mod fields;
pub(crate) mod size;

use mqttspec_codec::Version;
use mqttspec_codec::model::{Packet, PacketType, Properties, Property};

use crate::broker::{Broker, Output};
use crate::connection::ConnectionId;
use crate::faults::Fault;
use crate::rules::rules;

rules! {
    /// After Request Problem Information 0, a Reason String comes in CONNACK and DISCONNECT only.
    REASON_STRING_UNWANTED: [], ["MQTT-3.1.2-29/a"];
    /// After Request Problem Information 0, a User Property comes in PUBLISH, CONNACK and DISCONNECT only.
    USER_PROPERTY_UNWANTED: [], ["MQTT-3.1.2-29/b"];
}

impl Broker {
    /// Sends a packet. `false` means that it is too long for the Client and was not sent.
    pub(crate) fn send(&mut self, id: ConnectionId, mut packet: Packet) -> bool {
        let Some(connection) = self.connections.get(&id) else { return false };
        let version = connection.version;
        let explained = matches!(packet, Packet::SubAck(_)) && self.rules.has(Fault::GrantsExplained);
        if version == Version::V5_0 && !connection.problem_information && !explained {
            self.leave_out_unwanted(&mut packet);
        }
        self.spoil_fields(version, &mut packet);
        let maximum = connection.maximum_packet_size.map_or(usize::MAX, |size| size as usize);
        if !self.fit(version, maximum, &mut packet) {
            return false;
        }
        let mut bytes = encoded(&packet, version);
        self.spoil_bytes(version, &packet, &mut bytes);
        self.outputs.push(Output::Send { connection: id, bytes: bytes.into() });
        true
    }

    /// The length of a packet on this connection, in bytes.
    pub(crate) fn encoded_length(&self, id: ConnectionId, packet: &Packet) -> usize {
        let version = self.connections.get(&id).map_or(Version::V5_0, |connection| connection.version);
        encoded(packet, version).len()
    }

    fn leave_out_unwanted(&self, packet: &mut Packet) {
        let packet_type = packet.packet_type();
        if matches!(packet_type, PacketType::ConnAck | PacketType::Disconnect | PacketType::Publish) {
            return;
        }
        if self.rules.enforce(Version::V5_0, &REASON_STRING_UNWANTED) {
            leave_out(packet, |property| matches!(property, Property::ReasonString(_)));
        }
        if self.rules.enforce(Version::V5_0, &USER_PROPERTY_UNWANTED) {
            leave_out(packet, |property| matches!(property, Property::UserProperty(_)));
        }
    }
}

fn encoded(packet: &Packet, version: Version) -> Vec<u8> {
    mqttspec_codec::encode(packet, version).to_vec()
}

/// The properties of a packet that the server sends.
pub(crate) fn properties_mut(packet: &mut Packet) -> Option<&mut Properties> {
    match packet {
        Packet::ConnAck(packet) => Some(&mut packet.properties),
        Packet::Publish(packet) => Some(&mut packet.properties),
        Packet::PubAck(packet)
        | Packet::PubRec(packet)
        | Packet::PubRel(packet)
        | Packet::PubComp(packet) => packet.properties.as_mut(),
        Packet::SubAck(packet) => Some(&mut packet.properties),
        Packet::UnsubAck(packet) => Some(&mut packet.properties),
        Packet::Disconnect(packet) => packet.properties.as_mut(),
        Packet::Auth(packet) => packet.properties.as_mut(),
        Packet::Connect(_)
        | Packet::Subscribe(_)
        | Packet::Unsubscribe(_)
        | Packet::PingReq
        | Packet::PingResp => None,
    }
}

/// Removes properties from a packet.
fn leave_out(packet: &mut Packet, which: impl Fn(&Property) -> bool) {
    if let Some(properties) = properties_mut(packet) {
        properties.0.retain(|property| !which(property));
    }
}

//! Maximum Packet Size of the Client (3.1.2.11.4): what is left out, and what is not sent at all.

use mqttspec_codec::Version;
use mqttspec_codec::model::{Packet, PacketType, Property};

use super::{encoded, leave_out};
use crate::broker::Broker;
use crate::rules::{Rule, rules};

rules! {
    /// No packet is longer than the Client allows.
    NO_PACKET_TOO_LONG: [], ["MQTT-3.1.2-24"];
    /// A Reason String that makes CONNACK too long is left out.
    CONNACK_REASON_STRING: [], ["MQTT-3.2.2-19"];
    /// A User Property that makes CONNACK too long is left out.
    CONNACK_USER_PROPERTY: [], ["MQTT-3.2.2-20"];
    /// A Reason String that makes PUBACK too long is left out.
    PUBACK_REASON_STRING: [], ["MQTT-3.4.2-2"];
    /// A User Property that makes PUBACK too long is left out.
    PUBACK_USER_PROPERTY: [], ["MQTT-3.4.2-3"];
    /// A Reason String that makes PUBREC too long is left out.
    PUBREC_REASON_STRING: [], ["MQTT-3.5.2-2"];
    /// A User Property that makes PUBREC too long is left out.
    PUBREC_USER_PROPERTY: [], ["MQTT-3.5.2-3"];
    /// A Reason String that makes PUBREL too long is left out.
    PUBREL_REASON_STRING: [], ["MQTT-3.6.2-2"];
    /// A User Property that makes PUBREL too long is left out.
    PUBREL_USER_PROPERTY: [], ["MQTT-3.6.2-3"];
    /// A Reason String that makes PUBCOMP too long is left out.
    PUBCOMP_REASON_STRING: [], ["MQTT-3.7.2-2"];
    /// A User Property that makes PUBCOMP too long is left out.
    PUBCOMP_USER_PROPERTY: [], ["MQTT-3.7.2-3"];
    /// A Reason String that makes SUBACK too long is left out.
    SUBACK_REASON_STRING: [], ["MQTT-3.9.2-1"];
    /// A User Property that makes SUBACK too long is left out.
    SUBACK_USER_PROPERTY: [], ["MQTT-3.9.2-2"];
    /// A Reason String that makes UNSUBACK too long is left out.
    UNSUBACK_REASON_STRING: [], ["MQTT-3.11.2-1"];
    /// A User Property that makes UNSUBACK too long is left out.
    UNSUBACK_USER_PROPERTY: [], ["MQTT-3.11.2-2"];
    /// A Reason String that makes DISCONNECT too long is left out.
    DISCONNECT_REASON_STRING: [], ["MQTT-3.14.2-3"];
    /// A User Property that makes DISCONNECT too long is left out.
    DISCONNECT_USER_PROPERTY: [], ["MQTT-3.14.2-4"];
    /// A Reason String that makes AUTH too long is left out.
    AUTH_REASON_STRING: [], ["MQTT-3.15.2-2"];
    /// A User Property that makes AUTH too long is left out.
    AUTH_USER_PROPERTY: [], ["MQTT-3.15.2-3"];
}

/// The rules about Reason String and User Property of a packet.
const fn problem_rules(packet_type: PacketType) -> Option<(&'static Rule, &'static Rule)> {
    match packet_type {
        PacketType::ConnAck => Some((&CONNACK_REASON_STRING, &CONNACK_USER_PROPERTY)),
        PacketType::PubAck => Some((&PUBACK_REASON_STRING, &PUBACK_USER_PROPERTY)),
        PacketType::PubRec => Some((&PUBREC_REASON_STRING, &PUBREC_USER_PROPERTY)),
        PacketType::PubRel => Some((&PUBREL_REASON_STRING, &PUBREL_USER_PROPERTY)),
        PacketType::PubComp => Some((&PUBCOMP_REASON_STRING, &PUBCOMP_USER_PROPERTY)),
        PacketType::SubAck => Some((&SUBACK_REASON_STRING, &SUBACK_USER_PROPERTY)),
        PacketType::UnsubAck => Some((&UNSUBACK_REASON_STRING, &UNSUBACK_USER_PROPERTY)),
        PacketType::Disconnect => Some((&DISCONNECT_REASON_STRING, &DISCONNECT_USER_PROPERTY)),
        PacketType::Auth => Some((&AUTH_REASON_STRING, &AUTH_USER_PROPERTY)),
        _ => None,
    }
}

impl Broker {
    /// Makes a packet short enough. `false` means that it cannot be sent.
    pub(super) fn fit(&self, version: Version, maximum: usize, packet: &mut Packet) -> bool {
        let fits = |packet: &Packet| encoded(packet, version).len() <= maximum;
        if version == Version::V3_1_1 || fits(packet) {
            return true;
        }
        let mut kept_in_spite = false;
        if let Some((reason_string, user_property)) = problem_rules(packet.packet_type()) {
            if self.rules.enforce(version, user_property) {
                leave_out(packet, |property| matches!(property, Property::UserProperty(_)));
            } else {
                kept_in_spite = true;
            }
            if !self.rules.enforce(version, reason_string) {
                kept_in_spite = true;
            } else if !fits(packet) {
                leave_out(packet, |property| matches!(property, Property::ReasonString(_)));
            }
        }
        kept_in_spite || fits(packet) || !self.rules.enforce(version, &NO_PACKET_TOO_LONG)
    }
}

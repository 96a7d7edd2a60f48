//! Rules about the fields of the packets that the server sends.

use mqttspec_codec::Version;
use mqttspec_codec::model::{Acknowledgement, Packet, Property, ReasonCode};

use crate::broker::Broker;
use crate::rules::{Rule, rules};

rules! {
    /// PUBACK has the Packet Identifier of its PUBLISH.
    PUBACK_ID: ["MQTT-2.3.1-6/a", "MQTT-4.3.2-2/a"], ["MQTT-2.2.1-5/a", "MQTT-4.3.2-4/a"];
    /// PUBREC has the Packet Identifier of its PUBLISH.
    PUBREC_ID: ["MQTT-2.3.1-6/b", "MQTT-4.3.3-2/a"], ["MQTT-2.2.1-5/b", "MQTT-4.3.3-8/a"];
    /// PUBREL has the Packet Identifier of its PUBLISH.
    PUBREL_ID: ["MQTT-2.3.1-6/c"], ["MQTT-2.2.1-5/c", "MQTT-4.3.3-4/b"];
    /// PUBCOMP has the Packet Identifier of its PUBREL.
    PUBCOMP_ID: ["MQTT-4.3.3-2/c"], ["MQTT-2.2.1-5/d", "MQTT-4.3.3-11"];
    /// SUBACK has the Packet Identifier of its SUBSCRIBE.
    SUBACK_ID: ["MQTT-2.3.1-7/a", "MQTT-3.8.4-2"], ["MQTT-2.2.1-6/a", "MQTT-3.8.4-2"];
    /// UNSUBACK has the Packet Identifier of its UNSUBSCRIBE.
    UNSUBACK_ID: ["MQTT-2.3.1-7/b", "MQTT-3.10.4-4/b"], ["MQTT-2.2.1-6/b", "MQTT-3.10.4-5/a"];
    /// The codes of SUBACK stand in the order of the filters.
    SUBACK_ORDER: ["MQTT-3.9.3-1"], ["MQTT-3.9.3-1"];
    /// SUBACK has one code for each filter.
    SUBACK_COUNT: ["MQTT-3.8.4-5/a"], ["MQTT-3.8.4-6"];
    /// SUBACK has defined codes only.
    SUBACK_CODES: ["MQTT-3.9.3-2"], ["MQTT-3.9.3-2"];
    /// The codes of UNSUBACK stand in the order of the filters.
    UNSUBACK_ORDER: [], ["MQTT-3.11.3-1"];
    /// UNSUBACK has one code for each filter, and defined codes only.
    UNSUBACK_CODES: [], ["MQTT-3.11.3-2"];
    /// CONNACK has defined codes only.
    CONNACK_CODES: [], ["MQTT-3.2.2-8"];
    /// PUBACK has defined codes only.
    PUBACK_CODES: [], ["MQTT-3.4.2-1"];
    /// PUBREC has defined codes only.
    PUBREC_CODES: [], ["MQTT-3.5.2-1"];
    /// PUBREL has defined codes only.
    PUBREL_CODES: [], ["MQTT-3.6.2-1"];
    /// PUBCOMP has defined codes only.
    PUBCOMP_CODES: [], ["MQTT-3.7.2-1"];
    /// DISCONNECT has defined codes only.
    DISCONNECT_CODES: [], ["MQTT-3.14.2-1"];
    /// AUTH has defined codes only.
    AUTH_CODES: [], ["MQTT-3.15.2-1"];
    /// DISCONNECT of the server has no Session Expiry Interval.
    DISCONNECT_WITHOUT_EXPIRY: [], ["MQTT-3.14.2-2"];
}

/// A code of 5.0 that no packet has, below 0x80 like success.
const UNDEFINED_SUCCESS: ReasonCode = ReasonCode(0x7F);
/// A code of 5.0 that no packet has, 0x80 or above like an error.
const UNDEFINED_ERROR: ReasonCode = ReasonCode(0xFE);

impl Broker {
    /// Breaks the rules that are off.
    pub(super) fn spoil_fields(&self, version: Version, packet: &mut Packet) {
        let off = |rule: &Rule| !self.rules.enforce(version, rule);
        match packet {
            Packet::PubAck(ack) => spoil_acknowledgement(ack, off(&PUBACK_ID), off(&PUBACK_CODES)),
            Packet::PubRec(ack) => spoil_acknowledgement(ack, off(&PUBREC_ID), off(&PUBREC_CODES)),
            Packet::PubRel(ack) => spoil_acknowledgement(ack, off(&PUBREL_ID), off(&PUBREL_CODES)),
            Packet::PubComp(ack) => spoil_acknowledgement(ack, off(&PUBCOMP_ID), off(&PUBCOMP_CODES)),
            Packet::SubAck(suback) => {
                if off(&SUBACK_ID) {
                    suback.packet_id = other_id(suback.packet_id);
                }
                if off(&SUBACK_ORDER) {
                    suback.reason_codes.reverse();
                }
                if off(&SUBACK_COUNT) {
                    suback.reason_codes.extend_from_within(..1.min(suback.reason_codes.len()));
                }
                if off(&SUBACK_CODES) {
                    for code in &mut suback.reason_codes {
                        *code = match code.0 {
                            // A grant of QoS 1 or less stays, so that only this statement is broken.
                            0 | 1 => *code,
                            2 => ReasonCode(0x03),
                            _ => UNDEFINED_ERROR,
                        };
                    }
                }
            }
            Packet::UnsubAck(unsuback) => {
                if off(&UNSUBACK_ID) {
                    unsuback.packet_id = other_id(unsuback.packet_id);
                }
                if off(&UNSUBACK_ORDER) {
                    unsuback.reason_codes.reverse();
                }
                if off(&UNSUBACK_CODES) {
                    unsuback.reason_codes.push(UNDEFINED_SUCCESS);
                }
            }
            Packet::ConnAck(connack) if connack.reason_code.is_error() && off(&CONNACK_CODES) => {
                connack.reason_code = UNDEFINED_ERROR;
            }
            Packet::Disconnect(disconnect) => {
                if off(&DISCONNECT_CODES) {
                    disconnect.reason_code = Some(UNDEFINED_ERROR);
                }
                if off(&DISCONNECT_WITHOUT_EXPIRY)
                    && let Some(properties) = &mut disconnect.properties
                {
                    properties.push(Property::SessionExpiryInterval(0));
                }
            }
            Packet::Auth(auth) if off(&AUTH_CODES) => auth.reason_code = Some(UNDEFINED_SUCCESS),
            _ => {}
        }
    }
}

fn spoil_acknowledgement(acknowledgement: &mut Acknowledgement, id: bool, code: bool) {
    if id {
        acknowledgement.packet_id = other_id(acknowledgement.packet_id);
    }
    if code {
        let error = acknowledgement.reason().is_error();
        acknowledgement.reason_code = Some(if error { UNDEFINED_ERROR } else { UNDEFINED_SUCCESS });
    }
}

/// Some other valid Packet Identifier.
const fn other_id(packet_id: u16) -> u16 {
    packet_id ^ 0x4000
}

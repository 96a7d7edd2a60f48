//! Rules about the bytes of the packets that the server sends.

use mqttspec_codec::Version;
use mqttspec_codec::model::{Packet, Publish, QoS};

use super::encoded;
use crate::broker::Broker;
use crate::faults::Fault;
use crate::rules::{Rule, rules};

rules! {
    /// Reserved flag bits of the fixed header have the values of the table.
    RESERVED_FLAGS: ["MQTT-2.2.2-1"], ["MQTT-2.1.3-1"];
    /// PUBREL has the flags 0010.
    PUBREL_FLAGS: ["MQTT-3.6.1-1/a"], ["MQTT-3.6.1-1/a"];
    /// AUTH has the flags 0000.
    AUTH_FLAGS: [], ["MQTT-3.15.1-1/a"];
    /// The reserved bits of the Connect Acknowledge Flags are 0.
    CONNACK_FLAGS: ["S311-21"], ["MQTT-3.2.2-1"];
    /// CONNACK has the Remaining Length 2.
    CONNACK_LENGTH: ["S311-20"], [];
    /// The transport brings all bytes as they were sent.
    TRANSPORT_IS_LOSSLESS: ["MQTT-7.1.1-1"], ["MQTT-4.2-1"];
    /// A Variable Byte Integer has its shortest form.
    SHORTEST_LENGTH: [], ["MQTT-1.5.5-1"];
    /// A packet without properties has the Property Length 0.
    PROPERTY_LENGTH_PRESENT: [], ["MQTT-2.2.2-1"];
    /// A PUBLISH at QoS 0 has no Packet Identifier.
    QOS0_WITHOUT_ID: ["MQTT-2.3.1-5"], ["MQTT-2.2.1-2"];
    /// No PUBLISH has both QoS bits set.
    NO_QOS3: ["MQTT-3.3.1-4/a"], ["MQTT-3.3.1-4"];
    /// PUBLISH begins with the Topic Name.
    TOPIC_COMES_FIRST: ["MQTT-3.3.2-1/a"], ["MQTT-3.3.2-1/a"];
    /// A Topic Name that is sent is well-formed UTF-8.
    SENT_TOPIC_IS_UTF8: ["MQTT-1.5.3-1/a"], [];
    /// A Topic Name that is sent has no U+0000.
    SENT_TOPIC_WITHOUT_NULL: ["MQTT-1.5.3-2/a"], [];
    /// A Topic Name that is sent has no wildcard.
    SENT_TOPIC_WITHOUT_WILDCARD: ["MQTT-3.3.2-2/a"], ["MQTT-3.3.2-2"];
}

/// The packets that a bad transport damages, in bytes.
const LONG_PACKET: usize = 128;

impl Broker {
    /// Breaks the rules that are off.
    pub(super) fn spoil_bytes(&self, version: Version, packet: &Packet, bytes: &mut Vec<u8>) {
        let off = |rule: &Rule| !self.rules.enforce(version, rule);
        match packet {
            Packet::ConnAck(_) => {
                // The flags follow the fixed header; CONNACK is the one packet that must stay readable
                // for a test to begin at all, so the rules on all packets leave it alone.
                if self.rules.has(Fault::ConnackFlagged) {
                    set_bits(bytes, 0, 0x01);
                }
                let flags = body_start(bytes);
                if off(&CONNACK_FLAGS) {
                    set_bits(bytes, flags, 0x02);
                }
                if off(&CONNACK_LENGTH) {
                    set_bits(bytes, 1, 0x01);
                    bytes.push(0x00);
                }
                return;
            }
            Packet::Publish(publish) => self.spoil_publish(version, publish, bytes),
            Packet::PubRel(_) if off(&PUBREL_FLAGS) => clear_flags(bytes),
            Packet::Auth(_) if off(&AUTH_FLAGS) => set_bits(bytes, 0, 0x01),
            Packet::SubAck(suback) if suback.properties.is_empty() && off(&PROPERTY_LENGTH_PRESENT) => {
                *bytes = encoded(packet, Version::V3_1_1);
            }
            Packet::PubAck(_)
            | Packet::PubRec(_)
            | Packet::PubComp(_)
            | Packet::SubAck(_)
            | Packet::UnsubAck(_)
            | Packet::PingResp
                if off(&RESERVED_FLAGS) =>
            {
                set_bits(bytes, 0, 0x01);
            }
            _ => {}
        }
        if off(&SHORTEST_LENGTH) {
            lengthen(bytes);
        }
    }

    fn spoil_publish(&self, version: Version, publish: &Publish, bytes: &mut Vec<u8>) {
        let off = |rule: &Rule| !self.rules.enforce(version, rule);
        if publish.qos == QoS::AtMostOnce && off(&QOS0_WITHOUT_ID) {
            let with_id = Publish { qos: QoS::AtLeastOnce, packet_id: Some(1), ..publish.clone() };
            *bytes = encoded(&Packet::Publish(with_id), version);
            if let Some(first) = bytes.first_mut() {
                *first &= 0xF9;
            }
        }
        if publish.properties.is_empty() && version == Version::V5_0 && off(&PROPERTY_LENGTH_PRESENT) {
            *bytes = encoded(&Packet::Publish(publish.clone()), Version::V3_1_1);
        }
        if publish.qos == QoS::ExactlyOnce && off(&NO_QOS3) {
            set_bits(bytes, 0, 0x06);
        }
        let topic = body_start(bytes);
        let name = bytes.get_mut(topic + 2..topic + 2 + publish.topic.len()).unwrap_or_default();
        // Only one fault is put in: an ASCII character can be exchanged without hurting its neighbours.
        if let Some(last) = name.iter_mut().rfind(|byte| byte.is_ascii()) {
            if off(&SENT_TOPIC_IS_UTF8) {
                *last = 0xFF;
            } else if off(&SENT_TOPIC_WITHOUT_NULL) {
                *last = 0x00;
            } else if off(&SENT_TOPIC_WITHOUT_WILDCARD) {
                *last = b'#';
            }
        }
        if bytes.len() >= LONG_PACKET
            && off(&TRANSPORT_IS_LOSSLESS)
            && let Some(last) = bytes.last_mut()
        {
            *last ^= 0x20;
        }
        if off(&TOPIC_COMES_FIRST)
            && let Some(rest) = bytes.get_mut(topic..)
        {
            rest.rotate_left(2 + publish.topic.len());
        }
    }
}

/// Where the variable header starts: behind the Remaining Length.
fn body_start(bytes: &[u8]) -> usize {
    1 + bytes.iter().skip(1).take_while(|&&byte| byte & 0x80 != 0).count() + 1
}

fn set_bits(bytes: &mut [u8], index: usize, bits: u8) {
    if let Some(byte) = bytes.get_mut(index) {
        *byte |= bits;
    }
}

fn clear_flags(bytes: &mut [u8]) {
    if let Some(first) = bytes.first_mut() {
        *first &= 0xF0;
    }
}

/// Writes the Remaining Length with one byte more than it needs.
fn lengthen(bytes: &mut Vec<u8>) {
    let last = body_start(bytes) - 1;
    if last < 4 {
        set_bits(bytes, last, 0x80);
        bytes.insert(last + 1, 0x00);
    }
}

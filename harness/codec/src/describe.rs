//! A packet on one line.

use std::fmt::{self, Write as _};

use crate::Version;
use crate::annotate::{data, quoted, size};
use crate::layout::Value;
use crate::model::{
    ConnAck, Connect, Disconnect, Packet, PacketType, Properties, Property, Publish, ReasonCode,
    Subscription, Will,
};

/// A packet on one line, as in `CONNACK session_present=0 reason=0x00 Success`.
///
/// What the version does not have is left out, and so is what is not on the wire.
#[must_use]
pub fn describe(packet: &Packet, version: Version) -> String {
    let mut line = Line { text: packet.packet_type().name().to_owned(), packet, version };
    line.packet();
    line.text
}

struct Line<'a> {
    text: String,
    packet: &'a Packet,
    version: Version,
}

impl Line<'_> {
    fn packet(&mut self) {
        match self.packet {
            Packet::Connect(connect) => self.connect(connect),
            Packet::ConnAck(ConnAck { session_present, reason_code, properties }) => {
                self.flag("session_present", *session_present);
                self.reason(*reason_code);
                self.properties(properties);
            }
            Packet::Publish(publish) => self.publish(publish),
            Packet::PubAck(ack) | Packet::PubRec(ack) | Packet::PubRel(ack) | Packet::PubComp(ack) => {
                self.field("packet_id", ack.packet_id);
                self.optional(ack.reason_code, ack.properties.as_ref());
            }
            Packet::Subscribe(subscribe) => {
                self.field("packet_id", subscribe.packet_id);
                self.properties(&subscribe.properties);
                subscribe.filters.iter().for_each(|subscription| self.subscription(subscription));
            }
            Packet::SubAck(ack) => {
                self.field("packet_id", ack.packet_id);
                self.properties(&ack.properties);
                ack.reason_codes.iter().for_each(|code| self.reason(*code));
            }
            Packet::Unsubscribe(unsubscribe) => {
                self.field("packet_id", unsubscribe.packet_id);
                self.properties(&unsubscribe.properties);
                unsubscribe.filters.iter().for_each(|filter| self.field("filter", quoted(filter)));
            }
            Packet::UnsubAck(ack) => {
                self.field("packet_id", ack.packet_id);
                self.properties(&ack.properties);
                if self.version == Version::V5_0 {
                    ack.reason_codes.iter().for_each(|code| self.reason(*code));
                }
            }
            Packet::PingReq | Packet::PingResp => {}
            Packet::Disconnect(Disconnect { reason_code, properties }) => {
                self.optional(*reason_code, properties.as_ref());
            }
            Packet::Auth(auth) => self.optional(auth.reason_code, auth.properties.as_ref()),
        }
    }

    fn connect(&mut self, connect: &Connect) {
        if connect.protocol_name.as_bytes() != b"MQTT".as_slice() {
            self.field("protocol_name", quoted(&connect.protocol_name));
        }
        self.field("level", connect.protocol_level);
        self.field("client_id", quoted(&connect.client_id));
        let clean = if self.version == Version::V5_0 { "clean_start" } else { "clean_session" };
        self.flag(clean, connect.clean_start);
        self.field("keep_alive", connect.keep_alive);
        self.properties(&connect.properties);
        if let Some(Will { qos, retain, properties, topic, payload }) = &connect.will {
            self.field("will_topic", quoted(topic));
            self.field("will_qos", qos);
            self.flag("will_retain", *retain);
            self.field("will_payload", data(payload));
            self.properties(properties);
        }
        if let Some(user_name) = &connect.user_name {
            self.field("user_name", quoted(user_name));
        }
        if let Some(password) = &connect.password {
            self.field("password", size(password.len()));
        }
    }

    fn publish(&mut self, publish: &Publish) {
        self.field("topic", quoted(&publish.topic));
        self.field("qos", publish.qos);
        if let Some(packet_id) = publish.packet_id {
            self.field("packet_id", packet_id);
        }
        self.flag("retain", publish.retain);
        self.flag("dup", publish.dup);
        self.properties(&publish.properties);
        self.field("payload", data(&publish.payload));
    }

    fn subscription(&mut self, Subscription { filter, options }: &Subscription) {
        self.field("filter", quoted(filter));
        self.field("qos", options.qos);
        if self.version == Version::V5_0 {
            self.flag("no_local", options.no_local);
            self.flag("retain_as_published", options.retain_as_published);
            self.field("retain_handling", options.retain_handling as u8);
        }
    }

    fn optional(&mut self, reason_code: Option<ReasonCode>, properties: Option<&Properties>) {
        if self.version == Version::V5_0 {
            reason_code.into_iter().for_each(|code| self.reason(code));
            properties.into_iter().for_each(|properties| self.properties(properties));
        }
    }

    fn reason(&mut self, code: ReasonCode) {
        let packet_type: PacketType = self.packet.packet_type();
        self.field("reason", format_args!("{code} {}", code.name(packet_type, self.version)));
    }

    fn properties(&mut self, properties: &Properties) {
        if self.version == Version::V5_0 {
            properties.iter().for_each(|property| self.property(property));
        }
    }

    fn property(&mut self, property: &Property) {
        let name = property.id().name();
        match property.value_ref() {
            Value::Byte(value) => self.field(name, value),
            Value::TwoByteInteger(value) => self.field(name, value),
            Value::FourByteInteger(value) | Value::VariableByteInteger(value) => self.field(name, value),
            Value::BinaryData(value) => self.field(name, data(value)),
            Value::Utf8String(value) => self.field(name, quoted(value)),
            Value::Utf8StringPair((key, value)) => {
                self.field(name, format_args!("{}:{}", quoted(key), quoted(value)));
            }
        }
    }

    fn flag(&mut self, name: &str, value: bool) {
        self.field(name, u8::from(value));
    }

    fn field(&mut self, name: &str, value: impl fmt::Display) {
        let _ = write!(self.text, " {name}={value}");
    }
}

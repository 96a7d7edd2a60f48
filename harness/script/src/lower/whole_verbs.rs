//! The verbs that do a whole exchange.

use bytestring::ByteString;
use mqttspec_codec::Version;
use mqttspec_codec::model::{Acknowledgement, Packet, PacketType, QoS, ReasonCode, Subscribe};

use super::context::{Context, Link, Verb};
use crate::plan::{
    Action, Alternative, Capture, Chunks, Ending, FieldPattern, Frames, Grade, Outgoing, PacketPattern,
    PacketSource, Pattern, Place, Role, Send, Upgrade, Value, ValuePattern, Window,
};

/// The longest Client Identifier that every broker must take (MQTT-3.1.3-5), in bytes.
const LONGEST_CLIENT_ID: usize = 23;

impl Context<'_> {
    /// `connect`: a connection, CONNECT, and the CONNACK that accepts.
    pub(super) fn connect_verb(&mut self, verb: &Verb<'_>) {
        let role = self.setup(verb);
        for client in self.clients(verb) {
            let Some(known) = self.find(&client) else { continue };
            let (version, base) = (known.version, known.connect.clone());
            let connect = self.connect(verb.body, &base);
            self.judge_client_id(verb, &connect.client_id);
            match self.link(&client) {
                Link::None | Link::MayBeClosed => {
                    self.push(verb, Role::Setup, Action::Open { client: client.clone(), upgrade: Upgrade::default() });
                }
                Link::Opened => {}
                Link::InUse => self.problems.advise(
                    verb.place,
                    format!("the client `{client}` is connected already"),
                    "connects again",
                    "end the connection before, by `disconnect` or `drop`; for a second CONNECT on it, use `send`",
                ),
            }
            self.set_link(&client, Link::InUse);
            self.push_send(verb, &client, Packet::Connect(connect), None);
            let mut pattern = match verb.body.get("expect") {
                Some(expect) => self.pattern(PacketType::ConnAck, expect, version),
                None => {
                    PacketPattern { packet_type: PacketType::ConnAck, fields: Vec::new(), rest_free: true }
                }
            };
            pattern.rest_free = true;
            if pattern.fields.iter().all(|field| field.name != "reason_code") {
                let accepted = ValuePattern::Exactly(Value::Number(0));
                pattern.fields.insert(0, field("reason_code", accepted, verb.place));
            }
            self.push_expect(verb, &client, role.clone(), pattern);
        }
    }

    fn judge_client_id(&mut self, verb: &Verb<'_>, id: &ByteString) {
        if id.len() > LONGEST_CLIENT_ID && !id.contains('$') {
            let place = verb.body.entry("client_id").map_or(verb.place, |entry| entry.place());
            self.problems.advise(
                place,
                "a broker may refuse this Client Identifier",
                format!("{} bytes; every broker takes up to {LONGEST_CLIENT_ID}", id.len()),
                "shorten it, or `send` the CONNECT and say what may come back",
            );
        }
    }

    /// `subscribe`: SUBSCRIBE, and the SUBACK that grants what was asked.
    pub(super) fn subscribe_verb(&mut self, verb: &Verb<'_>) {
        let Some((client, packet, captured)) = self.own_packet(verb, PacketType::Subscribe) else { return };
        let codes = match &packet {
            Packet::Subscribe(Subscribe { filters, .. }) => {
                filters.iter().map(|entry| Value::Number(entry.options.qos.bits().into())).collect()
            }
            _ => Vec::new(),
        };
        let role = self.setup(verb);
        self.push_send(verb, &client, packet, captured);
        self.push_expect(verb, &client, role, codes_pattern(PacketType::SubAck, codes, verb.place));
    }

    /// `unsubscribe`: UNSUBSCRIBE, and the UNSUBACK.
    pub(super) fn unsubscribe_verb(&mut self, verb: &Verb<'_>) {
        let Some((client, packet, captured)) = self.own_packet(verb, PacketType::Unsubscribe) else { return };
        let codes = match (&packet, self.version_of(&client)) {
            (Packet::Unsubscribe(unsubscribe), Version::V5_0) => {
                unsubscribe.filters.iter().map(|_| Value::Number(0)).collect()
            }
            _ => Vec::new(),
        };
        let role = self.setup(verb);
        self.push_send(verb, &client, packet, captured);
        self.push_expect(verb, &client, role, codes_pattern(PacketType::UnsubAck, codes, verb.place));
    }

    /// `publish`: PUBLISH, and the handshake of its QoS.
    pub(super) fn publish_verb(&mut self, verb: &Verb<'_>) {
        let Some((client, packet, captured)) = self.own_packet(verb, PacketType::Publish) else { return };
        let qos = match &packet {
            Packet::Publish(publish) => publish.qos,
            _ => QoS::AtMostOnce,
        };
        let role = self.setup(verb);
        self.push_send(verb, &client, packet, captured.clone());
        let success = [ReasonCode::SUCCESS, ReasonCode::NO_MATCHING_SUBSCRIBERS];
        match qos {
            QoS::AtMostOnce => {}
            QoS::AtLeastOnce => {
                let pattern = self.code_pattern(PacketType::PubAck, &success, &client, verb.place);
                self.push_expect(verb, &client, role, pattern);
            }
            QoS::ExactlyOnce => {
                let received = self.code_pattern(PacketType::PubRec, &success, &client, verb.place);
                self.push_expect(verb, &client, role.clone(), received);
                self.push_send(verb, &client, Packet::PubRel(Acknowledgement::new(0)), captured);
                let complete =
                    self.code_pattern(PacketType::PubComp, &[ReasonCode::SUCCESS], &client, verb.place);
                self.push_expect(verb, &client, role, complete);
            }
        }
    }

    /// `ping` and `fence`: PINGREQ and PINGRESP.
    pub(super) fn ping_verb(&mut self, verb: &Verb<'_>) {
        let Some(client) = self.client(verb) else { return };
        self.require_link(verb, &client);
        let role = self.setup(verb);
        self.push_send(verb, &client, Packet::PingReq, None);
        let pattern =
            PacketPattern { packet_type: PacketType::PingResp, fields: Vec::new(), rest_free: true };
        self.push_expect(verb, &client, role, pattern);
    }

    /// `disconnect`: DISCONNECT, and the end from our side.
    pub(super) fn disconnect_verb(&mut self, verb: &Verb<'_>) {
        let Some((client, packet, _)) = self.own_packet(verb, PacketType::Disconnect) else { return };
        self.push_send(verb, &client, packet, None);
        self.set_link(&client, Link::None);
        self.push(verb, Role::Setup, Action::End { client, how: Ending::Finish });
    }

    /// The client and the packet of a verb that is named like its packet.
    fn own_packet(
        &mut self,
        verb: &Verb<'_>,
        packet_type: PacketType,
    ) -> Option<(String, Packet, Option<Capture>)> {
        let client = self.client(verb)?;
        self.require_link(verb, &client);
        let known = self.find(&client)?;
        let (version, base) = (known.version, known.connect.clone());
        let (packet, captured) = self.packet(packet_type, verb.body, &base, version);
        Some((client, packet, captured))
    }

    fn push_send(&mut self, verb: &Verb<'_>, client: &str, packet: Packet, packet_id: Option<Capture>) {
        let source = PacketSource::Packet(packet);
        let outgoing = Outgoing { source, packet_id, edits: Vec::new(), place: verb.place };
        let send = Send {
            client: client.to_owned(),
            packets: vec![outgoing],
            chunks: Chunks::Whole,
            frames: Frames::default(),
            violates: Vec::new(),
            twin: Vec::new(),
        };
        self.push(verb, Role::Setup, Action::Send(send));
    }

    fn push_expect(&mut self, verb: &Verb<'_>, client: &str, role: Role, pattern: PacketPattern) {
        let alternative = Alternative {
            pattern: Pattern::Packet(pattern),
            grade: Grade::Pass,
            label: None,
            place: verb.place,
        };
        let action = Action::Expect {
            client: client.to_owned(),
            alternatives: vec![alternative],
            observe: None,
            window: Window::default(),
        };
        self.push(verb, role, action);
    }

    /// An acknowledgement of what was sent last, in 5.0 with one of these codes.
    fn code_pattern(
        &self,
        packet_type: PacketType,
        codes: &[ReasonCode],
        client: &str,
        place: Place,
    ) -> PacketPattern {
        let mut fields = vec![field("packet_id", ValuePattern::LastSent, place)];
        if self.version_of(client) == Version::V5_0 {
            let codes = codes.iter().map(|code| Value::Number(code.0.into())).collect();
            fields.push(field("reason_code", ValuePattern::OneOf(codes), place));
        }
        PacketPattern { packet_type, fields, rest_free: true }
    }
}

fn codes_pattern(packet_type: PacketType, codes: Vec<Value>, place: Place) -> PacketPattern {
    let fields = vec![
        field("packet_id", ValuePattern::LastSent, place),
        field("reason_codes", ValuePattern::Exactly(Value::List(codes)), place),
    ];
    PacketPattern { packet_type, fields, rest_free: true }
}

fn field(name: &str, value: ValuePattern, place: Place) -> FieldPattern {
    FieldPattern { name: name.to_owned(), value, capture: None, place }
}

//! Packets to send.

use mqttspec_codec::Version;
use mqttspec_codec::model::{
    Acknowledgement, Auth, ConnAck, Connect, Disconnect, Packet, PacketType, Properties, Property, Publish,
    QoS, ReasonCode, RetainHandling, SubAck, Subscribe, Subscription, SubscriptionOptions, UnsubAck,
    Unsubscribe, Will,
};

use super::context::Context;
use crate::plan::Capture;
use crate::yaml::Node;

/// What a Packet Identifier in a packet to send says.
enum PacketId {
    /// A number; 0 for one that the engine picks.
    Number(u16),
    /// The value captured under a name.
    Captured(Capture),
}

impl Context<'_> {
    /// A packet from its fields, and the captured value that its Packet Identifier is, if it is one. `base`
    /// is what a CONNECT says where the fields say nothing.
    pub(super) fn packet(
        &mut self,
        packet_type: PacketType,
        node: &Node,
        base: &Connect,
        version: Version,
    ) -> (Packet, Option<Capture>) {
        let (id, captured) = match self.packet_id(node) {
            PacketId::Number(id) => (id, None),
            PacketId::Captured(capture) => (0, Some(capture)),
        };
        let packet = match packet_type {
            PacketType::Connect => Packet::Connect(self.connect(node, base)),
            PacketType::ConnAck => Packet::ConnAck(ConnAck {
                session_present: flag(node, "session_present"),
                reason_code: self.reason_code(node, packet_type, version).unwrap_or(ReasonCode::SUCCESS),
                properties: self.properties(node),
            }),
            PacketType::Publish => Packet::Publish(self.publish(node, id)),
            PacketType::PubAck => Packet::PubAck(self.acknowledgement(node, packet_type, id, version)),
            PacketType::PubRec => Packet::PubRec(self.acknowledgement(node, packet_type, id, version)),
            PacketType::PubRel => Packet::PubRel(self.acknowledgement(node, packet_type, id, version)),
            PacketType::PubComp => Packet::PubComp(self.acknowledgement(node, packet_type, id, version)),
            PacketType::Subscribe => Packet::Subscribe(self.subscribe(node, id)),
            PacketType::SubAck => Packet::SubAck(SubAck {
                packet_id: id,
                properties: self.properties(node),
                reason_codes: self.reason_codes(node, packet_type, version),
            }),
            PacketType::Unsubscribe => Packet::Unsubscribe(self.unsubscribe(node, id)),
            PacketType::UnsubAck => Packet::UnsubAck(UnsubAck {
                packet_id: id,
                properties: self.properties(node),
                reason_codes: self.reason_codes(node, packet_type, version),
            }),
            PacketType::PingReq => Packet::PingReq,
            PacketType::PingResp => Packet::PingResp,
            PacketType::Disconnect => {
                let (reason_code, properties) = self.ending(node, packet_type, version);
                Packet::Disconnect(Disconnect { reason_code, properties })
            }
            PacketType::Auth => {
                let (reason_code, properties) = self.ending(node, packet_type, version);
                Packet::Auth(Auth { reason_code, properties })
            }
        };
        (packet, captured)
    }

    /// A CONNECT: `base`, and what the fields say otherwise.
    pub(super) fn connect(&mut self, node: &Node, base: &Connect) -> Connect {
        let mut connect = base.clone();
        if let Some(name) = node.get("protocol_name") {
            connect.protocol_name = self.string(name);
        }
        if let Some(level) = number(node, "protocol_level") {
            connect.protocol_level = level;
        }
        if let Some(second) = node.entry("clean_session").filter(|_| node.get("clean_start").is_some()) {
            self.problems.add(
                second.key.place,
                "`clean_start` and `clean_session` are one field",
                "said twice",
            );
        }
        let clean = node.get("clean_start").or_else(|| node.get("clean_session")).and_then(Node::flag);
        connect.clean_start = clean.unwrap_or(connect.clean_start);
        connect.keep_alive = number(node, "keep_alive").unwrap_or(connect.keep_alive);
        if let Some(id) = node.get("client_id") {
            connect.client_id = self.string(id);
        }
        if let Some(will) = node.get("will") {
            // A word can only be `absent`.
            connect.will = will.text().is_none().then(|| self.will(will));
        }
        if let Some(name) = node.get("user_name") {
            connect.user_name = Some(self.string(name));
        }
        if let Some(password) = node.get("password") {
            connect.password = Some(self.bytes(password));
        }
        connect.properties = merged(&base.properties, self.properties(node));
        connect
    }

    fn will(&mut self, node: &Node) -> Will {
        Will {
            qos: quality(node),
            retain: flag(node, "retain"),
            properties: self.properties(node),
            topic: node.get("topic").map(|topic| self.string(topic)).unwrap_or_default(),
            payload: node.get("payload").map(|payload| self.bytes(payload)).unwrap_or_default(),
        }
    }

    fn publish(&mut self, node: &Node, id: u16) -> Publish {
        let qos = quality(node);
        let named = node.get("packet_id").is_some();
        if named && qos == QoS::AtMostOnce {
            let place = node.entry("packet_id").map_or(node.place, |entry| entry.key.place);
            self.problems.add(
                place,
                "a PUBLISH at QoS 0 has no Packet Identifier",
                "goes with QoS 1 or 2 only",
            );
        }
        Publish {
            dup: flag(node, "dup"),
            qos,
            retain: flag(node, "retain"),
            topic: node.get("topic").map(|topic| self.string(topic)).unwrap_or_default(),
            packet_id: (qos != QoS::AtMostOnce).then_some(id),
            properties: self.properties(node),
            payload: node.get("payload").map(|payload| self.bytes(payload)).unwrap_or_default(),
        }
    }

    fn acknowledgement(
        &mut self,
        node: &Node,
        packet_type: PacketType,
        packet_id: u16,
        version: Version,
    ) -> Acknowledgement {
        let (reason_code, properties) = self.ending(node, packet_type, version);
        Acknowledgement { packet_id, reason_code, properties }
    }

    /// A Reason Code and properties that can both be left out; properties never stand without a code.
    fn ending(
        &mut self,
        node: &Node,
        packet_type: PacketType,
        version: Version,
    ) -> (Option<ReasonCode>, Option<Properties>) {
        let code = self.reason_code(node, packet_type, version);
        let properties = self.optional_properties(node);
        let code = code.or_else(|| properties.as_ref().map(|_| ReasonCode::SUCCESS));
        (code, properties)
    }

    fn reason_code(&mut self, node: &Node, packet_type: PacketType, version: Version) -> Option<ReasonCode> {
        node.get("reason_code").map(|code| self.code(code, packet_type, version))
    }

    fn reason_codes(&mut self, node: &Node, packet_type: PacketType, version: Version) -> Vec<ReasonCode> {
        let codes = node.get("reason_codes").map(Node::items).unwrap_or_default();
        codes.iter().map(|code| self.code(code, packet_type, version)).collect()
    }

    fn subscribe(&mut self, node: &Node, packet_id: u16) -> Subscribe {
        let mut filters = Vec::new();
        let defaults = options(node, SubscriptionOptions::default());
        for filter in self.filter_nodes(node) {
            filters.push(match filter.get("filter") {
                Some(text) => Subscription { filter: self.string(text), options: options(&filter, defaults) },
                None => Subscription { filter: self.string(&filter), options: defaults },
            });
        }
        Subscribe { packet_id, properties: self.properties(node), filters }
    }

    fn unsubscribe(&mut self, node: &Node, packet_id: u16) -> Unsubscribe {
        let filters = self.filter_nodes(node).iter().map(|filter| self.string(filter)).collect();
        Unsubscribe { packet_id, properties: self.properties(node), filters }
    }

    fn filter_nodes(&mut self, node: &Node) -> Vec<Node> {
        match (node.get("filter"), node.get("filters")) {
            (Some(one), None) => vec![one.clone()],
            (None, Some(list)) => list.items().to_vec(),
            (Some(_), Some(_)) => {
                let place = node.entry("filters").map_or(node.place, |entry| entry.key.place);
                self.problems.add(place, "`filter` and `filters` do not go together", "expected one of them");
                Vec::new()
            }
            (None, None) => {
                self.problems.advise(
                    node.place,
                    "there is no Topic Filter",
                    "no `filter` here",
                    "write `filter: ..`; for a packet without any, `filters: []`",
                );
                Vec::new()
            }
        }
    }

    fn packet_id(&mut self, node: &Node) -> PacketId {
        let Some(value) = node.get("packet_id") else { return PacketId::Number(0) };
        if let Some(number) = value.integer().and_then(|number| u16::try_from(number).ok()) {
            if number == 0 {
                self.problems.advise(
                    value.place,
                    "a Packet Identifier of 0 has to be put in on purpose",
                    "0 stands for one that is picked during the run",
                    "write `override: {packet_id: 0}`",
                );
            }
            return PacketId::Number(number);
        }
        let name = value.text().and_then(|text| text.strip_prefix("$(")?.strip_suffix(')'));
        match name {
            Some(name) => PacketId::Captured(Capture(name.to_owned())),
            None => {
                self.problems.add(
                    value.place,
                    "wrong type",
                    "expected a number or a captured value, `$(NAME)`",
                );
                PacketId::Number(0)
            }
        }
    }
}

fn flag(node: &Node, key: &str) -> bool {
    node.get(key).and_then(Node::flag).unwrap_or(false)
}

fn number<T: TryFrom<i64>>(node: &Node, key: &str) -> Option<T> {
    node.get(key).and_then(Node::integer).and_then(|number| T::try_from(number).ok())
}

fn quality(node: &Node) -> QoS {
    number(node, "qos").and_then(QoS::from_bits).unwrap_or_default()
}

fn options(node: &Node, defaults: SubscriptionOptions) -> SubscriptionOptions {
    let flag = |key: &str, default: bool| node.get(key).and_then(Node::flag).unwrap_or(default);
    SubscriptionOptions {
        qos: number(node, "qos").and_then(QoS::from_bits).unwrap_or(defaults.qos),
        no_local: flag("no_local", defaults.no_local),
        retain_as_published: flag("retain_as_published", defaults.retain_as_published),
        retain_handling: number(node, "retain_handling")
            .and_then(RetainHandling::from_bits)
            .unwrap_or(defaults.retain_handling),
    }
}

/// The properties of a base, but for those that are given anew, and these.
fn merged(base: &Properties, given: Properties) -> Properties {
    let kept: Vec<Property> =
        base.iter().filter(|old| given.iter().all(|new| new.id() != old.id())).cloned().collect();
    kept.into_iter().chain(given.0).collect()
}

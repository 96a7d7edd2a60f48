//! The model of one client.

use bytestring::ByteString;
use mqttspec_codec::Version;
use mqttspec_codec::model::{
    Auth, ConnAck, Connect, Disconnect, Packet, PacketType, Publish, QoS, ReasonCode,
};

use super::breach::{Breach, Rule};
use super::exchange::{Debt, Delivery, Exchange, Stage};
use super::limits::Limits;

/// Where a connection stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// There is none, or nothing has been sent on it.
    Fresh,
    /// CONNECT is out, CONNACK is not in.
    Connecting,
    /// CONNACK is in.
    Connected,
    /// The client has sent a DISCONNECT.
    Disconnected,
}

/// What one client has sent and received, as far as it decides what the client may send next.
///
/// The model follows what really happens: a packet that breaks a rule is reported, and taken into account
/// all the same.
#[derive(Clone, Debug)]
pub struct ClientModel {
    version: Version,
    phase: Phase,
    connection: u32,
    method: Option<ByteString>,
    session_expiry: u32,
    limits: Limits,
    exchanges: Vec<Exchange>,
    deliveries: Vec<Delivery>,
}

type Judgement = Result<(), Breach>;

impl ClientModel {
    /// A client that has not connected yet.
    #[must_use]
    pub fn new(version: Version) -> Self {
        Self {
            version,
            phase: Phase::Fresh,
            connection: 0,
            method: None,
            session_expiry: 0,
            limits: Limits::before_connack(),
            exchanges: Vec::new(),
            deliveries: Vec::new(),
        }
    }

    /// A Network Connection was opened.
    pub fn opened(&mut self) {
        self.closed();
        self.connection += 1;
    }

    /// The Network Connection ended, whoever ended it. What belongs to the Session State is kept.
    pub fn closed(&mut self) {
        self.phase = Phase::Fresh;
        self.method = None;
        self.limits = Limits::before_connack();
        self.exchanges.retain(|exchange| exchange.stage.is_delivery());
        self.deliveries.retain(|delivery| matches!(delivery.debt, Debt::Nothing | Debt::PubComp));
    }

    /// The client sent a packet.
    ///
    /// # Errors
    /// The first rule that the packet breaks.
    pub fn sent(&mut self, packet: &Packet) -> Judgement {
        let order = self.judge_order(packet);
        let content = self.take(packet);
        order.and(content)
    }

    /// Whether the client has sent DISCONNECT on this connection, and is to send nothing more.
    #[must_use]
    pub fn has_disconnected(&self) -> bool {
        self.phase == Phase::Disconnected
    }

    /// Judges the size of a packet that the client is to send, in bytes.
    ///
    /// # Errors
    /// When it exceeds the Maximum Packet Size that the broker gave in CONNACK.
    pub fn judge_size(&self, size: usize) -> Judgement {
        let maximum = self.limits.maximum_packet_size;
        if u32::try_from(size).is_ok_and(|size| size <= maximum) {
            return Ok(());
        }
        self.broken(
            Rule::MaximumPacketSize,
            format!("{size} bytes exceed the broker's Maximum Packet Size {maximum}"),
        )
    }

    fn broken(&self, rule: Rule, message: impl Into<String>) -> Judgement {
        Err(rule.broken(self.version, message))
    }

    /// Whether a packet of this type may come at this point of the connection.
    fn judge_order(&self, packet: &Packet) -> Judgement {
        let name = packet.packet_type();
        match (self.phase, packet) {
            (Phase::Disconnected, _) => {
                self.broken(Rule::SilenceAfterDisconnect, format!("{name} after the client's own DISCONNECT"))
            }
            (Phase::Fresh, Packet::Connect(_)) => Ok(()),
            (Phase::Fresh, _) => {
                self.broken(Rule::ConnectFirst, format!("{name} before CONNECT on this connection"))
            }
            (_, Packet::Connect(_)) => self.broken(Rule::ConnectOnce, "a second CONNECT on this connection"),
            (Phase::Connecting, other)
                if self.method.is_some() && !matches!(other, Packet::Auth(_) | Packet::Disconnect(_)) =>
            {
                self.broken(
                    Rule::OnlyAuthBeforeConnAck,
                    format!("{name} before CONNACK during enhanced authentication"),
                )
            }
            _ => Ok(()),
        }
    }

    /// Judges what a packet says, and takes it into account.
    fn take(&mut self, packet: &Packet) -> Judgement {
        match packet {
            Packet::Connect(connect) => {
                self.take_connect(connect);
                Ok(())
            }
            Packet::Publish(publish) => self.take_publish(publish),
            Packet::PubAck(ack) => {
                self.settle(ack.packet_id, Debt::PubAck, None, (Rule::PubAckOfReceived, Rule::PubAckOrder))
            }
            Packet::PubRec(ack) => {
                let next = if ack.reason().is_error() { None } else { Some(Debt::Nothing) };
                self.settle(ack.packet_id, Debt::PubRec, next, (Rule::PubRecOfReceived, Rule::PubRecOrder))
            }
            Packet::PubComp(ack) => self.settle(
                ack.packet_id,
                Debt::PubComp,
                None,
                (Rule::PubCompOfReceived, Rule::PubCompOfReceived),
            ),
            Packet::PubRel(ack) => self.take_pubrel(ack.packet_id),
            Packet::Subscribe(subscribe) => {
                let limits = match self.version {
                    Version::V3_1_1 => Ok(()),
                    Version::V5_0 => self.limits.subscribe(subscribe),
                };
                self.begin(subscribe.packet_id, Stage::AwaitsSubAck).and(limits)
            }
            Packet::Unsubscribe(unsubscribe) => self.begin(unsubscribe.packet_id, Stage::AwaitsUnsubAck),
            Packet::PingReq => Ok(()),
            Packet::Disconnect(disconnect) => self.take_disconnect(disconnect),
            Packet::Auth(auth) => self.judge_auth(auth),
            Packet::ConnAck(_) | Packet::SubAck(_) | Packet::UnsubAck(_) | Packet::PingResp => {
                let name = packet.packet_type();
                self.broken(Rule::ServerPacket, format!("{name} is a packet that only servers send"))
            }
        }
    }

    fn take_connect(&mut self, connect: &Connect) {
        self.phase = Phase::Connecting;
        self.method = connect.properties.authentication_method();
        self.session_expiry = connect.properties.session_expiry_interval().unwrap_or(0);
        if connect.clean_start {
            self.exchanges.clear();
            self.deliveries.clear();
        }
    }

    fn take_publish(&mut self, publish: &Publish) -> Judgement {
        let limits = match self.version {
            Version::V3_1_1 => Ok(()),
            Version::V5_0 => self.limits.publish(publish),
        };
        let delivery = match (publish.qos, publish.packet_id) {
            (QoS::AtMostOnce, _) | (_, None) => Ok(()),
            (_, Some(id)) => self.take_delivery(publish, id),
        };
        delivery.and(limits)
    }

    fn take_delivery(&mut self, publish: &Publish, id: u16) -> Judgement {
        let stage = Stage::of_publish(publish.qos);
        let (version, connection) = (self.version, self.connection);
        let Some(open) = self.exchanges.iter_mut().find(|exchange| exchange.id == id) else {
            let quota = self.exchanges.iter().filter(|exchange| exchange.stage.is_delivery()).count();
            let begun = self.begin(id, stage);
            if publish.dup {
                return self
                    .broken(Rule::FirstPublishHasNoDup, "DUP is set on the first PUBLISH of a message");
            }
            if version == Version::V5_0 && quota >= usize::from(self.limits.receive_maximum) {
                let maximum = self.limits.receive_maximum;
                return self.broken(
                    Rule::ReceiveMaximum,
                    format!("{quota} messages are unfinished, and the broker's Receive Maximum is {maximum}"),
                );
            }
            return begun;
        };
        let again_here = open.connection == connection;
        let broken = |rule: Rule, message: String| Err(rule.broken(version, message));
        if !publish.dup && (open.stage != stage || again_here) {
            return broken(Rule::IdentifierInUse, format!("Packet Identifier {id} is in use"));
        }
        if matches!(open.stage, Stage::OwesPubRel | Stage::AwaitsPubComp) {
            return broken(Rule::NoPublishAfterPubRel, format!("the PUBLISH {id} again after its PUBREC"));
        }
        if open.stage != stage {
            return broken(Rule::IdentifierInUse, format!("Packet Identifier {id} is in use"));
        }
        open.connection = connection;
        if !publish.dup {
            return broken(Rule::RepeatedPublishHasDup, format!("the PUBLISH {id} again without DUP"));
        }
        if version == Version::V5_0 && again_here {
            return broken(
                Rule::RepeatOnlyAfterReconnect,
                format!("the PUBLISH {id} again on the same connection"),
            );
        }
        Ok(())
    }

    /// Begins an exchange under a Packet Identifier that must be free.
    fn begin(&mut self, id: u16, stage: Stage) -> Judgement {
        if self.exchanges.iter().any(|exchange| exchange.id == id) {
            return self.broken(Rule::IdentifierInUse, format!("Packet Identifier {id} is in use"));
        }
        self.exchanges.push(Exchange { id, stage, connection: self.connection });
        Ok(())
    }

    fn take_pubrel(&mut self, id: u16) -> Judgement {
        let (version, connection) = (self.version, self.connection);
        let first_owed =
            self.exchanges.iter().find(|exchange| exchange.stage == Stage::OwesPubRel).map(|open| open.id);
        let Some(open) = self.exchanges.iter_mut().find(|exchange| exchange.id == id) else {
            return self.broken(Rule::PubRelOfReceived, format!("PUBREL {id} without a PUBREC {id}"));
        };
        match open.stage {
            Stage::OwesPubRel => {
                open.stage = Stage::AwaitsPubComp;
                open.connection = connection;
                match first_owed {
                    Some(first) if first != id => self.broken(
                        Rule::PubRelOrder,
                        format!("PUBREL {id} before PUBREL {first}, whose PUBREC came first"),
                    ),
                    _ => Ok(()),
                }
            }
            Stage::AwaitsPubComp => {
                let again_here = open.connection == connection;
                open.connection = connection;
                if version == Version::V5_0 && again_here {
                    self.broken(
                        Rule::RepeatOnlyAfterReconnect,
                        format!("the PUBREL {id} again on the same connection"),
                    )
                } else {
                    Ok(())
                }
            }
            _ => self.broken(Rule::PubRelOfReceived, format!("PUBREL {id} without a PUBREC {id}")),
        }
    }

    /// Sends an acknowledgement that the client owes; `next` is what it owes after that.
    fn settle(&mut self, id: u16, debt: Debt, next: Option<Debt>, rules: (Rule, Rule)) -> Judgement {
        let first = self.deliveries.iter().find(|delivery| delivery.debt == debt).map(|first| first.id);
        let index = self.deliveries.iter().position(|delivery| delivery.id == id && delivery.debt == debt);
        let Some(index) = index else {
            return self
                .broken(rules.0, format!("nothing received under Packet Identifier {id} awaits this"));
        };
        match next {
            None => {
                self.deliveries.remove(index);
            }
            Some(next) => {
                if let Some(delivery) = self.deliveries.get_mut(index) {
                    delivery.debt = next;
                }
            }
        }
        match first {
            Some(first) if first != id && rules.0 != rules.1 => {
                self.broken(rules.1, format!("{id} is acknowledged before {first}, which came first"))
            }
            _ => Ok(()),
        }
    }

    fn take_disconnect(&mut self, disconnect: &Disconnect) -> Judgement {
        self.phase = Phase::Disconnected;
        let expiry = disconnect.properties.as_ref().and_then(|list| list.session_expiry_interval());
        match expiry {
            Some(1..) if self.session_expiry == 0 => self.broken(
                Rule::LateSessionExpiry,
                "a Session Expiry Interval in DISCONNECT after none, or 0, in CONNECT",
            ),
            _ => Ok(()),
        }
    }

    fn judge_auth(&self, auth: &Auth) -> Judgement {
        let Some(method) = &self.method else {
            return self
                .broken(Rule::AuthWithoutMethod, "AUTH after a CONNECT without Authentication Method");
        };
        let named = auth.properties.as_ref().and_then(|list| list.authentication_method());
        if named.is_some_and(|named| named != *method) {
            return self.broken(Rule::AuthOtherMethod, "AUTH with another method than the CONNECT's");
        }
        if self.phase == Phase::Connecting && auth.reason() != ReasonCode::CONTINUE_AUTHENTICATION {
            return self.broken(
                Rule::AuthContinues,
                format!("AUTH {} before CONNACK, where only 0x18 can stand", auth.reason()),
            );
        }
        Ok(())
    }

    /// The oldest exchange of the client that an acknowledgement of this type would carry on.
    pub(crate) fn awaits(&self, answer: PacketType) -> Option<u16> {
        let stage = match answer {
            PacketType::PubAck => Stage::AwaitsPubAck,
            PacketType::PubRec => Stage::AwaitsPubRec,
            PacketType::PubComp => Stage::AwaitsPubComp,
            PacketType::SubAck => Stage::AwaitsSubAck,
            PacketType::UnsubAck => Stage::AwaitsUnsubAck,
            _ => return None,
        };
        self.exchanges.iter().find(|exchange| exchange.stage == stage).map(|exchange| exchange.id)
    }

    /// The client received a packet.
    pub fn received(&mut self, packet: &Packet) {
        match packet {
            Packet::ConnAck(ack) => self.receive_connack(ack),
            Packet::Publish(publish) => self.receive_publish(publish),
            Packet::PubAck(ack) => self.finish(ack.packet_id, Stage::AwaitsPubAck),
            Packet::PubRec(ack) if ack.reason().is_error() => self.finish(ack.packet_id, Stage::AwaitsPubRec),
            Packet::PubRec(ack) => {
                // PUBRELs must go out in this order, so the exchange moves to the end.
                let index = self.exchanges.iter().position(|exchange| {
                    exchange.id == ack.packet_id && exchange.stage == Stage::AwaitsPubRec
                });
                if let Some(index) = index {
                    let exchange = self.exchanges.remove(index);
                    self.exchanges.push(Exchange { stage: Stage::OwesPubRel, ..exchange });
                }
            }
            Packet::PubComp(ack) => self.finish(ack.packet_id, Stage::AwaitsPubComp),
            Packet::PubRel(ack) => {
                match self.deliveries.iter_mut().find(|delivery| delivery.id == ack.packet_id) {
                    Some(delivery) => delivery.debt = Debt::PubComp,
                    None => self.deliveries.push(Delivery { id: ack.packet_id, debt: Debt::PubComp }),
                }
            }
            Packet::SubAck(ack) => self.finish(ack.packet_id, Stage::AwaitsSubAck),
            Packet::UnsubAck(ack) => self.finish(ack.packet_id, Stage::AwaitsUnsubAck),
            _ => {}
        }
    }

    fn receive_connack(&mut self, ack: &ConnAck) {
        if ack.reason_code != ReasonCode::SUCCESS {
            return;
        }
        self.phase = Phase::Connected;
        if !ack.session_present {
            // What was sent behind the CONNECT already belongs to the new session.
            let connection = self.connection;
            self.exchanges.retain(|exchange| exchange.connection == connection);
            self.deliveries.clear();
        }
        if self.version == Version::V5_0 {
            self.limits.adopt(ack);
        }
    }

    fn receive_publish(&mut self, publish: &Publish) {
        let (Some(id), debt) = (
            publish.packet_id,
            match publish.qos {
                QoS::AtMostOnce => return,
                QoS::AtLeastOnce => Debt::PubAck,
                QoS::ExactlyOnce => Debt::PubRec,
            },
        ) else {
            return;
        };
        match self.deliveries.iter_mut().find(|delivery| delivery.id == id) {
            Some(delivery) => delivery.debt = debt,
            None => self.deliveries.push(Delivery { id, debt }),
        }
    }

    fn finish(&mut self, id: u16, stage: Stage) {
        self.exchanges.retain(|exchange| exchange.id != id || exchange.stage != stage);
    }
}

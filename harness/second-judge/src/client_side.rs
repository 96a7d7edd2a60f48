//! What the packets of a Client change in the books.

use std::time::Duration;

use mqttspec_broker::ConnectionId;
use mqttspec_codec::Version;
use mqttspec_codec::model::{
    Connect, Disconnect, Packet, PacketType, Publish, QoS, ReasonCode, RetainHandling, Subscribe, Unsubscribe,
};

use crate::model::{
    Connection, Delivery, Form, Judge, Origin, Publication, Session, Stage, State, Subscribed,
};
use crate::topics::{matches, share};

impl Judge {
    /// A Client has sent a packet, which has reached the broker.
    pub(crate) fn received(&mut self, id: ConnectionId, packet: &Packet) {
        match packet {
            Packet::Connect(connect) => self.on_connect(id, connect),
            Packet::Disconnect(disconnect) => self.on_disconnect(id, disconnect),
            Packet::Subscribe(subscribe) => self.subscribing = Some((id, subscribe.clone())),
            Packet::Unsubscribe(unsubscribe) => self.on_unsubscribe(id, unsubscribe),
            Packet::Publish(publish) => self.on_publish(id, publish),
            Packet::PubAck(ack) => self.settle(id, ack.packet_id),
            Packet::PubRec(ack) if ack.reason().is_error() => self.settle(id, ack.packet_id),
            Packet::PubRec(ack) => {
                if let Some(delivery) = self.session_of(id).and_then(|it| it.exchange(ack.packet_id)) {
                    delivery.state = State::Released(ack.packet_id);
                }
                self.owe(id, PacketType::PubRel, ack.packet_id);
            }
            Packet::PubComp(ack) => self.settle(id, ack.packet_id),
            Packet::PubRel(ack) => {
                if let Some(session) = self.session_of(id) {
                    session.received.remove(&ack.packet_id);
                }
                self.owe(id, PacketType::PubComp, ack.packet_id);
            }
            Packet::PingReq => self.owe(id, PacketType::PingResp, 0),
            _ => {}
        }
    }

    /// The connection of a Client has broken.
    pub(crate) fn dropped(&mut self, id: ConnectionId) {
        self.end_connection(id, Stage::Closed, false);
    }

    pub(crate) fn session_of(&mut self, id: ConnectionId) -> Option<&mut Session> {
        self.sessions.get_mut(&self.connections.get(&id)?.session)
    }

    fn owe(&mut self, id: ConnectionId, answer: PacketType, packet_id: u16) {
        if let Some(connection) = self.connections.get_mut(&id) {
            connection.owed.push((answer, packet_id));
        }
    }

    /// The last acknowledgement of an exchange gives a place of the send quota back (4.9).
    fn settle(&mut self, id: ConnectionId, packet_id: u16) {
        if let Some(delivery) = self.session_of(id).and_then(|it| it.exchange(packet_id)) {
            delivery.state = State::Done;
        }
        if let Some((left, maximum)) = self.connections.get_mut(&id).and_then(|it| it.quota.as_mut()) {
            *left = left.saturating_add(1).min(*maximum);
        }
    }

    fn on_connect(&mut self, id: ConnectionId, connect: &Connect) {
        let Some(version) = Version::from_protocol_level(connect.protocol_level) else { return };
        let of_client = |judge: &Self| {
            let found = judge.sessions.iter().find(|(_, session)| session.client == connect.client_id);
            found.map(|(&number, session)| (number, session.connection))
        };
        if let Some((_, Some(old))) = of_client(self) {
            self.end_connection(old, Stage::Ending { taken_over: true }, false);
        }
        if let (Some((number, _)), true) = (of_client(self), connect.clean_start) {
            self.end_session(number);
        }
        let stored = of_client(self).map(|(number, _)| number);
        let number = stored.unwrap_or_else(|| {
            self.sessions_made += 1;
            self.sessions.insert(self.sessions_made, Session::new(connect.client_id.clone()));
            self.sessions_made
        });
        let Some(session) = self.sessions.get_mut(&number) else { return };
        session.connection = Some(id);
        session.ends_at = None;
        session.will = None;
        session.lasts = match (version, connect.properties.session_expiry_interval().unwrap_or(0)) {
            (Version::V3_1_1, _) => connect.clean_start.then_some(Duration::ZERO),
            (Version::V5_0, seconds) => lifetime(seconds),
        };
        // PUBRELs that have no PUBCOMP come again (4.4).
        let owed = session.deliveries.iter().filter_map(|it| match it.state {
            State::Released(packet_id) => Some((PacketType::PubRel, packet_id)),
            _ => None,
        });
        let quota = connect.properties.receive_maximum().unwrap_or(u16::MAX);
        let connection = Connection {
            version,
            session: number,
            stage: Stage::Asked,
            session_present: stored.is_some(),
            quota: (version == Version::V5_0).then_some((quota, quota)),
            alias_maximum: connect.properties.topic_alias_maximum().unwrap_or(0),
            aliases: Default::default(),
            client_aliases: Default::default(),
            owed: owed.collect(),
            order: Default::default(),
            will: connect.will.clone(),
        };
        self.connections.insert(id, connection);
    }

    fn on_disconnect(&mut self, id: ConnectionId, disconnect: &Disconnect) {
        let interval = disconnect.properties.as_ref().and_then(|it| it.session_expiry_interval());
        if let (Some(seconds), Some(session)) = (interval, self.session_of(id)) {
            session.lasts = lifetime(seconds);
        }
        let normal = disconnect.reason() == ReasonCode::SUCCESS;
        self.end_connection(id, Stage::Ending { taken_over: false }, normal);
    }

    fn end_connection(&mut self, id: ConnectionId, stage: Stage, normal: bool) {
        let Some(connection) = self.connections.get_mut(&id) else { return };
        connection.stage = stage;
        connection.owed.clear();
        let will = connection.will.take().filter(|_| !normal);
        let (number, now) = (connection.session, self.now);
        let Some(session) = self.sessions.get_mut(&number) else { return };
        session.connection = None;
        session.ends_at = session.lasts.map(|lasts| now + lasts);
        let client = session.client.clone();
        if session.lasts == Some(Duration::ZERO) {
            self.end_session(number);
        }
        let Some(will) = will else { return };
        let delay = Duration::from_secs(u64::from(will.properties.will_delay_interval().unwrap_or(0)));
        match self.sessions.get_mut(&number) {
            Some(session) if delay > Duration::ZERO => session.will = Some((now + delay, will)),
            _ => self.publish_will(client, will),
        }
    }

    fn on_publish(&mut self, id: ConnectionId, publish: &Publish) {
        let at = self.now;
        let Some(connection) = self.connections.get_mut(&id) else { return };
        let mut topic = publish.topic.clone();
        if let Some(alias) = publish.properties.topic_alias() {
            let known = connection.client_aliases.entry(alias).or_default();
            if topic.is_empty() {
                topic.clone_from(known);
            } else {
                known.clone_from(&topic);
            }
        }
        let Some(session) = self.sessions.get_mut(&connection.session) else { return };
        let publisher = session.client.clone();
        let mut new = true;
        match (publish.qos, publish.packet_id) {
            (QoS::AtLeastOnce, Some(packet_id)) => connection.owed.push((PacketType::PubAck, packet_id)),
            (QoS::ExactlyOnce, Some(packet_id)) => {
                connection.owed.push((PacketType::PubRec, packet_id));
                new = session.received.insert(packet_id);
            }
            _ => {}
        }
        if new {
            self.publish(Publication {
                publisher,
                topic,
                payload: publish.payload.clone(),
                qos: publish.qos,
                retain: publish.retain,
                interval: publish.properties.message_expiry_interval(),
                at,
            });
        }
    }

    /// Makes the subscriptions that SUBACK grants, and notes the retained messages that they bring (3.3.1.3).
    pub(crate) fn subscribe(&mut self, id: ConnectionId, subscribe: &Subscribe, granted: &[QoS]) {
        let identifier = subscribe.properties.subscription_identifier();
        let now = self.now;
        let Some(session) =
            self.connections.get(&id).and_then(|connection| self.sessions.get_mut(&connection.session))
        else {
            return;
        };
        for (asked, &qos) in subscribe.filters.iter().zip(granted) {
            let filter = asked.filter.clone();
            let mut options = asked.options;
            options.qos = qos;
            let made = Subscribed { filter: filter.clone(), options, identifier };
            let old = session.subscriptions.iter_mut().find(|old| old.filter == filter);
            let brings = match options.retain_handling {
                _ if share(&filter).is_some() => false,
                RetainHandling::Send => true,
                RetainHandling::SendIfNew => old.is_none(),
                RetainHandling::DoNotSend => false,
            };
            match old {
                Some(old) => *old = made,
                None => session.subscriptions.push(made),
            }
            for (_, &number) in self.retained.iter().filter(|(topic, _)| brings && matches(&filter, topic)) {
                let Some(message) = self.publications.get(number).filter(|it| !it.expired(now)) else {
                    continue;
                };
                let form = Form {
                    qos: message.qos.min(qos),
                    retain: vec![true],
                    identifiers: identifier.into_iter().collect(),
                };
                session.deliveries.push(Delivery {
                    publication: number,
                    form,
                    origin: Origin::Retained,
                    state: State::Waiting,
                    // Whether No Local holds one's own retained message back is not said.
                    required: !options.no_local || message.publisher != session.client,
                });
            }
        }
    }

    fn on_unsubscribe(&mut self, id: ConnectionId, unsubscribe: &Unsubscribe) {
        self.owe(id, PacketType::UnsubAck, unsubscribe.packet_id);
        let Some(connection) = self.connections.get(&id) else { return };
        let Some(session) = self.sessions.get_mut(&connection.session) else { return };
        session.subscriptions.retain(|held| !unsubscribe.filters.contains(&held.filter));
        // What has not been sent yet may be left out (3.10.4), unless another subscription wants it.
        for delivery in session.deliveries.iter_mut().filter(|it| it.state == State::Waiting) {
            let topic = self.publications.get(delivery.publication).map_or("", |it| &*it.topic);
            delivery.required &= session.subscriptions.iter().any(|held| matches(&held.filter, topic));
        }
        for shared in self.shared.iter_mut().filter(|it| it.members.contains_key(&connection.session)) {
            if unsubscribe.filters.contains(&shared.filter) {
                shared.required = shared.required.min(shared.given);
            }
        }
    }
}

impl Session {
    fn new(client: bytestring::ByteString) -> Self {
        Self {
            client,
            connection: None,
            lasts: None,
            ends_at: None,
            subscriptions: Vec::new(),
            deliveries: Vec::new(),
            received: Default::default(),
            will: None,
        }
    }
}

/// What a Session Expiry Interval means.
fn lifetime(seconds: u32) -> Option<Duration> {
    (seconds != u32::MAX).then(|| Duration::from_secs(u64::from(seconds)))
}

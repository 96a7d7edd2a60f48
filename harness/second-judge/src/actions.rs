//! The packets by which a Client does what a scenario has in mind, as far as that is legal.

use bytes::Bytes;
use bytestring::ByteString;
use mqttspec_broker::ConnectionId;
use mqttspec_codec::Version;
use mqttspec_codec::model::{
    Connect, Disconnect, Packet, Properties, Property, Publish, QoS, ReasonCode, Subscribe, Subscription,
    SubscriptionOptions, Will,
};

use crate::driver::Network;
use crate::invariants::Verdict;
use crate::scenario::{Connection, FILTERS, Filter, Leave, Message, TOPICS};
use crate::topics::share;

impl Network {
    pub(crate) fn connect(&mut self, number: usize, asked: &Connection) -> Verdict {
        let will =
            asked.will.as_ref().map(|(message, delay)| self.will(number, asked.version, message, *delay));
        let Some(client) = self.clients.get_mut(number) else { return Ok(()) };
        client.lose();
        // What a Shared Subscription is to a Client of 3.1.1 is nowhere said.
        let version = if client.shares && !asked.clean { Version::V5_0 } else { asked.version };
        self.connections += 1;
        let id = ConnectionId(self.connections);
        client.connection = Some(id);
        client.version = version;
        let mut connect = Connect::new(version, client.name.clone());
        connect.clean_start = asked.clean;
        connect.will = will;
        if version == Version::V5_0 {
            let properties = &mut connect.properties;
            properties.push(Property::SessionExpiryInterval(asked.session_expiry));
            properties.push(Property::TopicAliasMaximum(asked.alias_maximum));
            properties.0.extend(asked.receive_maximum.map(Property::ReceiveMaximum));
        }
        client.lasting = version == Version::V5_0 && asked.session_expiry > 0;
        self.broker.opened(id, self.now);
        self.send(number, Packet::Connect(connect))?;
        let present = self.judge.connections.get(&id).is_some_and(|it| it.session_present);
        let again = self.clients.get_mut(number).map(|client| client.begin(present));
        again.into_iter().flatten().try_for_each(|packet| self.send(number, packet))
    }

    fn will(&mut self, number: usize, version: Version, message: &Message, delay: u32) -> Will {
        let mut properties = Properties::default();
        if version == Version::V5_0 {
            properties.push(Property::WillDelayInterval(delay));
            properties.0.extend(message.expiry.map(Property::MessageExpiryInterval));
        }
        let topic = format!("w/client-{number}").into();
        let payload = self.payload(message);
        Will { qos: message.qos, retain: message.retain, properties, topic, payload }
    }

    fn payload(&mut self, message: &Message) -> Bytes {
        self.messages += 1;
        if message.empty { Bytes::new() } else { format!("message {}", self.messages).into() }
    }

    pub(crate) fn disconnect(&mut self, number: usize, leave: &Leave) -> Verdict {
        let mut disconnect = Disconnect::default();
        if let Some(client) = self.clients.get(number).filter(|it| it.version == Version::V5_0) {
            let expiry = leave.session_expiry.filter(|_| client.lasting);
            let reason =
                if leave.with_will { ReasonCode::DISCONNECT_WITH_WILL_MESSAGE } else { ReasonCode::SUCCESS };
            disconnect.reason_code = Some(reason);
            disconnect.properties = Some(expiry.map(Property::SessionExpiryInterval).into_iter().collect());
        }
        self.send(number, Packet::Disconnect(disconnect))
    }

    pub(crate) fn subscribe(&mut self, number: usize, asked: &[Filter], identifier: Option<u8>) -> Verdict {
        let Some(client) = self.clients.get_mut(number) else { return Ok(()) };
        let new = client.version == Version::V5_0;
        let mut identifier = identifier.filter(|_| new).map(u32::from);
        let mut filters: Vec<Subscription> = Vec::new();
        for Filter { filter: index, mut options } in asked.iter().cloned() {
            let Some(&filter) = FILTERS.get(index) else { continue };
            if filters.iter().any(|it| it.filter == filter) || share(filter).is_some() && !new {
                continue;
            }
            if !new {
                options = SubscriptionOptions { qos: options.qos, ..SubscriptionOptions::default() };
            }
            if share(filter).is_some() {
                // An identifier of its own tells for which share a message came.
                client.shares = true;
                options.no_local = false;
                identifier = u32::try_from(index).ok();
                filters.clear();
            }
            filters.push(Subscription { filter: ByteString::from_static(filter), options });
            if share(filter).is_some() {
                break;
            }
        }
        if filters.is_empty() {
            return Ok(());
        }
        let packet_id = client.ask();
        let properties = identifier.map(Property::SubscriptionIdentifier).into_iter().collect();
        self.send(number, Packet::Subscribe(Subscribe { packet_id, properties, filters }))
    }

    pub(crate) fn publish(&mut self, number: usize, message: &Message) -> Verdict {
        let payload = self.payload(message);
        let (Some(client), Some(&topic)) = (self.clients.get_mut(number), TOPICS.get(message.topic)) else {
            return Ok(());
        };
        if message.qos > QoS::AtMostOnce && client.unfinished() >= self.receive_maximum {
            return Ok(());
        }
        let new = client.version == Version::V5_0;
        let mut publish = Publish {
            dup: false,
            qos: message.qos,
            retain: message.retain,
            topic: ByteString::from_static(topic),
            packet_id: (message.qos > QoS::AtMostOnce).then(|| client.free_id()),
            properties: Properties::default(),
            payload,
        };
        if new {
            publish.properties.0.extend(message.expiry.map(Property::MessageExpiryInterval));
        }
        // Sent again, it has its Topic Name: aliases end with the connection.
        client.publish(publish.clone());
        if let Some(alias) = message.alias.filter(|_| new) {
            publish.properties.push(Property::TopicAlias(alias));
            if client.aliases.insert(alias, topic) == Some(topic) {
                publish.topic = ByteString::new();
            }
        }
        self.send(number, Packet::Publish(publish))
    }
}

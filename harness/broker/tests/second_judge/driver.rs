//! Plays a scenario: the Clients' packets go to the broker and to the judge, what comes back to the judge and to
//! the Clients.

use std::time::Duration;

use bytes::Bytes;
use bytestring::ByteString;
use mqttspec_broker::{Broker, Configuration, ConnectionId, Output, Overlapping, Rules};
use mqttspec_codec::model::{
    Connect, Disconnect, Packet, Properties, Property, Publish, QoS, ReasonCode, Subscribe, Subscription,
    SubscriptionOptions, Unsubscribe, Will,
};
use mqttspec_codec::{Version, encode};

use crate::client::Client;
use crate::invariants::Verdict;
use crate::model::Judge;
use crate::scenario::{Connection, FILTERS, Filter, Leave, Message, Scenario, Step, TOPICS, Unread};
use crate::topics::share;

/// More rounds of acknowledgements than any scenario takes.
const ROUNDS: usize = 200;

/// The broker between the Clients and the judge.
struct Network {
    broker: Broker,
    judge: Judge,
    clients: Vec<Client>,
    now: Duration,
    connections: u64,
    messages: usize,
    packets: usize,
    receive_maximum: usize,
}

/// Plays a scenario, after which every Client comes back to its Session and acknowledges all, twice. An error
/// comes with the number of packets that the Clients had sent, without those last acknowledgements.
pub(crate) fn play(scenario: &Scenario, rules: &Rules) -> Result<(), (String, usize)> {
    let choices = &scenario.choices;
    let each_subscription = choices.each_subscription;
    let configuration = Configuration {
        overlapping: if each_subscription { Overlapping::EachSubscription } else { Overlapping::Once },
        queue_qos0: choices.queue_qos0,
        maximum_granted_qos: choices.granted,
        receive_maximum: choices.receive_maximum,
        ..Configuration::default()
    };
    let mut network = Network {
        broker: Broker::new(configuration, rules.clone()),
        judge: Judge { each_subscription, queue_qos0: choices.queue_qos0, ..Judge::default() },
        clients: (0..scenario.clients).map(Client::new).collect(),
        now: Duration::ZERO,
        connections: 0,
        messages: 0,
        packets: 0,
        receive_maximum: choices.receive_maximum.into(),
    };
    network.play(&scenario.steps).map_err(|fault| (fault, network.packets))
}

impl Network {
    fn play(&mut self, steps: &[Step]) -> Verdict {
        steps.iter().try_for_each(|step| self.step(step))?;
        self.come_to_rest()?;
        // What is over does not come again.
        for number in 0..self.clients.len() {
            self.drop(number)?;
        }
        self.come_to_rest()
    }

    fn step(&mut self, step: &Step) -> Verdict {
        let number = match step {
            Step::Wait(seconds) => return self.wait(Duration::from_secs(u64::from(*seconds))),
            Step::Drop(client, _)
            | Step::Disconnect(client, _)
            | Step::Ping(client)
            | Step::Connect(client, _)
            | Step::Subscribe(client, ..)
            | Step::Unsubscribe(client, _)
            | Step::Publish(client, _)
            | Step::Acknowledge(client, _) => client % self.clients.len(),
        };
        if let Step::Connect(_, connection) = step {
            return self.connect(number, connection);
        }
        let Some(client) = self.clients.get_mut(number).filter(|it| it.connection.is_some()) else {
            return Ok(());
        };
        if !matches!(step, Step::Drop(_, Unread::GetsLost)) {
            client.read();
        }
        match step {
            Step::Wait(_) | Step::Connect(..) => Ok(()),
            Step::Drop(..) => self.drop(number),
            Step::Ping(_) => self.send(number, Packet::PingReq),
            Step::Disconnect(_, leave) => self.disconnect(number, leave),
            Step::Subscribe(_, filters, identifier) => self.subscribe(number, filters, *identifier),
            Step::Unsubscribe(_, filters) => {
                let filters = filters.iter().filter_map(|&it| FILTERS.get(it));
                let filters = filters.map(|filter| ByteString::from_static(filter)).collect();
                let (packet_id, properties) = (client.ask(), Properties::default());
                self.send(number, Packet::Unsubscribe(Unsubscribe { packet_id, properties, filters }))
            }
            Step::Publish(_, message) => self.publish(number, message),
            Step::Acknowledge(_, Some(pick)) => match client.acknowledge(pick.index, pick.refuse) {
                Some(packet) => self.send(number, packet),
                None => Ok(()),
            },
            Step::Acknowledge(_, None) => self.acknowledge_all(number),
        }
    }

    fn send(&mut self, number: usize, packet: Packet) -> Verdict {
        self.packets += 1;
        let Some(client) = self.clients.get(number) else { return Ok(()) };
        let Some(id) = client.connection else { return Ok(()) };
        self.judge.received(id, &packet);
        let outputs = self.broker.received(id, &encode(&packet, client.version), self.now);
        self.take_up(&outputs)
    }

    fn take_up(&mut self, outputs: &[Output]) -> Verdict {
        for (id, packet) in self.judge.judge(outputs)? {
            let Some(client) = self.clients.iter_mut().find(|it| it.connection == Some(id)) else { continue };
            match packet {
                Some(packet) => client.deliver(packet),
                None => client.lose(),
            }
        }
        Ok(())
    }

    fn wait(&mut self, time: Duration) -> Verdict {
        let end = self.now + time;
        while self.now < end {
            let due = [self.broker.next_deadline(), self.judge.next_deadline()].into_iter().flatten();
            self.now = due.filter(|&due| due > self.now).min().map_or(end, |due| due.min(end));
            self.judge.time(self.now);
            let outputs = self.broker.tick(self.now);
            self.take_up(&outputs)?;
        }
        Ok(())
    }

    fn drop(&mut self, number: usize) -> Verdict {
        let Some(client) = self.clients.get_mut(number) else { return Ok(()) };
        let Some(id) = client.connection else { return Ok(()) };
        client.lose();
        self.judge.dropped(id);
        let outputs = self.broker.closed(id, self.now);
        self.take_up(&outputs)
    }

    fn connect(&mut self, number: usize, asked: &Connection) -> Verdict {
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

    fn disconnect(&mut self, number: usize, leave: &Leave) -> Verdict {
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

    fn subscribe(&mut self, number: usize, asked: &[Filter], identifier: Option<u8>) -> Verdict {
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

    fn publish(&mut self, number: usize, message: &Message) -> Verdict {
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

    fn acknowledge_all(&mut self, number: usize) -> Verdict {
        while let Some(packet) = self.clients.get_mut(number).and_then(|it| it.acknowledge(0, false)) {
            self.send(number, packet)?;
        }
        Ok(())
    }

    /// Brings every Client back whose Session is there, and acknowledges until all is quiet.
    fn come_to_rest(&mut self) -> Verdict {
        for number in 0..self.clients.len() {
            let Some(client) = self.clients.get(number) else { continue };
            let stored = self.judge.sessions.values().any(|session| session.client == client.name);
            if stored && client.connection.is_none() {
                let connection = Connection {
                    version: client.version,
                    clean: false,
                    session_expiry: u32::MAX,
                    receive_maximum: None,
                    alias_maximum: 0,
                    will: None,
                };
                self.connect(number, &connection)?;
            }
        }
        let packets = self.packets;
        for _ in 0..ROUNDS {
            let before = self.packets;
            for number in 0..self.clients.len() {
                self.clients.iter_mut().for_each(Client::read);
                self.acknowledge_all(number)?;
            }
            let quiet = self.packets == before;
            self.packets = packets;
            if quiet {
                return self.judge.nothing_is_lost();
            }
        }
        Err("the broker does not come to rest".into())
    }
}

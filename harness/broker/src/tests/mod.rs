//! The broker driven with bytes, in virtual time.

mod connect;
mod errors;
mod liveness;
mod publish;
mod server;
mod sessions;
mod subscribe;
mod switches;
mod variants;
mod version_5;
mod websocket;

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use mqttspec_codec::model::{
    Acknowledgement, ConnAck, Connect, Packet, Properties, Property, Publish, QoS, Subscribe, Subscription,
    SubscriptionOptions, Will,
};
use mqttspec_codec::{Citation, Context, StatementId, Version, decode, encode};

use crate::{Broker, Configuration, ConnectionId, Output, Rules, Stop};

pub(crate) use mqttspec_codec::Version::{V3_1_1, V5_0};

/// A broker with Clients, and what each of them was sent.
pub(crate) struct Network {
    broker: Broker,
    now: Duration,
    last: u64,
    received: BTreeMap<ConnectionId, Vec<Bytes>>,
    versions: BTreeMap<ConnectionId, Version>,
    closed: Vec<ConnectionId>,
    /// Everything that the broker has put out, with its time.
    log: Vec<(Duration, Output)>,
}

impl Network {
    pub(crate) fn new() -> Self {
        Self::with(Configuration::default(), Rules::all())
    }

    pub(crate) fn without(version: Version, id: StatementId) -> Self {
        Self::with(Configuration::default(), Rules::without([Citation { version, id }]))
    }

    pub(crate) fn configured(change: impl FnOnce(&mut Configuration)) -> Self {
        let mut configuration = Configuration::default();
        change(&mut configuration);
        Self::with(configuration, Rules::all())
    }

    pub(crate) fn with(configuration: Configuration, rules: Rules) -> Self {
        Self {
            broker: Broker::new(configuration, rules),
            now: Duration::ZERO,
            last: 0,
            received: BTreeMap::new(),
            versions: BTreeMap::new(),
            closed: Vec::new(),
            log: Vec::new(),
        }
    }

    fn take_up(&mut self, outputs: Vec<Output>) {
        for output in outputs {
            self.log.push((self.now, output.clone()));
            match output {
                Output::Send { connection, bytes } => {
                    assert!(!self.closed.contains(&connection), "nothing is sent after the close");
                    self.received.entry(connection).or_default().push(bytes);
                }
                Output::Close { connection } => self.closed.push(connection),
            }
        }
    }

    pub(crate) fn open(&mut self, version: Version) -> ConnectionId {
        self.last += 1;
        let id = ConnectionId(self.last);
        self.broker.opened(id, self.now);
        self.versions.insert(id, version);
        id
    }

    pub(crate) fn send_bytes(&mut self, id: ConnectionId, bytes: &[u8]) {
        let outputs = self.broker.received(id, bytes, self.now);
        self.take_up(outputs);
    }

    pub(crate) fn send(&mut self, id: ConnectionId, packet: &Packet) {
        let bytes = encode(packet, self.versions[&id]);
        self.send_bytes(id, &bytes);
    }

    pub(crate) fn drop(&mut self, id: ConnectionId) {
        let outputs = self.broker.closed(id, self.now);
        self.take_up(outputs);
    }

    pub(crate) fn restart(&mut self, stop: Stop) {
        let outputs = self.broker.restart(stop, self.now);
        self.take_up(outputs);
    }

    /// Lets time pass, with a tick at each deadline.
    pub(crate) fn wait(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(deadline) = self.broker.next_deadline().filter(|&deadline| deadline <= end) {
            assert!(deadline >= self.now, "a deadline that has passed is not reported again");
            self.now = deadline;
            let outputs = self.broker.tick(deadline);
            self.take_up(outputs);
        }
        self.now = end;
    }

    pub(crate) fn raw(&mut self, id: ConnectionId) -> Vec<Bytes> {
        self.received.remove(&id).unwrap_or_default()
    }

    /// What a Client was sent since it last looked, judged by the codec.
    pub(crate) fn packets(&mut self, id: ConnectionId) -> Vec<Packet> {
        let context = Context::from_server(self.versions[&id]);
        self.raw(id)
            .iter()
            .map(|bytes| {
                decode(bytes, context).unwrap_or_else(|violation| panic!("{violation}: {bytes:02X?}"))
            })
            .collect()
    }

    pub(crate) fn is_closed(&self, id: ConnectionId) -> bool {
        self.closed.contains(&id)
    }

    pub(crate) fn connect_with(&mut self, version: Version, connect: Connect) -> (ConnectionId, ConnAck) {
        let id = self.open(version);
        self.send(id, &Packet::Connect(connect));
        match self.received.get_mut(&id).map(|packets| packets.remove(0)) {
            Some(bytes) => match decode(&bytes, Context::from_server(version)) {
                Ok(Packet::ConnAck(connack)) => (id, connack),
                other => panic!("expected CONNACK, got {other:?}"),
            },
            None => panic!("no CONNACK"),
        }
    }

    /// A Client with Clean Start.
    pub(crate) fn connect(&mut self, version: Version, client_id: &str) -> ConnectionId {
        self.connect_with(version, Connect::new(version, client_id)).0
    }

    /// A Client whose Session lasts.
    pub(crate) fn resume(&mut self, version: Version, client_id: &str) -> (ConnectionId, ConnAck) {
        let mut connect = Connect::new(version, client_id);
        connect.clean_start = false;
        if version == V5_0 {
            connect.properties.push(Property::SessionExpiryInterval(3600));
        }
        self.connect_with(version, connect)
    }

    pub(crate) fn subscribe(&mut self, id: ConnectionId, filter: &str, qos: QoS) -> Vec<u8> {
        self.subscribe_with(id, filter, SubscriptionOptions { qos, ..Default::default() }, None)
    }

    pub(crate) fn subscribe_with(
        &mut self,
        id: ConnectionId,
        filter: &str,
        options: SubscriptionOptions,
        identifier: Option<u32>,
    ) -> Vec<u8> {
        let subscribe = Subscribe {
            packet_id: 7,
            properties: identifier.map(Property::SubscriptionIdentifier).into_iter().collect(),
            filters: vec![Subscription { filter: filter.into(), options }],
        };
        self.send(id, &Packet::Subscribe(subscribe));
        match self.received.get_mut(&id).map(|packets| packets.remove(0)) {
            Some(bytes) => match decode(&bytes, Context::from_server(self.versions[&id])) {
                Ok(Packet::SubAck(suback)) => suback.reason_codes.iter().map(|code| code.0).collect(),
                other => panic!("expected SUBACK, got {other:?}"),
            },
            None => Vec::new(),
        }
    }

    pub(crate) fn publish(&mut self, id: ConnectionId, topic: &str, payload: &str, qos: QoS) {
        self.send(id, &publish(topic, payload, qos, false, Properties::default()));
    }

    /// What is done at QoS 2 by a receiver that acknowledges all.
    pub(crate) fn acknowledge(&mut self, id: ConnectionId, packets: &[Packet]) {
        for packet in packets {
            match packet {
                Packet::Publish(Publish { qos: QoS::AtLeastOnce, packet_id: Some(packet_id), .. }) => {
                    self.send(id, &Packet::PubAck(Acknowledgement::new(*packet_id)));
                }
                Packet::Publish(Publish { qos: QoS::ExactlyOnce, packet_id: Some(packet_id), .. }) => {
                    self.send(id, &Packet::PubRec(Acknowledgement::new(*packet_id)));
                }
                Packet::PubRel(ack) => self.send(id, &Packet::PubComp(Acknowledgement::new(ack.packet_id))),
                _ => {}
            }
        }
    }
}

pub(crate) fn publish(topic: &str, payload: &str, qos: QoS, retain: bool, properties: Properties) -> Packet {
    Packet::Publish(Publish {
        dup: false,
        qos,
        retain,
        topic: topic.into(),
        packet_id: (qos > QoS::AtMostOnce).then_some(11),
        properties,
        payload: Bytes::copy_from_slice(payload.as_bytes()),
    })
}

/// The payloads of the PUBLISH packets among these.
pub(crate) fn payloads(packets: &[Packet]) -> Vec<String> {
    packets
        .iter()
        .filter_map(|packet| match packet {
            Packet::Publish(publish) => Some(String::from_utf8_lossy(&publish.payload).into_owned()),
            _ => None,
        })
        .collect()
}

/// A Will Message on the topic `w`.
pub(crate) fn will(delay: Option<u32>, qos: QoS, retain: bool) -> Will {
    let mut properties: Properties = [("a", "1"), ("b", "2")]
        .map(|(name, value)| Property::UserProperty((name.into(), value.into())))
        .into_iter()
        .collect();
    properties.0.extend(delay.map(Property::WillDelayInterval));
    Will { topic: "w".into(), payload: Bytes::from_static(b"will"), qos, retain, properties }
}

//! The Client's side of the protocol: what it may send, given what has reached it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bytestring::ByteString;
use mqttspec_broker::ConnectionId;
use mqttspec_codec::Version;
use mqttspec_codec::model::{Acknowledgement, Packet, Publish, QoS, ReasonCode};

/// A Client with its Session State (4.1).
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) name: ByteString,
    pub(crate) connection: Option<ConnectionId>,
    /// The version of the last connection.
    pub(crate) version: Version,
    /// A Shared Subscription was made: 3.1.1 says nothing of what such a Session is to one of its Clients.
    pub(crate) shares: bool,
    /// Session Expiry Interval was above 0 in CONNECT, so that DISCONNECT may change it (3.14.2.2.2).
    pub(crate) lasting: bool,
    /// Topic Aliases that were set on this connection.
    pub(crate) aliases: BTreeMap<u16, &'static str>,
    inbox: VecDeque<Packet>,
    /// PUBLISH packets for which neither PUBACK nor PUBREC was seen, in the order of sending.
    open: Vec<Publish>,
    /// PUBRECs that were seen, in order, and whether the PUBREL is out on this connection.
    releasing: Vec<(u16, bool)>,
    /// What is to be acknowledged, in the order that 4.6 demands within each type.
    pubacks: VecDeque<u16>,
    pubrecs: VecDeque<u16>,
    pubcomps: VecDeque<u16>,
    /// Packet Identifiers of SUBSCRIBE and UNSUBSCRIBE packets without an answer.
    asked: BTreeSet<u16>,
}

impl Client {
    pub(crate) fn new(number: usize) -> Self {
        Self {
            name: format!("client-{number}").into(),
            connection: None,
            version: Version::V5_0,
            shares: false,
            lasting: false,
            aliases: BTreeMap::new(),
            inbox: VecDeque::new(),
            open: Vec::new(),
            releasing: Vec::new(),
            pubacks: VecDeque::new(),
            pubrecs: VecDeque::new(),
            pubcomps: VecDeque::new(),
            asked: BTreeSet::new(),
        }
    }

    /// A packet is on its way to the Client.
    pub(crate) fn deliver(&mut self, packet: Packet) {
        self.inbox.push_back(packet);
    }

    /// Takes note of all that is on its way.
    pub(crate) fn read(&mut self) {
        while let Some(packet) = self.inbox.pop_front() {
            match packet {
                Packet::Publish(Publish { qos: QoS::AtLeastOnce, packet_id: Some(id), .. }) => {
                    self.pubacks.push_back(id);
                }
                Packet::Publish(Publish { qos: QoS::ExactlyOnce, packet_id: Some(id), .. }) => {
                    self.pubrecs.push_back(id);
                }
                Packet::PubRel(ack) => self.pubcomps.push_back(ack.packet_id),
                Packet::PubAck(ack) => self.open.retain(|it| it.packet_id != Some(ack.packet_id)),
                Packet::PubRec(ack) => {
                    self.open.retain(|it| it.packet_id != Some(ack.packet_id));
                    self.releasing.push((ack.packet_id, false));
                }
                Packet::PubComp(ack) => self.releasing.retain(|(id, _)| *id != ack.packet_id),
                Packet::SubAck(ack) => drop(self.asked.remove(&ack.packet_id)),
                Packet::UnsubAck(ack) => drop(self.asked.remove(&ack.packet_id)),
                _ => {}
            }
        }
    }

    /// The connection is gone, and what was not read with it.
    pub(crate) fn lose(&mut self) {
        self.connection = None;
        self.inbox.clear();
        self.pubacks.clear();
        self.pubrecs.clear();
        self.pubcomps.clear();
        self.asked.clear();
        self.aliases.clear();
        self.releasing.iter_mut().for_each(|(_, sent)| *sent = false);
    }

    /// CONNACK has come: the Session goes on, with these packets first (4.4), or begins anew.
    pub(crate) fn begin(&mut self, session_present: bool) -> Vec<Packet> {
        if !session_present {
            self.open.clear();
            self.releasing.clear();
            self.shares = false;
        }
        let mut packets = Vec::new();
        for publish in &mut self.open {
            publish.dup = true;
            if self.version == Version::V3_1_1 {
                publish.properties.0.clear();
            }
            packets.push(Packet::Publish(publish.clone()));
        }
        for (id, sent) in &mut self.releasing {
            *sent = true;
            packets.push(Packet::PubRel(Acknowledgement::new(*id)));
        }
        packets
    }

    /// Remembers a PUBLISH that is sent.
    pub(crate) fn publish(&mut self, publish: Publish) {
        if publish.qos > QoS::AtMostOnce {
            self.open.push(publish);
        }
    }

    /// Messages that take a place of the broker's Receive Maximum.
    pub(crate) fn unfinished(&self) -> usize {
        self.open.len() + self.releasing.len()
    }

    /// The lowest Packet Identifier that is not in use, so that identifiers are used again soon.
    pub(crate) fn free_id(&self) -> u16 {
        let used = |id: &u16| {
            self.asked.contains(id)
                || self.open.iter().any(|publish| publish.packet_id == Some(*id))
                || self.releasing.iter().any(|(released, _)| released == id)
        };
        (1..=u16::MAX).find(|id| !used(id)).unwrap_or(u16::MAX)
    }

    /// Chooses the Packet Identifier of a SUBSCRIBE or UNSUBSCRIBE.
    pub(crate) fn ask(&mut self) -> u16 {
        let id = self.free_id();
        self.asked.insert(id);
        id
    }

    /// Takes one of the acknowledgements that may be sent now. Only 5.0 can refuse a message.
    pub(crate) fn acknowledge(&mut self, pick: usize, refuse: bool) -> Option<Packet> {
        let mut due: Vec<(u8, u16)> = Vec::new();
        due.extend(self.pubacks.front().map(|&id| (0, id)));
        due.extend(self.pubrecs.front().map(|&id| (1, id)));
        due.extend(self.releasing.iter().find(|(_, sent)| !sent).map(|&(id, _)| (2, id)));
        due.extend(self.pubcomps.iter().map(|&id| (3, id)));
        let (kind, id) = *due.get(pick.checked_rem(due.len())?)?;
        let mut acknowledgement = Acknowledgement::new(id);
        if refuse && kind < 2 && self.version == Version::V5_0 {
            acknowledgement.reason_code = Some(ReasonCode::IMPLEMENTATION_SPECIFIC_ERROR);
        }
        Some(match kind {
            0 => {
                self.pubacks.pop_front();
                Packet::PubAck(acknowledgement)
            }
            1 => {
                self.pubrecs.pop_front();
                Packet::PubRec(acknowledgement)
            }
            2 => {
                self.releasing.iter_mut().filter(|it| it.0 == id).for_each(|it| it.1 = true);
                Packet::PubRel(acknowledgement)
            }
            _ => {
                self.pubcomps.retain(|it| *it != id);
                Packet::PubComp(acknowledgement)
            }
        })
    }
}

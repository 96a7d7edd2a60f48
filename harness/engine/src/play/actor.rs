//! A client of a case while it is played.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use bytestring::ByteString;
use mqttspec_codec::model::{Packet, Publish, ReasonCode};
use mqttspec_codec::{Framer, Version};
use mqttspec_script::ClientModel;
use mqttspec_script::plan::Client;
use mqttspec_spec::record::EndingKind;

use super::ends::BRIEF_KEEP_ALIVE;
use super::reading::Reading;
use super::repeats::Repeats;
use crate::conduct::Conduct;
use crate::transport::Writer;

/// A packet that no step has looked at yet.
#[derive(Debug)]
pub(super) struct Arrived {
    pub(super) at: Duration,
    /// Its place among all packets of the playing.
    pub(super) order: usize,
    pub(super) packet: Packet,
    /// The version in whose form it came.
    pub(super) version: Version,
}

/// The current connection of a client.
pub(super) struct Live {
    pub(super) number: u32,
    pub(super) writer: Option<Box<dyn Writer>>,
    pub(super) framer: Framer,
    pub(super) conduct: Conduct,
    pub(super) repeats: Repeats,
    pub(super) ended: Option<(EndingKind, Duration)>,
    /// The code of a DISCONNECT, or of a CONNACK that refuses, that came.
    pub(super) last_word: Option<ReasonCode>,
    /// Our side has ended the connection.
    pub(super) finished: bool,
    /// We have sent the start of a packet and not its end.
    pub(super) mid_packet: bool,
    /// The broker has sent again what it had said on an earlier connection.
    pub(super) left_over: bool,
    _reading: Reading,
}

impl Live {
    pub(super) fn new(
        number: u32,
        writer: Box<dyn Writer>,
        framer: Framer,
        version: Version,
        reading: Reading,
    ) -> Self {
        Self {
            number,
            writer: Some(writer),
            framer,
            conduct: Conduct::new(version),
            repeats: Repeats::default(),
            ended: None,
            last_word: None,
            finished: false,
            mid_packet: false,
            left_over: false,
            _reading: reading,
        }
    }
}

pub(super) struct Actor<'a> {
    pub(super) plan: &'a Client,
    pub(super) model: ClientModel,
    pub(super) live: Option<Live>,
    pub(super) connections: u32,
    /// Packets other than deliveries, in the order of their coming.
    pub(super) replies: VecDeque<Arrived>,
    /// PUBLISH packets, and PUBREL where the case acknowledges by itself.
    pub(super) deliveries: VecDeque<Arrived>,
    pub(super) last_sent_id: Option<u16>,
    /// The identifier of the PUBLISH or PUBREL received last.
    pub(super) last_delivery_id: Option<u16>,
    /// The identifier of the PUBREC received last.
    pub(super) last_pubrec_id: Option<u16>,
    next_id: u16,
    used_ids: BTreeSet<u16>,
    aliases: BTreeMap<u16, ByteString>,
}

impl<'a> Actor<'a> {
    /// Whether it acknowledges what comes now. What was on its way when it left stays unacknowledged.
    pub(super) fn acknowledges(&self) -> bool {
        let can_write = self.live.as_ref().is_some_and(|live| live.writer.is_some());
        self.plan.acknowledge && can_write && !self.model.has_disconnected()
    }

    pub(super) fn new(plan: &'a Client) -> Self {
        Self {
            plan,
            model: ClientModel::new(plan.version),
            live: None,
            connections: 0,
            replies: VecDeque::new(),
            deliveries: VecDeque::new(),
            last_sent_id: None,
            last_delivery_id: None,
            last_pubrec_id: None,
            next_id: 0,
            used_ids: BTreeSet::new(),
            aliases: BTreeMap::new(),
        }
    }

    /// Forgets what belonged to the connection before.
    pub(super) fn reconnected(&mut self, live: Live) {
        self.replies.clear();
        self.deliveries.clear();
        self.aliases.clear();
        self.connections += 1;
        self.live = Some(live);
    }

    /// A Packet Identifier that this client has never used, so that no answer can be taken for another.
    pub(super) fn fresh_id(&mut self) -> u16 {
        loop {
            self.next_id = self.next_id.checked_add(1).unwrap_or(1);
            if self.used_ids.insert(self.next_id) || self.used_ids.len() >= usize::from(u16::MAX) {
                return self.next_id;
            }
        }
    }

    /// Takes note of the identifier of a packet of ours that the broker has to answer.
    pub(super) fn note_id(&mut self, packet: &Packet) {
        let is_request = matches!(
            packet,
            Packet::Publish(_) | Packet::Subscribe(_) | Packet::Unsubscribe(_) | Packet::PubRel(_)
        );
        if let Some(id) = packet.packet_id().filter(|_| is_request) {
            self.used_ids.insert(id);
            self.last_sent_id = Some(id);
        }
    }

    /// Puts the Topic Name in the place of a Topic Alias that stands for it (3.3.2.3.4).
    pub(super) fn resolve_alias(&mut self, publish: &mut Publish) {
        let Some(alias) = publish.properties.topic_alias() else { return };
        if publish.topic.is_empty() {
            if let Some(topic) = self.aliases.get(&alias) {
                publish.topic = topic.clone();
            }
        } else {
            self.aliases.insert(alias, publish.topic.clone());
        }
    }

    /// Whether a PINGREQ on the current connection can be read as one, and has to be answered.
    pub(super) fn can_ping(&self) -> bool {
        let is_plain = self.live.as_ref().is_some_and(|live| {
            // After its last word the broker reads no more.
            let goes_on = live.ended.is_none() && !live.finished && live.last_word.is_none();
            goes_on && !live.mid_packet && !live.conduct.is_disturbed()
        });
        let is_lasting = self.plan.connect.keep_alive == 0 || self.plan.connect.keep_alive > BRIEF_KEEP_ALIVE;
        is_plain && is_lasting && self.is_accepted() && self.model.clone().sent(&Packet::PingReq).is_ok()
    }

    /// Whether the broker has accepted the client on its current connection.
    pub(super) fn is_accepted(&self) -> bool {
        self.live.as_ref().is_some_and(|live| live.conduct.is_accepted())
    }

    /// How and when the broker ended the current connection, if it did.
    pub(super) fn ended(&self) -> Option<(EndingKind, Duration)> {
        self.live.as_ref().and_then(|live| live.ended)
    }
}

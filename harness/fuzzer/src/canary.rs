//! O7: two clients that do nothing wrong, and whose messages have to arrive whatever others do.

use std::collections::BTreeSet;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use bytestring::ByteString;
use mqttspec_codec::model::{
    Acknowledgement, Connect, Packet, Publish, QoS, Subscribe, Subscription, SubscriptionOptions,
};
use mqttspec_codec::{Version, encode_into};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::play::{Line, Player};
use crate::session::plain_connect;

/// How many times the usual time a message may take.
const MUCH_MORE: u32 = 10;
const READ_SIZE: usize = 4 * 1024;

/// A publisher and a subscriber.
pub(crate) struct Canary {
    player: Player,
    publisher: Line,
    subscriber: Line,
    version: Version,
    topic: ByteString,
    sung: u64,
}

/// What is wrong, in words that are the same for the same defect.
type Wrong = String;

impl Canary {
    /// Connects both; none if the broker does not take them, which is for others to judge.
    pub(crate) async fn start(player: &Player, version: Version, seed: u64) -> Option<Self> {
        let topic: ByteString = format!("fzcanary/{seed}").into();
        let publisher = connect(player, version, "fzcanaryp").await?;
        let mut subscriber = connect(player, version, "fzcanarys").await?;
        let options = SubscriptionOptions { qos: QoS::ExactlyOnce, ..SubscriptionOptions::default() };
        let subscribe = Subscribe {
            packet_id: 1,
            filters: vec![Subscription { filter: topic.clone(), options }],
            ..Subscribe::default()
        };
        send(&mut subscriber, &[Packet::Subscribe(subscribe)], version).await;
        let deadline = player.clock.now() + player.unhurried(MUCH_MORE).patience;
        let mut got = Vec::new();
        while !got.iter().any(|packet| matches!(packet, Packet::SubAck(_))) {
            player.clock.before(deadline, receive(&mut subscriber, version, &mut got)).await?.ok()?;
        }
        let granted = |packet: &Packet| match packet {
            Packet::SubAck(ack) => ack.reason_codes.iter().all(|code| code.0 == QoS::ExactlyOnce.bits()),
            _ => false,
        };
        if !got.iter().any(granted) {
            return None;
        }
        let mut canary = Self { player: player.clone(), publisher, subscriber, version, topic, sung: 0 };
        // Where this fails already, it says nothing about what others do.
        canary.sing().await.ok()?;
        Some(canary)
    }

    /// Publishes one message of each QoS and waits until those of QoS 1 and 2 have arrived.
    pub(crate) async fn sing(&mut self) -> Result<(), Wrong> {
        self.sung += 1;
        let deadline = self.player.clock.now() + self.player.unhurried(MUCH_MORE).patience;
        let publishes: Vec<Packet> = [QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce]
            .into_iter()
            .map(|qos| {
                Packet::Publish(Publish {
                    qos,
                    topic: self.topic.clone(),
                    packet_id: (qos != QoS::AtMostOnce).then(|| u16::from(qos.bits())),
                    payload: self.payload(self.sung, qos),
                    ..Publish::default()
                })
            })
            .collect();
        send(&mut self.publisher, &publishes, self.version).await;
        let mut arrived: BTreeSet<u8> = BTreeSet::new();
        let mut acknowledged = 0;
        while arrived.len() < 2 || acknowledged < 2 {
            let (mut to_publisher, mut to_subscriber) = (Vec::new(), Vec::new());
            let version = self.version;
            let received = self.player.clock.before(deadline, async {
                tokio::select! {
                    got = receive(&mut self.publisher, version, &mut to_publisher) => got,
                    got = receive(&mut self.subscriber, version, &mut to_subscriber) => got,
                }
            });
            match received.await {
                None => return Err(self.missing(&arrived)),
                Some(received) => received?,
            }
            acknowledged += self.answer(&to_publisher).await;
            for packet in &to_subscriber {
                if let Packet::Publish(publish) = packet {
                    let qos = self.check(publish)?;
                    if qos != QoS::AtMostOnce {
                        arrived.insert(qos.bits());
                    }
                }
            }
        }
        Ok(())
    }

    /// Goes on with what the publisher got; with the number of messages that are done.
    async fn answer(&mut self, packets: &[Packet]) -> usize {
        let mut done = 0;
        for packet in packets {
            match packet {
                Packet::PubAck(_) | Packet::PubComp(_) => done += 1,
                Packet::PubRec(ack) => {
                    let release = Packet::PubRel(Acknowledgement::new(ack.packet_id));
                    send(&mut self.publisher, &[release], self.version).await;
                }
                _ => {}
            }
        }
        done
    }

    /// The QoS of a message that is one of ours; of QoS 0 an earlier one may be late.
    fn check(&self, publish: &Publish) -> Result<QoS, Wrong> {
        let foreign = || Err("a client that does nothing wrong gets what nobody has sent to it".to_owned());
        if publish.topic != self.topic {
            return foreign();
        }
        let is_ours = |sung| publish.payload == self.payload(sung, publish.qos);
        if is_ours(self.sung) || publish.qos == QoS::AtMostOnce && (1..self.sung).any(is_ours) {
            return Ok(publish.qos);
        }
        foreign()
    }

    fn missing(&self, arrived: &BTreeSet<u8>) -> Wrong {
        match [QoS::AtLeastOnce, QoS::ExactlyOnce].into_iter().find(|qos| !arrived.contains(&qos.bits())) {
            Some(qos) => {
                format!("a message of QoS {} between clients that do nothing wrong is lost", qos.bits())
            }
            None => "a client that does nothing wrong gets no acknowledgement".to_owned(),
        }
    }

    fn payload(&self, sung: u64, qos: QoS) -> Bytes {
        // The same bytes cannot come from another message, so that a mixture would be seen.
        let check = (sung ^ u64::from(qos.bits())).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        format!("canary {sung} {} {check:016x}", qos.bits()).into()
    }
}

async fn connect(player: &Player, version: Version, client_id: &str) -> Option<Line> {
    let deadline: Duration = player.clock.now() + player.unhurried(MUCH_MORE).patience;
    let opening = player.connector.connect_for(version, &BTreeSet::new());
    let connection = player.clock.before(deadline, opening).await?.ok()?;
    let mut line = Line::new(connection, version);
    send(&mut line, &[Packet::Connect(player.connect(version, client_id))], version).await;
    let mut got = Vec::new();
    while got.is_empty() {
        player.clock.before(deadline, receive(&mut line, version, &mut got)).await?.ok()?;
    }
    matches!(got.first(), Some(Packet::ConnAck(connack)) if connack.reason_code.0 == 0).then_some(line)
}

async fn send(line: &mut Line, packets: &[Packet], version: Version) {
    let mut out = BytesMut::new();
    for packet in packets {
        line.conduct.sent(packet);
        encode_into(packet, version, &mut out);
    }
    // That it is closed is seen when it is read.
    let _ = line.writer.write_all(&out).await;
}

/// Receives what is there, and acknowledges it.
async fn receive(line: &mut Line, version: Version, got: &mut Vec<Packet>) -> Result<(), Wrong> {
    let buffer = line.framer.buffer_mut();
    buffer.reserve(READ_SIZE);
    match line.reader.read_buf(buffer).await {
        Ok(0) | Err(_) => return Err("a client that does nothing wrong is disconnected".to_owned()),
        Ok(_) => {}
    }
    let mut replies = BytesMut::new();
    loop {
        match line.next() {
            Ok(None) => break,
            Ok(Some((packet, length))) => {
                if let Some(misconduct) = line.conduct.received(&packet, length) {
                    return Err(format!("a client that does nothing wrong gets: {}", misconduct.message));
                }
                line.acknowledge(&packet, version, &mut replies);
                got.push(packet);
            }
            Err((_, words)) => return Err(format!("a client that does nothing wrong gets: {words}")),
        }
    }
    if !replies.is_empty() {
        let _ = line.writer.write_all(&replies).await;
    }
    Ok(())
}

impl Player {
    /// A CONNECT with the account that the broker wants.
    pub(crate) fn connect(&self, version: Version, client_id: &str) -> Connect {
        let mut connect = plain_connect(version, client_id.into());
        if let Some(account) = self.connector.account() {
            connect.user_name = Some(account.user_name.clone().into());
            connect.password = Some(account.password.clone().into());
        }
        connect
    }
}

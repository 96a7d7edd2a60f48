//! The clients of a survey.

use std::time::Duration;

use bytestring::ByteString;
use mqttspec_codec::Version;
use mqttspec_codec::model::{Acknowledgement, ConnAck, Connect, Disconnect, Packet, Publish, QoS};

use super::found::Miss;
use crate::clock::Clock;
use crate::names::PlayName;
use crate::play::account::add as add_account;
use crate::probe::{Probe, ProbeError};
use crate::transport::Connector;

/// The Keep Alive of a client, in seconds: longer than anything that it does.
const KEEP_ALIVE: u16 = 60;

/// Codes by which a broker says that it has no time now (3.2.2.3 of 3.1.1, 3.2.2.2 of 5.0), so that a client may try again.
const BUSY: [(Version, &[u8]); 2] = [(Version::V3_1_1, &[0x03]), (Version::V5_0, &[0x88, 0x89, 0x9F])];
/// How long a client tries again.
const TRIES: Duration = Duration::from_secs(10);
/// The time between two tries.
const INTERVAL: Duration = Duration::from_millis(250);

/// Makes clients, each for one exchange.
pub(super) struct Clients<'a> {
    pub(super) connector: &'a dyn Connector,
    pub(super) clock: Clock,
    pub(super) patience: Duration,
    pub(super) version: Version,
    pub(super) name: PlayName,
}

impl Clients<'_> {
    /// The CONNECT of a client.
    pub(super) fn connect_as(&self, client_id: impl Into<ByteString>) -> Connect {
        Connect { keep_alive: KEEP_ALIVE, ..Connect::new(self.version, client_id) }
    }

    /// Has a client accepted, with the account of the run if it names none.
    pub(super) async fn accepted(&self, mut connect: Connect) -> Result<(Probe, ConnAck), ProbeError> {
        if let Some(account) = self.connector.account() {
            add_account(account, &mut connect);
        }
        self.accepted_as_it_is(connect).await
    }

    /// The same with nothing but what the CONNECT holds.
    pub(super) async fn accepted_as_it_is(&self, connect: Connect) -> Result<(Probe, ConnAck), ProbeError> {
        let deadline = self.clock.now() + TRIES;
        loop {
            let Self { connector, clock, patience, version, .. } = *self;
            match Probe::connect_as_it_is(connector, clock, patience, version, connect.clone()).await {
                Err(error) if is_busy(version, &error) && clock.now() < deadline => {
                    clock.pause(INTERVAL).await;
                }
                outcome => return outcome,
            }
        }
    }

    /// A plain client, which is not what is asked for.
    pub(super) async fn plain(&self) -> Result<Probe, Miss> {
        match self.accepted(self.connect_as(self.name.client_id(1))).await {
            Ok((probe, _)) => Ok(probe),
            Err(error) => Err(Miss::Unasked(format!("a client of the probe was not accepted: {error}"))),
        }
    }

    /// Has a message taken by the broker: up to the end of its exchange, or with QoS 0 up to the answer to a PINGREQ
    /// behind it.
    pub(super) async fn publish(&self, publish: Publish) -> Result<(), Miss> {
        let mut probe = self.plain().await?;
        let taken = taken(&mut probe, publish).await;
        probe.leave(Disconnect::default()).await;
        taken.map_err(Miss::Refused)
    }

    /// Whether a client was accepted, which is what was asked for; it leaves at once.
    pub(super) async fn acceptance(
        &self,
        outcome: Result<(Probe, ConnAck), ProbeError>,
    ) -> Result<ConnAck, Miss> {
        match outcome {
            Ok((probe, connack)) => {
                probe.leave(Disconnect::default()).await;
                Ok(connack)
            }
            Err(error) if is_busy(self.version, &error) => Err(Miss::Unasked(error.to_string())),
            Err(ProbeError::Refused(connack)) => {
                Err(Miss::Refused(format!("CONNACK {}", connack.reason_code)))
            }
            // A broker may refuse a client by closing (3.1.4).
            Err(ProbeError::NoAnswer(why)) => Err(Miss::Refused(why)),
            Err(ProbeError::Unreachable(why)) => Err(Miss::Unasked(why)),
        }
    }
}

fn is_busy(version: Version, error: &ProbeError) -> bool {
    let ProbeError::Refused(connack) = error else { return false };
    BUSY.iter().any(|(of, codes)| *of == version && codes.contains(&connack.reason_code.0))
}

/// The Packet Identifier of whatever is exchanged.
pub(super) const PACKET_ID: u16 = 1;

/// Whether an acknowledgement is for the one message that is under way, and not a refusal.
fn is_taken(acknowledgement: &Acknowledgement) -> bool {
    acknowledgement.packet_id == PACKET_ID && acknowledgement.reason().0 < 0x80
}

/// The same by a client that is there.
pub(super) async fn taken(probe: &mut Probe, publish: Publish) -> Result<(), String> {
    let qos = publish.qos;
    let packet_id = (qos != QoS::AtMostOnce).then_some(PACKET_ID);
    let publish = Packet::Publish(Publish { packet_id, ..publish });
    let answer = match qos {
        QoS::AtMostOnce => {
            probe.send(&publish).await;
            probe.exchange(&Packet::PingReq).await
        }
        QoS::AtLeastOnce | QoS::ExactlyOnce => probe.exchange(&publish).await,
    };
    match answer.map_err(|error| error.to_string())? {
        Packet::PingResp if qos == QoS::AtMostOnce => Ok(()),
        Packet::PubAck(puback) if qos == QoS::AtLeastOnce && is_taken(&puback) => Ok(()),
        Packet::PubRec(pubrec) if qos == QoS::ExactlyOnce && is_taken(&pubrec) => {
            let pubrel = Packet::PubRel(Acknowledgement::new(PACKET_ID));
            match probe.exchange(&pubrel).await.map_err(|error| error.to_string())? {
                Packet::PubComp(pubcomp) if is_taken(&pubcomp) => Ok(()),
                other => Err(unfitting(&other)),
            }
        }
        other => Err(unfitting(&other)),
    }
}

/// An answer that does not let the exchange go on, in words.
fn unfitting(answer: &Packet) -> String {
    match answer {
        Packet::PubAck(one) | Packet::PubRec(one) | Packet::PubComp(one) if one.packet_id != PACKET_ID => {
            format!("{} with the Packet Identifier {} for {PACKET_ID}", answer.packet_type(), one.packet_id)
        }
        Packet::PubAck(one) | Packet::PubRec(one) | Packet::PubComp(one) => {
            format!("{} with {}", answer.packet_type(), one.reason())
        }
        Packet::Disconnect(goodbye) => format!("DISCONNECT with {}", goodbye.reason()),
        other => format!("answered by {}", other.packet_type()),
    }
}

//! The control of a broken packet: its well-formed twin, sent in the same place, must be accepted.

use mqttspec_codec::model::{Packet, PacketType, QoS, Sender};
use mqttspec_codec::{Context, decode};
use mqttspec_script::plan::{Frames, Outgoing, Send, Window};

use super::player::{Player, StepResult};
use super::send::case_error;
use super::words;
use crate::trace::{Deviation, StepOutcome};

/// What shows that a packet was accepted.
enum Proof {
    /// The answer of this type, without an error in it.
    Answer(PacketType),
    /// That the broker ends the connection, as it does after a DISCONNECT.
    End,
    /// Only that the connection goes on.
    GoesOn,
}

impl Player<'_> {
    pub(super) async fn play_twin(&mut self, send: &Send) -> StepResult {
        let index = self.actor(&send.client)?;
        let proofs: Vec<Proof> =
            send.twin.iter().map(|outgoing| self.proof(index, outgoing)).collect::<Result<_, _>>()?;
        self.write_packets(index, &send.twin, &send.chunks, &Frames::default(), &[]).await?;
        let ends = proofs.iter().any(|proof| matches!(proof, Proof::End));
        for proof in proofs {
            match proof {
                Proof::Answer(packet_type) => self.answered(index, packet_type).await?,
                Proof::End => self.ended_in_order(index).await?,
                Proof::GoesOn => {}
            }
        }
        if !ends {
            self.ping_fence(index).await?;
        }
        Ok(StepOutcome::Held)
    }

    fn proof(&mut self, index: usize, outgoing: &Outgoing) -> Result<Proof, Deviation> {
        let actor = self.actor_at(index)?;
        let (client, version) = (actor.plan.name.clone(), actor.plan.version);
        let bytes = outgoing
            .build(&self.scope, &client, version, Some(1), || 1)
            .map_err(|error| case_error(error.to_string()))?;
        let packet = decode(&bytes, Context { version, sender: Sender::Client })
            .map_err(|violation| case_error(format!("the twin is not well-formed: {violation}")))?;
        Ok(match &packet {
            Packet::Connect(_) => Proof::Answer(PacketType::ConnAck),
            Packet::Subscribe(_) => Proof::Answer(PacketType::SubAck),
            Packet::Unsubscribe(_) => Proof::Answer(PacketType::UnsubAck),
            Packet::PingReq => Proof::Answer(PacketType::PingResp),
            Packet::PubRel(_) => Proof::Answer(PacketType::PubComp),
            Packet::Publish(publish) => match publish.qos {
                QoS::AtMostOnce => Proof::GoesOn,
                QoS::AtLeastOnce => Proof::Answer(PacketType::PubAck),
                QoS::ExactlyOnce => Proof::Answer(PacketType::PubRec),
            },
            Packet::Disconnect(_) => Proof::End,
            _ => Proof::GoesOn,
        })
    }

    async fn answered(&mut self, index: usize, packet_type: PacketType) -> Result<(), Deviation> {
        let allowed = format!("{packet_type} that accepts the well-formed twin");
        let something = |player: &Self| {
            player.actors.get(index).is_none_or(|actor| !actor.replies.is_empty() || actor.ended().is_some())
        };
        let deadline = self.stage.clock.now() + self.stage.timing.answer;
        self.pump(deadline, something).await?;
        match self.actor_at(index)?.replies.pop_front() {
            Some(arrived) if accepts(&arrived.packet, packet_type) => Ok(()),
            Some(arrived) => {
                let seen = words::seen(&arrived);
                Err(words::unexpected(&arrived, seen, allowed))
            }
            None => Err(match self.actors.get(index).and_then(|actor| actor.ended()) {
                Some((how, _)) => words::ended_early(how, allowed),
                None => self.missing(index, allowed, Window::default()),
            }),
        }
    }

    async fn ended_in_order(&mut self, index: usize) -> Result<(), Deviation> {
        let ended = |player: &Self| player.actors.get(index).is_none_or(|actor| actor.ended().is_some());
        let deadline = self.stage.clock.now() + self.stage.timing.answer;
        if self.pump(deadline, ended).await? {
            return Ok(());
        }
        let allowed = "the end of the connection after DISCONNECT".to_owned();
        Err(self.missing(index, allowed, Window::default()))
    }
}

/// Whether a packet answers without an error.
fn accepts(packet: &Packet, packet_type: PacketType) -> bool {
    packet.packet_type() == packet_type
        && match packet {
            Packet::ConnAck(connack) => connack.reason_code.0 == 0,
            Packet::SubAck(ack) => ack.reason_codes.iter().all(|code| !code.is_error()),
            Packet::UnsubAck(ack) => ack.reason_codes.iter().all(|code| !code.is_error()),
            Packet::PubAck(ack) | Packet::PubRec(ack) | Packet::PubComp(ack) => !ack.reason().is_error(),
            _ => true,
        }
}

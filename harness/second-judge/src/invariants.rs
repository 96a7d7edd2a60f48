//! What must hold of everything that the broker sends.

use mqttspec_broker::{ConnectionId, Output};
use mqttspec_codec::model::{ConnAck, Disconnect, Packet, QoS, ReasonCode, SubAck};
use mqttspec_codec::{Context, Version, decode};

use crate::model::{Delivery, Judge, Publication, Stage, State};

/// `Err` tells what the broker did wrong.
pub(crate) type Verdict<T = ()> = Result<T, String>;

pub(crate) fn ensure(holds: bool, otherwise: impl FnOnce() -> String) -> Verdict {
    if holds { Ok(()) } else { Err(otherwise()) }
}

impl Judge {
    /// Judges all that the broker did upon one event, and gives back the packets for their receivers.
    pub(crate) fn judge(&mut self, outputs: &[Output]) -> Verdict<Vec<(ConnectionId, Option<Packet>)>> {
        let mut done = Vec::new();
        for output in outputs {
            done.push(match output {
                Output::Close { connection } => (*connection, None),
                Output::Send { connection, bytes } => {
                    let version = self.connections.get(connection).map(|it| it.version);
                    let version = version.ok_or_else(|| format!("{connection:?} sent no CONNECT"))?;
                    let packet = decode(bytes, Context::from_server(version))
                        .map_err(|violation| format!("{violation} in {bytes:02X?}"))?;
                    (*connection, Some(packet))
                }
            });
        }
        self.take_up_suback(&done)?;
        for (id, packet) in &done {
            let now = self.now;
            let told = |fault: String| format!("{id:?}, at {now:?}, is sent {packet:?}: {fault}");
            match packet {
                Some(packet) => self.on_packet(*id, packet).map_err(told)?,
                None => self.on_close(*id)?,
            }
        }
        self.all_is_answered()?;
        Ok(done)
    }

    /// PUBLISH packets may come before the SUBACK that explains them.
    fn take_up_suback(&mut self, done: &[(ConnectionId, Option<Packet>)]) -> Verdict {
        let Some((id, subscribe)) = self.subscribing.take() else { return Ok(()) };
        let mut answers = done.iter().filter_map(|(to, packet)| match packet {
            Some(Packet::SubAck(suback)) if *to == id => Some(suback),
            _ => None,
        });
        let (Some(SubAck { packet_id, reason_codes, .. }), None) = (answers.next(), answers.next()) else {
            return Err(format!("not one SUBACK for {subscribe:?}"));
        };
        let granted: Vec<_> = reason_codes.iter().filter_map(|code| QoS::from_bits(code.0)).collect();
        let lower = granted.iter().zip(&subscribe.filters).all(|(qos, asked)| *qos <= asked.options.qos);
        let fits = *packet_id == subscribe.packet_id && granted.len() == subscribe.filters.len();
        ensure(lower && fits, || format!("{subscribe:?} is granted {reason_codes:?}"))?;
        self.subscribe(id, &subscribe, &granted);
        Ok(())
    }

    fn on_packet(&mut self, id: ConnectionId, packet: &Packet) -> Verdict {
        let Some(connection) = self.connections.get_mut(&id) else { return Ok(()) };
        match (connection.stage, packet) {
            (Stage::Asked, Packet::ConnAck(connack)) => {
                connection.stage = Stage::Open;
                let ConnAck { session_present, reason_code, .. } = connack;
                let right =
                    *session_present == connection.session_present && *reason_code == ReasonCode::SUCCESS;
                return ensure(right, || "wrong answer to CONNECT".into());
            }
            (Stage::Ending { taken_over: true }, Packet::Disconnect(disconnect)) => {
                return self.on_taken_over(id, disconnect);
            }
            (Stage::Asked, _) => return Err("before CONNACK".into()),
            (Stage::Ending { .. } | Stage::Closed, _) => return Err("after the end of the connection".into()),
            (Stage::Open, _) => {}
        }
        let packet_id = packet.packet_id().unwrap_or_default();
        match packet {
            Packet::Publish(publish) => self.on_delivery(id, publish),
            Packet::SubAck(_) => Ok(()),
            Packet::PubAck(ack) | Packet::PubRec(ack) if ack.reason().is_error() => {
                Err("a legal message is refused".into())
            }
            _ => {
                let answer = (packet.packet_type(), packet_id);
                let position = connection.owed.iter().position(|owed| *owed == answer);
                let position = position.ok_or("nothing asks for it")?;
                connection.owed.remove(position);
                Ok(())
            }
        }
    }

    fn on_taken_over(&mut self, id: ConnectionId, disconnect: &Disconnect) -> Verdict {
        let connection = self.connections.get_mut(&id).filter(|it| it.version == Version::V5_0);
        let right = connection.is_some() && disconnect.reason() == ReasonCode::SESSION_TAKEN_OVER;
        if let Some(connection) = connection {
            connection.stage = Stage::Ending { taken_over: false };
        }
        ensure(right, || "not 0x8E".into())
    }

    fn on_close(&mut self, id: ConnectionId) -> Verdict {
        let connection = self.connections.get_mut(&id);
        match connection.map(|it| std::mem::replace(&mut it.stage, Stage::Closed)) {
            Some(Stage::Ending { .. }) => Ok(()),
            stage => Err(format!("{id:?} is closed while {stage:?}")),
        }
    }

    /// The broker does at once what nothing holds back.
    fn all_is_answered(&self) -> Verdict {
        for (id, connection) in &self.connections {
            let settled = matches!(connection.stage, Stage::Open | Stage::Closed);
            ensure(settled, || format!("{id:?} is left {:?}", connection.stage))?;
            ensure(connection.owed.is_empty(), || format!("{id:?} gets no {:?}", connection.owed))?;
        }
        for session in self.sessions.values().filter(|it| it.connection.is_some()) {
            let left = session.deliveries.iter().find(|it| self.lacks(it) && it.form.qos == QoS::AtMostOnce);
            ensure(left.is_none(), || format!("{} is not sent {left:?}", session.client))?;
        }
        Ok(())
    }

    fn lacks(&self, delivery: &Delivery) -> bool {
        let expired = self.message(delivery).is_none_or(|message| message.expired(self.now));
        delivery.required && !expired && delivery.state == State::Waiting
    }

    pub(crate) fn message(&self, delivery: &Delivery) -> Option<&Publication> {
        self.publications.get(delivery.publication)
    }

    /// With everything acknowledged and quiet, nothing is left over.
    pub(crate) fn nothing_is_lost(&self) -> Verdict {
        for session in self.sessions.values() {
            for delivery in &session.deliveries {
                let open = matches!(delivery.state, State::Sent(..) | State::Released(_));
                ensure(!open && !self.lacks(delivery), || {
                    format!("{} lost {delivery:?}, {:?}", session.client, self.message(delivery))
                })?;
            }
        }
        for shared in &self.shared {
            let expired = shared.publications.iter().filter_map(|&it| self.publications.get(it));
            let expired = expired.into_iter().any(|message| message.expired(self.now));
            ensure(expired || shared.given >= shared.required, || format!("no member got {shared:?}"))?;
        }
        Ok(())
    }
}

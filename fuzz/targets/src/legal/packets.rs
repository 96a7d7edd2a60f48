//! Packets.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use arbitrary::{Result, Unstructured};
use bytestring::ByteString;
use mqttspec_codec::Version;
use mqttspec_codec::model::{
    Acknowledgement, Auth, ConnAck, Connect, Disconnect, Packet, PacketType, Properties, Publish, QoS,
    ReasonCode, RetainHandling, Sender, SubAck, Subscribe, Subscription, SubscriptionOptions, UnsubAck,
    Unsubscribe, Will,
};

use super::properties::{properties, will_properties};
use super::text::{binary, payload, text, topic_filter, topic_name};

/// The most elements of a list.
const MOST: usize = 4;

/// The codes that the specification defines for a packet of a sender in a version.
static CODES: LazyLock<BTreeMap<(Version, Sender, PacketType), Vec<ReasonCode>>> = LazyLock::new(|| {
    let mut codes = BTreeMap::new();
    for version in Version::ALL {
        for sender in [Sender::Client, Sender::Server] {
            for packet_type in PacketType::ALL {
                let all = (0..=u8::MAX).map(ReasonCode);
                let defined = all.filter(|code| code.defined_for(packet_type, sender, version));
                codes.insert((version, sender, packet_type), defined.collect());
            }
        }
    }
    codes
});

/// A legal packet of a version from a sender.
pub(crate) fn packet(tape: &mut Unstructured<'_>, version: Version, sender: Sender) -> Result<Packet> {
    Drawing { tape, version, sender }.packet()
}

struct Drawing<'a, 't> {
    tape: &'a mut Unstructured<'t>,
    version: Version,
    sender: Sender,
}

impl Drawing<'_, '_> {
    fn packet(&mut self) -> Result<Packet> {
        use PacketType as Type;

        const CLIENT: &[Type] = &[
            Type::Publish,
            Type::Connect,
            Type::Subscribe,
            Type::Unsubscribe,
            Type::PubAck,
            Type::PubRec,
            Type::PubRel,
            Type::PubComp,
            Type::PingReq,
            Type::Disconnect,
        ];
        const SERVER: &[Type] = &[
            Type::Publish,
            Type::ConnAck,
            Type::SubAck,
            Type::UnsubAck,
            Type::PubAck,
            Type::PubRec,
            Type::PubRel,
            Type::PubComp,
            Type::PingResp,
        ];
        let of_5 = self.version == Version::V5_0;
        let (own, more): (&[Type], &[Type]) = match self.sender {
            Sender::Client => (CLIENT, &[Type::Auth]),
            Sender::Server => (SERVER, &[Type::Auth, Type::Disconnect]),
        };
        let last = own.len() - 1 + if of_5 { more.len() } else { 0 };
        let number = self.tape.int_in_range(0..=last)?;
        let packet_type = own.iter().chain(more).nth(number).copied().unwrap_or(Type::Publish);
        Ok(match packet_type {
            Type::Connect => Packet::Connect(self.connect()?),
            Type::ConnAck => Packet::ConnAck(self.connack()?),
            Type::Publish => Packet::Publish(self.publish()?),
            Type::PubAck => Packet::PubAck(self.acknowledgement(packet_type)?),
            Type::PubRec => Packet::PubRec(self.acknowledgement(packet_type)?),
            Type::PubRel => Packet::PubRel(self.acknowledgement(packet_type)?),
            Type::PubComp => Packet::PubComp(self.acknowledgement(packet_type)?),
            Type::Subscribe => Packet::Subscribe(self.subscribe()?),
            Type::SubAck => Packet::SubAck(self.suback()?),
            Type::Unsubscribe => Packet::Unsubscribe(self.unsubscribe()?),
            Type::UnsubAck => Packet::UnsubAck(self.unsuback()?),
            Type::PingReq => Packet::PingReq,
            Type::PingResp => Packet::PingResp,
            Type::Disconnect => {
                let (reason_code, properties) = self.trailer(packet_type)?;
                Packet::Disconnect(Disconnect { reason_code, properties })
            }
            Type::Auth => {
                let (reason_code, properties) = self.trailer(packet_type)?;
                Packet::Auth(Auth { reason_code, properties })
            }
        })
    }

    fn flag(&mut self) -> Result<bool> {
        self.tape.arbitrary()
    }

    fn qos(&mut self) -> Result<QoS> {
        self.tape.choose(&[QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce]).copied()
    }

    fn packet_id(&mut self) -> Result<u16> {
        self.tape.int_in_range(1..=u16::MAX)
    }

    fn count(&mut self) -> Result<usize> {
        self.tape.int_in_range(1..=MOST)
    }

    fn properties(&mut self, packet_type: PacketType) -> Result<Properties> {
        match self.version {
            Version::V3_1_1 => Ok(Properties::default()),
            Version::V5_0 => properties(self.tape, packet_type, self.sender),
        }
    }

    fn reason_code(&mut self, packet_type: PacketType) -> Result<ReasonCode> {
        let codes = CODES.get(&(self.version, self.sender, packet_type));
        self.tape.choose(codes.map_or(&[], Vec::as_slice)).copied()
    }

    fn connect(&mut self) -> Result<Connect> {
        let of_5 = self.version == Version::V5_0;
        let client_id = text(self.tape)?;
        let user_name = if self.flag()? { Some(text(self.tape)?) } else { None };
        let password = if self.flag()? { Some(binary(self.tape)?) } else { None };
        Ok(Connect {
            clean_start: self.flag()? || !of_5 && client_id.is_empty(),
            keep_alive: self.tape.arbitrary()?,
            properties: self.properties(PacketType::Connect)?,
            will: if self.flag()? { Some(self.will()?) } else { None },
            password: password.filter(|_| of_5 || user_name.is_some()),
            user_name,
            ..Connect::new(self.version, client_id)
        })
    }

    fn will(&mut self) -> Result<Will> {
        Ok(Will {
            qos: self.qos()?,
            retain: self.flag()?,
            properties: match self.version {
                Version::V3_1_1 => Properties::default(),
                Version::V5_0 => will_properties(self.tape)?,
            },
            topic: topic_name(self.tape)?,
            payload: binary(self.tape)?,
        })
    }

    fn connack(&mut self) -> Result<ConnAck> {
        let reason_code =
            if self.flag()? { ReasonCode::SUCCESS } else { self.reason_code(PacketType::ConnAck)? };
        Ok(ConnAck {
            session_present: self.flag()? && reason_code == ReasonCode::SUCCESS,
            reason_code,
            properties: self.properties(PacketType::ConnAck)?,
        })
    }

    fn publish(&mut self) -> Result<Publish> {
        let qos = self.qos()?;
        let properties = self.properties(PacketType::Publish)?;
        let by_alias = properties.topic_alias().is_some() && self.flag()?;
        Ok(Publish {
            dup: self.flag()? && qos != QoS::AtMostOnce,
            qos,
            retain: self.flag()?,
            topic: if by_alias { ByteString::new() } else { topic_name(self.tape)? },
            packet_id: if qos == QoS::AtMostOnce { None } else { Some(self.packet_id()?) },
            properties,
            payload: payload(self.tape)?,
        })
    }

    /// Reason Code and properties that may be left out, the latter first.
    fn trailer(&mut self, packet_type: PacketType) -> Result<(Option<ReasonCode>, Option<Properties>)> {
        if self.version == Version::V3_1_1 || self.flag()? {
            return Ok((None, None));
        }
        let code = self.reason_code(packet_type)?;
        let full = packet_type == PacketType::Auth || self.flag()?;
        Ok((Some(code), if full { Some(self.properties(packet_type)?) } else { None }))
    }

    fn acknowledgement(&mut self, packet_type: PacketType) -> Result<Acknowledgement> {
        let packet_id = self.packet_id()?;
        let (reason_code, properties) = self.trailer(packet_type)?;
        Ok(Acknowledgement { packet_id, reason_code, properties })
    }

    fn subscribe(&mut self) -> Result<Subscribe> {
        let packet_id = self.packet_id()?;
        let properties = self.properties(PacketType::Subscribe)?;
        let filters = (0..self.count()?).map(|_| self.subscription()).collect::<Result<_>>()?;
        Ok(Subscribe { packet_id, properties, filters })
    }

    fn subscription(&mut self) -> Result<Subscription> {
        const HANDLINGS: [RetainHandling; 3] =
            [RetainHandling::Send, RetainHandling::SendIfNew, RetainHandling::DoNotSend];
        let filter = topic_filter(self.tape, self.version)?;
        let qos = self.qos()?;
        let options = match self.version {
            Version::V3_1_1 => SubscriptionOptions { qos, ..SubscriptionOptions::default() },
            Version::V5_0 => SubscriptionOptions {
                qos,
                no_local: self.flag()? && !filter.starts_with("$share/"),
                retain_as_published: self.flag()?,
                retain_handling: *self.tape.choose(&HANDLINGS)?,
            },
        };
        Ok(Subscription { filter, options })
    }

    fn suback(&mut self) -> Result<SubAck> {
        let packet_id = self.packet_id()?;
        let properties = self.properties(PacketType::SubAck)?;
        let codes = (0..self.count()?).map(|_| self.reason_code(PacketType::SubAck));
        Ok(SubAck { packet_id, properties, reason_codes: codes.collect::<Result<_>>()? })
    }

    fn unsubscribe(&mut self) -> Result<Unsubscribe> {
        let packet_id = self.packet_id()?;
        let properties = self.properties(PacketType::Unsubscribe)?;
        let version = self.version;
        let filters = (0..self.count()?).map(|_| topic_filter(self.tape, version)).collect::<Result<_>>()?;
        Ok(Unsubscribe { packet_id, properties, filters })
    }

    fn unsuback(&mut self) -> Result<UnsubAck> {
        let packet_id = self.packet_id()?;
        if self.version == Version::V3_1_1 {
            return Ok(UnsubAck { packet_id, ..UnsubAck::default() });
        }
        let properties = self.properties(PacketType::UnsubAck)?;
        let codes = (0..self.count()?).map(|_| self.reason_code(PacketType::UnsubAck));
        Ok(UnsubAck { packet_id, properties, reason_codes: codes.collect::<Result<_>>()? })
    }
}

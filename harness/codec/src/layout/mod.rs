//! The one description of what stands in each packet, and in which order.
//!
//! A function of this module visits the fields of a packet in wire order. What happens to a field is up to
//! the [`Layout`] that visits: the decoder reads and judges it, the encoder writes it; both tell a
//! [`Probe`](crate::probe::Probe) what stood where, which is how the [`Wire`](crate::Wire) and the annotated
//! dump know. Each rule is declared in the file of the packet that it binds.

mod access;
mod acknowledgement;
mod connack;
mod connect;
mod fixed_header;
mod ping;
mod properties;
mod property_rules;
mod property_tables;
mod publish;
mod session_end;
mod suback;
mod subscribe;
mod topic;
mod unsubscribe;
mod visitor;

pub(crate) use access::{Access, Shared, Unique, Value};
pub(crate) use fixed_header::{
    BYTES_AFTER_FRAME, FRAME_CUT, LENGTH_NOT_MINIMAL, LENGTH_TOO_LONG, TYPE_0, forbidden,
};
pub(crate) use visitor::{Layout, TwoBits, VariableRules};

use bytestring::ByteString;

use crate::model::{
    Acknowledgement, Auth, ConnAck, Connect, Disconnect, Packet, PacketType, Properties, Publish, ReasonCode,
    SubAck, Subscribe, UnsubAck, Unsubscribe,
};
use crate::{Rule, Version};

/// A packet of a type with nothing in it.
#[inline(always)]
pub(crate) fn blank(packet_type: PacketType, version: Version) -> Packet {
    match packet_type {
        PacketType::Connect => Packet::Connect(Connect::new(version, ByteString::new())),
        PacketType::ConnAck => Packet::ConnAck(ConnAck {
            session_present: false,
            reason_code: ReasonCode::SUCCESS,
            properties: Properties::default(),
        }),
        PacketType::Publish => Packet::Publish(Publish::default()),
        PacketType::PubAck => Packet::PubAck(Acknowledgement::default()),
        PacketType::PubRec => Packet::PubRec(Acknowledgement::default()),
        PacketType::PubRel => Packet::PubRel(Acknowledgement::default()),
        PacketType::PubComp => Packet::PubComp(Acknowledgement::default()),
        PacketType::Subscribe => Packet::Subscribe(Subscribe::default()),
        PacketType::SubAck => Packet::SubAck(SubAck::default()),
        PacketType::Unsubscribe => Packet::Unsubscribe(Unsubscribe::default()),
        PacketType::UnsubAck => Packet::UnsubAck(UnsubAck::default()),
        PacketType::PingReq => Packet::PingReq,
        PacketType::PingResp => Packet::PingResp,
        PacketType::Disconnect => Packet::Disconnect(Disconnect::default()),
        PacketType::Auth => Packet::Auth(Auth::default()),
    }
}

/// Fills a blank packet.
#[inline(always)]
pub(crate) fn read<L>(l: &mut L, packet: &mut Packet) -> Result<(), L::Error>
where
    L: Layout<Access = Unique>,
{
    match packet {
        Packet::Connect(packet) => connect::connect(l, packet),
        Packet::ConnAck(packet) => connack::connack(l, packet),
        Packet::Publish(packet) => publish::publish(l, packet),
        Packet::PubAck(packet) => acknowledgement::acknowledgement(l, &acknowledgement::PUBACK, packet),
        Packet::PubRec(packet) => acknowledgement::acknowledgement(l, &acknowledgement::PUBREC, packet),
        Packet::PubRel(packet) => acknowledgement::acknowledgement(l, &acknowledgement::PUBREL, packet),
        Packet::PubComp(packet) => acknowledgement::acknowledgement(l, &acknowledgement::PUBCOMP, packet),
        Packet::Subscribe(packet) => subscribe::subscribe(l, packet),
        Packet::SubAck(packet) => suback::suback(l, packet),
        Packet::Unsubscribe(packet) => unsubscribe::unsubscribe(l, packet),
        Packet::UnsubAck(packet) => suback::unsuback(l, packet),
        Packet::PingReq => ping::pingreq(l),
        Packet::PingResp => ping::pingresp(l),
        Packet::Disconnect(packet) => session_end::disconnect(l, packet),
        Packet::Auth(packet) => session_end::auth(l, packet),
    }
}

/// Writes a packet.
#[inline]
pub(crate) fn write<L>(l: &mut L, packet: &Packet) -> Result<(), L::Error>
where
    L: Layout<Access = Shared>,
{
    match packet {
        Packet::Connect(packet) => connect::connect(l, packet),
        Packet::ConnAck(packet) => connack::connack(l, packet),
        Packet::Publish(packet) => publish::publish(l, packet),
        Packet::PubAck(packet) => acknowledgement::acknowledgement(l, &acknowledgement::PUBACK, packet),
        Packet::PubRec(packet) => acknowledgement::acknowledgement(l, &acknowledgement::PUBREC, packet),
        Packet::PubRel(packet) => acknowledgement::acknowledgement(l, &acknowledgement::PUBREL, packet),
        Packet::PubComp(packet) => acknowledgement::acknowledgement(l, &acknowledgement::PUBCOMP, packet),
        Packet::Subscribe(packet) => subscribe::subscribe(l, packet),
        Packet::SubAck(packet) => suback::suback(l, packet),
        Packet::Unsubscribe(packet) => unsubscribe::unsubscribe(l, packet),
        Packet::UnsubAck(packet) => suback::unsuback(l, packet),
        Packet::PingReq => ping::pingreq(l),
        Packet::PingResp => ping::pingresp(l),
        Packet::Disconnect(packet) => session_end::disconnect(l, packet),
        Packet::Auth(packet) => session_end::auth(l, packet),
    }
}

/// Every rule of every file.
pub(crate) fn rules() -> impl Iterator<Item = &'static Rule> {
    let listed = [
        acknowledgement::RULES,
        connack::RULES,
        connect::RULES,
        connect::TEXT_RULES,
        fixed_header::RULES,
        ping::RULES,
        property_rules::RULES,
        property_rules::TEXT_RULES,
        publish::RULES,
        publish::TEXT_RULES,
        session_end::RULES,
        suback::RULES,
        subscribe::RULES,
        subscribe::TEXT_RULES,
        topic::RULES,
        unsubscribe::RULES,
        unsubscribe::TEXT_RULES,
    ];
    let tables = [property_tables::ONCE, property_tables::VALUES];
    listed
        .into_iter()
        .flatten()
        .copied()
        .chain(tables.into_iter().flatten().map(|row| &row.rule))
}

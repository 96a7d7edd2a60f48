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

use crate::Rule;
use crate::model::{
    Acknowledgement, Auth, ConnAck, Connect, Disconnect, Packet, PacketType, Properties, Publish, ReasonCode,
    SubAck, Subscribe, UnsubAck, Unsubscribe,
};
use bytestring::ByteString;

/// Reads a packet of a type.
#[inline]
pub(crate) fn read<L>(l: &mut L, packet_type: PacketType) -> Result<Packet, L::Error>
where
    L: Layout<Access = Unique>,
{
    Ok(match packet_type {
        PacketType::Connect => {
            let mut packet = Connect::new(l.version(), ByteString::new());
            connect::connect(l, &mut packet)?;
            Packet::Connect(packet)
        }
        PacketType::ConnAck => {
            let mut packet = ConnAck {
                session_present: false,
                reason_code: ReasonCode::SUCCESS,
                properties: Properties::default(),
            };
            connack::connack(l, &mut packet)?;
            Packet::ConnAck(packet)
        }
        PacketType::Publish => {
            let mut packet = Publish::default();
            publish::publish(l, &mut packet)?;
            Packet::Publish(packet)
        }
        PacketType::PubAck => Packet::PubAck(read_acknowledgement(l, &acknowledgement::PUBACK)?),
        PacketType::PubRec => Packet::PubRec(read_acknowledgement(l, &acknowledgement::PUBREC)?),
        PacketType::PubRel => Packet::PubRel(read_acknowledgement(l, &acknowledgement::PUBREL)?),
        PacketType::PubComp => Packet::PubComp(read_acknowledgement(l, &acknowledgement::PUBCOMP)?),
        PacketType::Subscribe => {
            let mut packet = Subscribe::default();
            subscribe::subscribe(l, &mut packet)?;
            Packet::Subscribe(packet)
        }
        PacketType::SubAck => {
            let mut packet = SubAck::default();
            suback::suback(l, &mut packet)?;
            Packet::SubAck(packet)
        }
        PacketType::Unsubscribe => {
            let mut packet = Unsubscribe::default();
            unsubscribe::unsubscribe(l, &mut packet)?;
            Packet::Unsubscribe(packet)
        }
        PacketType::UnsubAck => {
            let mut packet = UnsubAck::default();
            suback::unsuback(l, &mut packet)?;
            Packet::UnsubAck(packet)
        }
        PacketType::PingReq => {
            ping::pingreq(l)?;
            Packet::PingReq
        }
        PacketType::PingResp => {
            ping::pingresp(l)?;
            Packet::PingResp
        }
        PacketType::Disconnect => {
            let mut packet = Disconnect::default();
            session_end::disconnect(l, &mut packet)?;
            Packet::Disconnect(packet)
        }
        PacketType::Auth => {
            let mut packet = Auth::default();
            session_end::auth(l, &mut packet)?;
            Packet::Auth(packet)
        }
    })
}

fn read_acknowledgement<L>(
    l: &mut L,
    kind: &'static acknowledgement::Kind,
) -> Result<Acknowledgement, L::Error>
where
    L: Layout<Access = Unique>,
{
    let mut packet = Acknowledgement::new(0);
    acknowledgement::acknowledgement(l, kind, &mut packet)?;
    Ok(packet)
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

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

use acknowledgement::acknowledgement;
use bytestring::ByteString;

use crate::Rule;
use crate::model::{
    Acknowledgement, Auth, ConnAck, Connect, Disconnect, Packet, PacketType, Properties, Publish, ReasonCode,
    SubAck, Subscribe, UnsubAck, Unsubscribe,
};

/// Reads a packet of a type, and gives it in the form that the caller wants: packets are large, and moving one costs as
/// much as reading a small one.
#[inline(always)]
pub(crate) fn read<L, T, E>(
    l: L,
    packet_type: PacketType,
    whole: impl FnOnce(Packet) -> T,
    otherwise: impl FnOnce(L::Error) -> Result<T, E>,
) -> Result<T, E>
where
    L: Layout<Access = Unique>,
{
    macro_rules! fill {
        ($variant:ident, $blank:expr, |$l:ident, $it:ident| $layout:expr) => {{
            // A walk of its own for each packet type: one that is lent to a function that is not inlined has to
            // live in memory, and would do so for all of them.
            let mut walk = l;
            let $l = &mut walk;
            let mut packet = $blank;
            let $it = &mut packet;
            match $layout {
                Ok(()) => Ok(whole(Packet::$variant(packet))),
                Err(error) => otherwise(error),
            }
        }};
    }

    let version = l.version();
    match packet_type {
        PacketType::Connect => {
            fill!(Connect, Connect::new(version, ByteString::new()), |l, it| connect::connect(l, it))
        }
        PacketType::ConnAck => fill!(ConnAck, blank_connack(), |l, it| connack::connack(l, it)),
        PacketType::Publish => fill!(Publish, Publish::default(), |l, it| publish::publish(l, it)),
        PacketType::PubAck => {
            fill!(PubAck, Acknowledgement::new(0), |l, it| acknowledgement(l, &acknowledgement::PUBACK, it))
        }
        PacketType::PubRec => {
            fill!(PubRec, Acknowledgement::new(0), |l, it| acknowledgement(l, &acknowledgement::PUBREC, it))
        }
        PacketType::PubRel => {
            fill!(PubRel, Acknowledgement::new(0), |l, it| acknowledgement(l, &acknowledgement::PUBREL, it))
        }
        PacketType::PubComp => {
            fill!(PubComp, Acknowledgement::new(0), |l, it| acknowledgement(l, &acknowledgement::PUBCOMP, it))
        }
        PacketType::Subscribe => fill!(Subscribe, Subscribe::default(), |l, it| subscribe::subscribe(l, it)),
        PacketType::SubAck => fill!(SubAck, SubAck::default(), |l, it| suback::suback(l, it)),
        PacketType::Unsubscribe => {
            fill!(Unsubscribe, Unsubscribe::default(), |l, it| unsubscribe::unsubscribe(l, it))
        }
        PacketType::UnsubAck => fill!(UnsubAck, UnsubAck::default(), |l, it| suback::unsuback(l, it)),
        PacketType::PingReq => {
            let mut walk = l;
            ping::pingreq(&mut walk).map_or_else(otherwise, |()| Ok(whole(Packet::PingReq)))
        }
        PacketType::PingResp => {
            let mut walk = l;
            ping::pingresp(&mut walk).map_or_else(otherwise, |()| Ok(whole(Packet::PingResp)))
        }
        PacketType::Disconnect => {
            fill!(Disconnect, Disconnect::default(), |l, it| session_end::disconnect(l, it))
        }
        PacketType::Auth => fill!(Auth, Auth::default(), |l, it| session_end::auth(l, it)),
    }
}

const fn blank_connack() -> ConnAck {
    ConnAck { session_present: false, reason_code: ReasonCode::SUCCESS, properties: Properties(Vec::new()) }
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
        Packet::PubAck(packet) => acknowledgement(l, &acknowledgement::PUBACK, packet),
        Packet::PubRec(packet) => acknowledgement(l, &acknowledgement::PUBREC, packet),
        Packet::PubRel(packet) => acknowledgement(l, &acknowledgement::PUBREL, packet),
        Packet::PubComp(packet) => acknowledgement(l, &acknowledgement::PUBCOMP, packet),
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
    listed.into_iter().flatten().copied().chain(tables.into_iter().flatten().map(|row| &row.rule))
}

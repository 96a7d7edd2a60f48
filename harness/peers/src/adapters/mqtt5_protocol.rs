//! mqtt5-protocol.

use ::mqtt5_protocol::Result;
use ::mqtt5_protocol::packet::{FixedHeader, MqttPacket, Packet};
use bytes::{Buf, Bytes};

use crate::peer::{Input, Reading};

pub(super) fn read(input: &Input, again: bool) -> Option<Reading> {
    let mut stream = Bytes::copy_from_slice(input.frame());
    Some(Reading::of(packet(&mut stream, input.version.protocol_level()), again, |packet| write(&packet)))
}

fn packet(stream: &mut Bytes, level: u8) -> Result<Packet> {
    let header = FixedHeader::decode(stream)?;
    let length = (header.remaining_length as usize).min(stream.remaining());
    let mut body = stream.split_to(length);
    Packet::decode_from_body_with_version(header.packet_type, &header, &mut body, level)
}

fn write(packet: &Packet) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    match packet {
        Packet::Connect(packet) => packet.encode(&mut out)?,
        Packet::ConnAck(packet) => packet.encode(&mut out)?,
        Packet::Publish(packet) => packet.encode(&mut out)?,
        Packet::PubAck(packet) => packet.encode(&mut out)?,
        Packet::PubRec(packet) => packet.encode(&mut out)?,
        Packet::PubRel(packet) => packet.encode(&mut out)?,
        Packet::PubComp(packet) => packet.encode(&mut out)?,
        Packet::Subscribe(packet) => packet.encode(&mut out)?,
        Packet::SubAck(packet) => packet.encode(&mut out)?,
        Packet::Unsubscribe(packet) => packet.encode(&mut out)?,
        Packet::UnsubAck(packet) => packet.encode(&mut out)?,
        Packet::PingReq => out.extend([0xC0, 0]),
        Packet::PingResp => out.extend([0xD0, 0]),
        Packet::Disconnect(packet) => packet.encode(&mut out)?,
        Packet::Auth(packet) => packet.encode(&mut out)?,
    }
    Ok(out)
}

//! Packets to bytes.

mod writer;

pub(crate) use writer::Writer;

use bytes::{Bytes, BytesMut};

use crate::Version;
use crate::layout;
use crate::model::Packet;

/// Writes a packet as one version has it.
///
/// What the model says is written, whether or not the specification allows it; fields that the version does
/// not have are left out. A string or Binary Data of more than 65,535 bytes is written whole behind the
/// length 65,535, and a Variable Byte Integer above 268,435,455 in five bytes: both are malformed.
#[must_use]
pub fn encode(packet: &Packet, version: Version) -> Bytes {
    let payload = match packet {
        Packet::Publish(publish) => publish.payload.len(),
        _ => 0,
    };
    let mut out = BytesMut::with_capacity(128 + payload);
    encode_into(packet, version, &mut out);
    out.freeze()
}

/// Writes a packet, as [`encode`] does, behind what is in a buffer.
pub fn encode_into(packet: &Packet, version: Version, out: &mut BytesMut) {
    let Ok(()) = layout::write(&mut Writer::new(out, version, ()), packet);
}

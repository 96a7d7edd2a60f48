//! The target `roundtrip`: legal packets there and back.

use mqttspec_codec::{Context, decode, encode};

use crate::LegalPacket;

/// Encodes a legal packet: decoding must succeed, and give the same packet.
///
/// # Panics
/// When it does not.
pub fn roundtrip(LegalPacket { version, sender, packet }: &LegalPacket) {
    let context = Context { version: *version, sender: *sender };
    let bytes = encode(packet, *version);
    match decode(&bytes, context) {
        Ok(again) => assert_eq!(again, *packet, "{bytes:02x?}"),
        Err(violation) => panic!("{violation} in {bytes:02x?}, which is {packet:?}"),
    }
}

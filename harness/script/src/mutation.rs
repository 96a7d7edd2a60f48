//! The mutants of a packet, as cases name them.

use mqttspec_codec::model::Packet;
use mqttspec_codec::mutation::{Mutant, mutants};
use mqttspec_codec::{StatementId, Version};

use crate::lint::inspect;

/// A packet as mutants start from it: with a Packet Identifier where a run would pick one.
pub(crate) fn base(packet: &Packet) -> Packet {
    let mut packet = packet.clone();
    let id = match &mut packet {
        Packet::Publish(publish) => publish.packet_id.as_mut(),
        Packet::PubAck(ack) | Packet::PubRec(ack) | Packet::PubRel(ack) | Packet::PubComp(ack) => {
            Some(&mut ack.packet_id)
        }
        Packet::Subscribe(subscribe) => Some(&mut subscribe.packet_id),
        Packet::Unsubscribe(unsubscribe) => Some(&mut unsubscribe.packet_id),
        _ => None,
    };
    if let Some(id @ 0) = id {
        *id = 1;
    }
    packet
}

/// The rules that a mutant breaks, as the strict decoder cites them; none when it takes the mutant.
pub(crate) fn broken_rules(mutant: &Mutant, base: &Packet, version: Version) -> Vec<StatementId> {
    let Ok(bytes) = mutant.bytes(base, version) else { return Vec::new() };
    let inspection = inspect(&bytes, version);
    inspection.violations.first().map(|violation| violation.statements().to_vec()).unwrap_or_default()
}

/// The labels of all mutants of a packet.
pub(crate) fn labels(base: &Packet, version: Version) -> Vec<String> {
    mutants(base, version).iter().map(Mutant::label).collect()
}

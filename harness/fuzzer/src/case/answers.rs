//! What the steps of a case expect.

use mqttspec_codec::model::Packet;
use mqttspec_codec::{StatementId, Version};

use super::list;
use crate::session::{Session, Step};

/// `proves: [..]`, by which a step says what it is about.
pub(super) fn proves(statements: &[StatementId]) -> String {
    format!("proves: [{}]", list(statements))
}

/// A step that takes a packet of this type, whatever it says.
pub(super) fn expect(client: &str, word: &str, about: &[StatementId]) -> String {
    let rest = if word == "pingresp" { "" } else { ".." };
    format!("- expect: {{client: {client}, {word}: {{{rest}}}, {}}}", proves(about))
}

/// A step that takes a packet like the one that was seen: its type, and its Packet Identifier if it has one.
pub(super) fn expect_like(client: &str, seen: &Packet, about: &[StatementId]) -> String {
    let word = seen.packet_type().name().to_ascii_lowercase();
    match seen.packet_id() {
        Some(id) => {
            format!("- expect: {{client: {client}, {word}: {{packet_id: {id}, ..}}, {}}}", proves(about))
        }
        None => expect(client, &word, about),
    }
}

/// A step that waits for the end of the connection. `is_new` where the client may not have been accepted yet.
pub(super) fn closed(client: &str, version: Version, is_new: bool, about: &[StatementId]) -> String {
    format!("- closed: {{client: {client}, {}, {}}}", end(version, is_new), proves(about))
}

/// What a broker may say before it closes.
fn end(version: Version, is_new: bool) -> &'static str {
    match version {
        Version::V3_1_1 if is_new => "return_code: [1, 2, 3, 4, 5]",
        Version::V3_1_1 | Version::V5_0 => "reason: any",
    }
}

/// A step for a packet that the broker may take or not: its answer, whatever it says, or the end of the connection.
pub(super) fn answered_or_not(
    client: &str,
    word: &str,
    packet: &Packet,
    version: Version,
    about: &[StatementId],
) -> String {
    let end = end(version, matches!(packet, Packet::Connect(_)));
    format!(
        "- expect: {{client: {client}, any: [{{{word}: {{..}}}}, {{closed: {{{end}}}}}], {}}}",
        proves(about)
    )
}

/// A step behind packets that a broker may take or not: the answer to a PINGREQ, or the end of the connection.
pub(super) fn served_or_not(client: &str, about: &[StatementId]) -> String {
    format!(
        "- expect: {{client: {client}, any: [{{pingresp: {{}}}}, {{closed: {{reason: any}}}}], {}}}",
        proves(about)
    )
}

/// A step that takes a refusal of a packet: a code for one of its parts or another, or the end of the connection.
pub(super) fn refused(client: &str, packet: &Packet, version: Version, about: &[StatementId]) -> String {
    let mut any: Vec<String> = match packet {
        Packet::Subscribe(subscribe) => one_of("suback", subscribe.filters.len()),
        Packet::Unsubscribe(unsubscribe) if version == Version::V5_0 => {
            one_of("unsuback", unsubscribe.filters.len())
        }
        Packet::Publish(publish) if version == Version::V5_0 => match publish.qos.bits() {
            1 => vec!["{puback: {reason_code: {from: 0x80, to: 0xff}, ..}}".to_owned()],
            2 => vec!["{pubrec: {reason_code: {from: 0x80, to: 0xff}, ..}}".to_owned()],
            _ => Vec::new(),
        },
        _ => Vec::new(),
    };
    any.push(format!("{{closed: {{{}}}}}", end(version, matches!(packet, Packet::Connect(_)))));
    format!("- expect: {{client: {client}, any: [{}], {}}}", any.join(", "), proves(about))
}

/// Acknowledgements that refuse one Topic Filter or another, as alternatives.
fn one_of(word: &str, filters: usize) -> Vec<String> {
    let alternative = |refused| {
        let code = |index| if index == refused { "{from: 0x80, to: 0xff}" } else { "{from: 0, to: 0xff}" };
        let codes: Vec<&str> = (0..filters).map(code).collect();
        format!("{{{word}: {{reason_codes: [{}], ..}}}}", codes.join(", "))
    };
    (0..filters).map(alternative).collect()
}

/// The packet of a step, as it was before it was changed.
pub(super) fn packet_of(session: &Session, step: usize) -> Option<&Packet> {
    match session.steps.get(step)? {
        Step::Send { packet, .. } | Step::Behind { packet, .. } => Some(packet),
        Step::Drop { .. } => None,
    }
}

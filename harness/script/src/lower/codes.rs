//! Reason Codes by name.

use mqttspec_codec::Version;
use mqttspec_codec::model::{PacketType, ReasonCode};

use super::context::Context;
use crate::yaml::Node;
use mqttspec_spec::nearest;

/// The name of a code in the language: the specification's, in lower case with hyphens.
fn word(code: ReasonCode, packet_type: PacketType, version: Version) -> Option<String> {
    let name = code.name(packet_type, version);
    let name = name.strip_prefix("Connection Refused, ").unwrap_or(name);
    let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let word = words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-");
    (word != "undefined").then_some(word)
}

/// All codes with a name in a packet.
pub(super) fn named(packet_type: PacketType, version: Version) -> Vec<(String, ReasonCode)> {
    let codes = (0..=u8::MAX).map(ReasonCode);
    codes.filter_map(|code| word(code, packet_type, version).map(|word| (word, code))).collect()
}

impl Context<'_> {
    /// A Reason Code by number or name; names are those that it has in this packet.
    pub(super) fn code(&mut self, node: &Node, packet_type: PacketType, version: Version) -> ReasonCode {
        if let Some(code) = node.integer().and_then(|number| u8::try_from(number).ok()) {
            return ReasonCode(code);
        }
        let Some(text) = node.text() else {
            self.problems.add(node.place, "wrong type", "expected a Reason Code by name or number");
            return ReasonCode::SUCCESS;
        };
        let names = named(packet_type, version);
        if let Some((_, code)) = names.iter().find(|(name, _)| name == text) {
            return *code;
        }
        let advice = match nearest(text, names.iter().map(|(name, _)| name.as_str())) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "write its name in lower case with hyphens, as in `protocol-error`, or its number, as in `0x82`".to_owned(),
        };
        self.problems.advise(
            node.place,
            format!("no Reason Code of MQTT {version} is called `{text}`"),
            "unknown name",
            advice,
        );
        ReasonCode::SUCCESS
    }
}

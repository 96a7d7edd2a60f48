//! What a step allows: packets, and ends of the connection.

use mqttspec_codec::Version;
use mqttspec_codec::model::{PacketType, ReasonCode, Sender};

use super::context::{Context, Link, Verb};
use crate::grammar::packet_named;
use crate::plan::{
    Alternative, ClosePattern, FieldPattern, Grade, PacketPattern, Pattern, ValuePattern, Window,
};
use crate::values::parse_duration;
use crate::yaml::{Entry, Node};

const CLOSED: &str = "closed";

impl Context<'_> {
    /// An alternative: a packet or the end, and what it makes of the case.
    pub(super) fn alternative(
        &mut self,
        node: &Node,
        label: Option<&str>,
        version: Version,
    ) -> Option<Alternative> {
        let entry = self.only_pattern(node)?;
        let grade = self.grade(node);
        Some(Alternative {
            pattern: self.packet_or_end(entry, version),
            grade,
            label: label.map(str::to_owned),
            place: entry.place(),
        })
    }

    /// The one entry of a mapping that names a packet or the end.
    pub(super) fn only_pattern<'n>(&mut self, node: &'n Node) -> Option<&'n Entry> {
        let mut patterns = node.entries().iter().filter(|entry| is_pattern(entry));
        let first = patterns.next();
        if let Some(second) = patterns.next() {
            self.problems.advise(
                second.key.place,
                format!("a step takes one packet, but `{}` is a second one", second.key.text),
                "the second one",
                "for alternatives write `any: [{..}, {..}]`, for one after the other two steps",
            );
        }
        if first.is_none() {
            self.problems.add(node.place, "nothing is expected here", "expected a packet or `closed`");
        }
        first
    }

    /// The pattern that an entry stands for.
    pub(super) fn packet_or_end(&mut self, entry: &Entry, version: Version) -> Pattern {
        match packet_named(&entry.key.text) {
            Some(packet_type) => Pattern::Packet(self.expected_packet(packet_type, &entry.value, version)),
            None => Pattern::Closed(self.close_pattern(&entry.value)),
        }
    }

    /// A pattern with what goes without saying: an acknowledgement is for what was sent last, and a message
    /// may come under any topic.
    pub(super) fn expected_packet(
        &mut self,
        packet_type: PacketType,
        node: &Node,
        version: Version,
    ) -> PacketPattern {
        let mut pattern = self.pattern(packet_type, node, version);
        let implied = match packet_type {
            PacketType::PubAck
            | PacketType::PubRec
            | PacketType::PubComp
            | PacketType::SubAck
            | PacketType::UnsubAck => Some(("packet_id", ValuePattern::LastSent)),
            PacketType::Publish => Some(("topic", ValuePattern::Any)),
            _ => None,
        };
        if let Some((name, value)) = implied
            && pattern.fields.iter().all(|field| field.name != name)
        {
            pattern.fields.push(FieldPattern {
                name: name.to_owned(),
                value,
                capture: None,
                place: node.place,
            });
        }
        pattern
    }

    /// How the broker may end the connection.
    pub(super) fn close_pattern(&mut self, node: &Node) -> ClosePattern {
        let reason_codes = match node.get("reason") {
            Some(reason) if reason.text() == Some("any") => (0x80..=u8::MAX)
                .map(ReasonCode)
                .filter(|code| {
                    code.defined_for(PacketType::Disconnect, Sender::Server, Version::V5_0)
                        || code.defined_for(PacketType::ConnAck, Sender::Server, Version::V5_0)
                })
                .collect(),
            Some(reason) => self.codes_of(reason, PacketType::Disconnect, Version::V5_0),
            None => Vec::new(),
        };
        let return_codes = match node.get("return_code") {
            Some(codes) => self.codes_of(codes, PacketType::ConnAck, Version::V3_1_1),
            None => Vec::new(),
        };
        ClosePattern { reason_codes, return_codes }
    }

    fn codes_of(&mut self, node: &Node, packet_type: PacketType, version: Version) -> Vec<ReasonCode> {
        node.one_or_more().iter().map(|item| self.code(item, packet_type, version)).collect()
    }

    fn grade(&mut self, node: &Node) -> Grade {
        let by = node.get("by").and_then(|by| self.statement(by));
        let clause = node.entry("by").map(|entry| entry.key.place);
        match (node.get("grade").and_then(Node::text), by, clause) {
            (None | Some("lenient"), Some(id), _) => Grade::Lenient(id),
            (Some("lenient"), None, None) => {
                let place = node.entry("grade").map_or(node.place, Entry::place);
                self.problems.advise(
                    place,
                    "a lenient alternative cites the clause that allows it",
                    "by which rule?",
                    "add `by: ID`",
                );
                Grade::Pass
            }
            (Some(_), _, Some(place)) => {
                self.problems.add(place, "`by` goes with `grade: lenient` only", "has no meaning here");
                Grade::Pass
            }
            (Some("unsupported"), _, None) => Grade::Unsupported,
            _ => Grade::Pass,
        }
    }

    /// How long a step waits.
    pub(super) fn window(&self, body: &Node) -> Window {
        let time = |key: &str| body.get(key).and_then(Node::text).and_then(parse_duration);
        Window { not_before: time("not_before"), within: time("within") }
    }

    /// Notes what alternatives say about the client's connection.
    pub(super) fn note_end(&mut self, client: &str, alternatives: &[Alternative]) {
        let ends = |alternative: &&Alternative| matches!(alternative.pattern, Pattern::Closed(_));
        let closing = alternatives.iter().filter(ends).count();
        if closing > 0 {
            self.set_link(client, if closing == alternatives.len() { Link::None } else { Link::MayBeClosed });
        }
    }

    /// Says that a step needs a connection.
    pub(super) fn require_link(&mut self, verb: &Verb<'_>, client: &str) {
        if self.link(client) == Link::None {
            self.problems.advise(
                verb.place,
                format!("the client `{client}` has no connection here"),
                "needs one",
                "put `connect` or `open` before",
            );
            // One error is enough.
            self.set_link(client, Link::InUse);
        }
    }
}

fn is_pattern(entry: &Entry) -> bool {
    entry.key.text == CLOSED || packet_named(&entry.key.text).is_some()
}

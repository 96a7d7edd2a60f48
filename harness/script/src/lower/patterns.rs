//! What is said about packets of the broker.

use mqttspec_codec::Version;
use mqttspec_codec::model::{PacketType, Sender};

use super::context::Context;
use crate::grammar::{FieldKind, REST, pattern_kind};
use crate::plan::{Capture, FieldPattern, PacketPattern, Value, ValuePattern};
use crate::yaml::{Kind, Node};

/// The word for a field that is not on the wire.
const ABSENT: &str = "absent";

/// The most lists that one pattern of a list may stand for.
const MOST_LISTS: usize = 4096;

/// The field that a pattern speaks of.
#[derive(Clone, Copy)]
struct Field<'a> {
    name: &'a str,
    kind: FieldKind,
    packet_type: PacketType,
    version: Version,
}

impl Context<'_> {
    /// A pattern of a packet. Keys that are no fields of the packet belong to the caller.
    pub(super) fn pattern(
        &mut self,
        packet_type: PacketType,
        node: &Node,
        version: Version,
    ) -> PacketPattern {
        let mut fields = Vec::new();
        for entry in node.entries() {
            let name = entry.key.text.as_str();
            let Some(kind) = pattern_kind(packet_type, name) else { continue };
            let field = Field { name, kind, packet_type, version };
            let (value, capture) = self.value_pattern(field, &entry.value);
            fields.push(FieldPattern { name: name.to_owned(), value, capture, place: entry.place() });
        }
        PacketPattern { packet_type, fields, rest_free: node.get(REST).is_some() }
    }

    fn value_pattern(&mut self, field: Field<'_>, node: &Node) -> (ValuePattern, Option<Capture>) {
        let value = match &node.kind {
            Kind::Text(text) => match (text.as_str(), field.name) {
                ("any", _) => ValuePattern::Any,
                (ABSENT, _) => ValuePattern::Absent,
                ("present", _) => ValuePattern::Present,
                ("last", "packet_id") => ValuePattern::LastSent,
                _ => ValuePattern::Exactly(self.value(field, node)),
            },
            Kind::List(items) if is_list(field.kind) => {
                let mut lists = self.lists(field, items, node);
                match lists.len() {
                    1 => ValuePattern::Exactly(lists.remove(0)),
                    _ => ValuePattern::OneOf(lists),
                }
            }
            Kind::List(items) => {
                let is_absent = |item: &&Node| item.text() == Some(ABSENT);
                let values = items.iter().filter(|item| !is_absent(item)).map(|item| self.value(field, item));
                let values = values.collect();
                if items.iter().any(|item| is_absent(&item)) {
                    ValuePattern::AbsentOr(values)
                } else {
                    ValuePattern::OneOf(values)
                }
            }
            Kind::Map(_) => return self.long_pattern(field, node),
            _ => ValuePattern::Exactly(self.value(field, node)),
        };
        (value, None)
    }

    fn long_pattern(&mut self, field: Field<'_>, node: &Node) -> (ValuePattern, Option<Capture>) {
        let values = |context: &mut Self, node: &Node| -> Vec<Value> {
            if is_list(field.kind) {
                return node.items().iter().map(|item| context.value(field, item)).collect();
            }
            node.one_or_more().iter().map(|item| context.value(field, item)).collect()
        };
        let bound =
            |key: &str| node.get(key).and_then(Node::integer).and_then(|number| u32::try_from(number).ok());
        let mut keys: Vec<&str> = node.entries().iter().map(|entry| entry.key.text.as_str()).collect();
        keys.sort_unstable();
        let pattern = match keys.as_slice() {
            ["not"] => ValuePattern::NoneOf(node.get("not").map(|not| values(self, not)).unwrap_or_default()),
            ["one_of"] => {
                ValuePattern::OneOf(node.get("one_of").map(|list| values(self, list)).unwrap_or_default())
            }
            ["from", "to"] => {
                ValuePattern::Between(bound("from").unwrap_or_default(), bound("to").unwrap_or(u32::MAX))
            }
            ["capture"] | ["capture", "value"] => {
                let name = node.get("capture").and_then(Node::text).unwrap_or_default();
                let value = match node.get("value") {
                    Some(value) => self.value_pattern(field, value).0,
                    None => ValuePattern::Any,
                };
                return (value, Some(Capture(name.to_owned())));
            }
            _ => ValuePattern::Exactly(self.value(field, node)),
        };
        (pattern, None)
    }

    /// One value of a field.
    fn value(&mut self, field: Field<'_>, node: &Node) -> Value {
        let captured = node.text().is_some_and(|text| text.starts_with("$(") && text.ends_with(')'));
        match (field.kind, &node.kind) {
            (FieldKind::Flag, Kind::Flag(flag)) => Value::Flag(*flag),
            (FieldKind::Number(maximum), Kind::Integer(number))
                if (0..=i64::from(maximum)).contains(number) =>
            {
                Value::Number(u32::try_from(*number).unwrap_or_default())
            }
            (FieldKind::Flag | FieldKind::Number(_) | FieldKind::Code, Kind::Text(text)) if captured => {
                Value::Text(text.as_str().into())
            }
            (FieldKind::Code, Kind::Integer(0..=255) | Kind::Text(_)) => {
                Value::Number(self.code(node, field.packet_type, field.version).0.into())
            }
            (FieldKind::Text | FieldKind::Binary, Kind::Text(text)) => Value::Text(text.as_str().into()),
            (FieldKind::Text, Kind::Map(_)) => Value::Text(self.string(node)),
            (FieldKind::Binary, Kind::Map(_)) => match node.get("text") {
                Some(_) => Value::Text(self.string(node)),
                None => Value::Bytes(self.bytes(node)),
            },
            (FieldKind::Codes | FieldKind::Numbers | FieldKind::Pairs, Kind::List(items)) => {
                let mut lists = self.lists(field, items, node);
                if lists.len() == 1 { lists.remove(0) } else { Value::List(lists) }
            }
            _ => {
                self.problems.add(
                    node.place,
                    "wrong type",
                    format!("{}: expected {}, got {}", field.name, words(field.kind), node.words()),
                );
                Value::Flag(false)
            }
        }
    }

    /// The lists that a list of alternatives stands for: one for each combination.
    fn lists(&mut self, field: Field<'_>, items: &[Node], node: &Node) -> Vec<Value> {
        let mut lists: Vec<Vec<Value>> = vec![Vec::new()];
        for item in items {
            let alternatives = self.elements(field, item);
            if lists.len().saturating_mul(alternatives.len()) > MOST_LISTS {
                self.problems.add(
                    node.place,
                    "this stands for too many lists",
                    format!("more than {MOST_LISTS}"),
                );
                break;
            }
            lists = lists
                .iter()
                .flat_map(|list| {
                    alternatives.iter().map(|value| list.iter().cloned().chain([value.clone()]).collect())
                })
                .collect();
        }
        lists.into_iter().map(Value::List).collect()
    }

    /// The values that one element of a list may have.
    fn elements(&mut self, field: Field<'_>, node: &Node) -> Vec<Value> {
        let scalar = Field {
            kind: match field.kind {
                FieldKind::Codes => FieldKind::Code,
                _ => FieldKind::Number(u32::MAX),
            },
            ..field
        };
        match (field.kind, &node.kind) {
            (FieldKind::Pairs, Kind::List(_)) => {
                let (name, value) = self.pair(node);
                vec![Value::List(vec![Value::Text(name), Value::Text(value)])]
            }
            (FieldKind::Codes, Kind::Map(_)) => self.codes_between(field, node),
            (FieldKind::Codes | FieldKind::Numbers, Kind::List(items)) => {
                items.iter().map(|item| self.value(scalar, item)).collect()
            }
            (FieldKind::Codes | FieldKind::Numbers, _) => vec![self.value(scalar, node)],
            _ => {
                self.problems.add(
                    node.place,
                    "wrong type",
                    format!("expected [name, value], got {}", node.words()),
                );
                Vec::new()
            }
        }
    }

    /// `{from: .., to: ..}` as an element of a list of codes: those that the packet can have in that range.
    fn codes_between(&mut self, field: Field<'_>, node: &Node) -> Vec<Value> {
        let bound = |key: &str| node.get(key).and_then(Node::integer);
        let (Some(from), Some(to)) = (bound("from"), bound("to")) else {
            self.problems.add(
                node.place,
                "wrong type",
                "expected a Reason Code, a list of such, or {from: .., to: ..}",
            );
            return Vec::new();
        };
        let codes = (0..=u8::MAX).filter(|code| (from..=to).contains(&i64::from(*code)));
        let defined = |code: &u8| {
            mqttspec_codec::model::ReasonCode(*code).defined_for(
                field.packet_type,
                Sender::Server,
                field.version,
            )
        };
        codes.filter(defined).map(|code| Value::Number(code.into())).collect()
    }
}

const fn is_list(kind: FieldKind) -> bool {
    matches!(kind, FieldKind::Codes | FieldKind::Numbers | FieldKind::Pairs)
}

const fn words(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Flag => "true or false",
        FieldKind::Number(255) => "a number up to 255",
        FieldKind::Number(65_535) => "a number up to 65535",
        FieldKind::Number(2) => "0, 1 or 2",
        FieldKind::Number(_) => "a number",
        FieldKind::Text => "a string",
        FieldKind::Binary => "a string or bytes",
        FieldKind::Code => "a Reason Code by name or number",
        FieldKind::Codes => "a list of Reason Codes",
        FieldKind::Numbers => "a list of numbers",
        FieldKind::Pairs => "a list of [name, value]",
    }
}

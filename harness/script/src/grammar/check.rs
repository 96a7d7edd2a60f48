//! Whether a tree has the form that the tables give.

use mqttspec_codec::{StatementId, Version};

use super::patterns::long_pattern_keys;
use super::shape::{Key, Shape};
use crate::diagnostic::Problems;
use crate::values::{parse_duration, parse_hex};
use crate::yaml::{Kind, Node};
use mqttspec_spec::nearest;

/// Checks a value. With a version, keys that only the other version has are refused.
pub(crate) fn check(shape: &Shape, node: &Node, version: Option<Version>, problems: &mut Problems) {
    Check { version, problems }.value(shape, node);
}

struct Check<'a> {
    version: Option<Version>,
    problems: &'a mut Problems,
}

impl Check<'_> {
    fn value(&mut self, shape: &Shape, node: &Node) {
        match shape {
            Shape::Union(shapes) => match shapes.iter().find(|shape| fits(shape, node)) {
                Some(fitting) => self.value(fitting, node),
                None => self.wrong_type(shape, node),
            },
            Shape::OneOrMore(item) => {
                for node in node.one_or_more() {
                    self.value(item, node);
                }
            }
            _ if !fits(shape, node) => self.wrong_type(shape, node),
            Shape::List(item) => {
                for node in node.items() {
                    self.value(item, node);
                }
            }
            Shape::Map(_, keys) => self.map(&keys(), node),
            Shape::Tagged(_, keys) => {
                self.map(&keys(), node);
                if let [first, second, ..] = node.entries() {
                    self.problems.add(
                        second.key.place,
                        format!("`{}` and `{}` do not go together", first.key.text, second.key.text),
                        "expected one key only",
                    );
                } else if node.entries().is_empty() {
                    self.problems.add(node.place, "this mapping is empty", "expected one key");
                }
            }
            Shape::Pattern(_) if matches!(node.kind, Kind::Map(_)) => self.map(&long_pattern_keys(), node),
            Shape::MapOf(value) => {
                for entry in node.entries() {
                    self.value(value, &entry.value);
                }
            }
            _ => self.leaf(shape, node),
        }
    }

    fn map(&mut self, keys: &[Key], node: &Node) {
        for entry in node.entries() {
            let name = entry.key.text.as_str();
            let Some(key) = keys.iter().find(|key| key.name == name) else {
                self.unknown_key(keys, name, entry.key.place);
                continue;
            };
            match (key.only_in, self.version) {
                (Some(only), Some(version)) if only != version => self.problems.advise(
                    entry.key.place,
                    format!("`{name}` exists in MQTT {only} only"),
                    format!("not in {version}"),
                    format!("write its value as `{{{only}: ..}}`, so that {version} leaves it out"),
                ),
                _ => self.value(&key.shape, &entry.value),
            }
        }
        for key in keys.iter().filter(|key| key.required && node.get(key.name).is_none()) {
            self.problems.advise(
                node.place,
                format!("`{}` is missing", key.name),
                format!("no `{}` here", key.name),
                format!("{}: expected {}", key.name, key.shape.words()),
            );
        }
    }

    fn unknown_key(&mut self, keys: &[Key], name: &str, place: crate::plan::Place) {
        let names = || keys.iter().map(|key| key.name);
        let advice = match nearest(name, names()).or_else(|| synonym(name, keys)) {
            Some(near) => format!("did you mean `{near}`?"),
            None if keys.is_empty() => "nothing can stand here: write `{}`".to_owned(),
            None => format!("known here: {}", names().collect::<Vec<_>>().join(", ")),
        };
        self.problems.advise(place, format!("unknown key `{name}`"), "not known here", advice);
    }

    fn wrong_type(&mut self, shape: &Shape, node: &Node) {
        let got = match &node.kind {
            Kind::Integer(number) => format!("the number {number}"),
            Kind::Text(text) if text.chars().count() <= 40 => format!("the string `{text}`"),
            _ => node.words().to_owned(),
        };
        let label = format!("expected {}, got {got}", shape.words());
        let is_number = matches!(node.kind, Kind::Integer(_) | Kind::Decimal(_) | Kind::Flag(_));
        if is_number && wants_text(shape) {
            self.problems.advise(node.place, "wrong type", label, "put quotes around it");
        } else {
            self.problems.add(node.place, "wrong type", label);
        }
    }

    /// What a string must hold.
    fn leaf(&mut self, shape: &Shape, node: &Node) {
        let Some(text) = node.scalar() else { return };
        let text = text.as_str();
        match shape {
            Shape::Version => {
                if let Err(error) = text.parse::<Version>() {
                    self.problems.add(node.place, error.to_string(), "expected 3.1.1 or 5.0");
                }
            }
            Shape::Statement => {
                if let Err(error) = text.parse::<StatementId>() {
                    self.problems.add(node.place, error.to_string(), "not an id");
                }
            }
            Shape::Duration if parse_duration(text).is_none() => {
                self.problems.add(
                    node.place,
                    format!("`{text}` is no time"),
                    "expected a form like 1.5s or 500ms",
                );
            }
            Shape::HexDigits if parse_hex(text).is_none() => {
                self.problems.advise(
                    node.place,
                    format!("`{text}` is not in hexadecimal digits"),
                    "expected pairs of 0-9 and a-f",
                    "for a string as it is, write `{text: ..}`",
                );
            }
            Shape::Word if !is_word(text) => {
                self.problems.add(
                    node.place,
                    format!("`{text}` is no name"),
                    "expected letters, digits, hyphens and underscores",
                );
            }
            Shape::OneOf(words) if !words.contains(&text) => {
                let advice = match nearest(text, words.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("known here: {}", words.join(", ")),
                };
                self.problems.advise(node.place, format!("unknown word `{text}`"), "not known here", advice);
            }
            _ => {}
        }
    }
}

/// Whether a value is of the right kind, whatever it holds.
fn fits(shape: &Shape, node: &Node) -> bool {
    match (shape, &node.kind) {
        (Shape::Anything, _)
        | (Shape::Nothing, Kind::Null)
        | (Shape::Flag, Kind::Flag(_))
        | (
            Shape::Text
            | Shape::Word
            | Shape::OneOf(_)
            | Shape::Statement
            | Shape::Duration
            | Shape::HexDigits,
            Kind::Text(_),
        )
        | (Shape::Version, Kind::Text(_) | Kind::Decimal(_))
        | (Shape::List(_), Kind::List(_))
        | (Shape::Map(..) | Shape::Tagged(..) | Shape::MapOf(_), Kind::Map(_)) => true,
        (Shape::Number(maximum), Kind::Integer(number)) => (0..=i64::from(*maximum)).contains(number),
        (Shape::Pattern(_), kind) => !matches!(kind, Kind::Null | Kind::Decimal(_)),
        (Shape::OneOrMore(item), kind) => matches!(kind, Kind::List(_)) || fits(item, node),
        (Shape::Union(shapes), _) => shapes.iter().any(|shape| fits(shape, node)),
        _ => false,
    }
}

fn wants_text(shape: &Shape) -> bool {
    match shape {
        Shape::Text | Shape::Word | Shape::HexDigits => true,
        Shape::Union(shapes) => shapes.iter().any(wants_text),
        _ => false,
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
}

/// Other words for what the language calls by one name.
fn synonym(name: &str, keys: &[Key]) -> Option<&'static str> {
    let known = match name {
        "id" | "packet_identifier" | "message_id" => "packet_id",
        "return_code" | "reason" | "code" => "reason_code",
        "return_codes" | "codes" | "granted" => "reason_codes",
        "topic_filter" | "topics" => "filter",
        "client_identifier" | "clientid" => "client_id",
        "message" => "payload",
        "username" => "user_name",
        "subscription_id" => "subscription_identifier",
        _ => return None,
    };
    keys.iter().map(|key| key.name).find(|key| *key == known)
}

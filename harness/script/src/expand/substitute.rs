//! `<name>` and `<name.field>` become what a row of `foreach` says.

use std::collections::BTreeSet;

use super::foreach::Row;
use crate::diagnostic::Problems;
use crate::plan::Place;
use crate::yaml::{Entry, Key, Kind, Node};
use mqttspec_spec::nearest;

/// The key under which an item that is a mapping says what `<name>` alone stands for.
pub(super) const VALUE: &str = "value";

/// The tree with the row's values in place of its names. Names that were met are added to `used`.
pub(crate) fn substitute(
    node: &Node,
    row: &Row,
    used: &mut BTreeSet<String>,
    problems: &mut Problems,
) -> Node {
    Substitution { row, used, problems }.node(node)
}

struct Substitution<'a> {
    row: &'a Row,
    used: &'a mut BTreeSet<String>,
    problems: &'a mut Problems,
}

/// A piece of a string: text as it is, or the name in angle brackets.
enum Piece<'a> {
    Plain(&'a str),
    Name(&'a str),
}

impl Substitution<'_> {
    fn node(&mut self, node: &Node) -> Node {
        let kind = match &node.kind {
            Kind::Text(text) => return self.text(text, node.place),
            Kind::List(items) => Kind::List(items.iter().map(|item| self.node(item)).collect()),
            Kind::Map(entries) => {
                let mut filled: Vec<Entry> = Vec::with_capacity(entries.len());
                for entry in entries {
                    let key = self.key(&entry.key);
                    if filled.iter().any(|earlier| earlier.key.text == key.text) {
                        self.problems.add(
                            key.place,
                            format!("the key `{}` stands here twice", key.text),
                            "after `foreach`",
                        );
                    }
                    filled.push(Entry { key, value: self.node(&entry.value) });
                }
                Kind::Map(filled)
            }
            plain => plain.clone(),
        };
        Node { place: node.place, kind }
    }

    fn key(&mut self, key: &Key) -> Key {
        let text = self.text(&key.text, key.place).scalar();
        if text.is_none() {
            self.problems.add(key.place, "a key is a word", "this stands for a list or a mapping");
        }
        Key { text: text.unwrap_or_default(), place: key.place }
    }

    fn text(&mut self, text: &str, place: Place) -> Node {
        let pieces = pieces(text);
        if let [Piece::Name(name)] = pieces.as_slice() {
            return match self.value(name, place) {
                Some(value) => value.at(place),
                None => Node { place, kind: Kind::Null },
            };
        }
        let mut filled = String::with_capacity(text.len());
        for piece in pieces {
            match piece {
                Piece::Plain(plain) => filled.push_str(plain),
                Piece::Name(name) => match self.value(name, place).map(|value| value.scalar()) {
                    Some(Some(scalar)) => filled.push_str(&scalar),
                    Some(None) => {
                        self.problems.advise(
                            place,
                            format!("`<{name}>` is a list or a mapping and has no place inside a string"),
                            "inside a string",
                            "name one of its fields, as in `<row.field>`",
                        );
                    }
                    None => {}
                },
            }
        }
        Node { place, kind: Kind::Text(filled) }
    }

    /// What a name stands for in this row.
    fn value(&mut self, path: &str, place: Place) -> Option<Node> {
        let (name, field) = match path.split_once('.') {
            Some((name, field)) => (name, Some(field)),
            None => (path, None),
        };
        let Some(item) = self.row.get(name) else {
            let advice = match nearest(name, self.row.names()) {
                Some(near) => format!("did you mean `<{near}>`?"),
                None => {
                    "declare it: `foreach: {NAME: [..]}`; to send these characters, write them as `{hex: ..}`"
                        .to_owned()
                }
            };
            self.problems.advise(
                place,
                format!("`<{path}>` stands for nothing"),
                "not a name of `foreach`",
                advice,
            );
            return None;
        };
        self.used.insert(name.to_owned());
        let is_mapping = matches!(item.kind, Kind::Map(_));
        let value = match field {
            None if !is_mapping => Some(item),
            None => item.get(VALUE),
            Some(field) => item.get(field),
        };
        if value.is_none() {
            let fields: Vec<_> =
                item.entries().iter().map(|entry| format!("`<{name}.{}>`", entry.key.text)).collect();
            let advice = if fields.is_empty() {
                format!("the items of `{name}` are no mappings: write `<{name}>`")
            } else {
                format!("an item of `{name}` has {}", fields.join(", "))
            };
            self.problems.advise(place, format!("`<{path}>` stands for nothing"), "no such field", advice);
        }
        value.cloned()
    }
}

/// Cuts a string at its names in angle brackets.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut plain_from = 0;
    let mut search_from = 0;
    while let Some(open) = text.get(search_from..).and_then(|rest| rest.find('<')).map(|at| at + search_from)
    {
        search_from = open + 1;
        let Some((name, _)) = text.get(search_from..).and_then(|rest| rest.split_once('>')) else { break };
        if is_name(name) {
            pieces.extend(text.get(plain_from..open).filter(|plain| !plain.is_empty()).map(Piece::Plain));
            pieces.push(Piece::Name(name));
            search_from += name.len() + 1;
            plain_from = search_from;
        }
    }
    pieces.extend(text.get(plain_from..).filter(|plain| !plain.is_empty()).map(Piece::Plain));
    pieces
}

/// Lower-case words with underscores, with dots between them; those behind a dot are keys, and may have hyphens.
fn is_name(text: &str) -> bool {
    text.split('.').enumerate().all(|(index, word)| {
        word.starts_with(|c: char| c.is_ascii_lowercase())
            && word
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || (c == '-' && index > 0))
    })
}

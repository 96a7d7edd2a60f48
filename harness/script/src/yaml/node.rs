//! The tree.

use crate::plan::Place;

/// A value with its place.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) place: Place,
    pub(crate) kind: Kind,
}

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    Null,
    Flag(bool),
    Integer(i64),
    /// A number with a point, in the shortest form that reads back as the same number.
    Decimal(String),
    Text(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// A key of a mapping with its value.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) key: Key,
    pub(crate) value: Node,
}

/// A key with its place. Numbers as keys are their text: `5.0` is the only one that the language has.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) text: String,
    pub(crate) place: Place,
}

/// Places do not count: two trees are equal when they mean the same.
impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.key.text == other.key.text && self.value == other.value
    }
}

impl Entry {
    /// From the start of the key to the end of the value, as far as both stand on one line.
    pub(crate) fn place(&self) -> Place {
        let (key, value) = (self.key.place, self.value.place);
        if key.line == value.line && value.column > key.column {
            Place { length: value.column + value.length - key.column, ..key }
        } else {
            key
        }
    }
}

impl Node {
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn flag(&self) -> Option<bool> {
        match self.kind {
            Kind::Flag(flag) => Some(flag),
            _ => None,
        }
    }

    pub(crate) fn integer(&self) -> Option<i64> {
        match self.kind {
            Kind::Integer(number) => Some(number),
            _ => None,
        }
    }

    /// The entries of a mapping; none of anything else.
    pub(crate) fn entries(&self) -> &[Entry] {
        match &self.kind {
            Kind::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a list; none of anything else.
    pub(crate) fn items(&self) -> &[Self] {
        match &self.kind {
            Kind::List(items) => items,
            _ => &[],
        }
    }

    /// The items of a list, or the node itself as the only one.
    pub(crate) fn one_or_more(&self) -> &[Self] {
        match &self.kind {
            Kind::List(items) => items,
            _ => std::slice::from_ref(self),
        }
    }

    /// The entry of a mapping under a key.
    pub(crate) fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key.text == key)
    }

    /// The value of a mapping under a key.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The tree as if all of it stood at one place.
    pub(crate) fn at(&self, place: Place) -> Self {
        let kind = match &self.kind {
            Kind::List(items) => Kind::List(items.iter().map(|item| item.at(place)).collect()),
            Kind::Map(entries) => Kind::Map(
                entries
                    .iter()
                    .map(|entry| Entry {
                        key: Key { text: entry.key.text.clone(), place },
                        value: entry.value.at(place),
                    })
                    .collect(),
            ),
            plain => plain.clone(),
        };
        Self { place, kind }
    }

    /// The kind of value, with an article, for "expected .., got ..".
    pub(crate) const fn words(&self) -> &'static str {
        match self.kind {
            Kind::Null => "nothing",
            Kind::Flag(_) => "a flag",
            Kind::Integer(_) => "a number",
            Kind::Decimal(_) => "a number with a point",
            Kind::Text(_) => "a string",
            Kind::List(_) => "a list",
            Kind::Map(_) => "a mapping",
        }
    }

    /// The text of a scalar, as labels and strings use it.
    pub(crate) fn scalar(&self) -> Option<String> {
        match &self.kind {
            Kind::Flag(flag) => Some(flag.to_string()),
            Kind::Integer(number) => Some(number.to_string()),
            Kind::Decimal(text) | Kind::Text(text) => Some(text.clone()),
            Kind::Null | Kind::List(_) | Kind::Map(_) => None,
        }
    }

    /// The tree in one line, the same for all texts that mean the same.
    pub(crate) fn canonical(&self) -> String {
        let mut text = String::new();
        self.write_canonical(&mut text);
        text
    }

    fn write_canonical(&self, out: &mut String) {
        match &self.kind {
            Kind::Null => out.push('~'),
            Kind::Flag(flag) => out.push_str(if *flag { "true" } else { "false" }),
            Kind::Integer(number) => out.push_str(&number.to_string()),
            Kind::Decimal(text) => out.push_str(text),
            Kind::Text(text) => write_quoted(text, out),
            Kind::List(items) => {
                out.push('[');
                for item in items {
                    item.write_canonical(out);
                    out.push(',');
                }
                out.push(']');
            }
            Kind::Map(entries) => {
                out.push('{');
                for entry in entries {
                    write_quoted(&entry.key.text, out);
                    out.push(':');
                    entry.value.write_canonical(out);
                    out.push(',');
                }
                out.push('}');
            }
        }
    }
}

fn write_quoted(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
}

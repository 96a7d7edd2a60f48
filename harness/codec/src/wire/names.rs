//! The names of fields.

use std::collections::HashMap;
use std::ops::Range;

use super::node::{self, Name, Node};
use crate::FieldKind;

/// A field, found by its name.
pub(crate) struct Found<'a> {
    /// The name.
    pub(crate) name: String,
    /// The name by the kind of property, for a property and its parts.
    pub(crate) alias: Option<String>,
    /// Which part of which part of the packet it is.
    pub(crate) path: Vec<usize>,
    /// Where its bytes stand.
    pub(crate) range: Range<usize>,
    /// The field.
    pub(crate) node: &'a Node,
}

impl Found<'_> {
    /// Whether the field goes by this name.
    pub(crate) fn is_called(&self, name: &str) -> bool {
        self.name == name
            || self.alias.as_deref().is_some_and(|alias| alias == name || alias_zero(alias, name))
    }
}

/// `properties.user_property[0]` is another way to write `properties.user_property`.
fn alias_zero(alias: &str, name: &str) -> bool {
    name.split_once("[0]")
        .is_some_and(|(before, after)| alias.strip_prefix(before).is_some_and(|rest| rest == after))
}

/// All fields in wire order, each before its parts; a second field of the same name gets `#2` behind it.
pub(crate) fn walk(nodes: &[Node]) -> Vec<Found<'_>> {
    let mut walker = Walker { found: Vec::new(), seen: HashMap::new() };
    walker.parts(nodes, "", None, &[], 0);
    walker.found
}

struct Walker<'a> {
    found: Vec<Found<'a>>,
    seen: HashMap<String, usize>,
}

impl<'a> Walker<'a> {
    fn parts(&mut self, nodes: &'a [Node], prefix: &str, alias: Option<&str>, path: &[usize], start: usize) {
        let mut start = start;
        let mut elements: Vec<(&str, usize)> = Vec::new();
        let mut kinds: Vec<(FieldKind, usize)> = Vec::new();
        for (index, (node, size)) in nodes.iter().zip(node::sizes(nodes)).enumerate() {
            let path: Vec<usize> = path.iter().copied().chain([index]).collect();
            let range = start..start + size;
            start = range.end;
            let (name, alias) = match node.name {
                Name::Body => {
                    self.parts(node.parts(), "", None, &path, range.start);
                    continue;
                }
                Name::Part(part) => (join(prefix, part), alias.map(|alias| join(alias, part))),
                Name::Element(list) => {
                    let name = format!("{list}[{}]", count(&mut elements, list));
                    let alias = match node.kind {
                        FieldKind::Property(id) => Some(match count(&mut kinds, node.kind) {
                            0 => join(list, id.name()),
                            n => format!("{list}.{}[{n}]", id.name()),
                        }),
                        _ => None,
                    };
                    (name, alias)
                }
            };
            let name = match self.seen.entry(name.clone()).and_modify(|n| *n += 1).or_insert(1) {
                1 => name,
                n => format!("{name}#{n}"),
            };
            let (start, deeper) = (range.start, path.clone());
            self.found.push(Found { name: name.clone(), alias: alias.clone(), path, range, node });
            self.parts(node.parts(), &name, alias.as_deref(), &deeper, start);
        }
    }
}

fn join(prefix: &str, part: &str) -> String {
    if prefix.is_empty() {
        part.to_owned()
    } else if part.is_empty() {
        prefix.to_owned()
    } else {
        format!("{prefix}.{part}")
    }
}

/// How often a key was counted before; there are few, so that a list is faster than a map.
fn count<K: Eq>(counts: &mut Vec<(K, usize)>, key: K) -> usize {
    match counts.iter_mut().find(|(known, _)| *known == key) {
        Some((_, count)) => {
            *count += 1;
            *count
        }
        None => {
            counts.push((key, 0));
            0
        }
    }
}

/// The name that is most like another, if one is at all.
pub(crate) fn closest<'a>(name: &str, names: &'a [String]) -> Option<&'a str> {
    names
        .iter()
        .map(|known| (distance(name, known), known))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, known)| *distance * 2 <= known.len().max(name.len()))
        .map(|(_, known)| known.as_str())
}

/// How many characters have to be changed to make one text of the other.
fn distance(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.chars().count()).collect();
    for (index, left) in from.chars().enumerate() {
        let mut diagonal = index;
        let mut previous = index + 1;
        if let Some(first) = row.first_mut() {
            *first = previous;
        }
        for (cell, right) in row.iter_mut().skip(1).zip(to.chars()) {
            let substituted = diagonal + usize::from(left != right);
            diagonal = *cell;
            *cell = substituted.min(previous + 1).min(diagonal + 1);
            previous = *cell;
        }
    }
    row.last().copied().unwrap_or_default()
}

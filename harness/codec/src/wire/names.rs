//! The names of fields.

use std::fmt::Write;
use std::ops::Range;

use super::node::{self, Name, Node};
use crate::FieldKind;

/// A field, found by its name.
pub(crate) struct Found<'a> {
    /// The name.
    pub(crate) name: String,
    /// The name by the kind of property, for a property and its parts.
    pub(crate) alias: Option<String>,
    /// Where its bytes stand.
    pub(crate) range: Range<usize>,
    /// The field.
    pub(crate) node: &'a Node,
}

/// A field that is passed.
pub(crate) struct Passed<'n, 'a> {
    /// The name.
    pub(crate) name: &'n str,
    /// The name by the kind of property, for a property and its parts.
    pub(crate) alias: Option<&'n str>,
    /// Which part of which part of the packet it is.
    pub(crate) path: &'n [usize],
    /// Where its bytes stand.
    pub(crate) range: Range<usize>,
    /// The field.
    pub(crate) node: &'a Node,
}

impl Passed<'_, '_> {
    /// Whether the field goes by this name.
    pub(crate) fn is_called(&self, name: &str) -> bool {
        self.name == name || self.alias.is_some_and(|alias| alias == name || alias_zero(alias, name))
    }
}

/// `properties.user_property[0]` is another way to write `properties.user_property`.
fn alias_zero(alias: &str, name: &str) -> bool {
    name.split_once("[0]")
        .is_some_and(|(before, after)| alias.strip_prefix(before).is_some_and(|rest| rest == after))
}

/// All fields in wire order, each before its parts; a second field of the same name gets `#2` behind it.
pub(crate) fn walk(nodes: &[Node]) -> Vec<Found<'_>> {
    let mut found = Vec::new();
    pass(nodes, |Passed { name, alias, range, node, .. }| {
        found.push(Found { name: name.to_owned(), alias: alias.map(str::to_owned), range, node });
        None::<()>
    });
    found
}

/// Passes the fields in the order of [`walk`] until one yields something.
pub(crate) fn pass<'a, T>(nodes: &'a [Node], look: impl FnMut(Passed<'_, 'a>) -> Option<T>) -> Option<T> {
    Walker::new(look, None).parts(nodes, &[], Prefix::default(), 0)
}

/// The path to the first field that is wanted, by its name or otherwise.
pub(super) fn path_to(
    nodes: &[Node],
    name: &str,
    is_wanted: impl Fn(&Passed<'_, '_>) -> bool,
) -> Option<Vec<usize>> {
    let look = |passed: Passed<'_, '_>| is_wanted(&passed).then(|| passed.path.to_vec());
    Walker::new(look, Some(name)).parts(nodes, &[], Prefix::default(), 0)
}

/// Where the name of what a field is in starts among those that are open.
#[derive(Clone, Copy, Default)]
struct Prefix {
    name: usize,
    alias: Option<usize>,
}

/// Names are written into one text while the fields are passed, as most are looked at once and never kept.
struct Walker<'w, F> {
    look: F,
    /// The only name that is looked for. Ranges are not worked out then, and fields not entered in which no field of
    /// the name can be.
    wanted: Option<&'w str>,
    /// The name of the field, behind those of the elements that it is in.
    name: String,
    alias: String,
    path: Vec<usize>,
    /// The lists that are over, and how many elements each had.
    lists: Vec<(&'static str, usize)>,
}

impl<'w, F> Walker<'w, F> {
    fn new(look: F, wanted: Option<&'w str>) -> Self {
        Self {
            look,
            wanted,
            name: String::with_capacity(64),
            alias: String::with_capacity(64),
            path: Vec::with_capacity(8),
            lists: Vec::new(),
        }
    }

    /// Whether it matters that fields of the same name came before. The first of them is found without.
    fn counts(&self) -> bool {
        self.wanted.is_none_or(|wanted| wanted.contains('#'))
    }

    /// Whether a field of the name that is looked for can be among the parts of one of this name.
    fn leads(&self, name: &str) -> bool {
        // The parts of a second field of a name share their names with those of the first.
        let first = name.split_once('#').map_or(name, |(first, _)| first);
        self.wanted.is_none_or(|wanted| wanted.starts_with(first))
    }

    /// `before` are the fields before the nodes that share their names with them.
    fn parts<'a, T>(
        &mut self,
        nodes: &'a [Node],
        before: &'a [Node],
        prefix: Prefix,
        start: usize,
    ) -> Option<T>
    where
        F: FnMut(Passed<'_, 'a>) -> Option<T>,
    {
        let mut start = start;
        let mut lists: Vec<(&'static str, usize)> = Vec::new();
        for (index, (node, behind)) in node::with_those_behind(nodes).enumerate() {
            let earlier = nodes.get(..index).unwrap_or_default();
            let size = if self.wanted.is_none() { node.size(behind) } else { 0 };
            let range = start..start + size;
            start = range.end;
            self.path.push(index);
            let (name_end, alias_end) = (self.name.len(), self.alias.len());
            let mut own = prefix;
            let repeats = match node.name {
                Name::Body => {
                    let found = self.parts(node.parts(), earlier, Prefix::default(), range.start);
                    if found.is_some() {
                        return found;
                    }
                    self.path.pop();
                    continue;
                }
                Name::Part(part) => {
                    join(&mut self.name, prefix.name, part);
                    if let Some(start) = prefix.alias {
                        join(&mut self.alias, start, part);
                    }
                    if self.counts() { called(before, part) + called(earlier, part) } else { 0 }
                }
                Name::Element(list) => {
                    let number = count(&mut lists, list);
                    own.name = name_end;
                    // Writing to a String cannot fail.
                    let _ = write!(self.name, "{list}[{number}]");
                    own.alias = None;
                    if let FieldKind::Property(id) = node.kind {
                        own.alias = Some(alias_end);
                        self.alias.push_str(list);
                        join(&mut self.alias, alias_end, id.name());
                        match earlier.iter().filter(|it| it.kind == node.kind && it.name == node.name).count()
                        {
                            0 => {}
                            n => {
                                let _ = write!(self.alias, "[{n}]");
                            }
                        }
                    }
                    self.lists.iter().filter(|(name, length)| *name == list && *length > number).count()
                }
            };
            if repeats > 0 {
                let _ = write!(self.name, "#{}", repeats + 1);
            }
            let (parts, first) = (node.parts(), range.start);
            let name = self.name.get(own.name..).unwrap_or_default();
            let alias = own.alias.and_then(|start| self.alias.get(start..));
            let enters =
                !parts.is_empty() && (self.leads(name) || alias.is_some_and(|alias| self.leads(alias)));
            let mut found = (self.look)(Passed { name, alias, path: &self.path, range, node });
            if found.is_none() && enters {
                found = self.parts(parts, &[], own, first);
            }
            if found.is_some() {
                return found;
            }
            self.name.truncate(name_end);
            self.alias.truncate(alias_end);
            self.path.pop();
        }
        self.lists.extend(lists.into_iter().map(|(list, last)| (list, last + 1)));
        None
    }
}

/// How many fields have the name, those of the body among them.
fn called(nodes: &[Node], part: &str) -> usize {
    let each = |node: &Node| match node.name {
        Name::Part(other) => usize::from(other == part),
        Name::Body => called(node.parts(), part),
        Name::Element(_) => 0,
    };
    nodes.iter().map(each).sum()
}

/// Puts the name of a part behind the name that starts at an offset.
fn join(name: &mut String, start: usize, part: &str) {
    if start < name.len() && !part.is_empty() {
        name.push('.');
    }
    name.push_str(part);
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

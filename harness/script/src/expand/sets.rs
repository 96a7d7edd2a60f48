//! Named lists of items, shared by all case files: `cases/sets.yaml`.

use crate::diagnostic::Problems;
use crate::yaml::{Entry, Kind, Node};

/// The named sets.
#[derive(Debug, Default)]
pub(crate) struct Sets(Vec<Entry>);

impl Sets {
    /// Takes the tree of the file: a mapping from names to lists of items.
    pub(crate) fn read(node: Node, problems: &mut Problems) -> Self {
        let Kind::Map(entries) = node.kind else {
            problems.advise(
                node.place,
                "the file of sets is no mapping",
                "expected names with lists",
                "write `NAME: [{label: .., ..}, ..]`",
            );
            return Self::default();
        };
        for entry in &entries {
            if entry.value.items().is_empty() {
                let got = entry.value.words();
                problems.add(
                    entry.value.place,
                    format!("the set `{}` has no items", entry.key.text),
                    format!("expected a list, got {got}"),
                );
            }
        }
        Self(entries)
    }

    /// The items of a set.
    pub(crate) fn get(&self, name: &str) -> Option<&[Node]> {
        self.0.iter().find(|entry| entry.key.text == name).map(|entry| entry.value.items())
    }

    /// The names of all sets.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|entry| entry.key.text.as_str())
    }

    /// The names in one line.
    pub(crate) fn words(&self) -> String {
        let names: Vec<_> = self.names().collect();
        if names.is_empty() { "no sets".to_owned() } else { names.join(", ") }
    }

    /// The sets as one version sees them.
    pub(crate) fn choose(&self, version: mqttspec_codec::Version) -> Self {
        let tree = |entry: &Entry| {
            super::choose(&entry.value, version).map(|value| Entry { key: entry.key.clone(), value })
        };
        Self(self.0.iter().filter_map(tree).collect())
    }
}

//! The choice of a version.

use mqttspec_codec::Version;

use crate::yaml::{Entry, Kind, Node};

/// The version that a key names.
pub(crate) fn parse_version(key: &str) -> Option<Version> {
    key.parse().ok()
}

/// The tree as one version sees it: a mapping whose keys are versions stands for the value of this one.
/// What has no value for this version is dropped from the list or mapping that holds it.
pub(crate) fn choose(node: &Node, version: Version) -> Option<Node> {
    let kind = match &node.kind {
        Kind::Map(entries) if is_choice(entries) => {
            let chosen = entries.iter().find(|entry| parse_version(&entry.key.text) == Some(version));
            return chosen.and_then(|entry| choose(&entry.value, version));
        }
        Kind::Map(entries) => Kind::Map(
            entries
                .iter()
                .filter_map(|entry| {
                    choose(&entry.value, version).map(|value| Entry { key: entry.key.clone(), value })
                })
                .collect(),
        ),
        Kind::List(items) => Kind::List(items.iter().filter_map(|item| choose(item, version)).collect()),
        plain => plain.clone(),
    };
    Some(Node { place: node.place, kind })
}

fn is_choice(entries: &[Entry]) -> bool {
    !entries.is_empty() && entries.iter().all(|entry| parse_version(&entry.key.text).is_some())
}

//! `foreach`: the product of lists of items.

use super::sets::Sets;
use crate::diagnostic::Problems;
use crate::plan::Place;
use crate::yaml::{Kind, Node};
use mqttspec_spec::nearest;

/// The key that names an item which is a mapping.
pub(crate) const LABEL: &str = "label";

/// The largest product, so that a slip of the pen does not make a million cases.
const LARGEST: usize = 20_000;

/// One choice of an item for each name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Row(Vec<(String, Item)>);

#[derive(Clone, Debug)]
struct Item {
    label: String,
    value: Node,
}

impl Row {
    /// The item that a name stands for.
    pub(crate) fn get(&self, name: &str) -> Option<&Node> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, item)| &item.value)
    }

    /// All names.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// The labels in brackets, as they stand behind a case's id; empty without `foreach`.
    pub(crate) fn suffix(&self) -> String {
        if self.0.is_empty() {
            return String::new();
        }
        let labels: Vec<&str> = self.0.iter().map(|(_, item)| item.label.as_str()).collect();
        format!("[{}]", labels.join(","))
    }
}

/// The rows of a `foreach`; one empty row without any. Mutants are left to [`with_items`].
pub(crate) fn rows(foreach: Option<&Node>, sets: &Sets, problems: &mut Problems) -> Vec<Row> {
    let mut rows = vec![Row::default()];
    let Some(foreach) = foreach else { return rows };
    let Kind::Map(entries) = &foreach.kind else {
        problems.advise(
            foreach.place,
            "`foreach` is no mapping",
            format!("expected a mapping, got {}", foreach.words()),
            "write `foreach: {name: [item, item]}`",
        );
        return rows;
    };
    for entry in entries.iter().filter(|entry| !super::mutants::is_request(&entry.value)) {
        let items = items(&entry.key.text, entry.key.place, &entry.value, sets, problems);
        if rows.len().saturating_mul(items.len()) > LARGEST {
            problems.add(
                entry.key.place,
                format!("this `foreach` makes more than {LARGEST} cases"),
                format!("{} times {}", rows.len(), items.len()),
            );
            return rows;
        }
        rows = rows
            .iter()
            .flat_map(|row| {
                items.iter().map(|item| {
                    let mut row = row.clone();
                    row.0.push((entry.key.text.clone(), item.clone()));
                    row
                })
            })
            .collect();
    }
    rows
}

/// The rows that a list of items makes of one row.
pub(crate) fn with_items(row: &Row, name: &str, items: Vec<Node>, problems: &mut Problems) -> Vec<Row> {
    let labelled = items.into_iter().filter_map(|node| label(&node, problems).map(|label| (label, node)));
    labelled
        .map(|(label, value)| {
            let mut row = row.clone();
            row.0.push((name.to_owned(), Item { label, value }));
            row
        })
        .collect()
}

fn items(name: &str, place: Place, value: &Node, sets: &Sets, problems: &mut Problems) -> Vec<Item> {
    let is_word = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if !is_word {
        problems.add(
            place,
            format!("`{name}` is no name for `foreach`"),
            "expected lower-case letters, digits and underscores",
        );
    }
    let nodes: Vec<Node> = match &value.kind {
        Kind::List(items) => items.clone(),
        Kind::Text(text) if text.starts_with("range(") => match range(text) {
            Some(numbers) => {
                numbers.map(|number| Node { place: value.place, kind: Kind::Integer(number) }).collect()
            }
            None => {
                let label = "expected two rising numbers";
                let advice = "write it as in `range(1, 20)`";
                problems.advise(value.place, format!("`{text}` is no range"), label, advice);
                return Vec::new();
            }
        },
        Kind::Text(text) => match text.strip_prefix("set(").and_then(|rest| rest.strip_suffix(')')) {
            Some(set) => match sets.get(set) {
                Some(items) => items.iter().map(|item| item.at(value.place)).collect(),
                None => {
                    let advice = match nearest(set, sets.names()) {
                        Some(near) => format!("did you mean `set({near})`?"),
                        None => format!("sets.yaml has {}", sets.words()),
                    };
                    problems.advise(value.place, format!("there is no set `{set}`"), "unknown set", advice);
                    return Vec::new();
                }
            },
            None => return bad_items(value, problems),
        },
        _ => return bad_items(value, problems),
    };
    if nodes.is_empty() {
        problems.add(value.place, format!("`{name}` has no items, so there would be no case"), "empty list");
    }
    let mut items: Vec<Item> = Vec::with_capacity(nodes.len());
    for node in nodes {
        let Some(label) = label(&node, problems) else { continue };
        if items.iter().any(|item| item.label == label) {
            problems.advise(
                node.place,
                format!("two items of `{name}` are called `{label}`"),
                "the second one",
                "give them different labels: `{label: .., value: ..}`",
            );
        }
        items.push(Item { label, value: node });
    }
    items
}

/// The numbers from the first to the last.
fn range(text: &str) -> Option<std::ops::RangeInclusive<i64>> {
    let (first, last) = text.strip_prefix("range(")?.strip_suffix(')')?.split_once(',')?;
    let (first, last) = (first.trim().parse::<i64>().ok()?, last.trim().parse::<i64>().ok()?);
    let size = usize::try_from(last.checked_sub(first)?).ok()?;
    (size < LARGEST).then_some(first..=last)
}

fn bad_items(value: &Node, problems: &mut Problems) -> Vec<Item> {
    problems.advise(
        value.place,
        "an entry of `foreach` has no list of items",
        format!(
            "expected a list, `set(NAME)`, `range(FIRST, LAST)` or `mutants(VERDICT)`, got {}",
            value.words()
        ),
        "write `foreach: {name: [item, item]}` or `foreach: {name: set(NAME)}`",
    );
    Vec::new()
}

/// What an item is called in the id of its case.
fn label(node: &Node, problems: &mut Problems) -> Option<String> {
    let named = matches!(node.kind, Kind::Map(_));
    let label = if named { node.get(LABEL).and_then(Node::scalar) } else { node.scalar() };
    let fits = label.as_deref().is_some_and(|label| {
        !label.is_empty()
            && !label.contains([',', '[', ']', '(', ')', '"', '\''])
            && !label.contains(|c: char| c.is_whitespace() || c.is_control())
    });
    if !fits {
        let (label, advice) = if named {
            ("expected a `label` of letters, digits and signs", "write `{label: NAME, ..}`")
        } else {
            ("this cannot stand in the id of a case", "write `{label: NAME, value: ..}`")
        };
        problems.advise(node.place, "an item of `foreach` has no usable label", label, advice);
    }
    label.filter(|_| fits)
}

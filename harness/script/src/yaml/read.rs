//! From text to nodes.

use serde_yaml::Value;

use super::layout::{Layout, Strings, Unexpected, scan};
use super::node::{Entry, Key, Kind, Node};
use crate::diagnostic::Problems;
use crate::plan::Place;

/// Reads a YAML text; what is wrong with it is noted.
pub(crate) fn read(text: &str, problems: &mut Problems) -> Option<Node> {
    read_with(text, Strings::OneLine, problems)
}

/// The same for a file that may hold strings of several lines.
pub(crate) fn read_with(text: &str, strings: Strings, problems: &mut Problems) -> Option<Node> {
    let value: Value = match serde_yaml::from_str(text) {
        Ok(value) => value,
        Err(error) => {
            note_syntax(text, strings, &error, problems);
            return None;
        }
    };
    let layout = match scan(text, strings) {
        Ok(layout) => layout,
        Err(Unexpected { place, expected }) => {
            problems.add(
                place,
                "this YAML is laid out in a way that is not used here",
                format!("expected {expected}"),
            );
            return None;
        }
    };
    let before = problems.len();
    let node = join(value, &layout, problems);
    (problems.len() == before).then_some(node)
}

fn note_syntax(text: &str, strings: Strings, error: &serde_yaml::Error, problems: &mut Problems) {
    // The parser sees a key that stands twice only when it has the whole mapping; the scanner knows where.
    if let Ok(layout) = scan(text, strings)
        && let Some((key, place)) = repeated_key(&layout)
    {
        problems.add(place, format!("the key `{key}` stands here twice"), "the second one");
        return;
    }
    let place = error.location().map_or_else(Place::default, |location| Place {
        line: u32::try_from(location.line()).unwrap_or(u32::MAX),
        column: u32::try_from(location.column()).unwrap_or(u32::MAX),
        length: 1,
    });
    let message = error.to_string();
    let message = message.split(" at line ").next().unwrap_or_default();
    problems.add(place, "this is no YAML", message);
}

fn repeated_key(layout: &Layout) -> Option<(String, Place)> {
    match layout {
        Layout::Scalar(_) => None,
        Layout::List(_, items) => items.iter().find_map(repeated_key),
        Layout::Map(_, entries) => {
            let repeated = entries.iter().enumerate().find(|(index, (key, _))| {
                entries.iter().take(*index).any(|(earlier, _)| earlier.text == key.text)
            });
            match repeated {
                Some((_, (key, _))) => Some((key.text.clone(), key.place)),
                None => entries.iter().find_map(|(_, value)| repeated_key(value)),
            }
        }
    }
}

/// Gives each value its place. Both trees were read from one text, so they have one shape.
fn join(value: Value, layout: &Layout, problems: &mut Problems) -> Node {
    let place = layout.place();
    let kind = match (value, layout) {
        (Value::Null, _) => Kind::Null,
        (Value::Bool(flag), _) => Kind::Flag(flag),
        (Value::Number(number), _) => match number.as_i64() {
            Some(number) => Kind::Integer(number),
            None => Kind::Decimal(number.to_string()),
        },
        (Value::String(text), _) => Kind::Text(text),
        (Value::Sequence(items), Layout::List(_, places)) if items.len() == places.len() => Kind::List(
            items.into_iter().zip(places).map(|(item, place)| join(item, place, problems)).collect(),
        ),
        (Value::Mapping(map), Layout::Map(_, places)) if map.len() == places.len() => Kind::Map(
            map.into_iter()
                .zip(places)
                .map(|((key, value), (key_place, place))| Entry {
                    key: Key { text: key_text(key, key_place.place, problems), place: key_place.place },
                    value: join(value, place, problems),
                })
                .collect(),
        ),
        (Value::Tagged(_), _) => {
            problems.add(place, "a YAML tag means nothing here", "tagged value");
            Kind::Null
        }
        (Value::Sequence(_) | Value::Mapping(_), _) => {
            problems.add(place, "this YAML is laid out in a way that is not used here", "");
            Kind::Null
        }
    };
    Node { place, kind }
}

fn key_text(key: Value, place: Place, problems: &mut Problems) -> String {
    match key {
        Value::String(text) => text,
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        _ => {
            problems.add(place, "a key is a word", "expected a string");
            String::new()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Node, read};
    use crate::diagnostic::Problems;
    use crate::plan::File;

    fn problems(text: &str) -> Problems {
        Problems::new(Arc::new(File { path: "x.yaml".into(), text: text.into() }))
    }

    /// Every scalar and key of a tree with the text that its place covers.
    fn covered(text: &str, node: &Node, found: &mut Vec<(String, String)>) {
        let cut = |place: crate::plan::Place| -> String {
            let line = text.lines().nth(place.line as usize - 1).unwrap();
            line.chars().skip(place.column as usize - 1).take(place.length as usize).collect()
        };
        if let Some(scalar) = node.scalar() {
            found.push((scalar, cut(node.place)));
        }
        for item in node.items() {
            covered(text, item, found);
        }
        for entry in node.entries() {
            found.push((entry.key.text.clone(), cut(entry.key.place)));
            covered(text, &entry.value, found);
        }
    }

    const TEXT: &str = r#"# first
- id: a   # comment
  title: It's "so":x#y
  covers: {3.1.1: [MQTT-1.5.3-1, A], 5.0: [B]}
  empty:
  script:
  - connect: {client: [pub, 'it''s'], ..: }
  -   send:
        connect: {client_id: "$id # \" x", a: {}, b: [], ..}   # more
        raw: >-
"#;

    #[test]
    fn places_cover_what_they_name() {
        let text = TEXT.replace("        raw: >-\n", "        list: [a,\n          bc, {d: e}]\n- id: b\n");
        let mut notes = problems(&text);
        let node = read(&text, &mut notes).unwrap_or_else(|| panic!("{:?}", notes.into_list()));
        let mut found = Vec::new();
        covered(&text, &node, &mut found);
        for (value, text) in &found {
            let bare = text.trim_matches(['"', '\'']).replace("''", "'").replace("\\\"", "\"");
            assert_eq!(*value, bare);
        }
        assert!(found.len() > 30, "{found:?}");
    }

    #[test]
    fn other_layouts_are_refused_with_a_place() {
        let mut notes = problems(TEXT);
        assert!(read(TEXT, &mut notes).is_none());
        let list = notes.into_list();
        assert_eq!(list.iter().map(|note| note.place.line).collect::<Vec<_>>(), [10]);
    }

    #[test]
    fn a_key_that_stands_twice_is_found_where_it_stands() {
        let text = "- id: a\n  script:\n    - connect: {client: a, qos: 1, client: b}\n";
        let mut notes = problems(text);
        assert!(read(text, &mut notes).is_none());
        let list = notes.into_list();
        assert_eq!(list[0].message, "the key `client` stands here twice");
        assert_eq!((list[0].place.line, list[0].place.column), (3, 36));
    }
}

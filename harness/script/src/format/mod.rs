//! The canonical layout of case files. Works line by line: it moves and respaces what is there, and writes
//! nothing anew, so that comments stay where they are.

mod indentation;
mod order;
mod spacing;

use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Problems};
use crate::grammar::case_keys;
use crate::plan::{File, Place};
use crate::yaml::{Entry, Kind, Node, read};

/// How the line begins by which editors find the schema, whatever path follows.
const SCHEMA_MARK: &str = "# yaml-language-server:";

/// The text of a case file in its canonical layout: indentation by two, one space where one is due, the
/// keys of a case in their order, a blank line between cases, the schema's line first if there is one.
///
/// # Errors
/// When the text is no YAML of the form that case files have.
pub fn format(path: &str, text: &str) -> Result<String, Diagnostic> {
    let before = parse(path, text)?;
    let mut lines = indentation::normalise(&spacing::normalise(text));
    let mark = lines.iter().position(|line| line.starts_with(SCHEMA_MARK));
    let mut out: Vec<String> = mark.map(|index| lines.remove(index)).into_iter().collect();
    out.extend(order::normalise(&lines));
    let formatted = out.join("\n") + "\n";
    let after = parse(path, &formatted)?;
    if meaning(&before) == meaning(&after) {
        return Ok(formatted);
    }
    Err(Diagnostic {
        file: Arc::new(File { path: path.to_owned(), text: text.to_owned() }),
        place: Place { line: 1, column: 1, length: 1 },
        message: "this file cannot be laid out without changing what it means".to_owned(),
        label: "left as it is".to_owned(),
        advice: Some("please report it: this is a mistake of the formatter".to_owned()),
    })
}

fn parse(path: &str, text: &str) -> Result<Node, Diagnostic> {
    let file = Arc::new(File { path: path.to_owned(), text: text.to_owned() });
    let mut problems = Problems::new(Arc::clone(&file));
    let node = read(text, &mut problems);
    match (node, problems.into_list().into_iter().next()) {
        (Some(node), None) => Ok(node),
        (_, Some(diagnostic)) => Err(diagnostic),
        (None, None) => Ok(Node { place: Place::default(), kind: Kind::Null }),
    }
}

/// What a file says, whatever the order of the keys of its cases.
fn meaning(node: &Node) -> Vec<String> {
    let sorted = |case: &Node| {
        let mut entries: Vec<Entry> = case.entries().to_vec();
        entries.sort_by(|left, right| left.key.text.cmp(&right.key.text));
        let kind = if entries.is_empty() { case.kind.clone() } else { Kind::Map(entries) };
        Node { place: case.place, kind }.canonical()
    };
    match &node.kind {
        Kind::List(cases) => cases.iter().map(sorted).collect(),
        _ => vec![node.canonical()],
    }
}

/// The place of a key in the order of a case's keys; unknown keys come last.
fn rank(key: &str) -> usize {
    let keys = case_keys();
    keys.iter().position(|known| known.name == key).unwrap_or(keys.len())
}

#[cfg(test)]
mod tests {
    use super::format;

    const UNTIDY: &str = "\
# about this file
-   title:   'One'   # the title
    id:  one
    script:
    -  connect: { client:  [ a,b ] , ..:  }
    # before the step
    -  send:
           connect: {}
           violates:
           - MQTT-3.1.0-2
    -  expect: {client: a,
                any: [ {pingresp: {}} ] }   # more


    covers: {3.1.1: [MQTT-3.1.0-2]}

# about the second
- id: two
  covers: {5.0: [MQTT-3.1.0-2]}
  title: \"a , b  {c}: #d\"
  script: []
";

    #[test]
    fn an_untidy_file() {
        insta::assert_snapshot!(format("x.yaml", UNTIDY).unwrap(), @r#"
        # about this file
        - id: one
          title: 'One'   # the title
          covers: {3.1.1: [MQTT-3.1.0-2]}
          script:
            - connect: {client: [a, b], ..}
            # before the step
            - send:
                connect: {}
                violates:
                  - MQTT-3.1.0-2
            - expect: {client: a,
                        any: [{pingresp: {}}]}   # more

        # about the second
        - id: two
          title: "a , b  {c}: #d"
          covers: {5.0: [MQTT-3.1.0-2]}
          script: []
        "#);
    }

    #[test]
    fn a_second_time_changes_nothing() {
        let once = format("x.yaml", UNTIDY).unwrap();
        assert_eq!(format("x.yaml", &once).unwrap(), once);
    }

    #[test]
    fn a_schema_of_another_path_stays() {
        let text = "# yaml-language-server: $schema=x.json\n- id: a\n";
        assert_eq!(format("x.yaml", text).unwrap(), text);
    }

    #[test]
    fn what_is_no_yaml_is_refused() {
        assert_eq!(format("x.yaml", "- a: [\n").unwrap_err().message, "this is no YAML");
    }
}

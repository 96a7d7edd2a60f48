//! From the text of a baseline to the baseline.

use std::sync::Arc;

use mqttspec_spec::baseline::Entry;
use mqttspec_spec::{Baseline, Filter, FilterError};

use crate::diagnostic::{Diagnostic, Problems};
use crate::grammar::{Key, Shape, check};
use crate::plan::{File, Place};
use crate::profile::Profile;
use crate::yaml::{Kind, Node, Strings, read_with};

/// A list of entries.
pub(crate) const ENTRIES: Shape = Shape::List(&Shape::Map("deviation", entry_keys));

/// What can be foreseen.
const VERDICTS: &[&str] = &["fail", "inconclusive", "flaky"];

fn entry_keys() -> Vec<Key> {
    vec![
        Key::new("filter", Shape::Text, "The cases, in the filter language").required(),
        Key::new("verdict", Shape::OneOf(VERDICTS), "What becomes of them").required(),
        Key::new("signature", Shape::OneOrMore(&Shape::Text), "In which way; any, unless given"),
        Key::new("reason", Shape::Anything, "Why this is accepted").required(),
        Key::new("issue", Shape::Text, "Where it is discussed"),
        Key::new(
            "broker_versions",
            Shape::Text,
            "The versions of the broker that have it, such as `<2.0.12`",
        ),
    ]
}

/// Reads a baseline, given by its path for people and its text. A profile is one too: its `deviations`.
///
/// # Errors
/// All that is wrong with it.
pub fn read_baseline(path: impl Into<String>, text: impl Into<String>) -> Result<Baseline, Vec<Diagnostic>> {
    let file = Arc::new(File { path: path.into(), text: text.into() });
    let mut problems = Problems::new(Arc::clone(&file));
    let node = read_with(&file.text, Strings::Literal, &mut problems);
    let mut list = Vec::new();
    if let Some(Node { kind: Kind::Map(_), .. }) = node {
        let profile = Profile::read(file.path.clone(), file.text.clone())?;
        let none = || Baseline { file: file.path.clone(), entries: Vec::new() };
        return Ok(profile.deviations.unwrap_or_else(none));
    }
    if let Some(node) = node {
        check(&ENTRIES, &node, None, &mut problems);
        list = entries(&node, &file, &mut problems);
    }
    if problems.len() == 0 {
        Ok(Baseline { file: file.path.clone(), entries: list })
    } else {
        Err(problems.into_list())
    }
}

/// The entries of a list whose form is right; what is wrong with their content is noted.
pub(crate) fn entries(list: &Node, file: &File, problems: &mut Problems) -> Vec<Entry> {
    list.items().iter().filter_map(|node| entry(node, file, problems)).collect()
}

fn entry(node: &Node, file: &File, problems: &mut Problems) -> Option<Entry> {
    let reason = node.get("reason").and_then(|reason| self::reason(reason, problems));
    let filter = node.get("filter").and_then(|filter| self::filter(filter, file, problems));
    let broker_versions = node.get("broker_versions").and_then(|versions| {
        let parsed = versions.text()?.parse();
        if let Err(error) = &parsed {
            let error: &mqttspec_spec::baseline::InvalidVersions = error;
            problems.add(versions.place, error.to_string(), "expected a form like `>=2.0, <2.0.12`");
        }
        parsed.ok()
    });
    let signatures = node.get("signature").map(Node::one_or_more).unwrap_or_default();
    Some(Entry {
        line: node.place.line,
        filter: filter?,
        verdict: node.get("verdict")?.text()?.parse().ok()?,
        signatures: signatures.iter().filter_map(Node::text).map(str::to_owned).collect(),
        reason: reason?,
        issue: node.get("issue").and_then(Node::text).map(str::to_owned),
        broker_versions,
    })
}

/// Nobody may accept a deviation without saying why.
fn reason(node: &Node, problems: &mut Problems) -> Option<String> {
    match node.scalar() {
        Some(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        _ if matches!(node.kind, Kind::List(_) | Kind::Map(_)) => {
            problems.add(node.place, "wrong type", "expected a string");
            None
        }
        _ => {
            problems.advise(
                node.place,
                "this entry gives no reason",
                "fill it in",
                "say why the deviation is accepted, for whoever reads the report",
            );
            None
        }
    }
}

fn filter(node: &Node, file: &File, problems: &mut Problems) -> Option<Filter> {
    let text = node.text()?.trim_end();
    let parsed = Filter::parse(text).and_then(|filter| {
        filter.without_verdicts("what becomes of the cases is said by `verdict` of the entry")?;
        Ok(filter)
    });
    match parsed {
        Ok(filter) => Some(filter),
        Err(error) => {
            let place = part(node.place, &error, file);
            problems.push_with(place, error.message, error.label, error.advice);
            None
        }
    }
}

/// The wrong part of a filter, where the file holds it just as it is.
fn part(whole: Place, error: &FilterError, file: &File) -> Place {
    let index = usize::try_from(whole.line.saturating_sub(1)).unwrap_or(usize::MAX);
    let line = file.text.lines().nth(index).unwrap_or_default();
    let start = usize::try_from(whole.column.saturating_sub(1)).unwrap_or(usize::MAX);
    let rest: String = line.chars().skip(start).collect();
    let quotes = usize::from(rest.starts_with(['"', '\'']));
    if !rest.get(quotes..).is_some_and(|rest| rest.starts_with(&error.text)) {
        return whole;
    }
    let count = |range| error.text.get(range).map_or(0, |part: &str| part.chars().count());
    let offset = |characters: usize| u32::try_from(characters).unwrap_or(u32::MAX);
    Place {
        column: whole.column + offset(quotes + count(0..error.span.start)),
        length: offset(count(error.span.clone()).max(1)),
        ..whole
    }
}

#[cfg(test)]
mod tests {
    use super::read_baseline;

    #[test]
    fn an_entry_with_everything() {
        let text = "\
# known
- filter: version(5.0) and id(connect/*)
  verdict: fail
  signature: [missing MQTT-3.1.0-2, wrong MQTT-3.1.0-2]
  reason: |
    two lines
    of it
  issue: https://example.org/1
  broker_versions: '<2.0.12'
- filter: |
    id(a/b) or
    id(c/d)
  verdict: flaky
  reason: slow machine
";
        let baseline = read_baseline("base.yaml", text).unwrap();
        insta::assert_debug_snapshot!(
            baseline
                .entries
                .iter()
                .map(|entry| {
                    (
                        entry.line,
                        entry.filter.to_string(),
                        entry.verdict,
                        &entry.signatures,
                        &entry.reason,
                        &entry.issue,
                        entry.broker_versions.as_ref().map(ToString::to_string),
                    )
                })
                .collect::<Vec<_>>()
        );
        assert!(read_baseline("base.yaml", "[]\n").unwrap().entries.is_empty());
    }

    #[test]
    fn mistakes() {
        let text = "\
- filter: version(5.0) and idd(connect/*)
  verdict: fail
  reason: x
- filter: 'statement(3.1.2-22)'
  verdict: failed
  reason:
- filter: verdict(fail)
  verdict: fail
  resaon: typo
- filter: id(a)
  verdict: pass
  reason: ''
  broker_versions: latest
";
        let mistakes = read_baseline("base.yaml", text).unwrap_err();
        let shown: Vec<String> = mistakes.iter().map(|mistake| mistake.render(false)).collect();
        insta::assert_snapshot!(shown.join("\n\n"));
    }
}

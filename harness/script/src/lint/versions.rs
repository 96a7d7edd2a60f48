//! The same number is another rule in the other version.

use std::collections::BTreeMap;

use mqttspec_codec::Version;

use crate::diagnostic::Problems;
use crate::expand::choose;
use crate::plan::Place;
use crate::yaml::Node;

/// In which versions a rule that a step proves is covered, and in which it is not.
#[derive(Default)]
struct Proved {
    covered: Vec<Version>,
    not_covered: Vec<Version>,
}

/// A step that says in both versions that it proves what the case covers in one would accuse the broker of breaking a
/// rule of the other that may be about something else.
pub(crate) fn check(case: &Node, versions: &[Version], problems: &mut Problems) {
    let mut all: BTreeMap<(Place, String), Proved> = BTreeMap::new();
    for &version in versions {
        let Some(chosen) = choose(case, version) else { continue };
        let covers = chosen.get("covers").map(Node::one_or_more).unwrap_or_default();
        let Some(script) = chosen.get("script") else { continue };
        for item in proved(script) {
            let Some(id) = item.text() else { continue };
            let proved = all.entry((item.place, id.to_owned())).or_default();
            let is_covered = covers.iter().any(|rule| rule.text() == Some(id));
            if is_covered { &mut proved.covered } else { &mut proved.not_covered }.push(version);
        }
    }
    for ((place, id), Proved { covered, not_covered }) in all {
        if let (Some(with), Some(without)) = (covered.first(), not_covered.first()) {
            problems.advise(
                place,
                format!("this proves {id} in MQTT {without} as well, where the case does not cover it"),
                format!("the rule that the case covers in MQTT {with}"),
                "the number may be another rule there; say it by version: `proves: {3.1.1: [ID], 5.0: [ID]}`",
            );
        }
    }
}

/// What the steps of a script say that they prove.
fn proved(node: &Node) -> Vec<&Node> {
    let of_items = node.items().iter().flat_map(proved);
    let of_entries = node.entries().iter().flat_map(|entry| {
        if entry.key.text == "proves" {
            entry.value.one_or_more().iter().collect()
        } else {
            proved(&entry.value)
        }
    });
    of_items.chain(of_entries).collect()
}

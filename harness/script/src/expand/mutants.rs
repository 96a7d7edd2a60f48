//! `foreach: {mutation: mutants(VERDICT)}`: the mutants of the packet that a `send` of the case changes.

use mqttspec_codec::model::Packet;
use mqttspec_codec::mutation::{Mutant, Operator, Verdict, mutants, operators};
use mqttspec_codec::{Citation, Version};
use mqttspec_spec::Registry;

use super::foreach::LABEL;
use super::substitute::VALUE;
use crate::diagnostic::Problems;
use crate::mutation::{base, broken_rules};
use crate::plan::Place;
use crate::yaml::{Entry, Key, Kind, Node};
use mqttspec_spec::nearest;

/// The key of a `send` that names a mutant.
pub(crate) const MUTATION: &str = "mutation";

/// An entry of a `foreach` that asks for mutants.
pub(crate) struct Request {
    /// The name in angle brackets.
    pub(crate) name: String,
    /// Where it stands.
    pub(crate) place: Place,
    verdict: Verdict,
    only: Vec<&'static Operator>,
    without: Vec<&'static Operator>,
}

/// Whether a value of `foreach` asks for mutants.
pub(super) fn is_request(value: &Node) -> bool {
    inside(value).is_some()
}

fn inside(value: &Node) -> Option<&str> {
    value.text()?.strip_prefix("mutants(")?.strip_suffix(')')
}

/// The request for mutants in a `foreach`, if there is one. It stands last, because the packet may use the other
/// names.
pub(crate) fn request(foreach: Option<&Node>, problems: &mut Problems) -> Option<Request> {
    let entries = foreach?.entries();
    let index = entries.iter().position(|entry| is_request(&entry.value))?;
    let entry = entries.get(index)?;
    if index + 1 != entries.len() {
        problems.advise(
            entry.key.place,
            "`mutants(..)` does not stand last in `foreach`",
            "other names follow",
            "write it behind all others",
        );
    }
    read(entry, problems)
}

fn read(entry: &Entry, problems: &mut Problems) -> Option<Request> {
    let place = entry.value.place;
    let mut words = inside(&entry.value)?.split(',').map(str::trim);
    let first = words.next().unwrap_or_default();
    let Some(verdict) = Verdict::ALL.into_iter().find(|verdict| verdict.as_str() == first) else {
        let known = Verdict::ALL.map(Verdict::as_str);
        let advice = match nearest(first, known) {
            Some(near) => format!("did you mean `mutants({near})`?"),
            None => format!("write `mutants(VERDICT)` with one of {}", known.join(", ")),
        };
        problems.advise(place, format!("`{first}` is no verdict on mutants"), "unknown verdict", advice);
        return None;
    };
    let mut request =
        Request { name: entry.key.text.clone(), place, verdict, only: Vec::new(), without: Vec::new() };
    for word in words {
        let (list, name) = match word.strip_prefix("without ") {
            Some(name) => (&mut request.without, name.trim()),
            None => (&mut request.only, word),
        };
        match operators().find(|operator| operator.name == name) {
            Some(operator) => list.push(operator),
            None => {
                unknown_operator(name, place, problems);
                return None;
            }
        }
    }
    Some(request)
}

fn unknown_operator(name: &str, place: Place, problems: &mut Problems) {
    let known: Vec<&str> = operators().map(|operator| operator.name).collect();
    let advice = match nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the operators are {}", known.join(", ")),
    };
    problems.advise(place, format!("there is no operator `{name}`"), "unknown operator", advice);
}

impl Request {
    /// Whether the case may use an operator.
    fn admits(&self, operator: &'static Operator) -> bool {
        let is = |other: &&'static Operator| other.name == operator.name;
        (self.only.is_empty() || self.only.iter().any(is)) && !self.without.iter().any(is)
    }

    /// The part of a script that changes a packet: the body of a `send`, or one of its packets.
    pub(crate) fn changed<'a>(&self, case: &'a Node) -> Option<(&'a Node, &'a Node)> {
        let name = format!("<{}>", self.name);
        let names_it = |node: &Node| node.get(MUTATION).and_then(Node::text) == Some(name.as_str());
        let steps = case.get("script").map(Node::items).unwrap_or_default();
        steps.iter().filter_map(|step| step.get("send")).find_map(|send| {
            let together = send.get("together").map(Node::items).unwrap_or_default();
            std::iter::once(send).chain(together).find(|node| names_it(node)).map(|node| (send, node))
        })
    }

    /// The mutants of a packet as items of `foreach`.
    pub(crate) fn items(&self, packet: &Packet, version: Version, registry: &Registry) -> Vec<Node> {
        let base = base(packet);
        mutants(&base, version)
            .iter()
            .filter(|mutant| mutant.expectation.verdict == self.verdict && self.admits(mutant.operator))
            .map(|mutant| self.item(mutant, &base, version, registry))
            .collect()
    }

    fn item(&self, mutant: &Mutant, base: &Packet, version: Version, registry: &Registry) -> Node {
        let at = |kind: Kind| Node { place: self.place, kind };
        let text = |text: String| at(Kind::Text(text));
        let codes = |codes: &[mqttspec_codec::model::ReasonCode]| {
            at(Kind::List(codes.iter().map(|code| at(Kind::Integer(code.0.into()))).collect()))
        };
        let is_testable = |id: &mqttspec_codec::StatementId| {
            let statement = registry.get(Citation { version, id: *id });
            statement.is_some_and(|statement| statement.observable.is_testable())
        };
        let expectation = &mutant.expectation;
        // The operator knows the rule about what it does, the decoder the one about the very field. What else the
        // decoder cites may bind the sender alone.
        let mut rules = expectation.statements.clone();
        if let Some(&first) = broken_rules(mutant, base, version).first()
            && !rules.is_empty()
            && !rules.contains(&first)
        {
            rules.insert(0, first);
        }
        let rules = rules.iter().filter(|id| is_testable(id)).map(|id| text(id.to_string())).collect();
        let entries = [
            (LABEL, text(mutant.label())),
            (VALUE, text(mutant.label())),
            ("operator", text(mutant.operator.name.to_owned())),
            ("summary", text(mutant.operator.summary.to_owned())),
            ("rules", at(Kind::List(rules))),
            ("reason", codes(&expectation.reason_codes)),
            ("return_code", codes(&expectation.return_codes)),
        ];
        let entries = entries
            .into_iter()
            .map(|(key, value)| Entry { key: Key { text: key.to_owned(), place: self.place }, value });
        at(Kind::Map(entries.collect()))
    }
}

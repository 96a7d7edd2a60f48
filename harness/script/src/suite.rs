//! The suite: all cases of all files.

use std::collections::BTreeSet;
use std::sync::Arc;

use mqttspec_codec::Version;
use mqttspec_spec::Registry;

use crate::diagnostic::{Diagnostic, Problems};
use crate::expand::{
    MUTATION, Request, Row, Sets, choose, digest_of, parse_version, request, rows, substitute, with_items,
};
use crate::grammar::{CASE, SEND, check};
use crate::lint::{check_versions, lint};
use crate::lower::{Identity, lower, packet_to_change};
use crate::plan::{Case, File, Place};
use crate::yaml::{Entry, Kind, Node, read};

/// Every case of a suite, for each version and each row of its `foreach`, in the order of the files.
#[derive(Clone, Debug, Default)]
pub struct Suite {
    /// The cases.
    pub cases: Vec<Case>,
}

impl Suite {
    /// A digest of all cases.
    #[must_use]
    pub fn digest(&self) -> String {
        let all: String = self.cases.iter().map(|case| case.digest.as_str()).collect();
        digest_of(&all)
    }

    /// Reads and checks case files, each given by its path from the suite's root and its text, with the
    /// file of named sets that `foreach` draws on.
    ///
    /// # Errors
    /// All errors of all files.
    pub fn load<P, T>(
        files: impl IntoIterator<Item = (P, T)>,
        sets: Option<(P, T)>,
        registry: &Registry,
    ) -> Result<Self, Vec<Diagnostic>>
    where
        P: Into<String>,
        T: Into<String>,
    {
        let mut diagnostics = Vec::new();
        let sets = sets.map_or_else(Sets::default, |(path, text)| {
            let file = Arc::new(File { path: path.into(), text: text.into() });
            let mut problems = Problems::new(Arc::clone(&file));
            let sets = match read(&file.text, &mut problems) {
                Some(node) => Sets::read(node, &mut problems),
                None => Sets::default(),
            };
            diagnostics.extend(problems.into_list());
            sets
        });
        let mut suite = Self::default();
        for (path, text) in files {
            let file = Arc::new(File { path: path.into(), text: text.into() });
            let mut problems = Problems::new(Arc::clone(&file));
            if let Some(node) = read(&file.text, &mut problems) {
                FileReader { file, sets: &sets, registry, problems: &mut problems, cases: &mut suite.cases }
                    .file(&node);
            }
            diagnostics.extend(problems.into_list());
        }
        if diagnostics.is_empty() { Ok(suite) } else { Err(diagnostics) }
    }
}

struct FileReader<'a> {
    file: Arc<File>,
    sets: &'a Sets,
    registry: &'a Registry,
    problems: &'a mut Problems,
    cases: &'a mut Vec<Case>,
}

impl FileReader<'_> {
    fn file(&mut self, node: &Node) {
        let Kind::List(items) = &node.kind else {
            if node.kind != Kind::Null {
                self.problems.advise(
                    node.place,
                    "a case file is a list of cases",
                    format!("expected a list, got {}", node.words()),
                    "begin each case with `- id: NAME`",
                );
            }
            return;
        };
        let mut ids = BTreeSet::new();
        for item in items {
            if let Some(id) = item.get("id")
                && !ids.insert(id.scalar())
            {
                let name = id.scalar().unwrap_or_default();
                self.problems.advise(
                    id.place,
                    format!("the id `{name}` stands in this file twice"),
                    "the second one",
                    "give each case of a file its own id",
                );
                continue;
            }
            self.case(item);
        }
    }

    fn case(&mut self, node: &Node) {
        let before = self.problems.len();
        let Some(covers) = node.get("covers") else {
            check(&CASE, node, None, self.problems);
            return;
        };
        let versions: Vec<Version> =
            covers.entries().iter().filter_map(|entry| parse_version(&entry.key.text)).collect();
        if versions.is_empty() || versions.len() != covers.entries().len() {
            self.problems.advise(
                covers.place,
                "`covers` does not say which rules of which version",
                "expected versions with lists of rules",
                "write `covers: {3.1.1: [MQTT-..], 5.0: [MQTT-..]}`",
            );
            return;
        }
        let mut names = BTreeSet::new();
        let mut used = BTreeSet::new();
        for &version in &versions {
            self.version(node, version, &mut names, &mut used);
        }
        if self.problems.len() == before {
            check_versions(node, &versions, self.problems);
        }
        let unused: Vec<&String> = names.difference(&used).collect();
        if let (Some(name), true) = (unused.first(), self.problems.len() == before) {
            let place = node.entry("foreach").map_or(node.place, |entry| entry.key.place);
            self.problems.advise(
                place,
                format!("`<{name}>` stands nowhere in the case"),
                "repeats the case for nothing",
                format!("use `<{name}>`, or remove it here"),
            );
        }
    }

    /// All cases of one version.
    fn version(
        &mut self,
        node: &Node,
        version: Version,
        names: &mut BTreeSet<String>,
        used: &mut BTreeSet<String>,
    ) {
        let Some(chosen) = choose(node, version) else { return };
        let sets = self.sets.choose(version);
        let before = self.problems.len();
        let mut rows = rows(chosen.get("foreach"), &sets, self.problems);
        let body = without_foreach(&chosen);
        let request = request(chosen.get("foreach"), self.problems);
        if self.problems.len() > before {
            return;
        }
        if let Some(request) = request {
            rows = rows.iter().flat_map(|row| self.mutants(&request, row, &body, version)).collect();
            if rows.is_empty() && self.problems.len() == before {
                self.no_mutants(&request, version);
            }
        }
        for row in rows {
            names.extend(row.names().map(str::to_owned));
            self.row(&body, version, &row, used);
        }
    }

    /// The rows that the mutants of a packet make of one row.
    fn mutants(&mut self, request: &Request, row: &Row, body: &Node, version: Version) -> Vec<Row> {
        let before = self.problems.len();
        let name = &request.name;
        let Some((send, changed)) = request.changed(body) else {
            self.problems.advise(
                request.place,
                format!("no packet of the case is changed by `<{name}>`"),
                "mutants of nothing",
                format!("write `send: {{PACKET: {{..}}, mutation: <{name}>}}`"),
            );
            return Vec::new();
        };
        let mut used = BTreeSet::new();
        let mut fill = |node: &Node| substitute(&without(node, MUTATION), row, &mut used, self.problems);
        let (send, changed) = (fill(&without(send, "together")), fill(changed));
        let clients = body.entries().iter().filter(|entry| entry.key.text == "clients").cloned().collect();
        let clients = fill(&Node { place: body.place, kind: Kind::Map(clients) });
        if self.problems.len() == before {
            check(&SEND, &changed, Some(version), self.problems);
        }
        if self.problems.len() > before {
            return Vec::new();
        }
        let packet = packet_to_change(&clients, (&send, &changed), version, self.registry, self.problems);
        let Some((packet, version)) = packet else { return Vec::new() };
        let items = request.items(&packet, version, self.registry);
        with_items(row, name, items, self.problems)
    }

    fn no_mutants(&mut self, request: &Request, version: Version) {
        self.problems.advise(
            request.place,
            format!("the packet has no such mutants in MQTT {version}"),
            "there would be no case",
            "name other operators, or leave the version out of `covers`",
        );
    }

    fn row(&mut self, body: &Node, version: Version, row: &Row, used: &mut BTreeSet<String>) {
        let before = self.problems.len();
        let expanded = substitute(body, row, used, self.problems);
        if self.problems.len() > before {
            return;
        }
        // Clients of the other version may use what only that version has.
        let mixed = expanded.get("clients").is_some_and(|clients| {
            clients.entries().iter().any(|client| client.value.get("version").is_some())
        });
        check(&CASE, &expanded, (!mixed).then_some(version), self.problems);
        if self.problems.len() > before {
            return;
        }
        let name = expanded.get("id").and_then(Node::text).unwrap_or_default();
        let path = self.file.path.strip_suffix(".yaml").unwrap_or(&self.file.path);
        let identity = Identity {
            id: format!("{path}/{name}{}", row.suffix()),
            version,
            file: Arc::clone(&self.file),
            place: case_place(body),
        };
        let mut case = lower(&expanded, identity, self.registry, self.problems);
        if self.problems.len() == before {
            lint(&mut case, self.problems);
        }
        self.cases.push(case);
    }
}

fn without_foreach(node: &Node) -> Node {
    without(node, "foreach")
}

fn without(node: &Node, key: &str) -> Node {
    let entries = node.entries().iter().filter(|entry| entry.key.text != key).cloned().collect();
    Node { place: node.place, kind: Kind::Map(entries) }
}

/// A case is underlined at its id.
fn case_place(node: &Node) -> Place {
    node.entry("id").map_or(node.place, Entry::place)
}

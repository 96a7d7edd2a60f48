//! What every part of the lowering needs.

use std::collections::{BTreeMap, BTreeSet};

use mqttspec_codec::{Citation, StatementId, Version};
use mqttspec_spec::Registry;

use crate::diagnostic::Problems;
use crate::plan::{Action, Client, Place, Role, Step};
use crate::yaml::Node;
use mqttspec_spec::nearest;

/// What a client's connection is known to be while a script is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Link {
    /// There is none.
    None,
    /// It was opened by `open`, and nothing was sent.
    Opened,
    /// Packets were sent.
    InUse,
    /// The broker may have closed it.
    MayBeClosed,
}

/// The lowering of one case.
pub(super) struct Context<'a> {
    pub(super) version: Version,
    pub(super) registry: &'a Registry,
    pub(super) problems: &'a mut Problems,
    pub(super) covers: Vec<StatementId>,
    pub(super) clients: Vec<Client>,
    pub(super) links: BTreeMap<String, Link>,
    pub(super) steps: Vec<Step>,
    /// Whether the script at hand is a control, whose steps prove nothing about the broker.
    pub(super) in_control: bool,
    /// The capabilities that the mutants of the script need.
    pub(super) needs: BTreeSet<&'static str>,
    /// The steps that judge the broker by all that the case covers, as they do not say which rules they prove.
    pub(super) unspecific: Vec<Place>,
}

/// The step that is being lowered.
pub(super) struct Verb<'a> {
    /// Its name.
    pub(super) name: &'a str,
    /// Its body.
    pub(super) body: &'a Node,
    /// Where it stands.
    pub(super) place: Place,
}

impl Context<'_> {
    /// Adds a step.
    pub(super) fn push(&mut self, verb: &Verb<'_>, role: Role, action: Action) {
        self.steps.push(Step { place: verb.place, verb: verb.name.to_owned(), role, action });
    }

    /// A statement id that the version must have.
    pub(super) fn statement(&mut self, node: &Node) -> Option<StatementId> {
        let text = node.text()?;
        let id: StatementId = text.parse().ok()?;
        let here = Citation { version: self.version, id };
        if self.registry.contains(here) {
            return Some(id);
        }
        let other = Version::ALL.into_iter().find(|version| {
            *version != self.version && self.registry.contains(Citation { version: *version, id })
        });
        let version = self.version;
        match (self.registry.get(here), other) {
            (Some(statement), _) => {
                let letters: Vec<String> =
                    statement.clauses.iter().map(|clause| clause.id.to_string()).collect();
                let advice = if letters.is_empty() {
                    format!("{} has no clauses: cite the statement", id.statement())
                } else {
                    format!("its clauses are {}", letters.join(", "))
                };
                self.problems.advise(
                    node.place,
                    format!("{version} {} has no such clause", id.statement()),
                    "unknown clause",
                    advice,
                );
            }
            (None, Some(other)) => self.problems.advise(
                node.place,
                format!("{id} is a statement of MQTT {other}, not of {version}"),
                format!("not in {version}"),
                format!(
                    "name the rule of {version}, or give the values by version: `{{3.1.1: .., 5.0: ..}}`"
                ),
            ),
            (None, None) => {
                let ids: Vec<String> = self
                    .registry
                    .iter()
                    .filter(|rule| rule.citation.version == version)
                    .map(|rule| rule.citation.id.to_string())
                    .collect();
                let advice = match nearest(text, ids.iter().map(String::as_str)) {
                    Some(near) => format!("did you mean {near}?"),
                    None => "the rules stand in cases/statements".to_owned(),
                };
                self.problems.advise(
                    node.place,
                    format!("MQTT {version} has no statement {id}"),
                    "unknown statement",
                    advice,
                );
            }
        }
        None
    }

    /// One statement id or several.
    pub(super) fn statements(&mut self, node: Option<&Node>) -> Vec<StatementId> {
        let Some(node) = node else { return Vec::new() };
        node.one_or_more().iter().filter_map(|item| self.statement(item)).collect()
    }

    /// The role of a verb that asserts what the case covers.
    pub(super) fn assertion(&mut self, verb: &Verb<'_>) -> Role {
        match self.proved(verb) {
            None => {
                self.unspecific.push(verb.place);
                Role::Assertion(self.covers.clone())
            }
            Some(role) => role,
        }
    }

    /// The role of a verb that only sets the scene, unless it says that it proves something.
    pub(super) fn setup(&mut self, verb: &Verb<'_>) -> Role {
        self.proved(verb).unwrap_or(Role::Setup)
    }

    fn proved(&mut self, verb: &Verb<'_>) -> Option<Role> {
        let proves = verb.body.get("proves");
        let ids = self.statements(proves);
        match proves {
            _ if self.in_control => Some(Role::Setup),
            // A step that proves nothing only sets the scene.
            Some(list) if list.items().is_empty() && list.text().is_none() => Some(Role::Setup),
            Some(_) => Some(Role::Assertion(ids)),
            None => None,
        }
    }

    /// The client that a step names, or the only one.
    pub(super) fn client(&mut self, verb: &Verb<'_>) -> Option<String> {
        match verb.body.get("client") {
            Some(node) => self.client_named(node),
            None => self.only_client(verb),
        }
    }

    /// The clients that a step names, or the only one.
    pub(super) fn clients(&mut self, verb: &Verb<'_>) -> Vec<String> {
        match verb.body.get("client") {
            Some(node) => node.one_or_more().iter().filter_map(|item| self.client_named(item)).collect(),
            None => self.only_client(verb).into_iter().collect(),
        }
    }

    fn only_client(&mut self, verb: &Verb<'_>) -> Option<String> {
        if let [only] = self.clients.as_slice() {
            return Some(only.name.clone());
        }
        self.problems.advise(
            verb.place,
            format!("`{}` does not say which client", verb.name),
            "no `client` here",
            format!("the clients are {}", self.client_words()),
        );
        None
    }

    fn client_named(&mut self, node: &Node) -> Option<String> {
        let name = node.text()?;
        if self.clients.iter().any(|client| client.name == name) {
            return Some(name.to_owned());
        }
        let advice = match nearest(name, self.clients.iter().map(|client| client.name.as_str())) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the clients are {}", self.client_words()),
        };
        self.problems.advise(node.place, format!("there is no client `{name}`"), "unknown client", advice);
        None
    }

    fn client_words(&self) -> String {
        let names: Vec<&str> = self.clients.iter().map(|client| client.name.as_str()).collect();
        names.join(", ")
    }

    /// A client by its name.
    pub(super) fn find(&self, name: &str) -> Option<&Client> {
        self.clients.iter().find(|client| client.name == name)
    }

    /// The version that a client speaks.
    pub(super) fn version_of(&self, client: &str) -> Version {
        self.find(client).map_or(self.version, |client| client.version)
    }

    /// What is known of a client's connection.
    pub(super) fn link(&self, client: &str) -> Link {
        self.links.get(client).copied().unwrap_or(Link::None)
    }

    /// Notes what becomes of a client's connection.
    pub(super) fn set_link(&mut self, client: &str, link: Link) {
        self.links.insert(client.to_owned(), link);
    }
}

//! A whole case.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytestring::ByteString;
use mqttspec_codec::Version;
use mqttspec_codec::model::{Connect, Packet};
use mqttspec_spec::Registry;

use super::context::Context;
use crate::diagnostic::Problems;
use crate::expand::digest;
use crate::grammar::packet_named;
use crate::plan::{Action, Case, Client, Control, File, Place, Role, Step, Transport};
use crate::yaml::Node;

/// The client of a case that names none.
const ONLY_CLIENT: &str = "client";

/// Keep Alive of a CONNECT that says nothing else, in seconds: long enough never to matter.
const KEEP_ALIVE: u16 = 60;

/// What identifies a case that is being lowered.
pub(crate) struct Identity {
    pub(crate) id: String,
    pub(crate) version: Version,
    pub(crate) file: Arc<File>,
    pub(crate) place: Place,
}

/// Lowers a case that the tables have accepted.
pub(crate) fn lower(node: &Node, identity: Identity, registry: &Registry, problems: &mut Problems) -> Case {
    let Identity { id, version, file, place } = identity;
    let mut context = Context {
        version,
        registry,
        problems,
        covers: Vec::new(),
        clients: Vec::new(),
        links: BTreeMap::new(),
        steps: Vec::new(),
        in_control: false,
        needs: BTreeSet::new(),
        unspecific: Vec::new(),
    };
    context.covers = context.covers_of(node);
    context.clients = context.clients_of(node);
    let control = match node.get("control") {
        Some(control) => Control::Script(context.script(control, true)),
        None => Control::NotNeeded,
    };
    let steps = node.get("script").map(|script| context.script(script, false)).unwrap_or_default();
    context.say_what_is_proved(&steps);
    let implied: Vec<String> = context.needs.iter().map(|need| (*need).to_owned()).collect();
    let words = |key: &str| -> BTreeSet<String> {
        let items = node.get(key).map(Node::items).unwrap_or_default();
        items.iter().filter_map(Node::text).map(str::to_owned).collect()
    };
    Case {
        id,
        version,
        title: node.get("title").and_then(Node::text).unwrap_or_default().to_owned(),
        covers: context.covers,
        tags: words("tags"),
        needs: words("needs").into_iter().chain(implied).collect(),
        exclusive: node.get("exclusive").and_then(Node::flag).unwrap_or(false)
            || steps.iter().any(is_restart)
            || matches!(&control, Control::Script(steps) if steps.iter().any(is_restart)),
        clients: context.clients,
        control,
        steps,
        file,
        place,
        digest: digest(node, version),
    }
}

/// A restart ends the connections of everybody else as well.
const fn is_restart(step: &Step) -> bool {
    matches!(step.action, Action::Restart { .. })
}

/// The packet that a `send` changes: `case` has the clients, and `changed` is the `send` or one of its packets.
pub(crate) fn packet_to_change(
    case: &Node,
    (send, changed): (&Node, &Node),
    version: Version,
    registry: &Registry,
    problems: &mut Problems,
) -> Option<(Packet, Version)> {
    let mut context = Context {
        version,
        registry,
        problems,
        covers: Vec::new(),
        clients: Vec::new(),
        links: BTreeMap::new(),
        steps: Vec::new(),
        in_control: false,
        needs: BTreeSet::new(),
        unspecific: Vec::new(),
    };
    context.clients = context.clients_of(case);
    let name = send.get("client").and_then(Node::text);
    let client = context.clients.iter().find(|client| name.is_none_or(|name| client.name == name))?;
    let (version, connect) = (client.version, client.connect.clone());
    let (packet_type, fields) =
        changed.entries().iter().find_map(|entry| Some((packet_named(&entry.key.text)?, &entry.value)))?;
    Some((context.packet(packet_type, fields, &connect, version).0, version))
}

impl Context<'_> {
    fn covers_of(&mut self, node: &Node) -> Vec<mqttspec_codec::StatementId> {
        let mut covers = Vec::new();
        for item in node.get("covers").map(Node::items).unwrap_or_default() {
            let Some(id) = self.statement(item) else { continue };
            if covers.contains(&id) {
                self.problems.add(item.place, format!("{id} is covered twice"), "the second one");
            }
            let citation = mqttspec_codec::Citation { version: self.version, id };
            if let Some(statement) = self.registry.get(citation)
                && !statement.observable.is_testable()
            {
                let reason = statement.reason.as_deref().unwrap_or("no client can see it broken");
                self.problems.advise(
                    item.place,
                    format!("{citation} cannot be put to the test"),
                    "not observable",
                    reason.to_owned(),
                );
            }
            covers.push(id);
        }
        covers
    }

    /// Where several steps judge several rules, each has to say which: else a fail accuses the broker of too much.
    fn say_what_is_proved(&mut self, steps: &[Step]) {
        let judging: BTreeSet<Place> = steps
            .iter()
            .filter(|step| matches!(step.role, Role::Assertion(_)))
            .map(|step| step.place)
            .collect();
        if self.covers.len() < 2 || judging.len() < 2 {
            return;
        }
        for place in std::mem::take(&mut self.unspecific) {
            self.problems.advise(
                place,
                "the case covers several rules, and this step does not say which of them it proves",
                "cites them all when it fails",
                "give it `proves: [ID, ..]`, or `proves: []` if it only sets the scene",
            );
        }
    }

    fn clients_of(&mut self, node: &Node) -> Vec<Client> {
        let Some(clients) = node.get("clients") else {
            return vec![self.client_from(ONLY_CLIENT, None)];
        };
        let entries = clients.entries();
        if entries.is_empty() {
            self.problems.add(clients.place, "a case has at least one client", "empty mapping");
        }
        entries.iter().map(|entry| self.client_from(&entry.key.text, Some(&entry.value))).collect()
    }

    fn client_from(&mut self, name: &str, node: Option<&Node>) -> Client {
        let given = node.and_then(|node| node.get("version")).and_then(Node::scalar);
        let version = given.and_then(|text| text.parse().ok()).unwrap_or(self.version);
        let base =
            Connect { keep_alive: KEEP_ALIVE, ..Connect::new(version, ByteString::from_static("$id")) };
        let flag = |key: &str, default: bool| {
            node.and_then(|node| node.get(key)).and_then(Node::flag).unwrap_or(default)
        };
        Client {
            name: name.to_owned(),
            version,
            transport: match node.and_then(|node| node.get("transport")) {
                Some(_) => Transport::WebSocket,
                None => Transport::Any,
            },
            acknowledge: flag("acknowledge", true),
            reply_in_any_version: flag("reply_in_any_version", false),
            connect: match node {
                Some(node) => self.connect(node, &base),
                None => base,
            },
        }
    }
}

//! From the tree of a profile to the profile.

use std::sync::Arc;
use std::time::Duration;

use mqttspec_codec::{StatementId, Version};
use mqttspec_spec::Baseline;
use mqttspec_spec::record::Note;

use super::keys::PROFILE;
use super::{Account, Command, Declared, Listener, Profile, Template, Transport};
use crate::baseline::entries;
use crate::diagnostic::{Diagnostic, Problems};
use crate::grammar::{capability, check};
use crate::plan::File;
use crate::values::parse_duration;
use crate::yaml::{Node, Strings, read_with};

/// How long a broker may take to serve, and to stop, unless its profile says otherwise.
const PATIENCE: Duration = Duration::from_secs(10);

/// The port of a broker whose profile names no listeners.
const MAIN: &str = "main";

impl Profile {
    /// Reads a profile, given by its path for people and its text.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub fn read(path: impl Into<String>, text: impl Into<String>) -> Result<Self, Vec<Diagnostic>> {
        let file = Arc::new(File { path: path.into(), text: text.into() });
        let mut problems = Problems::new(Arc::clone(&file));
        let node = read_with(&file.text, Strings::Literal, &mut problems);
        let profile = node.and_then(|node| {
            check(&PROFILE, &node, None, &mut problems);
            (problems.len() == 0).then(|| profile(&node, &file, &mut problems))
        });
        match profile {
            Some(profile) if problems.len() == 0 => Ok(profile),
            _ => Err(problems.into_list()),
        }
    }
}

fn profile(node: &Node, file: &Arc<File>, problems: &mut Problems) -> Profile {
    let listeners = listeners(node, problems);
    let own = further_ports(node, &listeners, problems);
    let deviations = node
        .get("deviations")
        .map(|list| Baseline { file: file.path.clone(), entries: entries(list, file, problems) });
    let notes = node.get("notes").map(Node::items).unwrap_or_default();
    let notes = notes.iter().map(|item| note(item, problems)).collect();
    let ports: Vec<String> = listeners.iter().map(|listener| &listener.port).chain(&own).cloned().collect();
    let mut reader = Reader { ports: &ports, problems };
    let text = |key: &str| node.get(key).and_then(Node::text).map(str::to_owned);
    let duration =
        |key: &str| node.get(key).and_then(Node::text).and_then(parse_duration).unwrap_or(PATIENCE);
    let name = text("name").unwrap_or_default();
    Profile {
        title: text("title").unwrap_or_else(|| name.clone()),
        install: node.get("install").map(|install| reader.template(install)),
        requires: reader.templates(node.get("requires")),
        version: node.get("version").map(|version| reader.command(version)),
        environment: node
            .get("environment")
            .map(Node::entries)
            .unwrap_or_default()
            .iter()
            .map(|entry| (entry.key.text.clone(), reader.template(&entry.value)))
            .collect(),
        files: node
            .get("files")
            .map(Node::entries)
            .unwrap_or_default()
            .iter()
            .map(|entry| {
                let place = Node { place: entry.key.place, kind: entry.value.kind.clone() };
                let path = Template::read(&entry.key.text, &place, reader.ports, reader.problems);
                (path, reader.template(&entry.value))
            })
            .collect(),
        setup: node
            .get("setup")
            .map(Node::items)
            .unwrap_or_default()
            .iter()
            .map(|command| reader.command(command))
            .collect(),
        start: node.get("start").map(|start| reader.command(start)),
        logs: reader.templates(node.get("logs")),
        alarms: node
            .get("alarms")
            .map(Node::items)
            .unwrap_or_default()
            .iter()
            .filter_map(|alarm| alarm.text().map(str::to_owned))
            .collect(),
        listeners,
        ports: own,
        account: node.get("account").map(|account| Account {
            user_name: account.get("user_name").and_then(Node::text).unwrap_or_default().to_owned(),
            password: account.get("password").and_then(Node::text).unwrap_or_default().to_owned(),
        }),
        declares: node.get("declares").map(declared).unwrap_or_default(),
        deviations,
        notes,
        ready_within: duration("ready_within"),
        stop_within: duration("stop_within"),
        file: Arc::clone(file),
        name,
    }
}

/// Reads templates.
struct Reader<'a> {
    ports: &'a [String],
    problems: &'a mut Problems,
}

impl Reader<'_> {
    fn template(&mut self, node: &Node) -> Template {
        Template::read(node.text().unwrap_or_default(), node, self.ports, self.problems)
    }

    fn templates(&mut self, node: Option<&Node>) -> Vec<Template> {
        node.map(Node::items).unwrap_or_default().iter().map(|item| self.template(item)).collect()
    }

    /// A list of words as it is, or a line whose words white space separates.
    fn command(&mut self, node: &Node) -> Command {
        let words: Vec<Template> = match node.text() {
            Some(line) => line
                .split_whitespace()
                .map(|word| Template::read(word, node, self.ports, self.problems))
                .collect(),
            None => self.templates(Some(node)),
        };
        if words.is_empty() {
            self.problems.add(node.place, "there is no program to run", "expected a command");
        }
        Command { words }
    }
}

fn listeners(node: &Node, problems: &mut Problems) -> Vec<Listener> {
    let Some(list) = node.get("listeners") else {
        return vec![Listener {
            port: MAIN.to_owned(),
            transport: Transport::Tcp,
            path: "/".to_owned(),
            versions: Version::ALL.to_vec(),
            provides: Vec::new(),
        }];
    };
    let listeners: Vec<Listener> = list.items().iter().map(listener).collect();
    for (index, (listener, item)) in listeners.iter().zip(list.items()).enumerate() {
        if listeners.iter().take(index).any(|earlier| earlier.port == listener.port) {
            let place = item.entry("port").map_or(item.place, crate::yaml::Entry::place);
            problems.add(place, format!("there are two ports `{}`", listener.port), "the second one");
        }
    }
    let is_plain = |listener: &Listener| listener.transport == Transport::Tcp && listener.provides.is_empty();
    if !listeners.first().is_some_and(is_plain) {
        problems.advise(
            list.place,
            "the first listener serves every case that needs nothing special",
            "expected one for TCP that `provides` nothing",
            "put `{port: main}` first",
        );
    }
    listeners
}

fn further_ports(node: &Node, listeners: &[Listener], problems: &mut Problems) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for item in node.get("ports").map(Node::items).unwrap_or_default() {
        let name = item.text().unwrap_or_default();
        if names.iter().chain(listeners.iter().map(|listener| &listener.port)).any(|other| other == name) {
            problems.add(item.place, format!("there are two ports `{name}`"), "the second one");
        }
        names.push(name.to_owned());
    }
    names
}

fn listener(node: &Node) -> Listener {
    let versions: Vec<Version> = node
        .get("versions")
        .map(Node::items)
        .unwrap_or_default()
        .iter()
        .filter_map(|item| item.scalar().and_then(|text| text.parse().ok()))
        .collect();
    Listener {
        port: node.get("port").and_then(Node::text).unwrap_or_default().to_owned(),
        transport: node
            .get("transport")
            .and_then(Node::text)
            .and_then(|text| text.parse().ok())
            .unwrap_or(Transport::Tcp),
        path: node.get("path").and_then(Node::text).unwrap_or("/").to_owned(),
        versions: if versions.is_empty() { Version::ALL.to_vec() } else { versions },
        provides: capabilities(node.get("provides")),
    }
}

fn note(node: &Node, problems: &mut Problems) -> Note {
    let text = |key: &str| node.get(key).and_then(Node::text).map(|text| text.trim().to_owned());
    let is_section = |about: &str| about.split('.').all(|number| number.parse::<u8>().is_ok());
    if let Some((place, about)) = node.get("about").zip(text("about"))
        && !is_section(&about)
        && about.parse::<StatementId>().is_err()
    {
        problems.add(
            place.place,
            format!("`{about}` is neither a section nor a statement"),
            "expected a form like 3.8.4 or MQTT-3.8.4-6",
        );
    }
    Note {
        about: text("about"),
        version: node.get("version").and_then(Node::scalar),
        says: text("says").unwrap_or_default(),
    }
}

fn declared(node: &Node) -> Declared {
    let limits = node.get("limits").map(Node::entries).unwrap_or_default();
    let limit = |entry: &crate::yaml::Entry| {
        let value = entry.value.integer().and_then(|number| u32::try_from(number).ok())?;
        Some((entry.key.text.clone(), value))
    };
    Declared {
        supports: capabilities(node.get("supports")),
        lacks: capabilities(node.get("lacks")),
        limits: limits.iter().filter_map(limit).collect(),
    }
}

fn capabilities(node: Option<&Node>) -> Vec<&'static str> {
    let items = node.map(Node::items).unwrap_or_default();
    items.iter().filter_map(|item| item.text().and_then(capability)).collect()
}

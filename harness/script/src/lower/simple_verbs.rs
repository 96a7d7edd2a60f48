//! The verbs that do one thing.

use mqttspec_codec::model::PacketType;

use super::context::{Context, Link, Verb};
use crate::plan::FieldPattern;
use crate::plan::{
    Action, Alternative, Ending, Grade, Message, PacketPattern, Receive, Role, Stop, Until, Value,
    ValuePattern,
};
use crate::values::parse_duration;
use crate::yaml::Node;

impl Context<'_> {
    /// `open`: a connection without CONNECT.
    pub(super) fn open_verb(&mut self, verb: &Verb<'_>) {
        let Some(client) = self.client(verb) else { return };
        if matches!(self.link(&client), Link::Opened | Link::InUse) {
            self.problems.advise(
                verb.place,
                format!("the client `{client}` has a connection already"),
                "opens another",
                "end it before, by `disconnect` or `drop`, or use a second client",
            );
        }
        let upgrade = self.upgrade(verb, &client);
        let may_be_refused = upgrade.may_be_refused();
        self.set_link(&client, if may_be_refused { Link::MayBeClosed } else { Link::Opened });
        // A step that says what the server may select is about just that.
        let role = if upgrade.selected.is_empty() { self.setup(verb) } else { self.assertion(verb) };
        self.push(verb, role, Action::Open { client, upgrade });
    }

    /// `expect`: one packet or the end.
    pub(super) fn expect_verb(&mut self, verb: &Verb<'_>) {
        let Some(client) = self.client(verb) else { return };
        let version = self.version_of(&client);
        let alternatives: Vec<Alternative> = match verb.body.entry("any") {
            Some(any) => {
                let packets = verb.body.entries().iter();
                let other = packets.filter(|entry| entry.key.text != "any").find(|entry| {
                    entry.key.text == "closed" || crate::grammar::packet_named(&entry.key.text).is_some()
                });
                if let Some(other) = other {
                    let message = format!("`{}` and `any` do not go together", other.key.text);
                    self.problems.add(other.key.place, message, "put it into the list");
                }
                if any.value.items().is_empty() {
                    self.problems.add(any.value.place, "nothing is expected here", "empty list");
                }
                any.value.items().iter().filter_map(|item| self.alternative(item, None, version)).collect()
            }
            None => self.single_alternative(verb, version).into_iter().collect(),
        };
        self.note_end(&client, &alternatives);
        let (role, window) = (self.assertion(verb), self.window(verb.body));
        self.push(verb, role, Action::Expect { client, alternatives, observe: None, window });
    }

    fn single_alternative(
        &mut self,
        verb: &Verb<'_>,
        version: mqttspec_codec::Version,
    ) -> Option<Alternative> {
        let entry = self.only_pattern(verb.body)?;
        let pattern = self.packet_or_end(entry, version);
        Some(Alternative { pattern, grade: Grade::Pass, label: None, place: entry.place() })
    }

    /// `observe`: a choice that is left free.
    pub(super) fn observe_verb(&mut self, verb: &Verb<'_>) {
        let Some(client) = self.client(verb) else { return };
        let version = self.version_of(&client);
        let rule = verb.body.get("rule").and_then(|rule| self.statement(rule));
        let mut alternatives = Vec::new();
        for choice in verb.body.get("choices").map(Node::entries).unwrap_or_default() {
            alternatives.extend(self.alternative(&choice.value, Some(&choice.key.text), version));
        }
        self.note_end(&client, &alternatives);
        let (role, window) = (self.assertion(verb), self.window(verb.body));
        self.push(verb, role, Action::Expect { client, alternatives, observe: rule, window });
    }

    /// `closed`: the broker closes.
    pub(super) fn closed_verb(&mut self, verb: &Verb<'_>) {
        let Some(client) = self.client(verb) else { return };
        self.require_link(verb, &client);
        let pattern = self.close_pattern(verb.body);
        self.set_link(&client, Link::None);
        let (role, window) = (self.assertion(verb), self.window(verb.body));
        self.push(verb, role, Action::Closed { client, pattern, window });
    }

    /// `drop`: the end from our side, without DISCONNECT.
    pub(super) fn drop_verb(&mut self, verb: &Verb<'_>) {
        let Some(client) = self.client(verb) else { return };
        self.require_link(verb, &client);
        let how = match verb.body.get("how").and_then(Node::text) {
            Some("rst") => Ending::Reset,
            _ => Ending::Finish,
        };
        self.set_link(&client, Link::None);
        self.push(verb, Role::Setup, Action::End { client, how });
    }

    /// `wait`: time that the specification names.
    pub(super) fn wait_verb(&mut self, verb: &Verb<'_>) {
        let time = verb.body.get("time").and_then(Node::text).and_then(parse_duration);
        let rule = verb.body.get("rule").and_then(|rule| self.statement(rule));
        if let (Some(time), Some(rule)) = (time, rule) {
            self.push(verb, Role::Setup, Action::Wait { time, rule });
        }
    }

    /// `restart`: the broker stops, and with it every connection.
    pub(super) fn restart_verb(&mut self, verb: &Verb<'_>) {
        let how = match verb.body.get("how").and_then(Node::text) {
            Some("kill") => Stop::Kill,
            _ => Stop::Orderly,
        };
        for link in self.links.values_mut().filter(|link| **link != Link::None) {
            *link = Link::MayBeClosed;
        }
        self.push(verb, Role::Setup, Action::Restart { how });
    }

    /// `receive`: messages.
    pub(super) fn receive_verb(&mut self, verb: &Verb<'_>) {
        let Some(client) = self.client(verb) else { return };
        let version = self.version_of(&client);
        let items = verb.body.get("messages").map(Node::items).unwrap_or_default();
        let mut messages = Vec::with_capacity(items.len());
        for item in items {
            let flag = |key: &str| item.get(key).and_then(Node::flag).unwrap_or(false);
            let pattern = match item.text() {
                Some(payload) => short_message(payload, item),
                None => self.expected_packet(PacketType::Publish, item, version),
            };
            messages.push(Message {
                pattern,
                fence: flag("fence"),
                optional: flag("optional"),
                place: item.place,
            });
        }
        let until = until(verb.body);
        if until == Until::Closed {
            self.set_link(&client, Link::None);
        }
        let receive = Receive {
            client,
            messages,
            any_order: verb.body.get("any_order").and_then(Node::flag).unwrap_or(false),
            until,
            window: self.window(verb.body),
        };
        let role = self.assertion(verb);
        self.push(verb, role, Action::Receive(receive));
    }
}

/// A message of which only the payload is said.
fn short_message(payload: &str, node: &Node) -> PacketPattern {
    let field = FieldPattern {
        name: "payload".to_owned(),
        value: ValuePattern::Exactly(Value::Text(payload.into())),
        capture: None,
        place: node.place,
    };
    PacketPattern { packet_type: PacketType::Publish, fields: vec![field], rest_free: true }
}

fn until(body: &Node) -> Until {
    let Some(node) = body.get("until") else { return Until::Last };
    match node.text() {
        Some("ping") => Until::Ping,
        Some(_) => Until::Closed,
        None => Until::Quiet {
            time: node.get("quiet").and_then(Node::text).and_then(parse_duration).unwrap_or_default(),
            why: node.get("why").and_then(Node::text).unwrap_or_default().into(),
        },
    }
}

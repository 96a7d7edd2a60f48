//! From a list of steps to the plan's steps.

use super::context::{Context, Verb};
use crate::plan::Step;
use crate::yaml::Node;

impl Context<'_> {
    /// Lowers a list of steps; connections begin anew.
    pub(super) fn script(&mut self, node: &Node, in_control: bool) -> Vec<Step> {
        self.in_control = in_control;
        self.links.clear();
        for item in node.items() {
            if let [entry] = item.entries() {
                self.step(&Verb { name: &entry.key.text, body: &entry.value, place: entry.place() });
            }
        }
        std::mem::take(&mut self.steps)
    }

    fn step(&mut self, verb: &Verb<'_>) {
        match verb.name {
            "connect" => self.connect_verb(verb),
            "subscribe" => self.subscribe_verb(verb),
            "unsubscribe" => self.unsubscribe_verb(verb),
            "publish" => self.publish_verb(verb),
            "ping" | "fence" => self.ping_verb(verb),
            "disconnect" => self.disconnect_verb(verb),
            "receive" => self.receive_verb(verb),
            "open" => self.open_verb(verb),
            "send" => self.send(verb),
            "expect" => self.expect_verb(verb),
            "observe" => self.observe_verb(verb),
            "closed" => self.closed_verb(verb),
            "drop" => self.drop_verb(verb),
            "wait" => self.wait_verb(verb),
            "restart" => self.restart_verb(verb),
            // The tables have refused every other word.
            _ => {}
        }
    }
}

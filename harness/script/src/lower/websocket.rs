//! The keys of `open` and `send` that only clients on WebSocket have.

use super::context::{Context, Verb};
use crate::plan::{Chunks, FrameData, Frames, Selected, Transport, Upgrade};
use crate::yaml::Node;

impl Context<'_> {
    /// What `open` asks for.
    pub(super) fn upgrade(&mut self, verb: &Verb<'_>, client: &str) -> Upgrade {
        for key in ["subprotocols", "query", "selected", "violates"] {
            self.require_websocket(verb, key, client);
        }
        let words = |key: &str| {
            let items = verb.body.get(key).map(Node::one_or_more).unwrap_or_default();
            items.iter().filter_map(Node::text).map(str::to_owned).collect::<Vec<_>>()
        };
        Upgrade {
            query: verb.body.get("query").and_then(Node::text).map(str::to_owned),
            subprotocols: verb.body.get("subprotocols").map(|_| words("subprotocols")),
            selected: words("selected")
                .iter()
                .map(|word| match word.as_str() {
                    "absent" => Selected::Absent,
                    "refused" => Selected::Refused,
                    _ => Selected::Mqtt,
                })
                .collect(),
            violates: self.statements(verb.body.get("violates")),
        }
    }

    /// The kind of frames of a `send`.
    pub(super) fn frames(&mut self, verb: &Verb<'_>, client: &str, chunks: &Chunks) -> Frames {
        self.require_websocket(verb, "frames", client);
        let items = verb.body.get("frames").map(Node::one_or_more).unwrap_or_default();
        let says = |word: &str| items.iter().any(|item| item.text() == Some(word));
        if let (true, Chunks::Whole, Some(entry)) = (says("fragmented"), chunks, verb.body.entry("frames")) {
            self.problems.advise(
                entry.value.place,
                "a single write is a single frame, which is no fragment",
                "nothing is cut here",
                "say by `chunks` where the message is cut",
            );
        }
        Frames {
            data: match (says("text"), says("reserved")) {
                (true, _) => FrameData::Text,
                (false, true) => FrameData::Reserved,
                (false, false) => FrameData::Binary,
            },
            fragmented: says("fragmented"),
            unmasked: says("unmasked"),
        }
    }

    fn require_websocket(&mut self, verb: &Verb<'_>, key: &str, client: &str) {
        let Some(entry) = verb.body.entry(key) else { return };
        if self.find(client).is_some_and(|client| client.transport == Transport::WebSocket) {
            return;
        }
        self.problems.advise(
            entry.key.place,
            format!("`{key}` is for WebSocket, and `{client}` may use any transport"),
            "has no meaning here",
            format!("give the client its transport: `clients: {{{client}: {{transport: websocket}}}}`"),
        );
    }
}

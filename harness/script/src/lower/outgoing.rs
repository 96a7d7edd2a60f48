//! `send`: packets with changes to their bytes.

use super::context::{Context, Link, Verb};
use mqttspec_codec::model::Packet;
use mqttspec_codec::{StatementId, Version};

use crate::expand::MUTATION;
use crate::grammar::packet_named;
use crate::mutation;
use crate::plan::{Action, Chunks, Edit, LengthPolicy, Outgoing, PacketSource, Place, Role, Send};
use crate::yaml::{Entry, Node};
use mqttspec_spec::nearest;

impl Context<'_> {
    /// `send`.
    pub(super) fn send(&mut self, verb: &Verb<'_>) {
        let Some(client) = self.client(verb) else { return };
        self.require_link(verb, &client);
        let mut broken = Vec::new();
        let packets: Vec<Outgoing> = match verb.body.entry("together") {
            Some(together) => {
                if let Some(other) = verb.body.entries().iter().find(|entry| is_source(entry)) {
                    let message = format!("`{}` and `together` do not go together", other.key.text);
                    self.problems.add(other.key.place, message, "put it into the list");
                }
                together
                    .value
                    .items()
                    .iter()
                    .filter_map(|item| self.outgoing(item, item.place, &client, &mut broken))
                    .collect()
            }
            None => self.outgoing(verb.body, verb.place, &client, &mut broken).into_iter().collect(),
        };
        // What a mutant breaks is known.
        let violates = match verb.body.get("violates") {
            Some(given) => self.statements(Some(given)),
            None => broken,
        };
        let twin = self.twin(verb, &client, &packets, !violates.is_empty());
        let chunks = self.chunks(verb.body);
        let frames = self.frames(verb, &client, &chunks);
        self.set_link(&client, Link::InUse);
        self.push(verb, Role::Setup, Action::Send(Send { client, packets, chunks, frames, violates, twin }));
    }

    /// The well-formed packets that stand for broken ones: those named, or the same without changes.
    fn twin(&mut self, verb: &Verb<'_>, client: &str, packets: &[Outgoing], violates: bool) -> Vec<Outgoing> {
        if let Some(entry) = verb.body.entry("twin") {
            if !violates {
                self.problems.add(entry.key.place, "`twin` goes with `violates` only", "has no meaning here");
            }
            let items = entry.value.one_or_more();
            return items
                .iter()
                .filter_map(|item| self.outgoing(item, item.place, client, &mut Vec::new()))
                .collect();
        }
        let changed =
            verb.body.get("frames").is_some() || packets.iter().any(|packet| !packet.edits.is_empty());
        let derivable =
            changed && packets.iter().all(|packet| matches!(packet.source, PacketSource::Packet(_)));
        if violates && derivable {
            packets.iter().map(|packet| Outgoing { edits: Vec::new(), ..packet.clone() }).collect()
        } else {
            Vec::new()
        }
    }

    /// One packet, or bytes, with its changes. The rules that a mutant breaks are added to `broken`.
    fn outgoing(
        &mut self,
        node: &Node,
        place: Place,
        client: &str,
        broken: &mut Vec<StatementId>,
    ) -> Option<Outgoing> {
        let mut sources = node.entries().iter().filter(|entry| is_source(entry));
        let Some(source) = sources.next() else {
            self.problems.add(place, "nothing is sent here", "expected a packet, `raw` or `together`");
            return None;
        };
        if let Some(second) = sources.next() {
            self.problems.advise(
                second.key.place,
                format!("`{}` is a second packet", second.key.text),
                "the second one",
                "for several packets in one write use `together: [{..}, {..}]`",
            );
        }
        let mut edits = self.edits(node);
        let known = self.find(client)?;
        let (version, base) = (known.version, known.connect.clone());
        let (source, packet_id) = match packet_named(&source.key.text) {
            Some(packet_type) => {
                let (packet, packet_id) = self.packet(packet_type, &source.value, &base, version);
                if let Some(label) = node.get(MUTATION) {
                    edits.extend(self.mutation(label, &packet, version, broken));
                }
                (PacketSource::Packet(packet), packet_id)
            }
            None => {
                if let Some(first) = node.entries().iter().find(|entry| is_edit(entry)) {
                    self.problems.add(
                        first.key.place,
                        "raw bytes have no fields to change",
                        "goes with a packet only",
                    );
                }
                (PacketSource::Raw(self.hex(&source.value)), None)
            }
        };
        Some(Outgoing { source, packet_id, edits, place })
    }

    /// The changes that make a mutant of a packet.
    fn mutation(
        &mut self,
        label: &Node,
        packet: &Packet,
        version: Version,
        broken: &mut Vec<StatementId>,
    ) -> Vec<Edit> {
        let text = label.text().unwrap_or_default();
        let base = mutation::base(packet);
        let Some(mutant) = mqttspec_codec::mutation::mutant(&base, version, text) else {
            let known = mutation::labels(&base, version);
            let advice = match nearest(text, known.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!(
                    "it has {} mutants, such as `{}`",
                    known.len(),
                    known.last().map_or("", |last| last)
                ),
            };
            let message = format!("this {} has no mutant `{text}`", packet.packet_type());
            self.problems.advise(label.place, message, "unknown mutant", advice);
            return Vec::new();
        };
        for id in mutation::broken_rules(&mutant, &base, version) {
            if !broken.contains(&id) {
                broken.push(id);
            }
        }
        self.needs.extend(mutant.expectation.needs.iter().copied());
        mutant.edits.into_iter().map(Edit::Mutation).collect()
    }

    /// The changes, in the order of the file.
    fn edits(&mut self, node: &Node) -> Vec<Edit> {
        let lengths = match node.get("lengths").and_then(Node::text) {
            Some("frozen") => LengthPolicy::Frozen,
            _ => LengthPolicy::Recomputed,
        };
        let mut edits = Vec::new();
        for entry in node.entries() {
            let names = || entry.value.one_or_more().iter().filter_map(Node::text).map(str::to_owned);
            match entry.key.text.as_str() {
                "override" => {
                    for field in entry.value.entries() {
                        edits.push(self.override_edit(field, lengths));
                    }
                }
                "remove" => edits.extend(names().map(|field| Edit::Remove { field, lengths })),
                "duplicate" => edits.extend(names().map(|field| Edit::Duplicate { field, lengths })),
                "insert_before" => {
                    for field in entry.value.entries() {
                        let bytes = self.hex(&field.value);
                        edits.push(Edit::InsertBefore { field: field.key.text.clone(), bytes, lengths });
                    }
                }
                "append" => edits.push(Edit::Append { bytes: self.hex(&entry.value), lengths }),
                "truncate_after" => edits.extend(names().map(|field| Edit::TruncateAfter { field, lengths })),
                _ => {}
            }
        }
        edits
    }

    fn override_edit(&mut self, entry: &Entry, lengths: LengthPolicy) -> Edit {
        let field = entry.key.text.clone();
        let node = &entry.value;
        let number =
            |node: Option<&Node>| node.and_then(Node::integer).and_then(|number| u32::try_from(number).ok());
        if let Some(value) = number(Some(node)) {
            return Edit::SetInteger { field, value, width: None };
        }
        if let Some(value) = number(node.get("integer")) {
            let width = number(node.get("width")).and_then(|width| u8::try_from(width).ok());
            if width == Some(0) {
                self.problems.add(node.place, "a number has at least one byte", "width: expected 1 to 4");
            }
            return Edit::SetInteger { field, value, width };
        }
        if node.get("width").is_some() {
            self.problems.add(
                node.place,
                "`width` goes with `integer` only",
                "expected {integer: .., width: ..}",
            );
        }
        match node.text() {
            Some(text) => Edit::SetText { field, text: text.into(), lengths },
            None => Edit::Set { field, bytes: self.bytes(node), lengths },
        }
    }

    fn chunks(&mut self, body: &Node) -> Chunks {
        let Some(node) = body.get("chunks") else { return Chunks::Whole };
        let number = |node: &Node| node.integer().and_then(|number| usize::try_from(number).ok());
        if let Some(text) = node.text() {
            let size = text.strip_prefix("each(").and_then(|rest| rest.strip_suffix(')'));
            return match size.and_then(|size| size.parse().ok()) {
                Some(size @ 1..) => Chunks::Each(size),
                _ => {
                    self.problems.add(
                        node.place,
                        format!("`{text}` is no way to cut bytes"),
                        "expected each(N), with N from 1",
                    );
                    Chunks::Whole
                }
            };
        }
        let offsets: Vec<usize> = node.items().iter().filter_map(number).collect();
        if !offsets.is_sorted_by(|left, right| left < right) || offsets.first() == Some(&0) {
            self.problems.add(
                node.place,
                "the offsets of the cuts do not rise",
                "expected rising numbers from 1",
            );
        }
        Chunks::At(offsets)
    }
}

fn is_source(entry: &Entry) -> bool {
    entry.key.text == "raw" || packet_named(&entry.key.text).is_some()
}

fn is_edit(entry: &Entry) -> bool {
    matches!(
        entry.key.text.as_str(),
        "override" | "remove" | "duplicate" | "insert_before" | "append" | "truncate_after" | MUTATION
    )
}

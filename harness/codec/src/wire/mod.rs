//! A packet as a tree of named fields, any of which can be changed against the rules.

mod edit;
mod error;
mod names;
mod node;
mod recorder;

pub use error::WireError;
pub(crate) use names::{Found, pass, walk};
pub(crate) use node::{Content, Node};
pub(crate) use recorder::Recorder;

use std::ops::Range;

use bytes::{Bytes, BytesMut};

use crate::decode::{Careful, Reader};
use crate::encode::Writer;
use crate::layout;
use crate::model::Packet;
use crate::{Context, FieldKind, Version};

/// The bytes of a packet as a tree of named fields.
///
/// Names are those of the specification: `keep_alive`, `topic.length`, `properties[0].value`,
/// `filters[1].options`. A property also goes by its kind: `properties.receive_maximum`, and
/// `properties.user_property[1]` for the second of a kind. A string, Binary Data or `properties` is a group
/// of a `.length` and what it counts. A second field of the same name, made by [`duplicate`](Self::duplicate),
/// has `#2` behind its name.
///
/// ```
/// use mqttspec_codec::model::{Connect, Packet};
/// use mqttspec_codec::{Lengths, Version, Wire};
///
/// let packet = Packet::Connect(Connect::new(Version::V3_1_1, "c"));
/// let mut wire = Wire::of(&packet, Version::V3_1_1);
/// wire.set("client_id", b"\xFF\xFF", Lengths::Recomputed)?;
/// assert_eq!(wire.to_bytes()[..2], [0x10, 14]);
/// assert_eq!(wire.to_bytes()[12..], [0, 2, 0xFF, 0xFF]);
/// # Ok::<(), mqttspec_codec::WireError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wire {
    nodes: Vec<Node>,
}

/// What becomes of the lengths around a field that changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lengths {
    /// They follow.
    Recomputed,
    /// They keep the value that they had before.
    Frozen,
}

/// A field of a [`Wire`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WireField {
    /// The name by which the field can be addressed.
    pub name: String,
    /// Where the bytes of the field stand in the packet.
    pub range: Range<usize>,
    /// What the field is.
    pub kind: FieldKind,
    /// Whether the field has no parts. The fields that have none cover the packet without gap.
    pub leaf: bool,
}

impl Wire {
    /// The fields of a packet, as one version writes it.
    #[must_use]
    pub fn of(packet: &Packet, version: Version) -> Self {
        Self::with_length(packet, version).0
    }

    /// The fields of a packet, and how many bytes it has.
    pub(crate) fn with_length(packet: &Packet, version: Version) -> (Self, usize) {
        let mut bytes = BytesMut::with_capacity(128);
        let recorder = Recorder::new();
        let Ok(()) = layout::write(&mut Writer::new(&mut bytes, version, &recorder), packet);
        let frame = bytes.freeze();
        (Self::recorded(recorder, &frame), frame.len())
    }

    /// The fields of bytes, as far as they can be read; what is behind that is one field `unread`.
    #[must_use]
    pub fn read(frame: &Bytes, context: Context) -> Self {
        let recorder = Recorder::new();
        // What cannot be read is in the tree all the same, as bytes.
        let _ = Reader::new(frame, context, Careful::new(&|_| true), &recorder).read(|packet| packet, Err);
        Self::recorded(recorder, frame)
    }

    pub(crate) fn recorded(recorder: Recorder, frame: &Bytes) -> Self {
        Self { nodes: recorder.into_nodes(frame) }
    }

    pub(crate) fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The fields in wire order, each before its parts.
    #[must_use]
    pub fn fields(&self) -> Vec<WireField> {
        let mut fields = Vec::new();
        for found in walk(&self.nodes) {
            let leaf = !matches!(found.node.content, Content::Group(_));
            let Found { name, range, node, .. } = found;
            let kind = node.kind;
            fields.push(WireField { name, range: range.clone(), kind, leaf });
            if kind == FieldKind::FirstByte {
                for (name, kind) in
                    [("packet_type", FieldKind::PacketType), ("flags", FieldKind::HeaderFlags)]
                {
                    fields.push(WireField { name: name.to_owned(), range: range.clone(), kind, leaf: false });
                }
            }
        }
        fields
    }

    /// How many bytes the packet has.
    pub(crate) fn len(&self) -> usize {
        node::size(&self.nodes)
    }

    /// The bytes of the packet.
    #[must_use]
    pub fn to_bytes(&self) -> Bytes {
        let mut bytes = Vec::with_capacity(self.len());
        node::write(&self.nodes, &mut bytes);
        bytes.into()
    }
}

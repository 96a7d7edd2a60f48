//! The bytes of a packet, each with the field that it belongs to and what it means.

mod render;
mod words;

pub use render::render;
pub(crate) use words::{data, quoted, size};

use std::ops::Range;

use bytes::Bytes;

use crate::decode::{Careful, Reader};
use crate::wire::{Content, Recorder, Wire, walk};
use crate::{Context, FieldKind, Violation};

/// Some bytes of a packet, and what they mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnnotatedField {
    /// The field, by the name that it has in a [`Wire`]; `unread` when the packet could not be read so far.
    pub name: String,
    /// Where the bytes stand in the packet.
    pub range: Range<usize>,
    /// The value in words.
    pub words: String,
    /// The breach that ended the reading, at the field where it is.
    pub violation: Option<Violation>,
}

/// Names and explains the bytes of a packet, in order and without gap, up to the first breach of the
/// specification; what is behind a breach that stops the reading is one field `unread`.
#[must_use]
pub fn annotate(bytes: &[u8], context: Context) -> Vec<AnnotatedField> {
    let frame = Bytes::copy_from_slice(bytes);
    let recorder = Recorder::new();
    let violation =
        Reader::new(&frame, context, Careful::new(&|_| false), &recorder).read(|packet| packet, Err).err();
    let wire = Wire::recorded(recorder, &frame);
    let packet_type = bytes.first().copied().unwrap_or_default() >> 4;

    let mut fields: Vec<AnnotatedField> = walk(wire.nodes())
        .into_iter()
        .filter(|found| !matches!(found.node.content, Content::Group(_)))
        .filter(|found| found.node.kind == FieldKind::FirstByte || !found.range.is_empty())
        .map(|found| {
            let bytes = bytes.get(found.range.clone()).unwrap_or_default();
            let words = words::words(found.node, bytes, packet_type, context.version);
            let name = match found.node.kind {
                FieldKind::Data => found.name.trim_end_matches(".data").to_owned(),
                _ => found.name,
            };
            AnnotatedField { name, range: found.range, words, violation: None }
        })
        .collect();
    if let Some(violation) = violation {
        mark(&mut fields, violation);
    }
    fields
}

/// Notes a breach at its field, or else at the last one that is not behind it.
fn mark(fields: &mut Vec<AnnotatedField>, violation: Violation) {
    let name = violation.field.to_string();
    let named = fields.iter().position(|field| field.name == name);
    let at_offset = || fields.iter().position(|field| field.range.contains(&violation.offset));
    match named.or_else(at_offset).and_then(|index| fields.get_mut(index)) {
        Some(field) => field.violation = Some(violation),
        None => fields.push(AnnotatedField {
            name,
            range: violation.offset..violation.offset,
            words: "missing".to_owned(),
            violation: Some(violation),
        }),
    }
}

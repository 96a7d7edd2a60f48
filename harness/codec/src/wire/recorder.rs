//! Builds the tree of fields while a packet is read or written.

use std::cell::RefCell;
use std::slice::Iter;

use bytes::Bytes;

use super::node::{Content, LengthForm, Name, Node};
use crate::FieldKind;
use crate::probe::Probe;

/// Listens while a packet is read or written.
#[derive(Debug)]
pub(crate) struct Recorder(RefCell<Record>);

/// What was told, in its order: a tree is built from it once the bytes are known.
#[derive(Debug)]
struct Record {
    told: Vec<Told>,
    /// Where the groups were told that are open, innermost last.
    open: Vec<usize>,
}

#[derive(Debug)]
enum Told {
    /// A field of this many bytes.
    Leaf(&'static str, FieldKind, usize),
    /// A value within the byte told last.
    Bits(&'static str, u8),
    /// A string or Binary Data of this many bytes behind its length.
    Prefixed(&'static str, FieldKind, usize),
    /// A group; of how many bytes the length is that it begins with, if it does.
    Open(Name, FieldKind, Option<usize>),
    /// The end of the innermost group.
    Close,
}

impl Recorder {
    pub(crate) fn new() -> Self {
        Self(RefCell::new(Record { told: Vec::with_capacity(64), open: Vec::with_capacity(8) }))
    }

    /// The fields of the packet, filled with its bytes; bytes that no field was told for come last.
    pub(crate) fn into_nodes(self, frame: &Bytes) -> Vec<Node> {
        let record = self.0.into_inner();
        let mut builder = Builder { told: record.told.iter(), frame, offset: 0 };
        let mut nodes = builder.parts(Vec::with_capacity(2));
        let rest = frame.slice(builder.offset..);
        let body = nodes.iter_mut().find(|node| node.name == Name::Body).and_then(Node::parts_mut);
        if !rest.is_empty() {
            let unread = Node::leaf("unread", FieldKind::Raw, rest);
            match body {
                Some(body) => body.push(unread),
                None => nodes.push(unread),
            }
        }
        nodes
    }

    fn tell(&self, told: Told) {
        self.0.borrow_mut().told.push(told);
    }

    fn open(&self, name: Name, kind: FieldKind, width: Option<usize>) {
        let Record { told, open } = &mut *self.0.borrow_mut();
        open.push(told.len());
        told.push(Told::Open(name, kind, width));
    }
}

struct Builder<'a> {
    told: Iter<'a, Told>,
    frame: &'a Bytes,
    /// How many bytes have found their field.
    offset: usize,
}

impl Builder<'_> {
    /// Adds the parts of a group that is open.
    fn parts(&mut self, mut parts: Vec<Node>) -> Vec<Node> {
        while let Some(told) = self.told.next() {
            match *told {
                Told::Leaf(name, kind, size) => parts.push(Node::leaf(name, kind, self.take(size))),
                Told::Bits(name, value) => {
                    parts.last_mut().into_iter().for_each(|node| node.bits.push((name, value)));
                }
                Told::Prefixed(name, kind, size) => {
                    let length = self.take(2);
                    let data = self.take(size);
                    let length = self::length("length", LengthForm::TwoBytes, length, data.len());
                    let content = vec![length, Node::leaf("data", FieldKind::Data, data)];
                    parts.push(group(Name::Part(name), kind, content));
                }
                Told::Open(name, kind, width) => parts.push(self.group(name, kind, width)),
                Told::Close => break,
            }
        }
        parts
    }

    fn group(&mut self, name: Name, kind: FieldKind, width: Option<usize>) -> Node {
        let written = width.map(|width| self.take(width));
        let start = self.offset;
        let (part, capacity) = if name == Name::Body { ("remaining_length", 8) } else { ("length", 3) };
        let mut parts = Vec::with_capacity(capacity);
        // It has its place before it is known what it counts.
        parts.extend(written.as_ref().map(|_| Node::length(part, LengthForm::Variable)));
        let mut parts = self.parts(parts);
        // The Remaining Length counts what has found no field as well.
        let end = if name == Name::Body { self.frame.len() } else { self.offset };
        if let (Some(first), Some(written)) = (parts.first_mut(), written) {
            *first = length(part, LengthForm::Variable, written, end - start);
        }
        // An element that is one value has no name beside that of the element.
        if let [Node { name: Name::Part(""), .. }] = parts.as_slice()
            && let Some(only) = parts.pop()
        {
            return Node { name, ..only };
        }
        group(name, kind, parts)
    }

    /// The next bytes, as far as there are any.
    fn take(&mut self, size: usize) -> Bytes {
        let start = self.offset;
        self.offset = start.saturating_add(size).min(self.frame.len());
        self.frame.slice(start..self.offset)
    }
}

impl Probe for &Recorder {
    fn leaf(&self, name: &'static str, kind: FieldKind, size: usize) {
        self.tell(Told::Leaf(name, kind, size));
    }

    fn bits(&self, name: &'static str, value: u8) {
        self.tell(Told::Bits(name, value));
    }

    fn prefixed(&self, name: &'static str, kind: FieldKind, size: usize) {
        self.tell(Told::Prefixed(name, kind, size));
    }

    fn open_body(&self, width: usize) {
        self.open(Name::Body, FieldKind::Raw, Some(width));
    }

    fn open_group(&self, name: &'static str, kind: FieldKind, width: usize) {
        self.open(Name::Part(name), kind, Some(width));
    }

    fn open_element(&self, list: &'static str, kind: FieldKind) {
        self.open(Name::Element(list), kind, None);
    }

    fn close(&self, width: usize) {
        let Record { told, open } = &mut *self.0.borrow_mut();
        if let Some(Told::Open(_, _, length)) = open.pop().and_then(|index| told.get_mut(index))
            && width > 0
        {
            *length = Some(width);
        }
        told.push(Told::Close);
    }
}

/// A length, which follows what it counts if it is right.
fn length(name: &'static str, form: LengthForm, written: Bytes, counted: usize) -> Node {
    let mut node = Node::length(name, form);
    if !form.writes(counted, &written) {
        node.set_bytes(written);
    }
    node
}

fn group(name: Name, kind: FieldKind, parts: Vec<Node>) -> Node {
    Node { name, kind, bits: Vec::new(), content: Content::Group(parts) }
}

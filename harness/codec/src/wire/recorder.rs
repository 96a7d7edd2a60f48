//! Builds the tree of fields while a packet is read or written.

use std::cell::RefCell;

use super::node::{self, Content, LengthForm, Name, Node};
use crate::FieldKind;
use crate::probe::Probe;

/// Listens while a packet is read or written.
#[derive(Debug)]
pub(crate) struct Recorder(RefCell<Record>);

/// The fields told so far, without their bytes: each leaf is as long as it will be.
#[derive(Debug)]
struct Record {
    /// The groups that are open, innermost last; the outermost is the packet.
    open: Vec<Node>,
}

impl Recorder {
    pub(crate) fn new() -> Self {
        Self(RefCell::new(Record { open: vec![group(Name::Body, FieldKind::Raw)] }))
    }

    /// The fields of the packet, filled with its bytes; bytes that no field was told for come last.
    pub(crate) fn into_nodes(self, bytes: &[u8]) -> Vec<Node> {
        self.0.into_inner().into_nodes(bytes)
    }
}

impl Record {
    fn into_nodes(mut self, bytes: &[u8]) -> Vec<Node> {
        while self.open.len() > 1 {
            self.close_innermost(0);
        }
        let mut nodes = match self.open.pop() {
            Some(Node { content: Content::Group(nodes), .. }) => nodes,
            _ => Vec::new(),
        };
        let mut rest = bytes;
        fill(&mut nodes, &mut rest);
        if !rest.is_empty() {
            let unread = Node::leaf("unread", FieldKind::Raw, rest.to_vec());
            match nodes.iter_mut().find(|node| node.name == Name::Body).and_then(Node::parts_mut) {
                Some(body) => body.push(unread),
                None => nodes.push(unread),
            }
        }
        release(&mut nodes);
        nodes
    }

    fn add(&mut self, node: Node) {
        if let Some(parts) = self.open.last_mut().and_then(Node::parts_mut) {
            parts.push(node);
        }
    }

    fn open(&mut self, name: Name, kind: FieldKind, length: Option<(Node, usize)>) {
        let mut node = group(name, kind);
        if let (Some(parts), Some((length, width))) = (node.parts_mut(), length) {
            parts.push(fixed(length, width));
        }
        self.open.push(node);
    }

    fn close_innermost(&mut self, width: usize) {
        let Some(mut node) = self.open.pop() else { return };
        if width > 0
            && let Some(first) = node.parts_mut().and_then(|parts| parts.first_mut())
        {
            set_width(first, width);
        }
        // An element that is one value has no name beside that of the element.
        if let Content::Group(parts) = &mut node.content
            && let [Node { name: Name::Part(""), .. }] = parts.as_slice()
            && let Some(only) = parts.pop()
        {
            node = Node { name: node.name, ..only };
        }
        self.add(node);
    }
}

impl Probe for &Recorder {
    fn leaf(&self, name: &'static str, kind: FieldKind, size: usize) {
        self.0.borrow_mut().add(Node::leaf(name, kind, vec![0; size]));
    }

    fn bits(&self, name: &'static str, value: u8) {
        let mut record = self.0.borrow_mut();
        let parts = record.open.last_mut().and_then(Node::parts_mut);
        if let Some(node) = parts.and_then(|parts| parts.last_mut()) {
            node.bits.push((name, value));
        }
    }

    fn prefixed(&self, name: &'static str, kind: FieldKind, size: usize) {
        let length = fixed(Node::length("length", LengthForm::TwoBytes), 2);
        let data = Node::leaf("data", FieldKind::Data, vec![0; size]);
        let content = Content::Group(vec![length, data]);
        self.0.borrow_mut().add(Node { name: Name::Part(name), kind, bits: Vec::new(), content });
    }

    fn open_body(&self, width: usize) {
        let length = Node::length("remaining_length", LengthForm::Variable);
        self.0.borrow_mut().open(Name::Body, FieldKind::Raw, Some((length, width)));
    }

    fn open_group(&self, name: &'static str, kind: FieldKind, width: usize) {
        let length = Node::length("length", LengthForm::Variable);
        self.0.borrow_mut().open(Name::Part(name), kind, Some((length, width)));
    }

    fn open_element(&self, list: &'static str, kind: FieldKind) {
        self.0.borrow_mut().open(Name::Element(list), kind, None);
    }

    fn close(&self, width: usize) {
        self.0.borrow_mut().close_innermost(width);
    }
}

fn group(name: Name, kind: FieldKind) -> Node {
    Node { name, kind, bits: Vec::new(), content: Content::Group(Vec::new()) }
}

fn fixed(mut length: Node, width: usize) -> Node {
    set_width(&mut length, width);
    length
}

fn set_width(length: &mut Node, width: usize) {
    if let Content::Length(length) = &mut length.content {
        length.fixed = Some(vec![0; width]);
    }
}

/// Gives each leaf its bytes.
fn fill(nodes: &mut [Node], rest: &mut &[u8]) {
    for node in nodes {
        match &mut node.content {
            Content::Leaf(bytes) => take(rest, bytes),
            Content::Length(length) => length.fixed.iter_mut().for_each(|bytes| take(rest, bytes)),
            Content::Group(parts) => fill(parts, rest),
        }
    }
}

/// Lets each length that is right follow what it counts.
fn release(nodes: &mut [Node]) {
    nodes.iter_mut().filter_map(Node::parts_mut).for_each(|parts| release(parts));
    let sizes = node::sizes(nodes);
    for (index, node) in nodes.iter_mut().enumerate() {
        if let Content::Length(length) = &mut node.content {
            let counted = sizes.iter().skip(index + 1).sum();
            length.fixed.take_if(|bytes| length.form.writes(counted, bytes));
        }
    }
}

fn take(rest: &mut &[u8], bytes: &mut Vec<u8>) {
    let (taken, left) = rest.split_at_checked(bytes.len()).unwrap_or((rest, &[]));
    bytes.clear();
    bytes.extend_from_slice(taken);
    *rest = left;
}

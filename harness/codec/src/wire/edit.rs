//! Changes to the fields of a packet.

use std::ops::Range;

use bytes::Bytes;

use super::names::{Passed, closest, path_to, walk};
use super::node::{self, Content, LengthForm, Name, Node};
use super::{Lengths, Wire, WireError};
use crate::FieldKind;
use crate::variable::{self, Variable};

/// What a name stands for.
enum Target {
    /// A field.
    Whole(Vec<usize>),
    /// Four bits of the first byte: how far they are shifted.
    Half(Vec<usize>, u8),
}

impl Wire {
    /// Replaces the bytes of a field. Of a group with a length, what the length counts is replaced; a length
    /// that is itself set keeps what it was set to.
    ///
    /// # Errors
    /// When there is no such field, or the bytes do not fit into half a byte.
    pub fn set(&mut self, name: &str, bytes: &[u8], lengths: Lengths) -> Result<(), WireError> {
        let path = match self.find(name)? {
            Target::Whole(path) => path,
            Target::Half(path, shift) => {
                let value = bytes.iter().fold(0_u32, |value, byte| value << 8 | u32::from(*byte));
                return self.set_half(name, &path, shift, value);
            }
        };
        if lengths == Lengths::Frozen {
            self.freeze_around(&path);
            self.at(&path).and_then(Node::parts_mut).into_iter().for_each(|parts| node::freeze(parts));
        }
        if let Some(node) = self.at(&path) {
            node.bits.clear();
            match &mut node.content {
                Content::Leaf(leaf) => *leaf = Bytes::copy_from_slice(bytes),
                Content::Length(length) => length.fixed = Some(Bytes::copy_from_slice(bytes)),
                Content::Group(parts)
                    if matches!(parts.first(), Some(Node { content: Content::Length(_), .. })) =>
                {
                    parts.truncate(1);
                    parts.push(Node::leaf("data", FieldKind::Data, Bytes::copy_from_slice(bytes)));
                }
                Content::Group(_) => node.content = Content::Leaf(Bytes::copy_from_slice(bytes)),
            }
        }
        Ok(())
    }

    /// Gives an integer another value, in the width that the field has. A Variable Byte Integer takes as few
    /// bytes as it can. Of a property that is an integer, its name will do.
    ///
    /// # Errors
    /// When there is no such field, it is no integer, or the value does not fit.
    pub fn set_integer(&mut self, name: &str, value: u32) -> Result<(), WireError> {
        let mut path = match self.find(name)? {
            Target::Whole(path) => path,
            Target::Half(path, shift) => return self.set_half(name, &path, shift, value),
        };
        self.descend_to_value(&mut path);
        let not_an_integer = || WireError::NotAnInteger { name: name.to_owned() };
        let node = self.at(&path).ok_or_else(not_an_integer)?;
        let width = match node.kind {
            FieldKind::VariableByteInteger | FieldKind::VariableLength => None,
            FieldKind::FourByteInteger => Some(4),
            FieldKind::TwoByteInteger | FieldKind::Length => Some(2),
            FieldKind::FirstByte
            | FieldKind::Byte
            | FieldKind::Flags
            | FieldKind::ReasonCode
            | FieldKind::PropertyIdentifier => Some(1),
            _ => return Err(not_an_integer()),
        };
        let bytes = match width {
            None => LengthForm::Variable.bytes(value as usize),
            Some(width) => {
                let max = u32::MAX >> (32 - 8 * width);
                if value > max {
                    return Err(WireError::TooLarge { name: name.to_owned(), value, max });
                }
                Bytes::copy_from_slice(value.to_be_bytes().get(4 - width..).unwrap_or_default())
            }
        };
        node.set_bytes(bytes);
        Ok(())
    }

    /// Writes a Variable Byte Integer in a given number of bytes, which may be more than it needs.
    ///
    /// # Errors
    /// When there is no such field, it is no Variable Byte Integer, or the value does not fit.
    pub fn set_variable_bytes(&mut self, name: &str, value: u32, width: usize) -> Result<(), WireError> {
        let not_variable = || WireError::NotVariable { name: name.to_owned() };
        let Target::Whole(mut path) = self.find(name)? else { return Err(not_variable()) };
        self.descend_to_value(&mut path);
        let node = self.at(&path).ok_or_else(not_variable)?;
        let (FieldKind::VariableByteInteger | FieldKind::VariableLength) = node.kind else {
            return Err(not_variable());
        };
        if variable::width(value as usize) > width {
            let max =
                1_u32.checked_shl(7 * u32::try_from(width).unwrap_or(u32::MAX)).unwrap_or(0).wrapping_sub(1);
            return Err(WireError::TooLarge { name: name.to_owned(), value, max });
        }
        let mut bytes = vec![0; width];
        variable::write(value as usize, &mut bytes);
        node.set_bytes(bytes.into());
        Ok(())
    }

    /// Lets a length that was set or frozen follow what it counts again.
    ///
    /// # Errors
    /// When there is no such field, or it is no length.
    pub fn recompute(&mut self, name: &str) -> Result<(), WireError> {
        let path = self.whole(name)?;
        match self.at(&path) {
            Some(Node { content: Content::Length(length), .. }) => {
                length.fixed = None;
                Ok(())
            }
            _ => Err(WireError::NotAnInteger { name: name.to_owned() }),
        }
    }

    /// Takes a field out, with its length if it has one.
    ///
    /// # Errors
    /// When there is no such field, or it is half a byte.
    pub fn remove(&mut self, name: &str, lengths: Lengths) -> Result<(), WireError> {
        self.splice(name, lengths, |parts, index| {
            parts.remove(index);
        })
    }

    /// Puts a copy of a field behind it.
    ///
    /// # Errors
    /// When there is no such field, or it is half a byte.
    pub fn duplicate(&mut self, name: &str, lengths: Lengths) -> Result<(), WireError> {
        self.splice(name, lengths, |parts, index| {
            if let Some(copy) = parts.get(index).cloned() {
                parts.insert(index + 1, copy);
            }
        })
    }

    /// Puts bytes before a field, as a field `inserted`.
    ///
    /// # Errors
    /// When there is no such field, or it is half a byte.
    pub fn insert_before(&mut self, name: &str, bytes: &[u8], lengths: Lengths) -> Result<(), WireError> {
        let inserted = inserted(Bytes::copy_from_slice(bytes));
        self.splice(name, lengths, |parts, index| parts.insert(index, inserted))
    }

    /// Puts bytes behind a field, as a field `inserted`.
    ///
    /// # Errors
    /// When there is no such field, or it is half a byte.
    pub fn insert_after(&mut self, name: &str, bytes: &[u8], lengths: Lengths) -> Result<(), WireError> {
        self.insert_bytes_after(name, Bytes::copy_from_slice(bytes), lengths)
    }

    pub(crate) fn insert_bytes_after(
        &mut self,
        name: &str,
        bytes: Bytes,
        lengths: Lengths,
    ) -> Result<(), WireError> {
        self.splice(name, lengths, |parts, index| parts.insert(index + 1, inserted(bytes)))
    }

    /// Puts a field behind the other fields of its group.
    ///
    /// # Errors
    /// When there is no such field, or it is half a byte.
    pub fn move_last(&mut self, name: &str) -> Result<(), WireError> {
        self.splice(name, Lengths::Recomputed, |parts, index| {
            let moved = parts.remove(index);
            parts.push(moved);
        })
    }

    /// Puts bytes behind the last field of a group, as a field `inserted`; lengths follow.
    ///
    /// # Errors
    /// When there is no such field, or it has no parts.
    pub fn append_to(&mut self, name: &str, bytes: &[u8]) -> Result<(), WireError> {
        let path = self.whole(name)?;
        let no_group = || WireError::NoGroup { name: name.to_owned() };
        let parts = self.at(&path).and_then(Node::parts_mut).ok_or_else(no_group)?;
        parts.push(inserted(Bytes::copy_from_slice(bytes)));
        Ok(())
    }

    /// Where the bytes of a field stand in the packet.
    ///
    /// # Errors
    /// When there is no such field.
    pub fn range(&self, name: &str) -> Result<Range<usize>, WireError> {
        let (Target::Whole(path) | Target::Half(path, _)) = self.find(name)?;
        Ok(self.place(&path).map_or(0..0, |(range, ..)| range))
    }

    /// The value of an integer.
    ///
    /// # Errors
    /// When there is no such field, or it is no integer.
    pub fn integer(&self, name: &str) -> Result<u32, WireError> {
        let not_an_integer = || WireError::NotAnInteger { name: name.to_owned() };
        let (Target::Whole(path) | Target::Half(path, _)) = self.find(name)?;
        let (_, node, behind) = self.place(&path).ok_or_else(not_an_integer)?;
        let mut bytes = Vec::new();
        node.write(behind, &mut bytes);
        match node.kind {
            FieldKind::VariableByteInteger | FieldKind::VariableLength => match variable::read(&bytes) {
                Variable::Whole { value, .. } => u32::try_from(value).map_err(|_| not_an_integer()),
                Variable::Cut | Variable::Endless => Err(not_an_integer()),
            },
            _ if bytes.len() <= 4 => Ok(bytes.iter().fold(0, |value, byte| value << 8 | u32::from(*byte))),
            _ => Err(not_an_integer()),
        }
    }

    /// Puts bytes at the end of the packet, as a field `inserted`; the Remaining Length counts them if it
    /// follows.
    pub fn append(&mut self, bytes: &[u8], lengths: Lengths) {
        let inserted = inserted(Bytes::copy_from_slice(bytes));
        let body = self.nodes.iter_mut().find(|node| node.name == Name::Body).and_then(Node::parts_mut);
        match body {
            Some(parts) => {
                if lengths == Lengths::Frozen {
                    node::freeze(parts);
                }
                parts.push(inserted);
            }
            None => self.nodes.push(inserted),
        }
    }

    /// Cuts the packet off behind a field. Only the Remaining Length may follow: all other lengths go on to
    /// promise what is gone.
    ///
    /// # Errors
    /// When there is no such field, or it is half a byte.
    pub fn truncate_after(&mut self, name: &str, lengths: Lengths) -> Result<(), WireError> {
        let path = self.whole(name)?;
        let end = self.place(&path).map_or(0, |(range, ..)| range.end);
        self.truncate_at(end, lengths)
    }

    /// Cuts the packet off at an offset, be it within a field. Only the Remaining Length may follow: all
    /// other lengths go on to promise what is gone.
    ///
    /// # Errors
    /// When the packet is not that long.
    pub fn truncate_at(&mut self, offset: usize, lengths: Lengths) -> Result<(), WireError> {
        let length = self.len();
        if offset > length {
            return Err(WireError::OutOfBounds { offset, length });
        }
        let mut left = offset;
        truncate(&mut self.nodes, &mut left, lengths);
        Ok(())
    }

    fn find(&self, name: &str) -> Result<Target, WireError> {
        let half = match name {
            "packet_type" => Some(4),
            "flags" => Some(0),
            _ => None,
        };
        let target = match half {
            Some(shift) => {
                let is_first = |passed: &Passed<'_, '_>| passed.node.kind == FieldKind::FirstByte;
                path_to(&self.nodes, name, is_first).map(|path| Target::Half(path, shift))
            }
            None => path_to(&self.nodes, name, |passed| passed.is_called(name)).map(Target::Whole),
        };
        target.ok_or_else(|| {
            let known: Vec<String> = self.fields().into_iter().map(|field| field.name).collect();
            let mut names = known.clone();
            names.extend(walk(&self.nodes).into_iter().filter_map(|found| found.alias));
            let closest = closest(name, &names).map(str::to_owned);
            WireError::UnknownField { name: name.to_owned(), closest, known }
        })
    }

    /// The field to which a path leads: where its bytes stand, and what follows it in its group.
    fn place(&self, path: &[usize]) -> Option<(Range<usize>, &Node, &[Node])> {
        let (mut nodes, mut start) = (self.nodes.as_slice(), 0);
        let mut found = None;
        for index in path {
            let sizes = node::with_those_behind(nodes).take(*index);
            start += sizes.map(|(node, behind)| node.size(behind)).sum::<usize>();
            let (node, behind) = nodes.get(*index..)?.split_first()?;
            found = Some((node, behind));
            nodes = node.parts();
        }
        found.map(|(node, behind)| (start..start + node.size(behind), node, behind))
    }

    fn whole(&self, name: &str) -> Result<Vec<usize>, WireError> {
        match self.find(name)? {
            Target::Whole(path) => Ok(path),
            Target::Half(..) => Err(WireError::HalfByte { name: name.to_owned() }),
        }
    }

    fn at(&mut self, path: &[usize]) -> Option<&mut Node> {
        let (last, groups) = path.split_last()?;
        self.group(groups)?.get_mut(*last)
    }

    /// From a property to its value, if it has one that is not a pair.
    fn descend_to_value(&mut self, path: &mut Vec<usize>) {
        if let Some(Node { kind: FieldKind::Property(_), content: Content::Group(parts), .. }) = self.at(path)
            && let [_, _] = parts.as_slice()
        {
            path.push(1);
        }
    }

    /// The fields of the group that a path leads to.
    fn group(&mut self, path: &[usize]) -> Option<&mut Vec<Node>> {
        path.iter().try_fold(&mut self.nodes, |parts, index| parts.get_mut(*index)?.parts_mut())
    }

    /// Gives each length around a field the value that it has now.
    fn freeze_around(&mut self, path: &[usize]) {
        for depth in (0..path.len()).rev() {
            let group = path.get(..depth).and_then(|path| self.group(path));
            group.into_iter().for_each(|parts| node::freeze(parts));
        }
    }

    fn set_half(&mut self, name: &str, path: &[usize], shift: u8, value: u32) -> Result<(), WireError> {
        let half = u8::try_from(value).ok().filter(|value| *value <= 0b1111);
        let Some(half) = half else {
            return Err(WireError::TooLarge { name: name.to_owned(), value, max: 0b1111 });
        };
        if let Some(Node { content: Content::Leaf(bytes), .. }) = self.at(path)
            && let [byte] = bytes.as_ref()
        {
            *bytes = vec![byte & !(0b1111 << shift) | half << shift].into();
        }
        Ok(())
    }

    fn splice(
        &mut self,
        name: &str,
        lengths: Lengths,
        change: impl FnOnce(&mut Vec<Node>, usize),
    ) -> Result<(), WireError> {
        let path = self.whole(name)?;
        if lengths == Lengths::Frozen {
            self.freeze_around(&path);
        }
        if let Some((last, groups)) = path.split_last()
            && let Some(parts) = self.group(groups)
        {
            change(parts, *last);
        }
        Ok(())
    }
}

impl Node {
    pub(super) fn set_bytes(&mut self, bytes: Bytes) {
        match &mut self.content {
            Content::Length(length) => length.fixed = Some(bytes),
            content => *content = Content::Leaf(bytes),
        }
    }
}

fn inserted(bytes: Bytes) -> Node {
    Node::leaf("inserted", FieldKind::Raw, bytes)
}

fn truncate(nodes: &mut Vec<Node>, left: &mut usize, lengths: Lengths) {
    let total = node::size(nodes);
    if total <= *left {
        *left -= total;
        return;
    }
    let is_body = matches!(nodes.first(), Some(Node { name: Name::Part("remaining_length"), .. }));
    if !is_body || lengths == Lengths::Frozen {
        node::freeze(nodes);
    }
    let mut kept = 0;
    let mut rest = nodes.as_mut_slice();
    while *left > 0
        && let [node, behind @ ..] = rest
    {
        kept += 1;
        let size = node.size(behind);
        if size <= *left {
            *left -= size;
        } else if let Content::Group(parts) = &mut node.content {
            truncate(parts, left, lengths);
        } else {
            let mut bytes = Vec::with_capacity(size);
            node.write(behind, &mut bytes);
            bytes.truncate(*left);
            node.set_bytes(bytes.into());
            *left = 0;
        }
        rest = behind;
    }
    nodes.truncate(kept);
}

//! The tree of fields that the bytes of a packet consist of.

use bytes::Bytes;

use crate::FieldKind;
use crate::variable::{self, Variable};

/// One field, with its bytes or its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Node {
    /// What the field is called, beside the name of what it is in.
    pub(crate) name: Name,
    /// What the field is.
    pub(crate) kind: FieldKind,
    /// Values within a byte of flags.
    pub(crate) bits: Vec<(&'static str, u8)>,
    /// The bytes.
    pub(crate) content: Content,
}

/// How a field gets its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Name {
    /// Its own name, behind that of the element it is in.
    Part(&'static str),
    /// That of a list, with an index.
    Element(&'static str),
    /// None: the field is all that the Remaining Length counts, and the Remaining Length.
    Body,
}

/// What a field consists of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// Bytes.
    Leaf(Bytes),
    /// The length of the fields behind it in the same group.
    Length(Length),
    /// Other fields.
    Group(Vec<Node>),
}

/// A length, which follows what it counts until it is given a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Length {
    /// How it is written.
    pub(crate) form: LengthForm,
    /// The bytes that it was given.
    pub(crate) fixed: Option<Bytes>,
}

/// How a length is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LengthForm {
    /// As a Two Byte Integer.
    TwoBytes,
    /// As a Variable Byte Integer.
    Variable,
}

impl LengthForm {
    /// Writes the bytes of a length; a string that is too long for its length gets the greatest.
    fn write(self, length: usize, out: &mut Vec<u8>) {
        match self {
            Self::TwoBytes => {
                out.extend_from_slice(&u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes());
            }
            Self::Variable => {
                let start = out.len();
                out.resize(start + variable::width(length), 0);
                variable::write(length, out.get_mut(start..).unwrap_or_default());
            }
        }
    }

    /// The bytes of a length.
    pub(crate) fn bytes(self, length: usize) -> Bytes {
        let mut bytes = Vec::with_capacity(5);
        self.write(length, &mut bytes);
        bytes.into()
    }

    /// How many bytes a length has.
    const fn width(self, length: usize) -> usize {
        match self {
            Self::TwoBytes => 2,
            Self::Variable => variable::width(length),
        }
    }

    /// Whether bytes are those of a length.
    pub(crate) fn writes(self, length: usize, bytes: &[u8]) -> bool {
        match (self, bytes) {
            (Self::TwoBytes, [high, low]) => {
                u16::from_be_bytes([*high, *low]) == u16::try_from(length).unwrap_or(u16::MAX)
            }
            (Self::TwoBytes, _) => false,
            (Self::Variable, _) => {
                variable::read(bytes) == Variable::Whole { value: length, width: bytes.len() }
                    && bytes.len() == variable::width(length)
            }
        }
    }
}

impl Node {
    /// A field without parts.
    pub(crate) fn leaf(name: &'static str, kind: FieldKind, bytes: Bytes) -> Self {
        Self { name: Name::Part(name), kind, bits: Vec::new(), content: Content::Leaf(bytes) }
    }

    /// A length that follows what it counts.
    pub(crate) fn length(name: &'static str, form: LengthForm) -> Self {
        let kind = match form {
            LengthForm::TwoBytes => FieldKind::Length,
            LengthForm::Variable => FieldKind::VariableLength,
        };
        let content = Content::Length(Length { form, fixed: None });
        Self { name: Name::Part(name), kind, bits: Vec::new(), content }
    }

    /// The parts of the field.
    pub(crate) fn parts(&self) -> &[Self] {
        match &self.content {
            Content::Group(parts) => parts,
            Content::Leaf(_) | Content::Length(_) => &[],
        }
    }

    /// The parts of the field.
    pub(crate) fn parts_mut(&mut self) -> Option<&mut Vec<Self>> {
        match &mut self.content {
            Content::Group(parts) => Some(parts),
            Content::Leaf(_) | Content::Length(_) => None,
        }
    }

    /// How many bytes the field has; `behind` are the fields that follow in its group.
    pub(crate) fn size(&self, behind: &[Self]) -> usize {
        match &self.content {
            Content::Leaf(bytes) | Content::Length(Length { fixed: Some(bytes), .. }) => bytes.len(),
            Content::Length(Length { form: LengthForm::TwoBytes, fixed: None }) => 2,
            Content::Length(Length { form, fixed: None }) => form.width(size(behind)),
            Content::Group(parts) => size(parts),
        }
    }

    /// Writes the bytes of the field, lengths worked out; `behind` are the fields that follow in its group.
    pub(crate) fn write(&self, behind: &[Self], out: &mut Vec<u8>) {
        match &self.content {
            Content::Leaf(bytes) | Content::Length(Length { fixed: Some(bytes), .. }) => {
                out.extend_from_slice(bytes);
            }
            Content::Length(Length { form, fixed: None }) => form.write(size(behind), out),
            Content::Group(parts) => write(parts, out),
        }
    }
}

/// The fields of a group, each with those that follow it.
pub(crate) fn with_those_behind(nodes: &[Node]) -> impl Iterator<Item = (&Node, &[Node])> {
    let mut rest = nodes;
    std::iter::from_fn(move || {
        let (node, behind) = rest.split_first()?;
        rest = behind;
        Some((node, behind))
    })
}

/// Writes the bytes of the fields of a group, lengths worked out.
pub(crate) fn write(nodes: &[Node], out: &mut Vec<u8>) {
    with_those_behind(nodes).for_each(|(node, behind)| node.write(behind, out));
}

/// How many bytes the fields of a group have.
pub(crate) fn size(nodes: &[Node]) -> usize {
    with_those_behind(nodes).map(|(node, behind)| node.size(behind)).sum()
}

/// Gives the length that stands in a group the value that it has now.
pub(crate) fn freeze(parts: &mut [Node]) {
    let mut rest = parts;
    while let [part, behind @ ..] = rest {
        if let Content::Length(length @ Length { fixed: None, .. }) = &mut part.content {
            length.fixed = Some(length.form.bytes(size(behind)));
        }
        rest = behind;
    }
}

//! The forms that a value can take.

use mqttspec_codec::Version;

use super::patterns::FieldKind;

/// A key of a mapping.
#[derive(Clone, Copy)]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) shape: Shape,
    pub(crate) about: &'static str,
    pub(crate) required: bool,
    /// The only version that has it, when not both.
    pub(crate) only_in: Option<Version>,
}

impl Key {
    pub(crate) const fn new(name: &'static str, shape: Shape, about: &'static str) -> Self {
        Self { name, shape, about, required: false, only_in: None }
    }

    pub(crate) const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    pub(crate) const fn only_5(self) -> Self {
        Self { only_in: Some(Version::V5_0), ..self }
    }
}

/// The keys of a mapping, made when asked for.
pub(crate) type Keys = fn() -> Vec<Key>;

/// The form of a value.
#[derive(Clone, Copy)]
pub(crate) enum Shape {
    /// Any value; the reader that takes it knows more.
    Anything,
    /// No value: the key says it all.
    Nothing,
    Flag,
    /// A number from 0 to this one.
    Number(u32),
    /// Any string.
    Text,
    /// A name: letters, digits, hyphens and underscores.
    Word,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// The id of a statement.
    Statement,
    /// A version of MQTT.
    Version,
    /// A time with its unit: `1.5s`, `500ms`.
    Duration,
    /// Pairs of hexadecimal digits; spaces between them are allowed.
    HexDigits,
    List(&'static Self),
    /// One value, or a list of such.
    OneOrMore(&'static Self),
    /// A mapping with these keys; the name is that of its definition in the schema.
    Map(&'static str, Keys),
    /// A mapping with exactly one of these keys.
    Tagged(&'static str, Keys),
    /// A mapping from free names.
    MapOf(&'static Self),
    /// What is said about a field of a packet.
    Pattern(FieldKind),
    /// Any of these.
    Union(&'static [Self]),
}

/// The long forms of a string or of bytes.
pub(crate) fn long_form_keys() -> Vec<Key> {
    vec![
        Key::new("hex", Shape::HexDigits, "Bytes, as hexadecimal digits"),
        Key::new("text", Shape::Text, "The string as it is, even if it looks like a word of the language"),
        Key::new("repeat", Shape::Text, "A string to be repeated"),
        Key::new("count", Shape::Number(268_435_455), "How often to repeat it"),
    ]
}

const LONG_FORM: Shape = Shape::Map("long_form", long_form_keys);

/// A string or bytes.
pub(crate) const STRING: Shape = Shape::Union(&[Shape::Text, LONG_FORM]);

/// Bytes: a plain string is hexadecimal digits.
pub(crate) const HEX: Shape = Shape::Union(&[Shape::HexDigits, LONG_FORM]);

/// A Reason Code by name or number.
pub(crate) const CODE: Shape = Shape::Union(&[Shape::Number(255), Shape::Text]);

/// A Packet Identifier, or a captured one.
pub(crate) const PACKET_ID: Shape = Shape::Union(&[Shape::Number(65_535), Shape::Text]);

/// A list of names with values.
pub(crate) const PAIRS: Shape = Shape::List(&Shape::List(&STRING));

impl Shape {
    /// The form in words, for "expected ..".
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Anything => "a value".to_owned(),
            Self::Nothing => "nothing".to_owned(),
            Self::Flag => "true or false".to_owned(),
            Self::Number(maximum) => format!("a number from 0 to {maximum}"),
            Self::Text => "a string".to_owned(),
            Self::Word => "a name".to_owned(),
            Self::OneOf(words) => words.join(" or "),
            Self::Statement => "the id of a statement".to_owned(),
            Self::Version => "3.1.1 or 5.0".to_owned(),
            Self::Duration => "a time such as 1.5s or 500ms".to_owned(),
            Self::HexDigits => "hexadecimal digits".to_owned(),
            Self::List(_) => "a list".to_owned(),
            Self::OneOrMore(item) => format!("{} or a list of such", item.words()),
            Self::Map("long_form", _) => "{hex: ..}".to_owned(),
            Self::Map(..) | Self::Tagged(..) | Self::MapOf(_) => "a mapping".to_owned(),
            Self::Pattern(_) => "a value, a list of values, or what is said about it".to_owned(),
            Self::Union(shapes) => {
                let words: Vec<String> = shapes.iter().map(Self::words).collect();
                words.join(" or ")
            }
        }
    }
}

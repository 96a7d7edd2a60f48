//! Why a field cannot be changed as asked.

use std::fmt;

/// A change to a [`Wire`](crate::Wire) that cannot be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WireError {
    /// The packet has no field of this name.
    UnknownField {
        /// The name asked for.
        name: String,
        /// The name that is most like it.
        closest: Option<String>,
        /// The names of all fields of the packet, in wire order.
        known: Vec<String>,
    },
    /// The field is no integer.
    NotAnInteger {
        /// The field.
        name: String,
    },
    /// The field has no parts.
    NoGroup {
        /// The field.
        name: String,
    },
    /// The field is no Variable Byte Integer.
    NotVariable {
        /// The field.
        name: String,
    },
    /// The value does not fit into the field.
    TooLarge {
        /// The field.
        name: String,
        /// The value.
        value: u32,
        /// The greatest value that fits.
        max: u32,
    },
    /// The field is half a byte: it can be set, but not removed or moved.
    HalfByte {
        /// The field.
        name: String,
    },
    /// The packet has fewer bytes.
    OutOfBounds {
        /// The offset asked for.
        offset: usize,
        /// The length of the packet in bytes.
        length: usize,
    },
}

impl fmt::Display for WireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownField { name, closest, known } => {
                write!(f, "the packet has no field `{name}`")?;
                if let Some(closest) = closest {
                    write!(f, ", did you mean `{closest}`?")?;
                }
                write!(f, " (fields: {})", known.join(", "))
            }
            Self::NoGroup { name } => write!(f, "the field `{name}` has no parts"),
            Self::NotAnInteger { name } => write!(f, "the field `{name}` is no integer"),
            Self::NotVariable { name } => write!(f, "the field `{name}` is no Variable Byte Integer"),
            Self::TooLarge { name, value, max } => {
                write!(f, "{value} does not fit into the field `{name}`, which holds at most {max}")
            }
            Self::HalfByte { name } => {
                write!(f, "the field `{name}` is half a byte and can only be set; `first_byte` is whole")
            }
            Self::OutOfBounds { offset, length } => {
                write!(f, "offset {offset} is outside the packet of {length} bytes")
            }
        }
    }
}

impl std::error::Error for WireError {}

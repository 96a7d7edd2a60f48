//! Changes that can be replayed.

use std::sync::LazyLock;

use bytes::Bytes;

use crate::wire::{Lengths, Wire, WireError};

/// A change to one field of a packet. Lengths around the field follow, unless the change says otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Puts bytes in the place of what a field holds.
    Set {
        /// The field.
        field: String,
        /// The bytes.
        bytes: Bytes,
    },
    /// Gives an integer another value, in the width that the field has.
    SetInteger {
        /// The field.
        field: String,
        /// The value.
        value: u32,
    },
    /// Adds to a length, which no longer follows what it counts.
    Add {
        /// The length.
        field: String,
        /// What to add.
        difference: i32,
    },
    /// Writes a Variable Byte Integer in more bytes than it needs.
    Widen {
        /// The integer.
        field: String,
        /// The number of bytes.
        width: u8,
    },
    /// Fills a string or Binary Data up with the digit 0 until it has a length in bytes.
    FillField {
        /// What the string or Binary Data holds, without its length.
        field: String,
        /// The length.
        length: u16,
    },
    /// Fills a field up with the digit 0 until the Remaining Length has a value.
    FillBody {
        /// The field.
        field: String,
        /// The Remaining Length.
        remaining_length: u32,
    },
    /// Takes a field away.
    Remove {
        /// The field.
        field: String,
    },
    /// Writes a field twice.
    Duplicate {
        /// The field.
        field: String,
    },
    /// Puts a field behind all others of its group.
    MoveLast {
        /// The field.
        field: String,
    },
    /// Puts bytes in front of a field.
    InsertBefore {
        /// The field.
        field: String,
        /// The bytes.
        bytes: Bytes,
    },
    /// Puts bytes behind a field.
    InsertAfter {
        /// The field.
        field: String,
        /// The bytes.
        bytes: Bytes,
    },
    /// Puts bytes behind the last field of a group.
    AppendTo {
        /// The group.
        field: String,
        /// The bytes.
        bytes: Bytes,
    },
    /// Adds bytes at the end of the packet, inside its Remaining Length.
    Append {
        /// The bytes.
        bytes: Bytes,
    },
    /// Ends the packet within a field. The Remaining Length follows, all other lengths go on to promise what is
    /// gone.
    Truncate {
        /// The field.
        field: String,
        /// What is left of the field.
        cut: Cut,
    },
}

/// Where a field is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// This many bytes of it are left.
    Keep(u32),
    /// This many bytes of it are missing.
    Drop(u32),
}

impl Edit {
    /// Makes the change.
    ///
    /// # Errors
    /// When the packet has no such field, or what the change asks for does not fit into it.
    pub fn apply(&self, wire: &mut Wire) -> Result<(), WireError> {
        const FOLLOW: Lengths = Lengths::Recomputed;

        match self {
            Self::Set { field, bytes } => wire.set(field, bytes, FOLLOW),
            Self::SetInteger { field, value } => wire.set_integer(field, *value),
            Self::Add { field, difference } => {
                let value = wire.integer(field)?.saturating_add_signed(*difference);
                wire.set_integer(field, value)
            }
            Self::Widen { field, width } => {
                let value = wire.integer(field)?;
                wire.set_variable_bytes(field, value, usize::from(*width))
            }
            Self::FillField { field, length } => fill(wire, field, usize::from(*length)),
            Self::FillBody { field, remaining_length } => {
                let counted = wire.integer("remaining_length")?;
                let more = remaining_length.saturating_sub(counted) as usize;
                let length = wire.range(field)?.len();
                fill(wire, field, length + more)
            }
            Self::Remove { field } => wire.remove(field, FOLLOW),
            Self::Duplicate { field } => wire.duplicate(field, FOLLOW),
            Self::MoveLast { field } => wire.move_last(field),
            Self::InsertBefore { field, bytes } => wire.insert_before(field, bytes, FOLLOW),
            Self::InsertAfter { field, bytes } => wire.insert_after(field, bytes, FOLLOW),
            Self::AppendTo { field, bytes } => wire.append_to(field, bytes),
            Self::Append { bytes } => {
                wire.append(bytes, FOLLOW);
                Ok(())
            }
            Self::Truncate { field, cut } => {
                let range = wire.range(field)?;
                let offset = match cut {
                    Cut::Keep(bytes) => (range.start + *bytes as usize).min(range.end),
                    Cut::Drop(bytes) => range.end.saturating_sub(*bytes as usize).max(range.start),
                };
                wire.truncate_at(offset, FOLLOW)
            }
        }
    }
}

/// As many as the operators ask for, made once, as it is most of what the longest mutants cost.
static DIGITS: LazyLock<Bytes> = LazyLock::new(|| vec![b'0'; 1 << 21].into());

/// Puts the digit 0 behind what a field holds until it is as long as asked for.
fn fill(wire: &mut Wire, field: &str, length: usize) -> Result<(), WireError> {
    let missing = length.saturating_sub(wire.range(field)?.len());
    let bytes = if missing <= DIGITS.len() { DIGITS.slice(..missing) } else { vec![b'0'; missing].into() };
    wire.insert_bytes_after(field, bytes, Lengths::Recomputed)
}

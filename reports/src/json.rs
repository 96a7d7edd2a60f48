//! The report for programs, and the source of all others: the record itself as JSON.

use std::fmt;
use std::io::{self, Read, Write};

use mqttspec_spec::record::{Run, SCHEMA};
use serde::Deserialize;

use crate::escape::is_visible;

/// Writes a run as indented JSON.
///
/// Characters that steer a terminal or hide are written as `\uXXXX`, so that the file can be shown as it is.
///
/// # Errors
/// When the writer fails.
pub fn write(mut writer: impl Write, run: &Run) -> io::Result<()> {
    let text = serde_json::to_string_pretty(run).map_err(io::Error::from)?;
    // Outside of its strings JSON is plain ASCII, and serde_json has already spelled out C0 in them.
    let mut rest = text.as_str();
    while let Some(at) = rest.find(|character: char| character != '\n' && !is_visible(character)) {
        let (kept, hostile) = rest.split_at(at);
        writer.write_all(kept.as_bytes())?;
        let mut characters = hostile.chars();
        if let Some(character) = characters.next() {
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
        }
        rest = characters.as_str();
    }
    writer.write_all(rest.as_bytes())?;
    writeln!(writer)?;
    writer.flush()
}

/// Reads a run that [`write`](fn@write) wrote.
///
/// # Errors
/// When the text cannot be read, is of another schema, or is no record.
pub fn read(mut reader: impl Read) -> Result<Run, ReadError> {
    /// All that must be understood before the schema is known.
    #[derive(Deserialize)]
    struct Header {
        schema: u64,
    }

    let mut text = String::new();
    reader.read_to_string(&mut text).map_err(ReadError::Io)?;
    let header: Header = serde_json::from_str(&text).map_err(ReadError::Malformed)?;
    if header.schema != u64::from(SCHEMA) {
        return Err(ReadError::Schema { found: header.schema, supported: SCHEMA });
    }
    serde_json::from_str(&text).map_err(ReadError::Malformed)
}

/// Why a record cannot be read.
#[derive(Debug)]
pub enum ReadError {
    /// Reading failed.
    Io(io::Error),
    /// The record has another schema than this program understands.
    Schema {
        /// The record's schema.
        found: u64,
        /// The one schema that can be read.
        supported: u32,
    },
    /// The text is no record.
    Malformed(serde_json::Error),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(f, "cannot read the record: {error}"),
            Self::Schema { found, supported } => {
                write!(f, "the record has schema {found}, but this program reads schema {supported} only")
            }
            Self::Malformed(error) => write!(f, "this is no record of a run: {error}"),
        }
    }
}

impl std::error::Error for ReadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            Self::Malformed(error) => Some(error),
            Self::Schema { .. } => None,
        }
    }
}

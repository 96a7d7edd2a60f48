//! The blocks of a pcapng file, in big endian.

use std::io::{self, Write};

const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const INTERFACE_DESCRIPTION: u32 = 1;
const ENHANCED_PACKET: u32 = 6;
const BYTE_ORDER_MAGIC: u32 = 0x1a2b_3c4d;
/// `LINKTYPE_RAW`: each packet begins with its IP header.
const LINKTYPE_RAW: u16 = 101;

const OPTION_END: u16 = 0;
const OPTION_COMMENT: u16 = 1;
const OPTION_APPLICATION: u16 = 4;

/// The longest option in characters: even in UTF-8 it stays below the 65535 bytes that an option can have.
pub(super) const COMMENT: usize = 8_000;

/// Writes what every file begins with: the section, and its only interface.
pub(super) fn begin(writer: &mut dyn Write, application: &str, comment: &str) -> io::Result<()> {
    let mut body = BYTE_ORDER_MAGIC.to_be_bytes().to_vec();
    body.extend([0, 1, 0, 0]);
    // The section's length is not known in advance.
    body.extend(u64::MAX.to_be_bytes());
    option(&mut body, OPTION_COMMENT, comment);
    option(&mut body, OPTION_APPLICATION, application);
    end_of_options(&mut body);
    block(writer, SECTION_HEADER, &body)?;
    let mut body = LINKTYPE_RAW.to_be_bytes().to_vec();
    // Reserved, and no limit on the length of packets.
    body.extend([0; 6]);
    block(writer, INTERFACE_DESCRIPTION, &body)
}

/// Writes one packet, at a time in microseconds since 1970.
pub(super) fn packet(writer: &mut dyn Write, at_us: u64, bytes: &[u8], comment: &str) -> io::Result<()> {
    let length = length(bytes.len())?;
    let mut body = vec![0; 4];
    body.extend(at_us.to_be_bytes());
    body.extend(length.to_be_bytes());
    body.extend(length.to_be_bytes());
    body.extend(bytes);
    pad(&mut body);
    option(&mut body, OPTION_COMMENT, comment);
    end_of_options(&mut body);
    block(writer, ENHANCED_PACKET, &body)
}

fn block(writer: &mut dyn Write, kind: u32, body: &[u8]) -> io::Result<()> {
    let total = length(body.len() + 12)?.to_be_bytes();
    for part in [&kind.to_be_bytes()[..], &total, body, &total] {
        writer.write_all(part)?;
    }
    Ok(())
}

fn length(bytes: usize) -> io::Result<u32> {
    u32::try_from(bytes).map_err(io::Error::other)
}

fn option(body: &mut Vec<u8>, code: u16, text: &str) {
    let kept: String = text.chars().take(COMMENT).collect();
    // Fits: at most four bytes a character.
    let length = u16::try_from(kept.len()).unwrap_or(u16::MAX);
    body.extend(code.to_be_bytes());
    body.extend(length.to_be_bytes());
    body.extend(kept.as_bytes());
    pad(body);
}

fn end_of_options(body: &mut Vec<u8>) {
    body.extend(OPTION_END.to_be_bytes());
    body.extend([0, 0]);
}

/// Fills up to a multiple of four bytes: everything before in a body is aligned.
fn pad(body: &mut Vec<u8>) {
    body.resize(body.len().next_multiple_of(4), 0);
}

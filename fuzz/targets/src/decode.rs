//! The target `decode`: bytes as they come.

use bytes::{Bytes, BytesMut};
use mqttspec_codec::{Context, Framer, FramingError, Version, encode_into};

use crate::allocation::bounded;
use crate::stream::{LIMIT, Next, next, split_context};

/// Reads a stream of packets; the last byte of the input says of which version and from whom. What is refused breaks a
/// statement, what is accepted encodes to the same bytes, and neither allocates more than the bytes explain.
///
/// # Panics
/// When one of that does not hold.
pub fn decode(input: &[u8]) {
    let Some((stream, context)) = split_context(input) else { return };
    let chunk = Bytes::copy_from_slice(stream);
    bounded(stream.len(), || read(stream, chunk, context));
}

fn read(stream: &[u8], chunk: Bytes, context: Context) {
    let mut framer = Framer::new(context, LIMIT);
    framer.push_chunk(chunk);
    let mut rest = stream;
    let mut again = BytesMut::new();
    loop {
        match next(&mut framer, Framer::next_packet) {
            Next::Nothing => return,
            Next::Lost(error) => return cites(&error, context),
            Next::Packet(packet, length) => {
                let Some((frame, behind)) = rest.split_at_checked(length) else {
                    panic!("{length} bytes were taken from {}", rest.len());
                };
                rest = behind;
                match packet {
                    Ok(packet) => {
                        again.clear();
                        encode_into(&packet, context.version, &mut again);
                        assert!(same(frame, &again, context.version), "{frame:02x?} became {again:02x?}");
                    }
                    Err(error) => cites(&error, context),
                }
            }
        }
    }
}

/// What is refused breaks something.
fn cites(error: &FramingError, context: Context) {
    match error {
        FramingError::Violation(violation) => {
            assert!(!violation.statements().is_empty(), "{violation} cites no statement");
            assert_eq!(violation.version, context.version);
        }
        FramingError::TooLong { length, limit } => assert!(length > limit, "{length} is not above {limit}"),
    }
}

/// Whether a packet is the same; how 3.1.1 writes the Remaining Length need not be.
fn same(frame: &[u8], again: &[u8], version: Version) -> bool {
    frame == again || version == Version::V3_1_1 && split(frame) == split(again)
}

/// The first byte, and what the Remaining Length counts.
fn split(frame: &[u8]) -> Option<(u8, &[u8])> {
    let (first, rest) = frame.split_first()?;
    let width = rest.iter().position(|byte| *byte < 0x80)? + 1;
    Some((*first, rest.get(width..)?))
}

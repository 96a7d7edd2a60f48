//! Strings, Topic Names, Topic Filters and bytes.

use arbitrary::{Result, Unstructured};
use bytes::Bytes;
use bytestring::ByteString;
use mqttspec_codec::Version;

/// The most characters of a string.
const MOST: usize = 8;

/// Characters of all lengths in UTF-8, but for those that a caller forbids.
fn characters(tape: &mut Unstructured<'_>, forbidden: &[char]) -> Result<String> {
    let count = tape.int_in_range(0..=MOST)?;
    let mut text = String::with_capacity(4 * count);
    for _ in 0..count {
        let first = tape.arbitrary::<u8>()?;
        let character = if first < 0x80 { char::from(first) } else { tape.arbitrary::<char>()? };
        if !forbidden.contains(&character) {
            text.push(character);
        }
    }
    Ok(text)
}

/// A UTF-8 Encoded String: any character but U+0000.
pub(super) fn text(tape: &mut Unstructured<'_>) -> Result<ByteString> {
    Ok(characters(tape, &['\0'])?.into())
}

/// A Topic Name.
pub(super) fn topic_name(tape: &mut Unstructured<'_>) -> Result<ByteString> {
    let name = characters(tape, &['\0', '+', '#'])?;
    Ok(if name.is_empty() { ByteString::from_static("a/b") } else { name.into() })
}

/// A Topic Filter; in 5.0 also that of a Shared Subscription.
pub(super) fn topic_filter(tape: &mut Unstructured<'_>, version: Version) -> Result<ByteString> {
    const LEVELS: [&str; 9] = ["", "a", "level", "é", " ", "$SYS", "\u{FEFF}", "\u{10FFFF}", "+"];
    let mut filter = String::with_capacity(64);
    if version == Version::V5_0 && tape.ratio(1, 3)? {
        filter.push_str("$share/g/");
    }
    for _ in 0..tape.int_in_range(0..=4)? {
        filter.push_str(tape.choose(&LEVELS)?);
        filter.push('/');
    }
    filter.push_str(tape.choose(&["x", "#", "+"])?);
    Ok(filter.into())
}

/// Binary Data.
pub(super) fn binary(tape: &mut Unstructured<'_>) -> Result<Bytes> {
    let length = tape.int_in_range(0..=12)?.min(tape.len());
    Ok(Bytes::copy_from_slice(tape.bytes(length)?))
}

/// An Application Message, sometimes long enough for a Remaining Length of two or three bytes.
pub(super) fn payload(tape: &mut Unstructured<'_>) -> Result<Bytes> {
    Ok(match tape.arbitrary::<u8>()? {
        0xFF => vec![tape.arbitrary()?; tape.int_in_range(16_000..=20_000)?].into(),
        0xF0.. => vec![tape.arbitrary()?; tape.int_in_range(100..=300)?].into(),
        _ => binary(tape)?,
    })
}

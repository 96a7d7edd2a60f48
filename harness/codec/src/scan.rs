//! Looks for single bytes, eight at a time.

/// Whether one of the wanted bytes is among the bytes.
#[inline(always)]
pub(crate) fn has_any<const N: usize>(bytes: &[u8], wanted: [u8; N]) -> bool {
    let Some(last) = bytes.last_chunk::<8>() else {
        return match (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
            // From four bytes on the halves overlap, or meet.
            (Some(&[a, b, c, d]), Some(&[e, f, g, h])) => marks([a, b, c, d, e, f, g, h], wanted) != 0,
            _ => bytes.iter().any(|byte| wanted.contains(byte)),
        };
    };
    let (chunks, _) = bytes.as_chunks::<8>();
    // The last chunk overlaps the one before it when the length is no multiple of eight.
    chunks.iter().chain([last]).fold(0, |found, chunk| found | marks(*chunk, wanted)) != 0
}

/// A word with bits set just when one of the wanted bytes is in the chunk.
#[inline(always)]
fn marks<const N: usize>(chunk: [u8; 8], wanted: [u8; N]) -> u64 {
    const LOW: u64 = u64::from_ne_bytes([0x01; 8]);
    const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);

    let word = u64::from_ne_bytes(chunk);
    wanted.iter().fold(0, |found, byte| {
        let zero_where_equal = word ^ (LOW * u64::from(*byte));
        found | (zero_where_equal.wrapping_sub(LOW) & !zero_where_equal & HIGH)
    })
}

#[cfg(test)]
mod tests {
    use super::has_any;

    #[test]
    fn a_byte_is_found_wherever_it_is_and_nowhere_else() {
        for length in 0..40 {
            for filler in 0..=u8::MAX {
                let mut bytes = vec![filler; length];
                let wanted = length > 0 && [b'+', b'#', 0].contains(&filler);
                assert_eq!(has_any(&bytes, [b'+', b'#', 0]), wanted, "{length} times {filler}");
                for at in 0..length {
                    bytes[at] = b'#';
                    assert!(has_any(&bytes, [b'+', b'#']), "{at} of {length}, beside {filler}");
                    bytes[at] = filler;
                }
            }
        }
    }
}

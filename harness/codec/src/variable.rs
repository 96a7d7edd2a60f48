//! Variable Byte Integers (1.5.5 in 5.0; in 3.1.1 only the Remaining Length, 2.2.3, is one).

/// What stands at the start of some bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Variable {
    /// An integer, of up to five bytes. One byte more than allowed is read, so that who tolerates that can
    /// go on.
    Whole {
        /// The value.
        value: usize,
        /// In how many bytes it is written.
        width: usize,
    },
    /// The bytes end before the integer does.
    Cut,
    /// More than five bytes.
    Endless,
}

/// Reads the integer at the start of some bytes.
pub(crate) fn read(bytes: &[u8]) -> Variable {
    let mut value = 0_u64;
    for (index, byte) in bytes.iter().enumerate().take(5) {
        value |= u64::from(byte & 0x7F) << (7 * index);
        if byte & 0x80 == 0 {
            return Variable::Whole { value: usize::try_from(value).unwrap_or(usize::MAX), width: index + 1 };
        }
    }
    if bytes.len() < 5 { Variable::Cut } else { Variable::Endless }
}

/// In how many bytes a value is written at least.
pub(crate) const fn width(value: usize) -> usize {
    match value {
        0..=0x7F => 1,
        0x80..=0x3FFF => 2,
        0x4000..=0x1F_FFFF => 3,
        0x20_0000..=0xFFF_FFFF => 4,
        _ => 5,
    }
}

/// Writes the value into all of `bytes`, which may be more than the value needs.
pub(crate) fn write(value: usize, bytes: &mut [u8]) {
    let mut value = value;
    if let Some((last, first)) = bytes.split_last_mut() {
        for byte in first {
            *byte = (value & 0x7F) as u8 | 0x80;
            value >>= 7;
        }
        *last = (value & 0x7F) as u8;
    }
}

//! The digest of a case.

use mqttspec_codec::Version;

use crate::yaml::Node;

/// A digest of a case as expanded: the same as long as the case means the same, wherever it stands.
pub(crate) fn digest(case: &Node, version: Version) -> String {
    digest_of(&format!("{version} {}", case.canonical()))
}

/// A digest of a text.
pub(crate) fn digest_of(text: &str) -> String {
    format!("{:016x}", fnv_1a(text.as_bytes()))
}

/// FNV-1a, 64 bits.
fn fnv_1a(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::fnv_1a;

    #[test]
    fn known_values() {
        assert_eq!(fnv_1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv_1a(b"foobar"), 0x8594_4171_f739_67e8);
    }
}

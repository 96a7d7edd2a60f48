//! A bound on what received bytes make us allocate.

use allocation_counter::measure;

/// What each received byte may cost. The dearest are User Properties without name and value: 5 bytes that become a
/// property of 72, in a list that has twice the room it needs and is copied while it grows.
const EACH: u64 = 64;

/// What may be allocated for nothing: buffers of a fixed size.
const ONCE: u64 = 4096;

/// Does something with received bytes, which must never hold more memory than their number explains: what a length
/// promises is not allocated before it is there.
///
/// # Panics
/// When more is allocated.
pub(crate) fn bounded(received: usize, work: impl FnOnce()) {
    let most = measure(work).bytes_max;
    let allowed = ONCE + EACH * received as u64;
    assert!(most <= allowed, "{received} bytes received made {most} bytes be allocated");
}

#[cfg(test)]
mod tests {
    use super::bounded;

    #[test]
    #[should_panic(expected = "2 bytes received made")]
    fn what_only_a_length_explains_is_too_much() {
        bounded(2, || drop(std::hint::black_box(Vec::<u8>::with_capacity(65_536))));
    }
}

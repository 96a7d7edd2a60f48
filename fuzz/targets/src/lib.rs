//! What the fuzz targets do with an input.
//!
//! Each target is a function that panics when something that must hold does not. They know nothing of any fuzzer:
//! `fuzz_targets/` hands them the inputs of libFuzzer, and the tests of this crate the inputs that once made
//! trouble.

mod allocation;
mod broker;
mod chunks;
mod decode;
mod intruder;
mod legal;
mod malformed;
mod roundtrip;
mod stream;
mod wire;

use arbitrary::{Arbitrary, Unstructured};

pub use broker::{Session, broker};
pub use chunks::chunks;
pub use decode::decode;
pub use intruder::{intruder, intruder_under};
pub use legal::LegalPacket;
pub use malformed::{ChangedPacket, malformed};
pub use roundtrip::roundtrip;
pub use wire::Mutator;

/// A target by its name, given an input as a fuzzer stores it.
pub type Target = (&'static str, fn(&[u8]));

/// All targets of this crate.
pub const TARGETS: [Target; 6] = [
    ("broker", |tape| typed(tape, broker)),
    ("chunks", chunks),
    ("decode", decode),
    ("intruder", intruder),
    ("malformed", |tape| typed(tape, malformed)),
    ("roundtrip", |tape| typed(tape, roundtrip)),
];

/// Reads the input of a typed target as a fuzzer does, and passes over what makes none.
fn typed<'a, T: Arbitrary<'a>>(tape: &'a [u8], target: fn(&T)) {
    if let Ok(input) = T::arbitrary_take_rest(Unstructured::new(tape)) {
        target(&input);
    }
}

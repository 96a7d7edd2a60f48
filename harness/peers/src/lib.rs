//! Other published MQTT codecs, each behind the same function, and where they differ from the codec of mqttspec.
//!
//! A codec reads a packet and, where it accepts it, writes it again. So what it took the packet for can be seen
//! without a translation of its types into ours.

mod adapters;
mod difference;
mod known;
mod peer;

use std::collections::BTreeMap;
use std::sync::Mutex;

pub use adapters::PEERS;
pub use difference::{Difference, Kind, difference};
pub use known::{is_known, reasons};
pub use peer::{Input, Peer, Reading, chosen, hush};

/// The fuzz target `differential`: reads the first packet of the input with all codecs that the environment chooses.
/// `tell` is told of panics that are known: one of each kind for each first byte, and again where a shorter packet shows
/// it.
///
/// # Panics
/// When one differs from ours in a way that is not known.
pub fn differential(input: &[u8], tell: impl Fn(&Difference, &Input)) {
    let Some(input) = Input::read(input) else { return };
    for peer in chosen() {
        let Some(found) = difference(peer, &input) else { continue };
        assert!(is_known(&found), "{found} in {input}");
        if found.kind == Kind::Panics && is_shortest(&found, input.frame()) {
            tell(&found, &input);
        }
    }
}

/// Whether no packet with this first byte that is as short has shown the difference before.
fn is_shortest(found: &Difference, frame: &[u8]) -> bool {
    static SHORTEST: Mutex<BTreeMap<(Difference, Option<u8>), usize>> = Mutex::new(BTreeMap::new());

    SHORTEST.lock().is_ok_and(|mut shortest| {
        let before = shortest.entry((found.clone(), frame.first().copied())).or_insert(usize::MAX);
        let is_shorter = frame.len() < *before;
        *before = frame.len().min(*before);
        is_shorter
    })
}

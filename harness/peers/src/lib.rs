//! Other published MQTT codecs, each behind the same function, and where they differ from the codec of mqttspec.
//!
//! A codec reads a packet and, where it accepts it, writes it again. So what it took the packet for can be seen
//! without a translation of its types into ours.

mod adapters;
mod difference;
mod known;
mod peer;

pub use adapters::PEERS;
pub use difference::{Difference, Kind, difference};
pub use known::{is_known, reasons};
pub use peer::{Input, Peer, Reading, chosen, hush};

/// The fuzz target `differential`: reads the first packet of the input with all codecs that the environment chooses.
///
/// # Panics
/// When one differs from ours in a way that is not known.
pub fn differential(input: &[u8]) {
    let Some(input) = Input::read(input) else { return };
    for peer in chosen() {
        if let Some(new) = difference(peer, &input).filter(|it| !is_known(it)) {
            panic!("{new}: {:02x?}", input.frame());
        }
    }
}

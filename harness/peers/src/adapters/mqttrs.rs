//! mqttrs, which has 3.1.1 only and is no longer maintained. It gets all that has come, as its users hand it over.

use mqttspec_codec::Version;

use crate::peer::{Input, Reading};

pub(super) fn read(input: &Input, again: bool) -> Option<Reading> {
    if input.version == Version::V5_0 {
        return None;
    }
    Some(match ::mqttrs::decode_slice(&input.stream) {
        Ok(None) => Reading::refused("waits for more"),
        Ok(Some(packet)) => Reading::of(Ok::<_, ()>(packet), again, |packet| {
            let mut out = vec![0; input.stream.len() + 16];
            ::mqttrs::encode_slice(&packet, &mut out).map(|length| out[..length].to_vec())
        }),
        Err(error) => Reading::refused(error),
    })
}

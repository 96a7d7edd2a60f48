//! mqttrs, which has 3.1.1 only and is no longer maintained.

use mqttspec_codec::Version;

use crate::peer::Reading;

pub(super) fn read(frame: &[u8], version: Version, again: bool) -> Option<Reading> {
    if version == Version::V5_0 {
        return None;
    }
    Some(match ::mqttrs::decode_slice(frame) {
        Ok(None) => Reading::refused("waits for more"),
        Ok(Some(packet)) => Reading::of(Ok::<_, ()>(packet), again, |packet| {
            let mut out = vec![0; frame.len() + 16];
            ::mqttrs::encode_slice(&packet, &mut out).map(|length| out[..length].to_vec())
        }),
        Err(error) => Reading::refused(error),
    })
}

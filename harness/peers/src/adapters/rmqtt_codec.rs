//! rmqtt-codec, the codec of the broker RMQTT.

use bytes::BytesMut;
use mqttspec_codec::Version;
use tokio_util::codec::{Decoder, Encoder};

use crate::peer::{Input, Reading};

macro_rules! read {
    ($codec:expr, $frame:expr, $again:expr) => {{
        let mut codec = $codec;
        match codec.decode(&mut BytesMut::from($frame)) {
            Ok(None) => Reading::refused("waits for more"),
            Ok(Some((packet, _))) => Reading::of(Ok::<_, ()>(packet), $again, |packet| {
                let mut out = BytesMut::with_capacity(256);
                codec.encode(packet, &mut out).map(|()| out.to_vec())
            }),
            Err(error) => Reading::refused(error),
        }
    }};
}

pub(super) fn read(input: &Input, again: bool) -> Option<Reading> {
    Some(match input.version {
        Version::V3_1_1 => read!(::rmqtt_codec::v3::Codec::new(0), input.frame(), again),
        Version::V5_0 => read!(::rmqtt_codec::v5::Codec::new(0, 0), input.frame(), again),
    })
}

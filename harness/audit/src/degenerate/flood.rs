//! Bytes without end.

use std::io;

use bytes::Bytes;
use mqttspec_codec::model::{Packet, Publish};
use mqttspec_codec::{Version, encode};
use tokio::io::{AsyncWriteExt, DuplexStream};

/// Bytes written at once.
const PIECE: usize = 1024;

/// Random bytes, always the same.
pub(super) async fn noise(stream: &mut DuplexStream) -> io::Result<()> {
    let mut state: u64 = 0x9E37_79B9_7F4A_7C15;
    loop {
        let piece: Vec<u8> = (0..PIECE)
            .map(|_| {
                // xorshift64 (Marsaglia 2003)
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                state.to_le_bytes().first().copied().unwrap_or_default()
            })
            .collect();
        stream.write_all(&piece).await?;
    }
}

/// The same well-formed message again and again.
pub(super) async fn publish(stream: &mut DuplexStream, version: Version) -> io::Result<()> {
    let message = Publish {
        topic: "flood".into(),
        payload: Bytes::from_static(b"and another one"),
        ..Publish::default()
    };
    let bytes = encode(&Packet::Publish(message), version);
    loop {
        stream.write_all(&bytes).await?;
    }
}

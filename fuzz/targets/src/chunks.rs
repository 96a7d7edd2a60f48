//! The target `chunks`: a stream in pieces.

use bytes::Bytes;
use mqttspec_codec::model::Packet;
use mqttspec_codec::{Context, CutPacket, Framer, FramingError, decode};

use crate::stream::{LIMIT, Next, next, split_context};

/// Reads a stream whole and in pieces, which must come to the same. The last byte of the input says of which version it
/// is and from whom, the two before it how it is cut: 0 at every byte.
///
/// # Panics
/// When the pieces read otherwise than the whole.
pub fn chunks(input: &[u8]) {
    let Some((input, context)) = split_context(input) else { return };
    let Some((stream, how)) = input.split_last_chunk::<2>() else { return };
    let seed = u16::from_be_bytes(*how);
    let whole = read(context, [stream].into_iter(), &mut fastrand::Rng::with_seed(0));
    let mut random = fastrand::Rng::with_seed(seed.into());
    assert_eq!(
        read(context, cut(stream, seed).into_iter(), &mut random),
        whole,
        "{context:?}, cut by {seed}"
    );
}

/// Cuts a stream into pieces, some of them empty.
fn cut(stream: &[u8], seed: u16) -> Vec<&[u8]> {
    if seed == 0 {
        return stream.chunks(1).collect();
    }
    let mut random = fastrand::Rng::with_seed(u64::from(seed) << 16);
    let longest = 1 << random.u8(1..8);
    let mut pieces = Vec::new();
    let mut rest = stream;
    while !rest.is_empty() {
        let (piece, behind) = rest.split_at(random.usize(0..=longest).min(rest.len()));
        pieces.push(piece);
        rest = behind;
    }
    pieces
}

/// All that comes of a stream, and how it ends.
type Reading = (Vec<Result<Packet, FramingError>>, Result<(), CutPacket>);

/// Reads pieces as they come, each way in which a framer can be used now and then.
fn read<'a>(context: Context, pieces: impl Iterator<Item = &'a [u8]>, random: &mut fastrand::Rng) -> Reading {
    let mut framer = Framer::new(context, LIMIT);
    let mut packets = Vec::new();
    for piece in pieces {
        match random.u8(0..3) {
            0 => framer.push(piece),
            1 => framer.push_chunk(Bytes::copy_from_slice(piece)),
            _ => framer.buffer_mut().extend_from_slice(piece),
        }
        loop {
            let taken = match random.bool() {
                true => next(&mut framer, Framer::next_packet),
                false => next(&mut framer, |framer| {
                    let frame = framer.next_frame()?;
                    Ok(frame.map(|frame| decode(&frame, context)).transpose()?)
                }),
            };
            match taken {
                Next::Nothing => break,
                Next::Packet(packet, _) => packets.push(packet),
                Next::Lost(error) => {
                    packets.push(Err(error));
                    return (packets, Ok(()));
                }
            }
        }
    }
    (packets, framer.finish())
}

//! A mutator that knows what stands where in a packet.

use arbitrary::Unstructured;
use bytes::Bytes;
use fastrand::Rng;
use mqttspec_codec::mutation::pick;
use mqttspec_codec::{Context, Framer, Lengths, Wire, WireError, decode, encode};

use crate::legal;
use crate::stream::{CONTEXTS, LIMIT};

/// One mutation in so many is made here, as it costs as much as ten executions; the fuzzer makes the others.
const RATE: u32 = 16;

/// A change to one packet, where it applies.
type Change = fn(&Bytes, Context, &mut Rng) -> Option<Bytes>;

/// Changes bytes whatever they mean: the first so many of the slice, which has room for at most so many.
type Otherwise = fn(&mut [u8], usize, usize) -> usize;

/// A mutator of streams with something behind them.
pub struct Mutator {
    changes: &'static [Change],
    /// How many bytes behind the stream are none of its own.
    tail: usize,
    /// The last packet that is changed, counted from 0.
    last: usize,
}

impl Mutator {
    /// Changes fields whatever they say. The operators are left out: a fuzzer looks at all code after each execution,
    /// which the fastest targets would notice.
    #[must_use]
    pub const fn plain(tail: usize) -> Self {
        Self { changes: &[edit], tail, last: usize::MAX }
    }

    /// The same, by the operators as well.
    #[must_use]
    pub const fn with_operators(tail: usize) -> Self {
        Self { changes: &[operate, edit, edit, shorten], ..Self::plain(tail) }
    }

    /// The same for a target that reads one packet only.
    #[must_use]
    pub const fn of_the_first(self) -> Self {
        Self { last: 0, ..self }
    }

    /// Changes the first `size` bytes of `data`, and returns how many there are then, at most `max_size`. The result
    /// depends on nothing but the arguments.
    pub fn mutate(
        &self,
        data: &mut [u8],
        size: usize,
        max_size: usize,
        seed: u32,
        otherwise: Otherwise,
    ) -> usize {
        if seed.is_multiple_of(RATE)
            && let Some((stream, tail)) =
                data.get(..size).and_then(|data| data.split_at_checked(size - self.tail.min(size)))
        {
            let changed = [self.change(stream, &mut Rng::with_seed(seed.into())).as_slice(), tail].concat();
            if let Some(room) = data.get_mut(..changed.len())
                && changed.len() <= max_size
                && !changed.is_empty()
            {
                room.copy_from_slice(&changed);
                return changed.len();
            }
        }
        otherwise(data, size, max_size)
    }

    /// Changes one packet of a stream.
    fn change(&self, stream: &[u8], random: &mut Rng) -> Vec<u8> {
        let context = *random.choice(&CONTEXTS).unwrap_or(&CONTEXTS[0]);
        let mut packets = packets(stream, context);
        let taken: usize = packets.iter().map(Bytes::len).sum();
        let rest = stream.get(taken..).unwrap_or_default();
        let place = random.usize(0..=packets.len().min(self.last));
        match packets.get_mut(place) {
            Some(packet) if random.u8(0..4) > 0 => {
                let changed = random.choice(self.changes).and_then(|change| change(packet, context, random));
                // What does not apply leaves the packet as it is, and the stream with a packet more.
                *packet = changed.unwrap_or_else(|| [&packet[..], &packet[..]].concat().into());
            }
            _ => packets.insert(place, another(context, random)),
        }
        [packets.concat().as_slice(), rest].concat()
    }
}

/// The packets of a stream, without what follows the last that is whole.
fn packets(stream: &[u8], context: Context) -> Vec<Bytes> {
    let mut framer = Framer::new(context, LIMIT);
    framer.push(stream);
    let mut packets = Vec::new();
    while let Ok(Some(packet)) = framer.next_frame() {
        packets.push(packet);
    }
    packets
}

/// A legal packet.
fn another(context: Context, random: &mut Rng) -> Bytes {
    let tape: Vec<u8> = (0..random.usize(8..128)).map(|_| random.u8(..)).collect();
    match legal::packet(&mut Unstructured::new(&tape), context.version, context.sender) {
        Ok(packet) => encode(&packet, context.version),
        Err(_) => Bytes::new(),
    }
}

/// What one of the operators makes of a well-formed packet.
fn operate(packet: &Bytes, Context { version, .. }: Context, random: &mut Rng) -> Option<Bytes> {
    let typed = decode(packet, Context::from_client(version)).ok()?;
    pick(&typed, version, random.usize(..), random.usize(..))?.bytes.ok()
}

/// A packet with one field changed, whatever it says.
fn edit(packet: &Bytes, context: Context, random: &mut Rng) -> Option<Bytes> {
    const EDGES: [u32; 12] = [0, 1, 2, 3, 0x7F, 0x80, 0xFF, 0x3FFF, 0x4000, 0xFFFF, 0x1F_FFFF, 0x0FFF_FFFF];
    let mut wire = Wire::read(packet, context);
    let fields = wire.fields();
    let field = random.choice(&fields)?;
    let name = field.name.as_str();
    let lengths = if random.bool() { Lengths::Recomputed } else { Lengths::Frozen };
    let bytes: Vec<u8> = (0..random.usize(0..6)).map(|_| random.u8(..)).collect();
    let done: Result<(), WireError> = match random.u8(0..8) {
        0 => wire.remove(name, lengths),
        1 => wire.duplicate(name, lengths),
        2 => wire.truncate_at(field.range.start, lengths),
        3 => wire.insert_before(name, &bytes, lengths),
        4 => wire.move_last(name),
        5 => wire.set(name, &bytes, lengths),
        _ => wire.set_integer(name, *random.choice(&EDGES)?),
    };
    done.ok().map(|()| wire.to_bytes())
}

/// A packet that ends early, often at once, with a Remaining Length that says so. What is cut off may come next, as a
/// receiver that does not keep to the Remaining Length would read it.
fn shorten(packet: &Bytes, context: Context, random: &mut Rng) -> Option<Bytes> {
    let mut wire = Wire::read(packet, context);
    let body = wire.range("remaining_length").ok()?.end;
    let kept = if random.bool() { body } else { random.usize(body..=packet.len()) };
    wire.truncate_at(kept, Lengths::Recomputed).ok()?;
    let behind = if random.bool() { packet.get(kept..)? } else { &[] };
    Some([&wire.to_bytes(), behind].concat().into())
}

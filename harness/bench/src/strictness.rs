//! What each codec makes of the malformed packets that ours is tested with.

#[path = "../../codec/tests/malformed/rows.rs"]
mod rows;

use std::fmt::Write as _;

use bytes::Bytes;
use mqttspec_codec::model::Sender;
use mqttspec_codec::{Context, decode};
use mqttspec_peers::{Input, PEERS, Reading};
use rows::{Row, V3_1_1, V5_0};

use crate::packets::Sample;

/// How many malformed packets each codec accepts, and which.
///
/// # Panics
/// When a codec refuses one of the well-formed samples: that it refuses others would then prove nothing.
#[must_use]
pub fn table() -> String {
    let versions = [rows(V3_1_1), rows(V5_0)];
    let [v3, v5] = &versions;
    let mut out = format!(
        "malformed packets accepted\n\n| codec | of {} of 3.1.1 | of {} of 5.0 | panics |\n|---|---:|---:|---:|\n",
        v3.len(),
        v5.len()
    );
    let mut lists = String::new();
    for (name, read) in codecs() {
        for sample in Sample::ALL {
            let told = read(&sample.bytes(), Context::from_client(sample.version()));
            assert!(told != Some(Told::Refused), "{name} refuses {}", sample.name());
        }
        let _ = write!(out, "| {name} |");
        let mut panics = 0;
        for rows in &versions {
            let mut known = false;
            let mut accepted = Vec::new();
            for (what, context, bytes, _) in rows {
                match read(bytes, *context) {
                    Some(Told::Accepted) => accepted.push(*what),
                    Some(Told::Refused) => {}
                    Some(Told::Panicked) => panics += 1,
                    None => continue,
                }
                known = true;
            }
            let _ = if known { write!(out, " {} |", accepted.len()) } else { write!(out, " |") };
            if let (false, [(_, context, ..), ..]) = (accepted.is_empty(), &rows[..]) {
                let _ = writeln!(lists, "{name}, {}: {}", context.version, accepted.join("; "));
            }
        }
        let _ = writeln!(out, " {panics} |");
    }
    out + "\n" + &lists
}

/// What a codec says of a packet.
#[derive(PartialEq)]
enum Told {
    Accepted,
    Refused,
    Panicked,
}

/// What a codec makes of a packet; `None` if it has no such version.
type Read = Box<dyn Fn(&[u8], Context) -> Option<Told>>;

/// All codecs, ours first.
fn codecs() -> impl Iterator<Item = (&'static str, Read)> {
    let ours: Read = Box::new(|bytes, context| {
        let read = decode(&Bytes::copy_from_slice(bytes), context);
        Some(if read.is_ok() { Told::Accepted } else { Told::Refused })
    });
    let others = PEERS.iter().map(|peer| {
        let read: Read = Box::new(|bytes, context| {
            let input = Input::packet(bytes.to_vec(), context.version);
            Some(match peer.read(&input, false)? {
                Reading::Accepted(_) => Told::Accepted,
                Reading::Refused(_) => Told::Refused,
                Reading::Panicked(_) => Told::Panicked,
            })
        });
        (peer.name, read)
    });
    std::iter::once(("mqttspec-codec", ours)).chain(others)
}

/// The packets that are malformed whoever sends them, for most codecs are not told, and that a stream cannot show as
/// two.
fn rows(all: &[Row]) -> Vec<Row> {
    let from_anyone = |(_, context, bytes, _): &&Row| {
        let sender = match context.sender {
            Sender::Client => Sender::Server,
            Sender::Server => Sender::Client,
        };
        decode(&Bytes::from_static(bytes), Context { sender, ..*context }).is_err()
    };
    let one = |(name, ..): &&Row| *name != "bytes after the packet";
    all.iter().filter(from_anyone).filter(one).copied().collect()
}

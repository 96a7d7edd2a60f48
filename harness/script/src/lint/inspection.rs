//! What is wrong with bytes, by themselves.

use std::cell::RefCell;

use bytes::Bytes;
use mqttspec_codec::model::Packet;
use mqttspec_codec::{Context, Framer, FramingError, Version, Violation, decode_tolerating};

/// The longest packet that there is, in bytes.
const LONGEST_PACKET: usize = 268_435_460;

/// What a strict decoder says of the bytes that a client sends.
pub(crate) struct Inspection {
    /// The packets that could be read, each with whether it is without fault.
    pub(crate) packets: Vec<(Packet, bool)>,
    /// Everything that is wrong, in order.
    pub(crate) violations: Vec<Violation>,
}

/// Reads bytes; what breaks a rule is noted, and read on over where that is possible.
pub(crate) fn inspect(bytes: &Bytes, version: Version) -> Inspection {
    let context = Context::from_client(version);
    let violations: RefCell<Vec<Violation>> = RefCell::default();
    let tolerate = |violation: &Violation| {
        violations.borrow_mut().push(*violation);
        true
    };
    let mut packets = Vec::new();
    let mut framer = Framer::new(context, LONGEST_PACKET);
    framer.push(bytes);
    loop {
        let before = violations.borrow().len();
        let frame = match framer.next_frame_tolerating(&tolerate) {
            Ok(Some(frame)) => frame,
            Ok(None) | Err(FramingError::TooLong { .. }) => break,
            Err(FramingError::Violation(violation)) => {
                violations.borrow_mut().push(violation);
                break;
            }
        };
        match decode_tolerating(&frame, context, &tolerate) {
            Ok(packet) => packets.push((packet, violations.borrow().len() == before)),
            Err(violation) => violations.borrow_mut().push(violation),
        }
    }
    Inspection { packets, violations: violations.into_inner() }
}

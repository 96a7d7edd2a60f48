//! Which bytes of a data frame reach MQTT: all of them, unless a rule is to be broken.

use bytes::{Bytes, BytesMut};
use mqttspec_codec::{Context, Framer, Version};

use super::{ONE_IN_SEVERAL_FRAMES, SEVERAL_IN_ONE_FRAME, enforce};
use crate::rules::Rules;

#[derive(Debug)]
pub(super) enum Packets {
    /// Borders of frames mean nothing [MQTT-6.0.0-2].
    All,
    /// Of the packets that end in one frame, only the first is handled.
    FirstOfFrame(Framer),
    /// What is no whole packet at the end of a frame is lost.
    WholeOnly,
}

fn framer() -> Framer {
    // Only lengths matter here, which are the same in both versions.
    Framer::new(Context::from_client(Version::V5_0), usize::MAX)
}

impl Packets {
    pub(super) fn new(rules: &Rules) -> Self {
        match (enforce(rules, &SEVERAL_IN_ONE_FRAME), enforce(rules, &ONE_IN_SEVERAL_FRAMES)) {
            (true, true) => Self::All,
            (false, _) => Self::FirstOfFrame(framer()),
            (true, false) => Self::WholeOnly,
        }
    }

    /// The bytes for MQTT in the payload of one frame.
    pub(super) fn of_frame(&mut self, payload: Bytes) -> Bytes {
        match self {
            Self::All => payload,
            Self::FirstOfFrame(framer) => {
                framer.push(&payload);
                let mut first = None;
                loop {
                    match framer.next_frame() {
                        Ok(Some(packet)) => drop(first.get_or_insert(packet)),
                        Ok(None) => return first.unwrap_or_default(),
                        // What starts no packet is for MQTT to refuse.
                        Err(_) => return payload,
                    }
                }
            }
            Self::WholeOnly => {
                let mut framer = framer();
                framer.push(&payload);
                let mut whole = BytesMut::new();
                loop {
                    match framer.next_frame() {
                        Ok(Some(packet)) => whole.extend_from_slice(&packet),
                        Ok(None) => return whole.freeze(),
                        Err(_) => return payload,
                    }
                }
            }
        }
    }
}

//! The WebSocket frames of a `send`.

use mqttspec_script::plan::{FrameData, Frames};
use mqttspec_websocket::Opcode;

use crate::transport::DataFrame;

/// The frame for one of several writes, counted from 0.
pub(super) fn of_write(frames: &Frames, number: usize, count: usize) -> DataFrame {
    let data = match frames.data {
        FrameData::Binary => Opcode::BINARY,
        FrameData::Text => Opcode::TEXT,
        FrameData::Reserved => Opcode::RESERVED,
    };
    DataFrame {
        opcode: if frames.fragmented && number > 0 { Opcode::CONTINUATION } else { data },
        last: !frames.fragmented || number + 1 == count,
        masked: !frames.unmasked,
    }
}

/// What is unusual about the frames, in words that follow those for the packet.
pub(super) const fn manner(frames: &Frames) -> &'static str {
    match frames {
        Frames { data: FrameData::Text, .. } => ", in WebSocket text frames",
        Frames { data: FrameData::Reserved, .. } => ", in WebSocket data frames of a reserved kind",
        Frames { unmasked: true, .. } => ", in WebSocket frames without a mask",
        Frames { fragmented: true, .. } => ", in the fragments of one WebSocket message",
        Frames { .. } => "",
    }
}

#[cfg(test)]
mod tests {
    use mqttspec_script::plan::{FrameData, Frames};
    use mqttspec_websocket::Opcode;

    use super::of_write;

    #[test]
    fn a_fragmented_message_begins_goes_on_and_ends() {
        let frames = Frames { data: FrameData::Text, fragmented: true, unmasked: false };
        let all: Vec<_> = (0..3).map(|number| of_write(&frames, number, 3)).collect();
        let forms: Vec<_> = all.iter().map(|frame| (frame.opcode, frame.last)).collect();
        assert_eq!(
            forms,
            [(Opcode::TEXT, false), (Opcode::CONTINUATION, false), (Opcode::CONTINUATION, true)]
        );
    }

    #[test]
    fn each_write_is_a_message_otherwise() {
        let frames = Frames::default();
        assert!((0..2).all(|number| of_write(&frames, number, 2) == super::DataFrame::default()));
    }
}

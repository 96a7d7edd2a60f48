//! Frames and messages come out as they went in, however the bytes are cut, and no bytes make a panic.

use bytes::Bytes;
use mqttspec_websocket::{Frame, FrameError, Frames, Opcode, Received, Receiver, Sender};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_assert_eq, prop_oneof, proptest};

const LONGEST: u64 = 1 << 20;

fn payload() -> impl Strategy<Value = Bytes> {
    prop_oneof![
        4 => vec(any::<u8>(), 0..=140).boxed(),
        1 => (65_530_usize..65_540).prop_map(|length| vec![0x5A; length]).boxed(),
    ]
    .prop_map(Bytes::from)
}

fn frame(masked: bool) -> impl Strategy<Value = Frame> {
    let data = (0_u8..8, any::<bool>(), payload());
    let control = (8_u8..11, Just(true), vec(any::<u8>(), 0..=125).prop_map(Bytes::from));
    (prop_oneof![data, control], any::<[u8; 4]>()).prop_map(move |((opcode, last, payload), key)| Frame {
        last,
        reserved: 0,
        opcode: Opcode(opcode),
        mask: masked.then_some(key),
        payload,
    })
}

/// Pushes bytes in pieces of these lengths, over and over.
fn in_pieces(bytes: &[u8], lengths: &[usize], mut push: impl FnMut(&[u8])) {
    let mut rest = bytes;
    for length in lengths.iter().cycle() {
        if rest.is_empty() {
            return;
        }
        let (piece, after) = rest.split_at((*length).min(rest.len()));
        push(piece);
        rest = after;
    }
}

proptest! {
    #[test]
    fn frames_come_out_as_they_went_in(
        (masked, frames) in any::<bool>().prop_flat_map(|masked| (Just(masked), vec(frame(masked), 1..6))),
        lengths in vec(1_usize..5_000, 1..5),
    ) {
        let bytes: Vec<u8> = frames.iter().flat_map(Frame::encode).collect();
        let sender = if masked { Sender::Client } else { Sender::Server };
        let mut reader = Frames::new(sender, LONGEST);
        let mut read = Vec::new();
        in_pieces(&bytes, &lengths, |piece| {
            reader.push(piece);
            while let Some(frame) = reader.next_frame().unwrap() {
                read.push(frame);
            }
        });
        prop_assert_eq!(read, frames);
    }

    #[test]
    fn a_message_is_the_same_in_one_frame_and_in_several(
        payload in vec(any::<u8>(), 1..300),
        lengths in vec(1_usize..50, 1..5),
        ping in vec(any::<u8>(), 0..10),
    ) {
        let mut pieces = Vec::new();
        in_pieces(&payload, &lengths, |piece| pieces.push(Bytes::copy_from_slice(piece)));
        let mut receiver = Receiver::new(Sender::Client, LONGEST);
        let count = pieces.len();
        for (index, piece) in pieces.into_iter().enumerate() {
            let opcode = if index == 0 { Opcode::BINARY } else { Opcode::CONTINUATION };
            let frame = Frame { last: index + 1 == count, ..Frame::new(opcode, piece) };
            receiver.push(&frame.masked([1, 2, 3, 4]).encode());
            // Control frames may come between the frames of a message (5.4).
            receiver.push(&Frame::new(Opcode::PING, ping.clone()).masked([0; 4]).encode());
        }
        let mut together = Vec::new();
        while let Some(received) = receiver.next_received().unwrap() {
            match received {
                Received::Data { kind, payload } => {
                    prop_assert_eq!(kind, Opcode::BINARY);
                    together.extend_from_slice(&payload);
                }
                other => prop_assert_eq!(other, Received::Ping(ping.clone().into())),
            }
        }
        prop_assert_eq!(together, payload);
    }

    #[test]
    fn whatever_comes_is_read_or_refused(bytes in vec(any::<u8>(), 0..200), masked in any::<bool>()) {
        let mut receiver = Receiver::new(if masked { Sender::Client } else { Sender::Server }, LONGEST);
        receiver.push(&bytes);
        while let Ok(Some(_)) = receiver.next_received() {}
    }
}

#[test]
fn what_breaks_the_rfc_is_refused() {
    let reading = |sender, bytes: &[u8]| {
        let mut receiver = Receiver::new(sender, 1_000);
        receiver.push(bytes);
        loop {
            match receiver.next_received() {
                Ok(Some(_)) => {}
                Ok(None) => return None,
                Err(error) => return Some(error),
            }
        }
    };
    for (sender, bytes, error) in [
        (Sender::Client, &[0x82, 0x00][..], FrameError::NotMasked),
        (Sender::Server, &[0x82, 0x80, 0, 0, 0, 0], FrameError::Masked),
        (Sender::Server, &[0xC2, 0x00], FrameError::ReservedBits),
        (Sender::Server, &[0x82, 126, 0, 125], FrameError::LengthNotMinimal),
        (Sender::Server, &[0x82, 127, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF], FrameError::LengthNotMinimal),
        (Sender::Server, &[0x89, 126, 0, 126], FrameError::ControlTooLong),
        (Sender::Server, &[0x09, 0x00], FrameError::ControlFragmented),
        (Sender::Server, &[0x8B, 0x00], FrameError::UnknownControl(Opcode(0xB))),
        (Sender::Server, &[0x80, 0x00], FrameError::NothingToContinue),
        (Sender::Server, &[0x02, 0x00, 0x82, 0x00], FrameError::MessageInMessage),
        (Sender::Server, &[0x82, 126, 0x03, 0xE9], FrameError::TooLong(1_001)),
        (Sender::Server, &[0x82, 127, 0xFF, 0, 0, 0, 0, 0, 0, 0], FrameError::TooLong(0xFF << 56)),
    ] {
        assert_eq!(reading(sender, bytes), Some(error), "{bytes:02x?}");
    }
}

#[test]
fn the_examples_of_the_rfc() {
    let text = Frame::new(Opcode::TEXT, &b"Hello"[..]);
    assert_eq!(text.encode(), &b"\x81\x05Hello"[..]);
    let masked = text.masked([0x37, 0xfa, 0x21, 0x3d]);
    assert_eq!(masked.encode(), &b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"[..]);
}

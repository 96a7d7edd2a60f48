//! Properties that hold for every packet and for all bytes.

#![expect(clippy::expect_used, reason = "helpers of tests fail as the tests do")]

use bytes::Bytes;
use mqttspec_codec::model::{Packet, PacketType};
use mqttspec_codec::strategies::{context, packet_in_context};
use mqttspec_codec::{
    Context, Framer, FramingError, Version, Wire, annotate, decode, decode_tolerating, describe, encode,
    render,
};
use proptest::collection::vec;
use proptest::prelude::*;

/// A way to make other bytes of the encoding of a packet.
#[derive(Clone, Debug)]
enum Mutation {
    Set(usize, u8),
    Flip(usize, u8),
    Insert(usize, u8),
    Remove(usize),
    Truncate(usize),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let offset = prop_oneof![0..6_usize, any::<usize>()];
    prop_oneof![
        (offset.clone(), any::<u8>()).prop_map(|(at, byte)| Mutation::Set(at, byte)),
        (offset.clone(), 0..8_u8).prop_map(|(at, bit)| Mutation::Flip(at, 1 << bit)),
        (offset.clone(), any::<u8>()).prop_map(|(at, byte)| Mutation::Insert(at, byte)),
        offset.clone().prop_map(Mutation::Remove),
        offset.prop_map(Mutation::Truncate),
    ]
}

fn apply(bytes: &mut Vec<u8>, mutation: &Mutation) {
    let length = bytes.len().max(1);
    match *mutation {
        Mutation::Set(at, byte) => bytes.iter_mut().skip(at % length).take(1).for_each(|b| *b = byte),
        Mutation::Flip(at, bits) => bytes.iter_mut().skip(at % length).take(1).for_each(|b| *b ^= bits),
        Mutation::Insert(at, byte) => bytes.insert(at % (bytes.len() + 1), byte),
        Mutation::Remove(at) if !bytes.is_empty() => drop(bytes.remove(at % length)),
        Mutation::Remove(_) => {}
        Mutation::Truncate(at) => bytes.truncate(at % length),
    }
}

/// Bytes near a legal packet; most have the right Remaining Length, so that the fields behind it are read.
fn near_legal() -> impl Strategy<Value = (Context, Bytes)> {
    (packet_in_context(), vec(mutation(), 0..4), prop::bool::weighted(0.8)).prop_map(
        |((context, packet), mutations, mend)| {
            let bytes = encode(&packet, context.version);
            if !mend {
                let mut bytes = bytes.to_vec();
                mutations.iter().for_each(|mutation| apply(&mut bytes, mutation));
                return (context, Bytes::from(bytes));
            }
            let (first, body) = split(&bytes);
            let (mut first, mut body) = (vec![first], body.to_vec());
            for mutation in &mutations {
                match mutation {
                    Mutation::Flip(0, _) => apply(&mut first, mutation),
                    _ => apply(&mut body, mutation),
                }
            }
            (context, frame(*first.first().expect("nothing removes it"), &body))
        },
    )
}

/// The first byte, and what the Remaining Length counts.
fn split(frame: &[u8]) -> (u8, &[u8]) {
    let (first, rest) = frame.split_first().expect("a packet is never empty");
    let width = rest.iter().take_while(|byte| **byte >= 0x80).count() + 1;
    (*first, rest.get(width..).expect("a packet has a Remaining Length"))
}

fn frame(first: u8, body: &[u8]) -> Bytes {
    let mut bytes = vec![first];
    let mut length = body.len();
    loop {
        let more = length > 0x7F;
        bytes.push((length & 0x7F) as u8 | u8::from(more) << 7);
        length >>= 7;
        if !more {
            break;
        }
    }
    bytes.extend(body);
    bytes.into()
}

/// The one thing that decoding does not keep: how 3.1.1 writes the Remaining Length, of which it does not
/// say that it must be as short as can be.
fn minimal_length(bytes: &Bytes) -> Bytes {
    let (first, body) = split(bytes);
    frame(first, body)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn legal_packets_survive((context, packet) in packet_in_context()) {
        let bytes = encode(&packet, context.version);
        match decode(&bytes, context) {
            Ok(decoded) => prop_assert_eq!(decoded, packet),
            Err(violation) => prop_assert!(false, "{}\n{}", violation, render(&bytes, &annotate(&bytes, context))),
        }
    }

    #[test]
    fn accepted_bytes_survive((context, bytes) in near_legal()) {
        if let Ok(packet) = decode(&bytes, context) {
            let expected = match context.version {
                Version::V3_1_1 => minimal_length(&bytes),
                Version::V5_0 => bytes,
            };
            prop_assert_eq!(encode(&packet, context.version), expected);
        }
    }

    #[test]
    fn haste_makes_no_difference((context, bytes) in near_legal()) {
        prop_assert_eq!(decode(&bytes, context), decode_tolerating(&bytes, context, &|_| false));
    }

    #[test]
    fn what_is_tolerated_is_read((context, bytes) in near_legal()) {
        let packet = decode_tolerating(&bytes, context, &|_| true);
        match (packet, decode(&bytes, context)) {
            (tolerated, Ok(packet)) => prop_assert_eq!(tolerated, Ok(packet)),
            (Ok(packet), Err(_)) => drop(describe(&packet, context.version)),
            (Err(violation), Err(_)) => {
                let reserved = bytes.first().is_none_or(|byte| PacketType::from_bits(byte >> 4).is_none());
                let endless = bytes.windows(5).any(|bytes| bytes.iter().all(|byte| *byte >= 0x80));
                prop_assert!(reserved || endless, "{}", violation);
            }
        }
    }

    #[test]
    fn no_bytes_are_fatal(context in context(), bytes in vec(any::<u8>(), 0..64)) {
        let bytes = Bytes::from(bytes);
        let _ = decode(&bytes, context);
        let _ = decode_tolerating(&bytes, context, &|_| true);
        let fields = annotate(&bytes, context);
        drop(render(&bytes, &fields));
        prop_assert_eq!(Wire::read(&bytes, context).to_bytes(), bytes);
    }

    #[test]
    fn annotations_cover_all_bytes((context, bytes) in near_legal()) {
        let mut end = 0;
        for field in annotate(&bytes, context).iter().filter(|field| !field.range.is_empty()) {
            prop_assert_eq!(field.range.start, end);
            end = field.range.end;
        }
        prop_assert_eq!(end, bytes.len());
    }

    #[test]
    fn a_wire_is_the_encoding((context, packet) in packet_in_context()) {
        let wire = Wire::of(&packet, context.version);
        let bytes = encode(&packet, context.version);
        prop_assert_eq!(&wire.to_bytes(), &bytes);
        prop_assert_eq!(&wire, &Wire::read(&bytes, context));

        let mut end = 0;
        for field in wire.fields().iter().filter(|field| field.leaf) {
            prop_assert_eq!(field.range.start, end, "{}", field.name);
            end = field.range.end;
        }
        prop_assert_eq!(end, bytes.len());
    }

    #[test]
    fn a_wire_keeps_any_bytes((context, bytes) in near_legal()) {
        prop_assert_eq!(Wire::read(&bytes, context).to_bytes(), bytes);
    }

    #[test]
    fn a_packet_is_judged_alike_in_a_stream((context, bytes) in near_legal(), after in any::<[u8; 3]>()) {
        let framer = |bytes: &[u8]| {
            let mut framer = Framer::new(context, 1 << 20);
            framer.push(bytes);
            framer
        };
        let stream = [&bytes[..], &after].concat();
        let by_frame = framer(&stream).next_frame().and_then(|frame| {
            frame.map(|frame| decode(&frame, context)).transpose().map_err(FramingError::from)
        });
        prop_assert_eq!(framer(&stream).next_packet(), by_frame);
    }

    #[test]
    fn any_chunks_make_the_same_packets(
        packets in context().prop_flat_map(|context| {
            (Just(context), vec(mqttspec_codec::strategies::packet(context), 1..5))
        }),
        cuts in vec(any::<prop::sample::Index>(), 0..8),
        ways in vec(any::<[bool; 3]>(), 9),
    ) {
        let (context, packets) = packets;
        let stream: Vec<u8> =
            packets.iter().flat_map(|packet| encode(packet, context.version)).collect();
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
        cuts.extend([0, stream.len()]);
        cuts.sort_unstable();

        let mut framer = Framer::new(context, 1 << 20);
        let mut read: Vec<Packet> = Vec::new();
        let mut take = |framer: &mut Framer, at_once: bool| {
            let packet = match at_once {
                true => framer.next_packet().unwrap(),
                false => framer.next_frame().unwrap().map(|frame| decode(&frame, context).unwrap()),
            };
            packet.map(|packet| read.push(packet)).is_some()
        };
        let mut arrived = 0;
        for (chunk, [shared, at_once, patient]) in cuts.windows(2).zip(ways) {
            let bytes = &stream[chunk[0]..chunk[1]];
            match shared {
                true => framer.push_chunk(Bytes::copy_from_slice(bytes)),
                false => framer.push(bytes),
            }
            arrived += bytes.len();
            prop_assert!(stream[..arrived].ends_with(framer.pending()));
            while take(&mut framer, at_once) && !patient {}
            prop_assert!(stream[..arrived].ends_with(framer.pending()));
        }
        while take(&mut framer, true) {}
        prop_assert_eq!(read, packets);
        prop_assert_eq!(framer.finish(), Ok(()));
    }
}

//! One way to decode and one way to encode for each codec.

use std::fmt::Debug;
use std::hint::black_box;
use std::sync::Arc;

use bytes::{Buf, Bytes, BytesMut};
use mqttspec_codec::{Context, Framer, Version};
use tokio_util::codec::{Decoder, Encoder};

use crate::packets::Sample;

/// The greatest packet that a codec is told to expect.
const LIMIT: usize = 1 << 20;

/// A codec under measurement.
pub struct Peer {
    /// The name of the crate, and how it is used where there is more than one way.
    pub name: &'static str,
    /// Whether there have been releases in the last years.
    pub maintained: bool,
    /// Whether it finds the packets in the stream by itself. To the others they are handed one by one.
    pub cuts: bool,
    /// Decodes all packets of a stream, each like the sample; `None` if the codec has no such version.
    pub decode: fn(Sample) -> Option<Decode>,
    /// Encodes the sample once more at each call.
    pub encode: fn(Sample) -> Option<Encode>,
}

/// Decodes all that is in a stream of equal packets.
pub type Decode = Box<dyn FnMut(BytesMut)>;
/// Encodes a packet; returns how many bytes it has.
pub type Encode = Box<dyn FnMut() -> usize>;

/// All codecs, ours first.
pub const PEERS: &[Peer] = &[
    peer("mqttspec-codec", true, mqttspec_decode, mqttspec_encode),
    peer("rumqttc", true, rumqttc_decode, rumqttc_encode),
    peer("rmqtt-codec", true, rmqtt_decode, rmqtt_encode),
    peer("flowsdk", true, flowsdk_decode, flowsdk_encode),
    peer("mqtt5-protocol", true, mqtt5_decode, mqtt5_encode),
    peer("mqttspec-codec (packets given)", false, frames_decode, |_| None),
    peer("mqtt-protocol-core (packets given)", false, core_decode, core_encode),
    peer("mqtt-protocol-core (shared bodies given)", false, bodies_decode, |_| None),
    peer("mqtt-proto (packets given)", false, proto_decode, proto_encode),
    Peer { maintained: false, ..peer("mqttrs (packets given)", false, mqttrs_decode, mqttrs_encode) },
];

const fn peer(
    name: &'static str,
    cuts: bool,
    decode: fn(Sample) -> Option<Decode>,
    encode: fn(Sample) -> Option<Encode>,
) -> Peer {
    Peer { name, maintained: true, cuts, decode, encode }
}

/// Looks at what was decoded and drops it, without moving it first: packets differ much in size.
fn spend<T, E: Debug>(decoded: Result<T, E>) {
    match &decoded {
        Ok(packet) => {
            black_box(packet);
        }
        Err(error) => panic!("{error:?}"),
    }
}

fn mqttspec_decode(sample: Sample) -> Option<Decode> {
    let context = Context::from_client(sample.version());
    Some(Box::new(move |stream| {
        let mut framer = Framer::new(context, LIMIT);
        *framer.buffer_mut() = stream;
        while !framer.pending().is_empty() {
            spend(framer.next_packet());
        }
    }))
}

fn frames_decode(sample: Sample) -> Option<Decode> {
    let context = Context::from_client(sample.version());
    let whole = BytesMut::from(sample.bytes().as_ref());
    let (shared, _keep) = {
        let frozen = whole.freeze();
        (frozen.clone(), frozen)
    };
    let length = shared.len();
    Some(Box::new(move |stream| {
        for _ in 0..stream.len() / length {
            spend(mqttspec_codec::decode(black_box(&shared), context));
        }
    }))
}

fn mqttspec_encode(sample: Sample) -> Option<Encode> {
    let packet = sample.packet();
    Some(Box::new(move || mqttspec_codec::encode(black_box(&packet), sample.version()).len()))
}

fn rumqttc_decode(sample: Sample) -> Option<Decode> {
    Some(match sample.version() {
        Version::V3_1_1 => Box::new(|mut stream| {
            while !stream.is_empty() {
                spend(rumqttc::Packet::read(&mut stream, LIMIT));
            }
        }),
        Version::V5_0 => Box::new(|mut stream| {
            while !stream.is_empty() {
                spend(rumqttc::v5::mqttbytes::v5::Packet::read(&mut stream, Some(LIMIT as u32)));
            }
        }),
    })
}

fn rumqttc_encode(sample: Sample) -> Option<Encode> {
    let mut stream = BytesMut::from(sample.bytes().as_ref());
    Some(match sample.version() {
        Version::V3_1_1 => {
            let packet = rumqttc::Packet::read(&mut stream, LIMIT).unwrap();
            Box::new(move || {
                let mut out = BytesMut::with_capacity(256);
                packet.write(&mut out, LIMIT).unwrap();
                black_box(out.freeze()).len()
            })
        }
        Version::V5_0 => {
            let packet = rumqttc::v5::mqttbytes::v5::Packet::read(&mut stream, None).unwrap();
            Box::new(move || {
                let mut out = BytesMut::with_capacity(256);
                packet.write(&mut out, None).unwrap();
                black_box(out.freeze()).len()
            })
        }
    })
}

fn rmqtt_decode(sample: Sample) -> Option<Decode> {
    Some(match sample.version() {
        Version::V3_1_1 => Box::new(|mut stream| {
            let mut codec = rmqtt_codec::v3::Codec::new(0);
            while !stream.is_empty() {
                spend(codec.decode(&mut stream));
            }
        }),
        Version::V5_0 => Box::new(|mut stream| {
            let mut codec = rmqtt_codec::v5::Codec::new(0, 0);
            while !stream.is_empty() {
                spend(codec.decode(&mut stream));
            }
        }),
    })
}

fn rmqtt_encode(sample: Sample) -> Option<Encode> {
    let mut stream = BytesMut::from(sample.bytes().as_ref());
    Some(match sample.version() {
        Version::V3_1_1 => {
            let mut codec = rmqtt_codec::v3::Codec::new(0);
            let (packet, _) = codec.decode(&mut stream).unwrap().unwrap();
            // The encoder takes the packet by value: the clone is part of its price.
            Box::new(move || {
                let mut out = BytesMut::with_capacity(256);
                codec.encode(packet.clone(), &mut out).unwrap();
                black_box(out.freeze()).len()
            })
        }
        Version::V5_0 => {
            let mut codec = rmqtt_codec::v5::Codec::new(0, 0);
            let (packet, _) = codec.decode(&mut stream).unwrap().unwrap();
            Box::new(move || {
                let mut out = BytesMut::with_capacity(256);
                codec.encode(packet.clone(), &mut out).unwrap();
                black_box(out.freeze()).len()
            })
        }
    })
}

/// The first byte and the body of a packet whose Remaining Length has one or two bytes.
fn split(frame: &[u8]) -> (u8, &[u8]) {
    let width = if frame[1] < 0x80 { 1 } else { 2 };
    (frame[0], &frame[1 + width..])
}

fn core_parse(sample: Sample) -> fn(u8, Arc<[u8]>) {
    use mqtt_protocol_core::mqtt::packet::{v3_1_1, v5_0};

    match sample {
        Sample::PublishV3 => |flags, body| {
            spend(v3_1_1::Publish::parse(flags, body));
        },
        Sample::PublishV5 => |flags, body| {
            spend(v5_0::Publish::parse(flags, body));
        },
        Sample::ConnectV3 => |_, body| {
            spend(v3_1_1::Connect::parse(&body));
        },
        Sample::ConnectV5 => |_, body| {
            spend(v5_0::Connect::parse(&body));
        },
    }
}

fn core_decode(sample: Sample) -> Option<Decode> {
    let length = sample.bytes().len();
    let parse = core_parse(sample);
    Some(Box::new(move |stream| {
        for frame in stream.chunks(length) {
            let (first, body) = split(frame);
            parse(first & 0b1111, Arc::from(body));
        }
    }))
}

fn bodies_decode(sample: Sample) -> Option<Decode> {
    let frame = sample.bytes();
    let parse = core_parse(sample);
    let (first, body) = split(&frame);
    let body: Arc<[u8]> = Arc::from(body);
    Some(Box::new(move |stream| {
        for _ in stream.chunks(frame.len()) {
            parse(black_box(first & 0b1111), black_box(&body).clone());
        }
    }))
}

fn core_encode(sample: Sample) -> Option<Encode> {
    use mqtt_protocol_core::mqtt::packet::{v3_1_1, v5_0};

    let frame = sample.bytes();
    let (first, body) = split(&frame);
    let flags = first & 0b1111;
    Some(match sample {
        Sample::PublishV3 => {
            let (packet, _) = v3_1_1::Publish::parse(flags, Arc::from(body)).unwrap();
            Box::new(move || black_box(packet.to_continuous_buffer()).len())
        }
        Sample::PublishV5 => {
            let (packet, _) = v5_0::Publish::parse(flags, Arc::from(body)).unwrap();
            Box::new(move || black_box(packet.to_continuous_buffer()).len())
        }
        Sample::ConnectV3 => {
            let (packet, _) = v3_1_1::Connect::parse(body).unwrap();
            Box::new(move || black_box(packet.to_continuous_buffer()).len())
        }
        Sample::ConnectV5 => {
            let (packet, _) = v5_0::Connect::parse(body).unwrap();
            Box::new(move || black_box(packet.to_continuous_buffer()).len())
        }
    })
}

fn flowsdk_decode(sample: Sample) -> Option<Decode> {
    use flowsdk::mqtt_serde::control_packet::MqttPacket;
    use flowsdk::mqtt_serde::parser::ParseOk;

    let level = sample.version().protocol_level();
    Some(Box::new(move |stream| {
        let mut rest = &stream[..];
        while !rest.is_empty() {
            let parsed = MqttPacket::from_bytes_with_version(rest, level);
            let Ok(ParseOk::Packet(_, used)) = &parsed else { panic!("no packet") };
            rest = &rest[*used..];
            spend(parsed);
        }
    }))
}

fn flowsdk_encode(sample: Sample) -> Option<Encode> {
    use flowsdk::mqtt_serde::control_packet::MqttPacket;
    use flowsdk::mqtt_serde::parser::ParseOk;

    let level = sample.version().protocol_level();
    let ParseOk::Packet(packet, _) = MqttPacket::from_bytes_with_version(&sample.bytes(), level).unwrap()
    else {
        panic!("no packet");
    };
    Some(Box::new(move || black_box(packet.to_bytes().unwrap()).len()))
}

fn mqtt5_packet(stream: &mut Bytes, level: u8) -> mqtt5_protocol::Result<mqtt5_protocol::packet::Packet> {
    use mqtt5_protocol::packet::{FixedHeader, Packet};

    let header = FixedHeader::decode(stream)?;
    let mut body = stream.split_to(header.remaining_length as usize);
    Packet::decode_from_body_with_version(header.packet_type, &header, &mut body, level)
}

fn mqtt5_decode(sample: Sample) -> Option<Decode> {
    let level = sample.version().protocol_level();
    Some(Box::new(move |stream| {
        let mut stream = stream.freeze();
        while stream.has_remaining() {
            spend(mqtt5_packet(&mut stream, level));
        }
    }))
}

fn mqtt5_encode(sample: Sample) -> Option<Encode> {
    use mqtt5_protocol::packet::{MqttPacket, Packet};

    let packet = mqtt5_packet(&mut sample.bytes(), sample.version().protocol_level()).unwrap();
    Some(Box::new(move || {
        let mut out = BytesMut::with_capacity(256);
        match &packet {
            Packet::Publish(packet) => packet.encode(&mut out).unwrap(),
            Packet::Connect(packet) => packet.encode(&mut out).unwrap(),
            _ => panic!("no such sample"),
        }
        black_box(out.freeze()).len()
    }))
}

fn proto_decode(sample: Sample) -> Option<Decode> {
    let length = sample.bytes().len();
    Some(match sample.version() {
        Version::V3_1_1 => Box::new(move |stream| {
            for frame in stream.chunks(length) {
                spend(mqtt_proto::v3::Packet::decode(frame));
            }
        }),
        Version::V5_0 => Box::new(move |stream| {
            for frame in stream.chunks(length) {
                spend(mqtt_proto::v5::Packet::decode(frame));
            }
        }),
    })
}

fn proto_encode(sample: Sample) -> Option<Encode> {
    Some(match sample.version() {
        Version::V3_1_1 => {
            let packet = mqtt_proto::v3::Packet::decode(&sample.bytes()).unwrap().unwrap();
            Box::new(move || black_box(packet.encode().unwrap()).as_ref().len())
        }
        Version::V5_0 => {
            let packet = mqtt_proto::v5::Packet::decode(&sample.bytes()).unwrap().unwrap();
            Box::new(move || black_box(packet.encode().unwrap()).as_ref().len())
        }
    })
}

fn mqttrs_decode(sample: Sample) -> Option<Decode> {
    if sample.version() == Version::V5_0 {
        return None;
    }
    let length = sample.bytes().len();
    Some(Box::new(move |stream| {
        for frame in stream.chunks(length) {
            spend(mqttrs::decode_slice(frame));
        }
    }))
}

fn mqttrs_encode(sample: Sample) -> Option<Encode> {
    if sample.version() == Version::V5_0 {
        return None;
    }
    let frame: &'static [u8] = sample.bytes().to_vec().leak();
    let packet = mqttrs::decode_slice(frame).unwrap().unwrap();
    Some(Box::new(move || {
        let mut out = vec![0; 256];
        mqttrs::encode_slice(&packet, &mut out).unwrap()
    }))
}

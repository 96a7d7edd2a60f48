//! How each codec is used.

mod flowsdk;
mod mqtt5_protocol;
mod mqtt_proto;
mod mqtt_protocol_core;
mod mqttrs;
mod mqttspec;
mod rmqtt_codec;
mod rumqttc;

use std::fmt::Debug;
use std::hint::black_box;

use bytes::BytesMut;

use crate::packets::Sample;

/// The greatest packet that a codec is told to expect.
const LIMIT: usize = 1 << 20;

/// A codec under measurement, in one way of use.
pub struct Peer {
    /// The name of the crate, and how it is used where there is more than one way.
    pub name: &'static str,
    /// Whether there have been releases in the last years.
    pub maintained: bool,
    /// What it is given to decode.
    pub input: Input,
    /// Decodes all packets of a stream, each like the sample; `None` if the codec has no such version.
    pub decode: fn(Sample) -> Option<Decode>,
    /// Encodes the sample once more at each call; `None` too if another row of the codec does.
    pub encode: fn(Sample) -> Option<Encode>,
}

/// What a codec is given to decode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// The stream: it finds the end of each packet itself.
    Stream,
    /// The stream, and for nothing where each packet ends: less work than [`Stream`](Self::Stream).
    Cut,
    /// The same packet again and again, in memory of the kind that it likes best: less work still.
    Whole,
}

impl Input {
    /// What the table calls it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stream => "stream",
            Self::Cut => "cut for it",
            Self::Whole => "one packet",
        }
    }
}

/// Decodes all that is in a stream of equal packets.
pub type Decode = Box<dyn FnMut(BytesMut)>;
/// Encodes a packet; returns how many bytes it has.
pub type Encode = Box<dyn FnMut() -> usize>;

const fn peer(
    name: &'static str,
    input: Input,
    decode: fn(Sample) -> Option<Decode>,
    encode: fn(Sample) -> Option<Encode>,
) -> Peer {
    Peer { name, maintained: true, input, decode, encode }
}

/// All codecs, ours first.
pub const PEERS: &[Peer] = &[
    peer("mqttspec-codec", Input::Stream, mqttspec::decode, mqttspec::encode),
    peer("mqttspec-codec (frame, then decode)", Input::Stream, mqttspec::frames_decode, |_| None),
    peer("rumqttc", Input::Stream, rumqttc::decode, rumqttc::encode),
    peer("rmqtt-codec", Input::Stream, rmqtt_codec::decode, rmqtt_codec::encode),
    peer("mqtt-protocol-core", Input::Stream, mqtt_protocol_core::decode, mqtt_protocol_core::encode),
    peer("flowsdk", Input::Stream, flowsdk::decode, flowsdk::encode),
    peer("mqtt5-protocol", Input::Stream, mqtt5_protocol::decode, mqtt5_protocol::encode),
    peer("mqtt-protocol-core (parse)", Input::Cut, mqtt_protocol_core::cut_decode, |_| None),
    peer("mqtt-proto", Input::Cut, mqtt_proto::decode, mqtt_proto::encode),
    Peer { maintained: false, ..peer("mqttrs", Input::Cut, mqttrs::decode, mqttrs::encode) },
    peer("mqttspec-codec (decode)", Input::Whole, mqttspec::whole_decode, |_| None),
    peer("mqtt-protocol-core (parse, no copy)", Input::Whole, mqtt_protocol_core::whole_decode, |_| None),
];

/// Looks at what was decoded and drops it, without moving it first: packets differ much in size.
fn spend<T, E: Debug>(decoded: Result<T, E>) {
    match &decoded {
        Ok(packet) => {
            black_box(packet);
        }
        Err(error) => panic!("{error:?}"),
    }
}

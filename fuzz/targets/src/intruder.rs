//! The target `intruder`: any bytes at all sent to the reference broker, beside a Client that keeps to the rules.

use std::sync::LazyLock;
use std::time::Duration;

use bytes::Bytes;
use mqttspec_broker::{Broker, Configuration, ConnectionId, Output, Rules};
use mqttspec_codec::model::{Connect, Packet, ReasonCode, Subscribe, Subscription};
use mqttspec_codec::{
    Context, Framer, FramingError, Version, Violation, ViolationKind, connect_version, decode,
    decode_tolerating, encode,
};

use crate::stream::LIMIT;

const WITNESS: ConnectionId = ConnectionId(1);
const INTRUDER: ConnectionId = ConnectionId(2);

/// After so long no timer of the broker is left that a connection could have set.
const FOR_EVER: Duration = Duration::from_secs(1 << 33);

static ALL: LazyLock<Rules> = LazyLock::new(Rules::all);

/// Sends bytes to the reference broker: a malformed packet ends the connection, whatever the broker sends is well-formed,
/// and a Client that has subscribed to everything is served as before.
///
/// # Panics
/// When one of that does not hold.
pub fn intruder(stream: &[u8]) {
    intruder_under(stream, &ALL);
}

/// The same with a broker that keeps to these rules only.
///
/// # Panics
/// When the broker does something wrong.
pub fn intruder_under(stream: &[u8], rules: &Rules) {
    let broker = Broker::new(Configuration::default(), rules.clone());
    Scene { broker, stream, acknowledged: false, closed: false }.play();
}

struct Scene<'a> {
    broker: Broker,
    /// What the intruder sends.
    stream: &'a [u8],
    /// Whether the intruder has got its CONNACK, or a challenge before it.
    acknowledged: bool,
    /// Whether the connection of the intruder is closed.
    closed: bool,
}

impl Scene<'_> {
    fn play(&mut self) {
        let subscribe = Subscribe {
            packet_id: 1,
            filters: vec![Subscription { filter: "#".into(), ..Subscription::default() }],
            ..Subscribe::default()
        };
        self.broker.opened(WITNESS, Duration::ZERO);
        let mut connect = Connect::new(Version::V5_0, "the-witness-of-it-all");
        connect.clean_start = true;
        self.witness(&Packet::Connect(connect));
        self.witness(&Packet::Subscribe(subscribe));

        self.broker.opened(INTRUDER, Duration::ZERO);
        let outputs = self.broker.received(INTRUDER, self.stream, Duration::ZERO);
        if self.taken_over(&outputs) {
            return;
        }
        self.take_up(&outputs);
        if let Some(error) = self.malformed() {
            assert!(self.closed, "the connection is not closed: {error}");
        }
        assert!(self.witness(&Packet::PingReq).contains(&Packet::PingResp), "the witness is not served");

        let outputs = self.broker.closed(INTRUDER, Duration::ZERO);
        self.closed = true;
        self.take_up(&outputs);
        let outputs = self.broker.tick(FOR_EVER);
        self.take_up(&outputs);
        let due = self.broker.next_deadline();
        assert!(due.is_none_or(|due| due > FOR_EVER), "{due:?} has passed and is still due");
    }

    /// The version of the intruder's CONNECT.
    fn version(&self) -> Option<Version> {
        connect_version(self.stream).and_then(Version::from_protocol_level)
    }

    /// What is wrong with the intruder's packets.
    fn malformed(&self) -> Option<String> {
        let mut framer = Framer::new(Context::from_client(self.version().unwrap_or(Version::V5_0)), LIMIT);
        framer.push(self.stream);
        // The text binds only the sender to the shortest form of a length (1.5.5), and the broker may answer a bad
        // Topic Filter by a code.
        let tolerated = |violation: &Violation| {
            matches!(violation.kind, ViolationKind::LengthNotMinimal | ViolationKind::TopicFilter)
        };
        loop {
            let violation = match framer.next_frame() {
                Ok(None) | Err(FramingError::TooLong { .. }) => return None,
                Ok(Some(frame)) => decode_tolerating(&frame, framer.context(), &tolerated).err(),
                Err(FramingError::Violation(violation)) => Some(violation),
            };
            if let Some(violation) = violation {
                return Some(violation.to_string());
            }
        }
    }

    /// Whether the intruder has the Client Identifier of the witness, which is its right.
    fn taken_over(&self, outputs: &[Output]) -> bool {
        outputs.iter().any(|output| match output {
            Output::Send { connection: WITNESS, bytes } => match read(bytes, Version::V5_0) {
                Packet::Disconnect(disconnect) => disconnect.reason() == ReasonCode::SESSION_TAKEN_OVER,
                _ => false,
            },
            _ => false,
        })
    }

    fn witness(&mut self, packet: &Packet) -> Vec<Packet> {
        let outputs = self.broker.received(WITNESS, &encode(packet, Version::V5_0), Duration::ZERO);
        self.take_up(&outputs)
    }

    /// Judges what the broker does; returns what it sends to the witness.
    fn take_up(&mut self, outputs: &[Output]) -> Vec<Packet> {
        let mut packets = Vec::new();
        for output in outputs {
            match output {
                Output::Close { connection } => {
                    assert_eq!(*connection, INTRUDER, "the witness is thrown out");
                    self.closed = true;
                }
                Output::Send { connection: WITNESS, bytes } => packets.push(read(bytes, Version::V5_0)),
                Output::Send { bytes, .. } => self.answer(bytes),
            }
        }
        packets
    }

    fn answer(&mut self, bytes: &Bytes) {
        assert!(!self.closed, "the intruder is sent {bytes:02x?} after the end");
        // A CONNECT of no version that the broker knows may be answered in either form.
        let packet = match self.version() {
            Some(version) => read(bytes, version),
            None => decode(bytes, Context::from_server(Version::V3_1_1))
                .unwrap_or_else(|_| read(bytes, Version::V5_0)),
        };
        let first = matches!(packet, Packet::ConnAck(_) | Packet::Auth(_));
        assert!(self.acknowledged || first, "before CONNACK the intruder is sent {packet:?}");
        self.acknowledged = true;
    }
}

/// What the broker sends is well-formed.
fn read(bytes: &Bytes, version: Version) -> Packet {
    match decode(bytes, Context::from_server(version)) {
        Ok(packet) => packet,
        Err(violation) => panic!("the broker sends {bytes:02x?}: {violation}"),
    }
}

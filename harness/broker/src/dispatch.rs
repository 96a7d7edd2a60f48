//! From bytes to packets, and from packets to what they ask for.

use bytes::Bytes;
use mqttspec_codec::model::{Disconnect, Packet, PacketType, Properties, ReasonCode};
use mqttspec_codec::{Context, Framer, FramingError, Version, Violation, connect_version, decode_tolerating};

use crate::broker::Broker;
use crate::connection::{ConnectionId, Ending, Phase};
use crate::decoding::{Found, is_left_to_broker, tolerates};
use crate::failure::Failure;
use crate::faults::Fault;
use crate::rules::rules;

rules! {
    /// The first packet is CONNECT; any other ends the connection.
    CONNECT_COMES_FIRST: ["MQTT-3.1.0-1"], ["MQTT-3.1.0-1"];
    /// A Protocol Level that is not served is answered by CONNACK 0x01.
    VERSION_ANSWERED: ["MQTT-3.1.2-2/a"], [];
    /// A Protocol Level that is not served ends the connection.
    VERSION_CLOSES: ["MQTT-3.1.2-2/b"], ["MQTT-3.1.2-2"];
    /// A packet above the Maximum Packet Size of the broker ends the connection.
    PACKET_SIZE_HELD: [], ["MQTT-3.2.2-15", "E5-35"];
    /// PINGREQ is answered by PINGRESP.
    PINGREQ_IS_ANSWERED: ["MQTT-3.12.4-1"], ["MQTT-3.12.4-1"];
    /// A DISCONNECT with wrong flags is answered by DISCONNECT 0x81.
    BAD_DISCONNECT_IS_ANSWERED: [], ["MQTT-3.14.1-1/b"];
}

/// Bytes of a packet that is long where those are refused.
const LONG: usize = 100_000;

impl Broker {
    /// Takes up bytes from a connection, and handles each packet that is complete.
    pub(crate) fn read(&mut self, id: ConnectionId, bytes: &[u8]) {
        if let Some(connection) = self.connections.get_mut(&id) {
            connection.framer.push(bytes);
        }
        loop {
            let Some(connection) = self.connections.get_mut(&id) else { return };
            if matches!(connection.phase, Phase::Deaf) {
                return;
            }
            let version = connection.version;
            let tolerated = |violation: &Violation| {
                tolerates(&self.rules, Found { violation, packet_type: None, frame: &[] })
            };
            match connection.framer.next_frame_tolerating(&tolerated) {
                Ok(Some(frame)) => {
                    let drops =
                        matches!(connection.phase, Phase::New) && self.rules.has(Fault::BehindConnectDropped);
                    self.on_frame(id, &frame);
                    if let Some(connection) = self.connections.get_mut(&id).filter(|_| drops) {
                        connection.framer = Framer::new(Context::from_client(connection.version), usize::MAX);
                    }
                }
                Ok(None) => {
                    self.check_announced_size(id);
                    return;
                }
                Err(error) => {
                    if let FramingError::Violation(violation) = error {
                        self.on_violation(id, &Violation { version, ..violation }, &[]);
                    }
                    // Where the stream is not cut into packets any more, nothing can be read.
                    self.stop_reading(id);
                    return;
                }
            }
        }
    }

    fn on_frame(&mut self, id: ConnectionId, frame: &Bytes) {
        let now = self.now;
        let Some(connection) = self.connections.get_mut(&id) else { return };
        connection.last_packet_at = now;
        let packet_type = packet_type(frame);
        if matches!(connection.phase, Phase::New) {
            if packet_type != Some(PacketType::Connect) {
                self.on_packet_before_connect(id, packet_type);
                return;
            }
            if let Err(failure) = self.choose_version(id, frame) {
                self.fail(id, failure);
                return;
            }
        }
        if let Err(failure) = self.check_size(id, frame.len()) {
            self.fail(id, failure);
            return;
        }
        let Some(version) = self.connections.get(&id).map(|connection| connection.version) else { return };
        let tolerated =
            |violation: &Violation| tolerates(&self.rules, Found { violation, packet_type, frame });
        let context = Context::from_client(version);
        match decode_tolerating(frame, context, &tolerated) {
            // With the end, which a good one is followed by as well, the broken rule would not show.
            Ok(Packet::Disconnect(_)) if breaks_a_rule(frame, context) => self.leave_open(id),
            Ok(packet) => {
                if let Err(failure) = self.on_packet(id, packet) {
                    self.fail(id, failure);
                }
            }
            Err(violation) => self.on_violation(id, &violation, frame),
        }
    }

    /// No CONNECT has come, so the version and its rules are not known: both have to demand the close.
    fn on_packet_before_connect(&mut self, id: ConnectionId, packet_type: Option<PacketType>) {
        let closes = Version::ALL.iter().all(|&version| self.rules.enforce(version, &CONNECT_COMES_FIRST));
        if closes && !self.rules.has(Fault::NeverAcceptedKept) {
            self.close_before_connect(id);
            return;
        }
        if packet_type == Some(PacketType::PingReq) {
            self.send(id, Packet::PingResp);
        }
        self.stop_reading(id);
    }

    /// Closes a connection that has begun with something else than CONNECT.
    fn close_before_connect(&mut self, id: ConnectionId) {
        if self.rules.has(Fault::DisconnectBeforeConnect) {
            let reason_code = Some(ReasonCode::PROTOCOL_ERROR);
            self.send(
                id,
                Packet::Disconnect(Disconnect { reason_code, properties: Some(Properties::default()) }),
            );
        }
        self.close(id, Ending::Failure);
    }

    /// Takes the version that a CONNECT asks for (3.1.2.2).
    fn choose_version(&mut self, id: ConnectionId, frame: &Bytes) -> Result<(), Failure> {
        let Some(connection) = self.connections.get_mut(&id) else { return Ok(()) };
        // A CONNECT that is cut before the level is judged by 3.1.1, whose silent close 5.0 allows too.
        let asked = connect_version(frame).unwrap_or(Version::V3_1_1.protocol_level());
        let served = Version::from_protocol_level(asked)
            .filter(|version| self.configuration.versions.contains(version));
        // An answer in the form of 3.1.1 is for those that know nothing newer.
        let speaks_5_0 = self.configuration.versions.contains(&Version::V5_0);
        connection.version = if asked < 5 || !speaks_5_0 { Version::V3_1_1 } else { Version::V5_0 };
        let context = Context::from_client(connection.version);
        connection.framer.set_context(context);
        if served.is_some() {
            return Ok(());
        }
        Err(Failure::refusal(ReasonCode::UNSUPPORTED_PROTOCOL_VERSION, "version not supported")
            .answered_by(&VERSION_ANSWERED)
            .closed_by(&VERSION_CLOSES)
            .in_both_versions())
    }

    fn check_size(&self, id: ConnectionId, length: usize) -> Result<(), Failure> {
        let Some(connection) = self.connections.get(&id) else { return Ok(()) };
        let announced = connection.is_connected() && connection.version == Version::V5_0;
        let too_long =
            self.configuration.maximum_packet_size.is_some_and(|maximum| length > maximum as usize);
        if self.rules.has(Fault::LongPacketsRefused) && length > LONG {
            return Err(Failure::new(ReasonCode::PACKET_TOO_LARGE, "packet too long"));
        }
        if announced && too_long && self.rules.enforce(connection.version, &PACKET_SIZE_HELD) {
            return Err(Failure::new(ReasonCode::PACKET_TOO_LARGE, "packet too long"));
        }
        Ok(())
    }

    /// Does not wait for the rest of a packet that will be too long.
    fn check_announced_size(&mut self, id: ConnectionId) {
        let Some(connection) = self.connections.get(&id) else { return };
        let length = announced_length(connection.framer.pending()).unwrap_or(0);
        if let Err(failure) = self.check_size(id, length) {
            self.fail(id, failure);
        }
    }

    /// A packet that cannot be decoded, even if the violation is one that is tolerated.
    fn on_violation(&mut self, id: ConnectionId, violation: &Violation, frame: &[u8]) {
        let packet_type = packet_type(frame);
        if tolerates(&self.rules, Found { violation, packet_type, frame }) {
            return;
        }
        if packet_type == Some(PacketType::Disconnect) && !self.enforce(id, &BAD_DISCONNECT_IS_ANSWERED) {
            self.close(id, Ending::Failure);
            return;
        }
        let failure = Failure::new(violation.reason_code(), violation.rule.summary);
        match self.connections.get(&id).map(|connection| &connection.phase) {
            // Nothing is known of the Client, not even that it speaks MQTT.
            Some(Phase::New) if packet_type != Some(PacketType::Connect) => {
                if self.rules.has(Fault::NeverAcceptedKept) {
                    self.stop_reading(id);
                } else {
                    self.close_before_connect(id);
                }
            }
            _ => self.fail(id, failure),
        }
    }

    fn on_packet(&mut self, id: ConnectionId, packet: Packet) -> Result<(), Failure> {
        let Some(connection) = self.connections.get(&id) else { return Ok(()) };
        if matches!(connection.phase, Phase::Authenticating(_)) {
            return self.on_packet_while_authenticating(id, packet);
        }
        if self.ignored_for_quota(id, &packet) || self.ignores_acknowledgement(&packet) {
            return Ok(());
        }
        if self.rules.has(Fault::RefusalEndsConnection) && refuses(&packet) {
            return Err(Failure::new(ReasonCode::UNSPECIFIED_ERROR, "message refused"));
        }
        match packet {
            Packet::Connect(connect) => return self.on_connect(id, connect),
            Packet::Publish(publish) => return self.on_publish(id, publish),
            Packet::PubAck(puback) => self.on_puback(id, &puback),
            Packet::PubRec(pubrec) => self.on_pubrec(id, &pubrec),
            Packet::PubRel(pubrel) => self.on_pubrel(id, &pubrel),
            Packet::PubComp(pubcomp) => self.on_pubcomp(id, &pubcomp),
            Packet::Subscribe(subscribe) => return self.on_subscribe(id, subscribe),
            Packet::Unsubscribe(unsubscribe) => return self.on_unsubscribe(id, unsubscribe),
            Packet::PingReq => self.on_pingreq(id),
            Packet::Disconnect(disconnect) => return self.on_disconnect(id, &disconnect),
            Packet::Auth(auth) => return self.on_auth(id, &auth),
            // Packets that only a Server sends; the codec has refused them unless that rule is off.
            Packet::ConnAck(_) | Packet::SubAck(_) | Packet::UnsubAck(_) | Packet::PingResp => {}
        }
        Ok(())
    }

    fn ignores_acknowledgement(&self, packet: &Packet) -> bool {
        match packet {
            Packet::PubAck(ack) | Packet::PubRec(ack) | Packet::PubComp(ack) => {
                self.rules.has(Fault::AcknowledgementsIgnored)
                    || self.rules.has(Fault::LongAcknowledgementsIgnored) && ack.reason_code.is_some()
            }
            _ => false,
        }
    }

    fn on_pingreq(&mut self, id: ConnectionId) {
        if self.enforce(id, &PINGREQ_IS_ANSWERED) {
            self.send(id, Packet::PingResp);
        }
        self.resend_while_connected(id);
        self.lose_state(id);
    }
}

/// Whether a Client refuses a message.
fn refuses(packet: &Packet) -> bool {
    matches!(packet, Packet::PubAck(ack) | Packet::PubRec(ack) if ack.reason().is_error())
}

/// The type in the first byte of a packet.
fn packet_type(frame: &[u8]) -> Option<PacketType> {
    frame.first().and_then(|first| PacketType::from_bits(first >> 4))
}

/// The length of the packet that the bytes start with, as its Remaining Length has it.
fn announced_length(bytes: &[u8]) -> Option<usize> {
    let mut length = 0;
    for (position, byte) in bytes.iter().skip(1).take(4).enumerate() {
        length |= usize::from(byte & 0x7F) << (7 * position);
        if byte & 0x80 == 0 {
            return Some(length + position + 2);
        }
    }
    None
}

/// Whether a packet has more wrong with it than what a broker may take as it likes.
fn breaks_a_rule(frame: &Bytes, context: Context) -> bool {
    decode_tolerating(frame, context, &|violation: &Violation| is_left_to_broker(violation.kind)).is_err()
}

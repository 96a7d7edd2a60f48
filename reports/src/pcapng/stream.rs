//! The TCP connections of a case, made up around the bytes that the record holds.

use mqttspec_spec::record::{EndingKind, Entry, Event};

use super::segment::{ACK, Endpoint, FIN, PUSH, RST, SYN, Segment};

/// The port of which Wireshark knows that it speaks MQTT.
const MQTT: u16 = 1883;
/// The first of the ports that clients take.
const FIRST_CLIENT_PORT: u16 = 49152;
/// Longer writes are more than one segment.
const LONGEST_SEGMENT: usize = 32_768;
/// Addresses that are kept for documentation (RFC 5737), so nobody takes them for a real host.
const BROKER: [u8; 4] = [192, 0, 2, 1];
const CLIENTS: [u8; 3] = [198, 51, 100];

/// One connection.
#[derive(Debug)]
pub(super) struct Stream {
    control: bool,
    client: String,
    connection: u32,
    ends: Ends,
}

#[derive(Debug)]
struct Ends {
    client: Endpoint,
    broker: Endpoint,
    /// The next sequence number of each.
    client_next: u32,
    broker_next: u32,
}

#[derive(Clone, Copy, Debug)]
enum From {
    Client,
    Broker,
}

impl Stream {
    /// The `number`th connection of a case, and the packets that open it.
    pub(super) fn open(entry: &Entry, number: u16) -> (Self, Vec<Vec<u8>>) {
        let [a, b, c] = CLIENTS;
        // Ports tell connections apart even when there are more than addresses.
        let host = u8::try_from(number % 254).unwrap_or(0).saturating_add(1);
        let mut ends = Ends {
            client: Endpoint {
                address: [a, b, c, host],
                port: FIRST_CLIENT_PORT.saturating_add(number % 16_384),
            },
            broker: Endpoint { address: BROKER, port: MQTT },
            client_next: 0,
            broker_next: 0,
        };
        let packets = vec![
            ends.segment(From::Client, SYN, &[]),
            ends.segment(From::Broker, SYN | ACK, &[]),
            ends.segment(From::Client, ACK, &[]),
        ];
        let stream =
            Self { control: entry.control, client: entry.client.clone(), connection: entry.connection, ends };
        (stream, packets)
    }

    /// Whether an event belongs to this connection.
    pub(super) fn is_of(&self, entry: &Entry) -> bool {
        (self.control, self.client.as_str(), self.connection)
            == (entry.control, entry.client.as_str(), entry.connection)
    }

    /// The packets that an event stands for.
    pub(super) fn packets(&mut self, event: &Event) -> Vec<Vec<u8>> {
        match event {
            Event::Sent { bytes, .. } => self.ends.data(From::Client, &from_hex(bytes)),
            Event::Received { bytes, .. } => self.ends.data(From::Broker, &from_hex(bytes)),
            Event::Ended { how } => match how {
                EndingKind::BrokerClosed | EndingKind::BrokerCut => self.ends.finish(From::Broker),
                EndingKind::BrokerReset => vec![self.ends.segment(From::Broker, RST | ACK, &[])],
                EndingKind::ClientClosed => self.ends.finish(From::Client),
                EndingKind::Open => Vec::new(),
            },
            Event::Opened | Event::Timer { .. } | Event::Step { .. } => Vec::new(),
        }
    }
}

impl Ends {
    fn data(&mut self, from: From, bytes: &[u8]) -> Vec<Vec<u8>> {
        let mut packets = Vec::new();
        for chunk in bytes.chunks(LONGEST_SEGMENT) {
            packets.push(self.segment(from, PUSH | ACK, chunk));
            if chunk.len() == LONGEST_SEGMENT {
                // Without it the receiver's window would be full after the next.
                packets.push(self.segment(from.other(), ACK, &[]));
            }
        }
        packets
    }

    /// One side says that it will send no more; the other may go on.
    fn finish(&mut self, from: From) -> Vec<Vec<u8>> {
        vec![self.segment(from, FIN | ACK, &[]), self.segment(from.other(), ACK, &[])]
    }

    fn segment(&mut self, from: From, flags: u8, payload: &[u8]) -> Vec<u8> {
        let (source, target, sequence, acknowledged) = match from {
            From::Client => (self.client, self.broker, self.client_next, self.broker_next),
            From::Broker => (self.broker, self.client, self.broker_next, self.client_next),
        };
        // SYN and FIN count as one byte each.
        let counted = u32::from(flags & (SYN | FIN) != 0);
        let next = sequence.wrapping_add(u32::try_from(payload.len()).unwrap_or(0)).wrapping_add(counted);
        match from {
            From::Client => self.client_next = next,
            From::Broker => self.broker_next = next,
        }
        let acknowledged = if flags & ACK == 0 { 0 } else { acknowledged };
        Segment { sequence, acknowledged, flags, payload }.packet(source, target)
    }
}

impl From {
    const fn other(self) -> Self {
        match self {
            Self::Client => Self::Broker,
            Self::Broker => Self::Client,
        }
    }
}

/// The bytes of a record; what is no pair of digits is passed over.
fn from_hex(digits: &str) -> Vec<u8> {
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    digits.as_bytes().chunks(2).filter_map(pair).collect()
}

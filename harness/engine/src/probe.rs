//! A plain client for what is not part of a case: the sanity exchange and the cleaning up.

use std::collections::BTreeSet;
use std::time::Duration;

use bytes::BytesMut;
use mqttspec_codec::model::{ConnAck, Connect, Disconnect, Packet, Sender};
use mqttspec_codec::{Context, Framer, Version, decode, encode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::clock::Clock;
use crate::transport::{Connection, Connector};

/// The longest packet that is taken in, in bytes.
const LONGEST_PACKET: usize = 1024 * 1024;

/// How many deliveries are passed over before an answer: a broker that floods its clients never comes to an end.
const MOST_DELIVERIES: usize = 10_000;

/// A connected client that does one thing at a time.
pub(crate) struct Probe {
    connection: Connection,
    framer: Framer,
    version: Version,
    clock: Clock,
    patience: Duration,
}

/// Why a plain exchange did not work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ProbeError {
    /// The connection could not be opened.
    Unreachable(String),
    /// The broker refused the client.
    Refused(ConnAck),
    /// The broker did not answer in time, ended the connection, or answered what cannot be read.
    NoAnswer(String),
}

impl std::fmt::Display for ProbeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unreachable(why) => write!(f, "the connection could not be opened: {why}"),
            Self::Refused(connack) => {
                write!(f, "the broker refuses a plain CONNECT with {}", connack.reason_code)
            }
            Self::NoAnswer(why) => f.write_str(why),
        }
    }
}

impl Probe {
    /// Opens a connection and has the client accepted.
    pub(crate) async fn connect(
        connector: &dyn Connector,
        clock: Clock,
        patience: Duration,
        version: Version,
        mut connect: Connect,
    ) -> Result<(Self, ConnAck), ProbeError> {
        if let Some(account) = connector.account() {
            crate::play::account::add(account, &mut connect);
        }
        let connecting = connector.connect_for(version, &BTreeSet::new());
        let opened = clock.before(clock.now() + patience, connecting).await;
        let connection = match opened {
            Some(Ok(connection)) => connection,
            Some(Err(error)) => return Err(ProbeError::Unreachable(error.to_string())),
            None => return Err(ProbeError::Unreachable("it was not opened in time".to_owned())),
        };
        let framer = Framer::new(Context { version, sender: Sender::Server }, LONGEST_PACKET);
        let mut probe = Self { connection, framer, version, clock, patience };
        match probe.exchange(&Packet::Connect(connect)).await? {
            Packet::ConnAck(connack) if connack.reason_code.0 == 0 => Ok((probe, connack)),
            Packet::ConnAck(connack) => Err(ProbeError::Refused(connack)),
            other => Err(ProbeError::NoAnswer(format!("{} came instead of CONNACK", other.packet_type()))),
        }
    }

    /// Sends a packet and takes the answer. Deliveries are passed over: a broker that hands out messages nobody
    /// subscribed to is for the cases to judge, and still one that answers.
    pub(crate) async fn exchange(&mut self, packet: &Packet) -> Result<Packet, ProbeError> {
        self.send(packet).await;
        let deadline = self.clock.now() + self.patience;
        let context = Context { version: self.version, sender: Sender::Server };
        let unreadable = |error: &dyn std::fmt::Display| ProbeError::NoAnswer(error.to_string());
        let mut buffer = BytesMut::with_capacity(1024);
        let mut deliveries = 0;
        loop {
            if let Some(frame) = self.framer.next_frame().map_err(|error| unreadable(&error))? {
                match decode(&frame, context).map_err(|violation| unreadable(&violation))? {
                    Packet::Publish(_) if deliveries < MOST_DELIVERIES => {
                        deliveries += 1;
                        continue;
                    }
                    answer => return Ok(answer),
                }
            }
            buffer.clear();
            match self.clock.before(deadline, self.connection.reader.read_buf(&mut buffer)).await {
                Some(Ok(1..)) => self.framer.push(&buffer),
                Some(Ok(0)) => {
                    return Err(ProbeError::NoAnswer("the broker ended the connection".to_owned()));
                }
                Some(Err(error)) => {
                    let why = format!("the broker ended the connection: {error}");
                    return Err(ProbeError::NoAnswer(why));
                }
                None => return Err(ProbeError::NoAnswer("the broker did not answer in time".to_owned())),
            }
        }
    }

    /// Sends a packet that has no answer. That it cannot be written shows at the next exchange.
    pub(crate) async fn send(&mut self, packet: &Packet) {
        let bytes = encode(packet, self.version);
        let deadline = self.clock.now() + self.patience;
        let _ = self.clock.before(deadline, self.connection.writer.write_all(&bytes)).await;
        let _ = self.clock.before(deadline, self.connection.writer.flush()).await;
    }

    /// Says goodbye.
    pub(crate) async fn leave(mut self, goodbye: Disconnect) {
        self.send(&Packet::Disconnect(goodbye)).await;
        let deadline = self.clock.now() + self.patience;
        let _ = self.clock.before(deadline, self.connection.writer.shutdown()).await;
    }
}

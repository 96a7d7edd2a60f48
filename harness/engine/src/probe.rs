//! A plain client for what is not part of a case: the sanity exchange, the cleaning up, and the survey.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use mqttspec_codec::model::{ConnAck, Connect, Disconnect, Packet, Publish, Sender};
use mqttspec_codec::{Context, Framer, Version, decode, encode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::clock::Clock;
use crate::play::account::add as add_account;
use crate::transport::{Connection, Connector};

/// The longest packet that is taken in, in bytes.
const LONGEST_PACKET: usize = 1024 * 1024;

/// How many deliveries are passed over before an answer: a broker that floods its clients never comes to an end.
const MOST_DELIVERIES: usize = 10_000;

/// How many of them are kept.
const KEPT_DELIVERIES: usize = 4;

/// A connected client that does one thing at a time.
pub(crate) struct Probe {
    connection: Connection,
    framer: Framer,
    /// The first deliveries that were passed over.
    deliveries: VecDeque<Publish>,
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
    /// Opens a connection and has the client accepted, with the account of the run if it names none.
    pub(crate) async fn connect(
        connector: &dyn Connector,
        clock: Clock,
        patience: Duration,
        version: Version,
        mut connect: Connect,
    ) -> Result<(Self, ConnAck), ProbeError> {
        if let Some(account) = connector.account() {
            add_account(account, &mut connect);
        }
        Self::connect_as_it_is(connector, clock, patience, version, connect).await
    }

    /// The same with nothing but what the CONNECT holds.
    pub(crate) async fn connect_as_it_is(
        connector: &dyn Connector,
        clock: Clock,
        patience: Duration,
        version: Version,
        connect: Connect,
    ) -> Result<(Self, ConnAck), ProbeError> {
        let connecting = connector.connect_for(version, &BTreeSet::new());
        let opened = clock.before(clock.now() + patience, connecting).await;
        let connection = match opened {
            Some(Ok(connection)) => connection,
            Some(Err(error)) => return Err(ProbeError::Unreachable(error.to_string())),
            None => return Err(ProbeError::Unreachable("it was not opened in time".to_owned())),
        };
        let framer = Framer::new(Context { version, sender: Sender::Server }, LONGEST_PACKET);
        let mut probe = Self { connection, framer, deliveries: VecDeque::new(), version, clock, patience };
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
        let mut deliveries = 0;
        loop {
            match self.next(deadline).await? {
                Packet::Publish(publish) if deliveries < MOST_DELIVERIES => {
                    deliveries += 1;
                    if self.deliveries.len() < KEPT_DELIVERIES {
                        self.deliveries.push_back(publish);
                    }
                }
                answer => return Ok(answer),
            }
        }
    }

    /// The next delivery. Answers that nobody waits for are passed over.
    pub(crate) async fn delivery(&mut self) -> Result<Publish, ProbeError> {
        if let Some(publish) = self.deliveries.pop_front() {
            return Ok(publish);
        }
        let deadline = self.clock.now() + self.patience;
        loop {
            if let Packet::Publish(publish) = self.next(deadline).await? {
                return Ok(publish);
            }
        }
    }

    /// The next packet, whatever it is.
    async fn next(&mut self, deadline: Duration) -> Result<Packet, ProbeError> {
        let context = Context { version: self.version, sender: Sender::Server };
        let unreadable = |error: &dyn std::fmt::Display| ProbeError::NoAnswer(error.to_string());
        let mut buffer = BytesMut::with_capacity(1024);
        loop {
            if let Some(frame) = self.framer.next_frame().map_err(|error| unreadable(&error))? {
                return match decode(&frame, context) {
                    Ok(packet) => Ok(packet),
                    Err(violation) => refusal_of_older(&frame).ok_or_else(|| unreadable(&violation)),
                };
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

/// What a broker answers that knows no version but 3.1.1: its own CONNACK, which refuses the client.
fn refusal_of_older(frame: &Bytes) -> Option<Packet> {
    let older = Context { version: Version::V3_1_1, sender: Sender::Server };
    match decode(frame, older) {
        Ok(Packet::ConnAck(connack)) if connack.reason_code.0 != 0 => Some(Packet::ConnAck(connack)),
        _ => None,
    }
}

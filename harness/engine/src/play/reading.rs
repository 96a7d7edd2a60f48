//! Reads one connection and passes on what comes, with the time at which it came.

use std::io;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use mqttspec_spec::record::EndingKind;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use crate::clock::Clock;
use crate::transport::Fault;

/// Bytes read at once.
const PIECE: usize = 16 * 1024;

/// What came on a connection.
pub(super) struct Arrival {
    /// The index of the client.
    pub(super) actor: usize,
    /// The number of the client's connection.
    pub(super) connection: u32,
    /// When it came.
    pub(super) at: Duration,
    pub(super) what: Incoming,
}

pub(super) enum Incoming {
    Bytes(Bytes),
    End(EndingKind),
    /// What the broker does below MQTT can no longer be read.
    Fault(Fault),
}

/// Stops reading when dropped.
pub(super) struct Reading(AbortHandle);

impl Drop for Reading {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Starts to read. The channel is bounded, so that a broker which floods us has to wait.
pub(super) fn start(
    reader: Box<dyn AsyncRead + Send + Unpin>,
    actor: usize,
    connection: u32,
    clock: Clock,
    arrivals: mpsc::Sender<Arrival>,
) -> Reading {
    let task = tokio::spawn(read(reader, actor, connection, clock, arrivals));
    Reading(task.abort_handle())
}

async fn read(
    mut reader: Box<dyn AsyncRead + Send + Unpin>,
    actor: usize,
    connection: u32,
    clock: Clock,
    arrivals: mpsc::Sender<Arrival>,
) {
    let mut buffer = BytesMut::with_capacity(PIECE);
    loop {
        buffer.reserve(PIECE);
        let what = match reader.read_buf(&mut buffer).await {
            Ok(0) => Incoming::End(EndingKind::BrokerClosed),
            Ok(_) => Incoming::Bytes(buffer.split().freeze()),
            Err(error) => match error.get_ref().and_then(|inner| inner.downcast_ref::<Fault>()) {
                Some(fault) => Incoming::Fault(fault.clone()),
                None => Incoming::End(ending(&error)),
            },
        };
        let is_end = matches!(what, Incoming::End(_) | Incoming::Fault(_));
        let arrival = Arrival { actor, connection, at: clock.now(), what };
        if arrivals.send(arrival).await.is_err() || is_end {
            return;
        }
    }
}

/// FIN and RST both end a connection; only an orderly end is told apart.
fn ending(error: &io::Error) -> EndingKind {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => EndingKind::BrokerClosed,
        _ => EndingKind::BrokerReset,
    }
}

//! The broker on a network, or on any pair of byte streams.

use std::collections::BTreeMap;
use std::future::Future;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf};
use tokio::net::TcpListener;
use tokio::sync::{Notify, mpsc};
use tokio::task::{AbortHandle, JoinSet};

use crate::broker::{Broker, Output};
use crate::clock::Clock;
use crate::connection::ConnectionId;
use crate::restart::Stop;

/// How long a connection that the broker has closed is still read. Closing a socket with unread input would
/// make the system reset it, and the Client would lose what was sent last.
const LINGER: Duration = Duration::from_secs(1);

const READ_SIZE: usize = 16 * 1024;

/// A broker that serves any number of streams, and its timers. They stop when it is dropped.
#[derive(Debug)]
pub struct Shared {
    inner: Arc<Inner>,
    timers: AbortHandle,
}

#[derive(Debug)]
struct Inner {
    state: Mutex<State>,
    clock: Clock,
    /// The next deadline of the broker may have changed.
    changed: Notify,
}

#[derive(Debug)]
struct State {
    broker: Broker,
    writers: BTreeMap<ConnectionId, mpsc::UnboundedSender<Bytes>>,
    last_id: u64,
}

impl Shared {
    /// Starts the timers of a broker on the tokio runtime of the caller.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    #[must_use]
    pub fn start(broker: Broker) -> Arc<Self> {
        let inner = Arc::new(Inner {
            state: Mutex::new(State { broker, writers: BTreeMap::new(), last_id: 0 }),
            clock: Clock::new(),
            changed: Notify::new(),
        });
        let timers = tokio::spawn(run_timers(Arc::clone(&inner))).abort_handle();
        Arc::new(Self { inner, timers })
    }
}

impl Shared {
    /// Restarts the broker, which ends all its connections.
    pub fn restart(&self, stop: Stop) {
        self.inner.act(|broker, now| broker.restart(stop, now));
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.timers.abort();
    }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        // A panic of the broker is a bug; whoever shares it may go on all the same.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets the broker act, and passes on what it wants sent.
    fn act(&self, action: impl FnOnce(&mut Broker, Duration) -> Vec<Output>) {
        let state = &mut *self.state();
        for output in action(&mut state.broker, self.clock.now()) {
            match output {
                Output::Send { connection, bytes } => {
                    if let Some(writer) = state.writers.get(&connection) {
                        // The writer is gone when the stream is broken, which its reader reports.
                        let _ = writer.send(bytes);
                    }
                }
                // Without its sender, the writer ends once everything is written.
                Output::Close { connection } => {
                    state.writers.remove(&connection);
                }
            }
        }
        self.changed.notify_one();
    }

    fn open(&self) -> (ConnectionId, mpsc::UnboundedReceiver<Bytes>) {
        let (writer, packets) = mpsc::unbounded_channel();
        let state = &mut *self.state();
        state.last_id += 1;
        let id = ConnectionId(state.last_id);
        state.writers.insert(id, writer);
        state.broker.opened(id, self.clock.now());
        self.changed.notify_one();
        (id, packets)
    }
}

async fn run_timers(inner: Arc<Inner>) {
    loop {
        let deadline = inner.state().broker.next_deadline();
        if inner.clock.until(deadline, inner.changed.notified()).await.is_none() {
            inner.act(Broker::tick);
        }
    }
}

/// Serves TCP connections until `shutdown` is ready. Clients of 5.0 are then told that the server shuts down.
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    listener: TcpListener,
    broker: Broker,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    serve_shared(listener, Shared::start(broker), shutdown).await
}

/// Serves TCP connections as [`serve`] does, of a broker that others hold as well.
///
/// # Errors
/// When the listener fails.
pub async fn serve_shared(
    listener: TcpListener,
    shared: Arc<Shared>,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let mut connections = JoinSet::new();
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let (stream, _) = accepted?;
                // Packets are small and wait for answers; a stream that refuses the option works too.
                let _ = stream.set_nodelay(true);
                connections.spawn(serve_stream(Arc::clone(&shared), stream));
            }
            Some(_) = connections.join_next() => {}
            () = &mut shutdown => break,
        }
    }
    shared.inner.act(Broker::shut_down);
    let ended = async { while connections.join_next().await.is_some() {} };
    shared.inner.clock.within(LINGER, ended).await;
    Ok(())
}

/// Serves one stream until it ends.
pub async fn serve_stream<S>(shared: Arc<Shared>, stream: S)
where
    S: AsyncRead + AsyncWrite + Send + 'static,
{
    let inner = &shared.inner;
    let (mut reader, writer) = tokio::io::split(stream);
    let (id, packets) = inner.open();
    let mut writing = tokio::spawn(write_packets(writer, packets));
    let mut buffer = vec![0; READ_SIZE];
    let mut broken = false;
    loop {
        tokio::select! {
            biased;
            written = &mut writing, if !broken => {
                if matches!(written, Ok(Written::All)) {
                    inner.clock.within(LINGER, drain(&mut reader)).await;
                    return;
                }
                // The Client may have said DISCONNECT before it went away, so the input is read to its end.
                broken = true;
            }
            read = reader.read(&mut buffer) => match read {
                Ok(length @ 1..) => {
                    let bytes = buffer.get(..length).unwrap_or_default();
                    inner.act(|broker, now| broker.received(id, bytes, now));
                }
                Ok(0) | Err(_) => {
                    inner.act(|broker, now| broker.closed(id, now));
                    inner.state().writers.remove(&id);
                    // Nobody may be left to read what is still to be written.
                    if !broken && inner.clock.within(LINGER, &mut writing).await.is_none() {
                        writing.abort();
                    }
                    return;
                }
            },
        }
    }
}

/// Why a writer has ended.
enum Written {
    /// The broker has closed the connection, and everything is written.
    All,
    /// The stream is broken.
    NotAll,
}

/// Writes packets until there are no more, then ends the stream in this direction.
async fn write_packets(
    mut writer: impl AsyncWrite + Unpin,
    mut packets: mpsc::UnboundedReceiver<Bytes>,
) -> Written {
    while let Some(packet) = packets.recv().await {
        if writer.write_all(&packet).await.is_err() || writer.flush().await.is_err() {
            return Written::NotAll;
        }
    }
    // An error means that the other end is gone already.
    let _ = writer.shutdown().await;
    Written::All
}

async fn drain(reader: &mut ReadHalf<impl AsyncRead>) {
    let mut buffer = vec![0; READ_SIZE];
    while let Ok(1..) = reader.read(&mut buffer).await {}
}

//! The broker on a network, or on any pair of byte streams.

mod listener;
mod stream;
mod tls;
mod websocket;

use std::collections::BTreeMap;
use std::future::Future;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::net::TcpListener;
use tokio::sync::{Notify, mpsc};
use tokio::task::{AbortHandle, JoinSet};

use listener::Incoming;
pub use listener::Listener;
pub use stream::serve_stream;
pub use tls::{Identity, IdentityError};
pub use websocket::{serve_websocket, without_websocket};

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
    serve_shared(vec![Listener::tcp(listener)], Shared::start(broker), shutdown).await
}

/// Serves the connections of several listeners until `shutdown` is ready. Clients of 5.0 are then told that the
/// server shuts down.
///
/// # Errors
/// When a listener fails.
pub async fn serve_all(
    listeners: Vec<Listener>,
    broker: Broker,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    serve_shared(listeners, Shared::start(broker), shutdown).await
}

/// The same for a broker that others hold as well.
///
/// # Errors
/// When a listener fails.
pub async fn serve_shared(
    listeners: Vec<Listener>,
    shared: Arc<Shared>,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let (accepted, mut connecting) = mpsc::channel(1);
    let mut accepting = JoinSet::new();
    for listener in listeners {
        accepting.spawn(listener.accept_all(accepted.clone()));
    }
    let mut connections = JoinSet::new();
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        tokio::select! {
            Some(incoming) = connecting.recv() => {
                connections.spawn(Incoming::serve(incoming, Arc::clone(&shared)));
            }
            Some(ended) = accepting.join_next() => {
                if let Ok(Err(error)) = ended {
                    return Err(error);
                }
            }
            Some(_) = connections.join_next() => {}
            () = &mut shutdown => break,
        }
    }
    accepting.abort_all();
    shared.inner.act(Broker::shut_down);
    let ended = async { while connections.join_next().await.is_some() {} };
    shared.inner.clock.within(LINGER, ended).await;
    Ok(())
}

async fn drain(reader: &mut (impl AsyncRead + Unpin)) {
    let mut buffer = vec![0; READ_SIZE];
    while let Ok(1..) = reader.read(&mut buffer).await {}
}

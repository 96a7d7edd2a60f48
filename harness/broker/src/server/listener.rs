//! Where Clients connect, and through which transports.

use std::io;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
#[cfg(unix)]
use tokio::net::UnixListener;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;

use super::{Identity, Shared, serve_stream, serve_websocket};

/// A socket that listens, and what its Clients speak below MQTT.
#[derive(Debug)]
pub struct Listener {
    socket: Socket,
    layers: Layers,
}

#[derive(Debug)]
enum Socket {
    Tcp(TcpListener),
    #[cfg(unix)]
    Unix(UnixListener),
}

#[derive(Clone, Debug, Default)]
struct Layers {
    tls: Option<Identity>,
    websocket: bool,
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// A connection that was accepted.
pub(super) struct Incoming {
    stream: Box<dyn Stream>,
    layers: Layers,
}

impl Listener {
    /// TCP.
    #[must_use]
    pub fn tcp(socket: TcpListener) -> Self {
        Self { socket: Socket::Tcp(socket), layers: Layers::default() }
    }

    /// A Unix socket.
    #[cfg(unix)]
    #[must_use]
    pub fn unix(socket: UnixListener) -> Self {
        Self { socket: Socket::Unix(socket), layers: Layers::default() }
    }

    /// The same with TLS.
    #[must_use]
    pub fn with_tls(mut self, identity: Identity) -> Self {
        self.layers.tls = Some(identity);
        self
    }

    /// The same with WebSocket, over TLS if there is both. Every path is served.
    #[must_use]
    pub fn with_websocket(mut self) -> Self {
        self.layers.websocket = true;
        self
    }

    pub(super) async fn accept_all(self, accepted: mpsc::Sender<Incoming>) -> io::Result<()> {
        loop {
            let stream: Box<dyn Stream> = match &self.socket {
                Socket::Tcp(socket) => Box::new(undelayed(socket.accept().await?.0)),
                #[cfg(unix)]
                Socket::Unix(socket) => Box::new(socket.accept().await?.0),
            };
            if accepted.send(Incoming { stream, layers: self.layers.clone() }).await.is_err() {
                return Ok(());
            }
        }
    }
}

fn undelayed(stream: TcpStream) -> TcpStream {
    // Packets are small and wait for answers; a stream that refuses the option works too.
    let _ = stream.set_nodelay(true);
    stream
}

impl Incoming {
    pub(super) async fn serve(self, shared: Arc<Shared>) {
        let Self { stream, layers } = self;
        let stream: Box<dyn Stream> = match layers.tls {
            None => stream,
            Some(identity) => match TlsAcceptor::from(identity.config()).accept(stream).await {
                Ok(stream) => Box::new(stream),
                // A Client without TLS, or one that is not trusted, never comes to MQTT.
                Err(_) => return,
            },
        };
        if layers.websocket {
            serve_websocket(shared, stream).await;
        } else {
            serve_stream(shared, stream).await;
        }
    }
}

//! Serves the reference broker with planted faults: `planted-broker PORT [--without 'VERSION STATEMENT'].. [--fault NAME]..`

mod arguments;
mod fault;
mod observed;
mod watcher;

use std::io;
use std::sync::Arc;

use mqttspec_broker::server::{Shared, serve_stream};
use mqttspec_broker::{Broker, Configuration, Rules};
use tokio::net::TcpListener;

use arguments::Arguments;
use observed::Observed;
use watcher::Watcher;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> io::Result<()> {
    let arguments = Arguments::read(std::env::args().skip(1)).map_err(io::Error::other)?;
    let watcher = Arc::new(Watcher::start(arguments.faults)?);
    let shared = Shared::start(Broker::new(Configuration::default(), Rules::without(arguments.without)));
    let listener = TcpListener::bind(("127.0.0.1", arguments.port)).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(serve_stream(Arc::clone(&shared), Observed::new(stream, Arc::clone(&watcher))));
    }
}

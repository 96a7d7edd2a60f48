//! `mqttspec broker`.

use std::future::pending;
use std::io::{self, Write};
use std::path::Path;

use mqttspec_broker::server::{Identity, Listener, serve_all};
use mqttspec_broker::{Broker, Configuration, Rules};
use mqttspec_engine::transport::Target;
#[cfg(not(unix))]
use mqttspec_engine::transport::TargetError;
use tokio::net::TcpListener;
#[cfg(unix)]
use tokio::net::UnixListener;
use tokio::runtime::Runtime;
#[cfg(unix)]
use tokio::signal::unix::{SignalKind, signal};

use super::Failure;
use crate::arguments::BrokerArguments;
use crate::broker_configuration;
use crate::connection::read;
use crate::exit::Exit;
use crate::without;

pub(super) fn broker(arguments: &BrokerArguments) -> Result<Exit, Failure> {
    without::check(&arguments.without)?;
    let configuration = match &arguments.config {
        Some(path) => broker_configuration::read(path).map_err(|error| Failure::usage(error.to_string()))?,
        None => Configuration::default(),
    };
    let identity = identity(arguments)?;
    let runtime =
        Runtime::new().map_err(|error| Failure::new(Exit::Defect, format!("no runtime: {error}")))?;
    runtime.block_on(serve(arguments, configuration, identity.as_ref()))
}

/// Who the broker is to clients that come over TLS.
fn identity(arguments: &BrokerArguments) -> Result<Option<Identity>, Failure> {
    let (Some(cert), Some(key)) = (&arguments.cert, &arguments.key) else {
        return match arguments.listen.iter().find(|target| target.is_secure()) {
            None => Ok(None),
            Some(target) => Err(Failure::usage(format!(
                "{target} needs --cert FILE and --key FILE: the broker's certificate chain and private key in PEM"
            ))),
        };
    };
    let (chain, key_bytes) = (read(cert)?, read(key)?);
    let authorities = arguments.ca.as_deref().map(read).transpose()?;
    Identity::from_pem(&chain, &key_bytes, authorities.as_deref())
        .map(Some)
        .map_err(|error| Failure::usage(format!("{}, {}: {error}", cert.display(), key.display())))
}

/// Opens a listener; gives it with its address, in which a free port has taken the place of 0.
async fn listen(target: &Target, identity: Option<&Identity>) -> io::Result<(Listener, Target)> {
    let bind = async |address: &mqttspec_engine::transport::Address| {
        let socket = TcpListener::bind(address.to_string()).await?;
        let port = socket.local_addr()?.port();
        Ok::<_, io::Error>((Listener::tcp(socket), address.with_port(port)))
    };
    let secured = |listener: Listener| match identity {
        Some(identity) => listener.with_tls(identity.clone()),
        None => listener,
    };
    Ok(match target {
        Target::Tcp(address) => {
            let (listener, address) = bind(address).await?;
            (listener, Target::Tcp(address))
        }
        Target::Tls(address) => {
            let (listener, address) = bind(address).await?;
            (secured(listener), Target::Tls(address))
        }
        Target::WebSocket(address, path) => {
            let (listener, address) = bind(address).await?;
            (listener.with_websocket(), Target::WebSocket(address, path.clone()))
        }
        Target::SecureWebSocket(address, path) => {
            let (listener, address) = bind(address).await?;
            (secured(listener).with_websocket(), Target::SecureWebSocket(address, path.clone()))
        }
        #[cfg(unix)]
        Target::Unix(path) => (Listener::unix(UnixListener::bind(path)?), target.clone()),
        #[cfg(not(unix))]
        Target::Unix(_) => return Err(io::Error::other(TargetError::NoUnixSockets)),
    })
}

async fn serve(
    arguments: &BrokerArguments,
    configuration: Configuration,
    identity: Option<&Identity>,
) -> Result<Exit, Failure> {
    let mut listeners = Vec::new();
    let mut addresses = Vec::new();
    for target in &arguments.listen {
        let (listener, bound) = listen(target, identity)
            .await
            .map_err(|error| Failure::usage(format!("cannot listen on {target}: {error}")))?;
        listeners.push(listener);
        addresses.push(bound.to_string());
    }
    let mut stdout = anstream::stdout();
    let addresses = addresses.join(", ");
    let versions: Vec<String> = configuration.versions.iter().map(ToString::to_string).collect();
    let versions = versions.join(" and ");
    writeln!(stdout, "the reference broker serves MQTT {versions} on {addresses}, until Ctrl-C")?;
    for broken in &arguments.without {
        writeln!(stdout, "without {broken}")?;
    }
    let broker = Broker::new(configuration, Rules::without(arguments.without.iter().copied()));
    let terminated =
        terminated().map_err(|error| Failure::new(Exit::Defect, format!("no signals: {error}")))?;
    let stop = async {
        let ctrl_c = async {
            if tokio::signal::ctrl_c().await.is_err() {
                pending::<()>().await;
            }
        };
        tokio::select! {
            () = ctrl_c => {}
            () = terminated => {}
        }
    };
    let served = serve_all(listeners, broker, stop).await;
    arguments.listen.iter().for_each(remove_socket);
    served.map_err(|error| Failure::new(Exit::Broker, format!("a listener failed: {error}")))?;
    Ok(Exit::Expected)
}

/// Ready when the system asks the process to end.
#[cfg(unix)]
fn terminated() -> io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        terminate.recv().await;
    })
}

/// Elsewhere only Ctrl-C does.
#[cfg(not(unix))]
fn terminated() -> io::Result<impl Future<Output = ()>> {
    Ok(pending())
}

/// Takes the file of a Unix socket away, which would keep the next broker from listening there.
fn remove_socket(target: &Target) {
    if let Target::Unix(path) = target {
        // Somebody else may have taken it away already.
        let _ = std::fs::remove_file::<&Path>(path);
    }
}

//! `mqttspec broker`.

use std::future::pending;
use std::io::Write;

use mqttspec_broker::{Broker, Configuration, Rules, switches};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};

use super::Failure;
use crate::arguments::BrokerArguments;
use crate::broker_configuration;
use crate::exit::Exit;

pub(super) fn broker(arguments: &BrokerArguments) -> Result<Exit, Failure> {
    for wanted in &arguments.without {
        let exists = switches()
            .any(|switch| switch.version == wanted.version && switch.id.statement() == wanted.id.statement());
        if !exists {
            return Err(Failure::usage(format!(
                "the reference broker has no switch for {wanted}; `mqttspec audit` lists all"
            )));
        }
    }
    let configuration = match &arguments.config {
        Some(path) => broker_configuration::read(path).map_err(|error| Failure::usage(error.to_string()))?,
        None => Configuration::default(),
    };
    let runtime =
        Runtime::new().map_err(|error| Failure::new(Exit::Defect, format!("no runtime: {error}")))?;
    runtime.block_on(serve(arguments, configuration))
}

async fn serve(arguments: &BrokerArguments, configuration: Configuration) -> Result<Exit, Failure> {
    let address = arguments.listen.to_string();
    let cannot = |error: std::io::Error| Failure::usage(format!("cannot listen on {address}: {error}"));
    let listener = TcpListener::bind(&address).await.map_err(cannot)?;
    let bound = listener.local_addr().map_err(cannot)?;
    let mut stdout = anstream::stdout();
    let versions: Vec<String> = configuration.versions.iter().map(ToString::to_string).collect();
    let versions = versions.join(" and ");
    writeln!(stdout, "the reference broker serves MQTT {versions} on {bound}, until Ctrl-C")?;
    for broken in &arguments.without {
        writeln!(stdout, "without {broken}")?;
    }
    let broker = Broker::new(configuration, Rules::without(arguments.without.iter().copied()));
    let mut terminate = signal(SignalKind::terminate()).map_err(cannot)?;
    let stop = async {
        let ctrl_c = async {
            if tokio::signal::ctrl_c().await.is_err() {
                pending::<()>().await;
            }
        };
        tokio::select! {
            () = ctrl_c => {}
            _ = terminate.recv() => {}
        }
    };
    mqttspec_broker::server::serve(listener, broker, stop)
        .await
        .map_err(|error| Failure::new(Exit::Broker, format!("the listener failed: {error}")))?;
    Ok(Exit::Expected)
}

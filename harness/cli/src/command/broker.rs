//! `mqttspec broker`.

use std::io::Write;

use mqttspec_broker::{Broker, Configuration, Rules, switches};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use super::Failure;
use crate::arguments::BrokerArguments;
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
    let runtime =
        Runtime::new().map_err(|error| Failure::new(Exit::Defect, format!("no runtime: {error}")))?;
    runtime.block_on(serve(arguments))
}

async fn serve(arguments: &BrokerArguments) -> Result<Exit, Failure> {
    let address = arguments.listen.to_string();
    let cannot = |error: std::io::Error| Failure::usage(format!("cannot listen on {address}: {error}"));
    let listener = TcpListener::bind(&address).await.map_err(cannot)?;
    let bound = listener.local_addr().map_err(cannot)?;
    let mut stdout = anstream::stdout();
    writeln!(stdout, "the reference broker serves MQTT 3.1.1 and 5.0 on {bound}, until Ctrl-C")?;
    for broken in &arguments.without {
        writeln!(stdout, "without {broken}")?;
    }
    let broker = Broker::new(Configuration::default(), Rules::without(arguments.without.iter().copied()));
    let stop = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    mqttspec_broker::server::serve(listener, broker, stop)
        .await
        .map_err(|error| Failure::new(Exit::Broker, format!("the listener failed: {error}")))?;
    Ok(Exit::Expected)
}

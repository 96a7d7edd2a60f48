//! Runs cases in memory, with a clock that jumps to the next timer as soon as nothing else is to do.

use std::io;
use std::sync::Arc;

use mqttspec_broker::server::{Shared, serve_stream, serve_websocket, without_websocket};
use mqttspec_broker::{Broker, Rules};
use mqttspec_engine::transport::{Memory, WebSocket};
use mqttspec_engine::{
    BrokerControl, Capabilities, Clock, Outcome, Restarting, RunName, Surroundings, Timing, capabilities,
};
use mqttspec_script::plan::{Case, Stop};
use mqttspec_spec::Registry;
use tokio::task::JoinSet;

use crate::{Degenerate, Named, ReferenceControl};

/// The cases that were played, in order, with what the judge says about them.
pub type Verdicts = Vec<(Arc<Case>, Outcome)>;

/// Judges cases on a reference broker of this configuration and with these rules, as far as it offers what they
/// need.
///
/// # Errors
/// When no runtime can be made.
pub fn against_reference(
    cases: &[Arc<Case>],
    registry: &Arc<Registry>,
    named: &Named,
    rules: &Rules,
) -> io::Result<Verdicts> {
    let Named { configuration, .. } = named;
    let broker = Broker::new(configuration.clone(), rules.clone());
    let offer = |rules: &Rules| {
        let asked = Broker::new(configuration.clone(), rules.clone());
        in_virtual_time(&[], registry, None, || served(asked)).map(|(_, offered)| offered)
    };
    // A broker that breaks rules may not answer at all; then what it would offer otherwise counts.
    let provided = configuration.provides().into_iter().chain(["websocket", "restart"]);
    let offered = offer(rules)?.or(offer(&Rules::all())?).with(provided);
    let verdicts = in_virtual_time(cases, registry, Some(&offered), || served(broker))?.0;
    Ok(verdicts)
}

/// Judges cases on a broker that is none.
///
/// # Errors
/// When no runtime can be made.
pub fn against_degenerate(
    cases: &[Arc<Case>],
    registry: &Arc<Registry>,
    broker: Degenerate,
) -> io::Result<Verdicts> {
    let everything = Capabilities::everything();
    let ways = || Ways {
        plain: Memory::new(move |stream| broker.accept(stream)),
        // Below MQTT it does all right, so that its being degenerate is what the cases see.
        websocket: Memory::new(move |stream| {
            let (mqtt, pipe) = tokio::io::duplex(PIPE);
            broker.accept(mqtt)?;
            tokio::spawn(without_websocket(stream, pipe, Rules::all()));
            Ok(())
        }),
        control: Arc::new(NoRestart),
    };
    Ok(in_virtual_time(cases, registry, Some(&everything), ways)?.0)
}

/// The ways to a broker in memory.
struct Ways {
    plain: Memory,
    websocket: Memory,
    control: Arc<dyn BrokerControl>,
}

/// A broker that says that it was restarted, and goes on as before.
#[derive(Debug)]
struct NoRestart;

impl BrokerControl for NoRestart {
    fn restart(&self, _: Stop) -> Restarting<'_> {
        Box::pin(std::future::ready(Ok(())))
    }
}

fn served(broker: Broker) -> Ways {
    let shared = Shared::start(broker);
    let other = Arc::clone(&shared);
    let control = Arc::new(ReferenceControl::new(vec![Arc::clone(&shared)]));
    Ways {
        plain: Memory::new(move |stream| {
            tokio::spawn(serve_stream(Arc::clone(&shared), stream));
            Ok(())
        }),
        websocket: Memory::new(move |stream| {
            tokio::spawn(serve_websocket(Arc::clone(&other), stream));
            Ok(())
        }),
        control,
    }
}

/// Bytes that a pipe holds before the writer has to wait.
const PIPE: usize = 64 * 1024;

/// How many cases are played at once. The broker looks through all sessions for each message, so with more of them each
/// case takes longer.
const TOGETHER: usize = 256;

/// Numbers of playings below this are for the first exchange.
const FIRST_NUMBER: u32 = 64;

/// Plays the cases whose needs are offered; without an offer, asks the broker for its own.
fn in_virtual_time(
    cases: &[Arc<Case>],
    registry: &Arc<Registry>,
    offered: Option<&Capabilities>,
    ways: impl FnOnce() -> Ways,
) -> io::Result<(Verdicts, Capabilities)> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?;
    runtime.block_on(async {
        let Ways { plain, websocket, control } = ways();
        let websocket =
            WebSocket::new(Arc::new(websocket), "memory".to_owned(), "memory".to_owned(), "/".to_owned());
        let surroundings = Surroundings {
            connector: Arc::new(plain),
            websocket: Some(Arc::new(websocket)),
            control: Some(control),
            registry: Arc::clone(registry),
            clock: Clock::start(),
            timing: Timing::fixed(Timing::FLOOR),
            name: RunName::new(0),
        };
        let offered = match offered {
            Some(offered) => offered.clone(),
            None => capabilities(&surroundings).await,
        };
        let mut running = JoinSet::new();
        let mut alone = Vec::new();
        let mut outcomes: Vec<(usize, Arc<Case>, Outcome)> = Vec::new();
        for (index, case) in cases.iter().enumerate() {
            let lacks = |need: &String| offered.lacks(case.version, need).is_some();
            if !offered.speaks(case.version) || case.needs.iter().any(lacks) {
                continue;
            }
            let surroundings = surroundings.clone();
            let case = Arc::clone(case);
            let number = FIRST_NUMBER + u32::try_from(index).unwrap_or(u32::MAX);
            let is_exclusive = case.exclusive;
            let judged = async move {
                let outcome = surroundings.judge(&case, number).await.outcome;
                (index, case, outcome)
            };
            if is_exclusive {
                alone.push(judged);
            } else {
                if running.len() == TOGETHER {
                    outcomes.extend(std::mem::take(&mut running).join_all().await);
                }
                running.spawn(judged);
            }
        }
        outcomes.extend(running.join_all().await);
        for judged in alone {
            outcomes.push(judged.await);
        }
        outcomes.sort_by_key(|(index, _, _)| *index);
        let verdicts = outcomes.into_iter().map(|(_, case, outcome)| (case, outcome)).collect();
        Ok((verdicts, offered))
    })
}

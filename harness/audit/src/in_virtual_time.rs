//! Runs cases in memory, with a clock that jumps to the next timer as soon as nothing else is to do.

use std::io;
use std::sync::Arc;

use mqttspec_broker::server::Shared;
use mqttspec_broker::{Broker, Rules};
use mqttspec_engine::transport::{Connector, Memory};
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
    let provided = configuration.provides().into_iter().chain(["restart"]);
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
    let connector = || Played {
        connector: Arc::new(Memory::new(move |stream| broker.accept(stream))),
        control: Arc::new(NoRestart),
    };
    Ok(in_virtual_time(cases, registry, Some(&everything), connector)?.0)
}

/// A broker that cases are played against.
struct Played {
    connector: Arc<dyn Connector>,
    control: Arc<dyn BrokerControl>,
}

fn served(broker: Broker) -> Played {
    let shared = Shared::start(broker);
    let control = Arc::new(ReferenceControl::new(Arc::clone(&shared)));
    let connector = Memory::new(move |stream| {
        tokio::spawn(mqttspec_broker::server::serve_stream(Arc::clone(&shared), stream));
        Ok(())
    });
    Played { connector: Arc::new(connector), control }
}

/// A broker that says that it was restarted, and goes on as before.
#[derive(Debug)]
struct NoRestart;

impl BrokerControl for NoRestart {
    fn restart(&self, _: Stop) -> Restarting<'_> {
        Box::pin(std::future::ready(Ok(())))
    }
}

/// Numbers of playings below this are for the first exchange.
const FIRST_NUMBER: u32 = 64;

/// Plays the cases whose needs are offered; without an offer, asks the broker for its own.
fn in_virtual_time(
    cases: &[Arc<Case>],
    registry: &Arc<Registry>,
    offered: Option<&Capabilities>,
    played: impl FnOnce() -> Played,
) -> io::Result<(Verdicts, Capabilities)> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?;
    runtime.block_on(async {
        let Played { connector, control } = played();
        let surroundings = Surroundings {
            connector,
            control: Some(control),
            registry: Arc::clone(registry),
            clock: Clock::start(),
            timing: Timing { answer: Timing::FLOOR },
            name: RunName::new(0),
        };
        let offered = match offered {
            Some(offered) => offered.clone(),
            None => capabilities(&surroundings).await,
        };
        let mut running = JoinSet::new();
        let mut alone = Vec::new();
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
                running.spawn(judged);
            }
        }
        let mut outcomes: Vec<(usize, Arc<Case>, Outcome)> = running.join_all().await;
        for judged in alone {
            outcomes.push(judged.await);
        }
        outcomes.sort_by_key(|(index, _, _)| *index);
        let verdicts = outcomes.into_iter().map(|(_, case, outcome)| (case, outcome)).collect();
        Ok((verdicts, offered))
    })
}

//! Runs cases in memory, with a clock that jumps to the next timer as soon as nothing else is to do.

use std::io;
use std::sync::Arc;

use mqttspec_broker::server::Shared;
use mqttspec_broker::{Broker, Configuration, Rules};
use mqttspec_engine::transport::{Connector, Memory};
use mqttspec_engine::{Clock, Outcome, RunName, Surroundings, Timing, capabilities};
use mqttspec_script::plan::Case;
use mqttspec_spec::Registry;
use tokio::task::JoinSet;

use crate::Degenerate;

/// The cases that were played, in order, with what the judge says about them.
pub type Verdicts<'a> = Vec<(&'a Case, Outcome)>;

/// Judges cases on a reference broker of this configuration and with these rules, as far as it offers what they
/// need.
///
/// # Errors
/// When no runtime can be made.
pub fn against_reference<'a>(
    cases: &'a [Case],
    registry: &Arc<Registry>,
    configuration: &Configuration,
    rules: &Rules,
) -> io::Result<Verdicts<'a>> {
    let broker = Broker::new(configuration.clone(), rules.clone());
    in_virtual_time(cases, registry, Choice::ByCapability, move || {
        let shared = Shared::start(broker);
        Memory::new(move |stream| {
            tokio::spawn(mqttspec_broker::server::serve_stream(Arc::clone(&shared), stream));
            Ok(())
        })
    })
}

/// Judges cases on a broker that is none.
///
/// # Errors
/// When no runtime can be made.
pub fn against_degenerate<'a>(
    cases: &'a [Case],
    registry: &Arc<Registry>,
    broker: Degenerate,
) -> io::Result<Verdicts<'a>> {
    in_virtual_time(cases, registry, Choice::All, move || Memory::new(move |stream| broker.accept(stream)))
}

/// Which cases are put to a broker.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Choice {
    All,
    /// Those for which the broker's CONNACK shows what they need.
    ByCapability,
}

/// Numbers of playings below this are for the first exchange.
const FIRST_NUMBER: u32 = 64;

fn in_virtual_time<'a>(
    cases: &'a [Case],
    registry: &Arc<Registry>,
    choice: Choice,
    connector: impl FnOnce() -> Memory,
) -> io::Result<Verdicts<'a>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?;
    runtime.block_on(async {
        let connector: Arc<dyn Connector> = Arc::new(connector());
        let surroundings = Surroundings {
            connector,
            registry: Arc::clone(registry),
            clock: Clock::start(),
            timing: Timing { answer: Timing::FLOOR },
            name: RunName::new(0),
        };
        let capabilities = match choice {
            Choice::All => None,
            Choice::ByCapability => Some(capabilities(&surroundings).await),
        };
        let is_playable = |case: &Case| {
            capabilities.as_ref().is_none_or(|capabilities| {
                case.needs.iter().all(|need| capabilities.lacks(case.version, need).is_none())
            })
        };
        let mut running = JoinSet::new();
        for (index, case) in cases.iter().enumerate().filter(|(_, case)| is_playable(case)) {
            let surroundings = surroundings.clone();
            let case = case.clone();
            let number = FIRST_NUMBER + u32::try_from(index).unwrap_or(u32::MAX);
            running.spawn(async move { (index, surroundings.judge(&case, number).await.outcome) });
        }
        let mut outcomes: Vec<(usize, Outcome)> = running.join_all().await;
        outcomes.sort_by_key(|(index, _)| *index);
        let of = |(index, outcome)| cases.get(index).map(|case| (case, outcome));
        Ok(outcomes.into_iter().filter_map(of).collect())
    })
}

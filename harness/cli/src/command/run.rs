//! `mqttspec run`.

use std::future::pending;
use std::io::{IsTerminal, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use anstream::AutoStream;
use mqttspec_engine::{Options, RunName, Stop, Timing};
use mqttspec_reports::{Console, Progress, file, json};
use mqttspec_spec::baseline::{Accepted, Scope};
use mqttspec_spec::record::{self, Expectation, RunEnd, Tool};
use mqttspec_spec::{Baseline, Registry, Reporter, RunEvent, Standing, Verdict};
use tokio::runtime::Runtime;
use tokio::sync::watch;

use super::Failure;
use super::written::write_reports;
use crate::arguments::RunArguments;
use crate::consent;
use crate::exit::Exit;
use crate::select::{Selected, select};
use crate::under_test::UnderTest;
use crate::{baseline, suite};

pub(super) fn run(arguments: &RunArguments) -> Result<Exit, Failure> {
    consent::check(arguments)?;
    let registry = Arc::new(suite::registry()?);
    let suite = suite::load(arguments.cases.as_deref(), &registry)?;
    let suite_digest = suite.digest();
    let baseline = arguments.baseline.as_deref().map(baseline::read).transpose()?;
    let selected = select(suite.cases, &arguments.selection.read()?, &registry)
        .map_err(|nothing| Failure::new(Exit::NothingSelected, nothing.to_string()))?;
    warn_of_unmatched(&selected)?;
    let runtime =
        Runtime::new().map_err(|error| Failure::new(Exit::Defect, format!("no runtime: {error}")))?;
    let run =
        runtime.block_on(put_to_the_test(arguments, selected, &registry, suite_digest, baseline.as_ref()))?;
    if let Some(path) = &arguments.json {
        file::write_atomically(path, |writer| json::write(writer, &run.record))
            .map_err(|error| Failure::usage(error.to_string()))?;
    }
    let suite_root = suite_root(arguments.cases.as_deref());
    write_reports(&arguments.reports, &run.record, &registry, &suite_root)?;
    if !run.case_errors.is_empty() {
        let ids = run.case_errors.join(", ");
        return Err(Failure::usage(format!("these cases are wrong themselves: {ids}")));
    }
    Ok(exit(&run.record))
}

fn warn_of_unmatched(selected: &Selected) -> Result<(), Failure> {
    let mut stderr = anstream::stderr().lock();
    for words in &selected.unmatched {
        writeln!(stderr, "warning: {words}")?;
    }
    Ok(())
}

async fn put_to_the_test(
    arguments: &RunArguments,
    selected: Selected,
    registry: &Arc<Registry>,
    suite_digest: String,
    baseline: Option<&Baseline>,
) -> Result<mqttspec_engine::Run, Failure> {
    let under_test = UnderTest::find(&arguments.under_test).await?;
    let version = arguments.broker_version.clone().or_else(|| under_test.version.clone());
    // What the user knows is newer than what the profile documents.
    let profile = under_test.profile.clone();
    let baseline = baseline.or(profile.as_ref().and_then(|profile| profile.deviations.as_ref()));
    let accepted = match baseline.map(|baseline| baseline.accepted(version.as_deref())).transpose() {
        Ok(accepted) => accepted,
        Err(error) => {
            under_test.leave().await;
            return Err(Failure::usage(error.to_string()));
        }
    };
    let connector = Arc::clone(&under_test.connector);
    let now = SystemTime::now();
    let options = Options {
        jobs: arguments.jobs,
        plays: usize::try_from(arguments.stress).unwrap_or(usize::MAX),
        websocket: under_test.websocket.clone(),
        timing: arguments.timeout.map(Timing::fixed),
        name: RunName::new(now.duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs())),
        provided: under_test.provides.clone(),
        control: under_test.control.clone(),
        resource_cases: arguments.resource_cases,
        started: humantime::format_rfc3339_seconds(now).to_string(),
        command: std::env::args().collect(),
        tool: Tool {
            name: env!("CARGO_PKG_NAME").to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            suite_digest,
        },
        broker: under_test.name.clone(),
        broker_version: version,
        rerun: rerun(arguments),
    };
    let stdout = std::io::stdout();
    let progress = if stdout.is_terminal() { Progress::Bar } else { Progress::Lines };
    let colour = AutoStream::choice(&stdout) != anstream::ColorChoice::Never;
    let suite_root = suite_root(arguments.cases.as_deref());
    let shown = mqttspec_reports::Options { colour, verbosity: arguments.verbose, progress, suite_root };
    let mut console = Console::new(stdout, registry, shown);
    let mut trouble = None;
    let stop = on_interrupt();
    let mut limit = FailFast::new(arguments.fail_fast, &stop);
    let scope = if selected.is_whole { Scope::Whole } else { Scope::Part };
    let mut tell = |event: &RunEvent<'_>| {
        let mut judged = None;
        match event {
            // What the reports say about the end depends on the baseline, which is compared first.
            RunEvent::Finished(_) => return,
            RunEvent::CaseFinished(case) => {
                limit.see(is_unexpected(case, accepted.as_ref(), registry));
                judged = accepted.as_ref().filter(|_| Standing::of(case).is_bad()).map(|accepted| {
                    let (expectation, foreseen) = accepted.expectation(case, registry);
                    record::Case { expectation: Some(expectation), foreseen, ..(*case).clone() }
                });
            }
            RunEvent::Started { .. } | RunEvent::Confirming { .. } | RunEvent::Crashed(_) => {}
        }
        let judged = judged.as_ref().map(RunEvent::CaseFinished);
        let event = judged.as_ref().unwrap_or(event);
        if let Err(error) = console.event(event) {
            trouble.get_or_insert(error);
        }
    };
    let mut run = mqttspec_engine::run(
        selected.cases,
        connector,
        Arc::clone(registry),
        options,
        stop.subscribe(),
        &mut tell,
    )
    .await;
    under_test.leave().await;
    if let Some(profile) = &profile {
        run.record.broker.notes.clone_from(&profile.notes);
    }
    if let Some(accepted) = &accepted {
        accepted.judge(&mut run.record, registry, scope);
    }
    if let Err(error) = console.event(&RunEvent::Finished(&run.record)) {
        trouble.get_or_insert(error);
    }
    match trouble {
        None => Ok(run),
        // Who reads no further wants no more output: the files are still written.
        Some(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(run),
        Some(error) => Err(error.into()),
    }
}

/// Whether a case makes the run fail.
fn is_unexpected(case: &record::Case, accepted: Option<&Accepted<'_>>, registry: &Registry) -> bool {
    match accepted {
        None => Standing::of(case).is_bad(),
        Some(accepted) => accepted.expectation(case, registry).0 != Expectation::Expected,
    }
}

/// Ends a run when so many cases have ended otherwise than expected.
struct FailFast<'a> {
    left: Option<u32>,
    stop: &'a watch::Sender<Stop>,
}

impl<'a> FailFast<'a> {
    const fn new(left: Option<u32>, stop: &'a watch::Sender<Stop>) -> Self {
        Self { left, stop }
    }

    fn see(&mut self, is_unexpected: bool) {
        let Some(left) = &mut self.left else { return };
        *left = left.saturating_sub(u32::from(is_unexpected));
        if *left == 0 {
            self.stop.send_if_modified(|stop| {
                let goes_on = *stop == Stop::No;
                if goes_on {
                    *stop = Stop::Enough;
                }
                goes_on
            });
        }
    }
}

/// Says at Ctrl-C that the run is to end; a second one ends the process at once.
pub(super) fn on_interrupt() -> watch::Sender<Stop> {
    let stop = watch::Sender::new(Stop::No);
    let sender = stop.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_err() {
            pending::<()>().await;
        }
        sender.send_replace(Stop::Interrupted);
        if tokio::signal::ctrl_c().await.is_ok() {
            mqttspec_sut::kill_all();
            std::process::exit(130);
        }
    });
    stop
}

fn rerun(arguments: &RunArguments) -> String {
    let mut words = "mqttspec run".to_owned();
    words.push_str(&arguments.under_test.words());
    for (given, option) in [
        (arguments.resource_cases, " --resource-cases"),
        (arguments.i_own_this_broker, " --i-own-this-broker"),
    ] {
        if given {
            words.push_str(option);
        }
    }
    if let Some(folder) = &arguments.cases {
        words.push_str(&format!(" --cases {}", folder.display()));
    }
    words
}

fn suite_root(folder: Option<&Path>) -> String {
    match folder {
        None => "cases".to_owned(),
        // Its cases are called by its own path.
        Some(file) if file.is_file() => String::new(),
        Some(folder) => folder.display().to_string(),
    }
}

/// What the record means for a script.
fn exit(record: &record::Run) -> Exit {
    if !record.crashes.is_empty() {
        return Exit::Crashed;
    }
    match record.end {
        RunEnd::BrokerUnreachable | RunEnd::BrokerLost => return Exit::Broker,
        RunEnd::Interrupted | RunEnd::FailFast => return Exit::Unexpected,
        RunEnd::Complete => {}
    }
    let stale = record.baseline.as_ref().map_or(0, |baseline| baseline.stale.len());
    let is_unexpected = |case: &record::Case| match case.expectation {
        None => Standing::of(case).is_bad(),
        Some(expectation) => expectation != Expectation::Expected,
    };
    let says_something =
        |case: &record::Case| !matches!(case.verdict, Verdict::Unsupported | Verdict::Skipped);
    if stale > 0 || record.cases.iter().any(is_unexpected) {
        Exit::Unexpected
    } else if record.cases.iter().any(says_something) {
        Exit::Expected
    } else {
        // Every case was unsupported or skipped: a green end would say what nobody has seen.
        Exit::NothingSelected
    }
}

//! `mqttspec run`.

use std::future::pending;
use std::io::{IsTerminal, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use anstream::AutoStream;
use mqttspec_engine::{Options, RunName, Timing};
use mqttspec_reports::{Console, Progress, file, json, junit};
use mqttspec_spec::record::{self, RunEnd, Tool};
use mqttspec_spec::{Registry, Reporter, Verdict};
use tokio::runtime::Runtime;
use tokio::sync::watch;

use super::Failure;
use crate::arguments::RunArguments;
use crate::exit::Exit;
use crate::select::{Selected, select};
use crate::suite;
use crate::under_test::UnderTest;

pub(super) fn run(arguments: &RunArguments) -> Result<Exit, Failure> {
    let registry = Arc::new(suite::registry()?);
    let suite = suite::load(arguments.cases.as_deref(), &registry)?;
    let suite_digest = suite.digest();
    let selected = select(suite.cases, &arguments.selection, arguments.version, &registry)
        .map_err(|nothing| Failure::new(Exit::NothingSelected, nothing.to_string()))?;
    warn_of_unmatched(&selected)?;
    let runtime =
        Runtime::new().map_err(|error| Failure::new(Exit::Defect, format!("no runtime: {error}")))?;
    let run = runtime.block_on(put_to_the_test(arguments, selected, &registry, suite_digest))?;
    write_reports(arguments, &run.record, &registry)?;
    if !run.case_errors.is_empty() {
        let ids = run.case_errors.join(", ");
        return Err(Failure::usage(format!("these cases are wrong themselves: {ids}")));
    }
    Ok(exit(&run.record))
}

fn warn_of_unmatched(selected: &Selected) -> Result<(), Failure> {
    let mut stderr = anstream::stderr().lock();
    for (term, guess) in &selected.unmatched {
        let guess = guess.as_ref().map(|guess| format!(", did you mean `{guess}`?")).unwrap_or_default();
        writeln!(stderr, "warning: `{term}` chooses no case{guess}")?;
    }
    Ok(())
}

async fn put_to_the_test(
    arguments: &RunArguments,
    selected: Selected,
    registry: &Arc<Registry>,
    suite_digest: String,
) -> Result<mqttspec_engine::Run, Failure> {
    let under_test = UnderTest::find(&arguments.under_test).await?;
    let connector = Arc::clone(&under_test.connector);
    let now = SystemTime::now();
    let options = Options {
        jobs: arguments.jobs,
        websocket: under_test.websocket.clone(),
        timing: arguments.timeout.map(Timing::fixed),
        name: RunName::new(now.duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs())),
        provided: under_test.provides.clone(),
        control: under_test.control.clone(),
        started: humantime::format_rfc3339_seconds(now).to_string(),
        command: std::env::args().collect(),
        tool: Tool {
            name: env!("CARGO_PKG_NAME").to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            suite_digest,
        },
        broker: under_test.name.clone(),
        rerun: rerun(arguments),
    };
    let stdout = std::io::stdout();
    let progress = if stdout.is_terminal() { Progress::Bar } else { Progress::Lines };
    let colour = AutoStream::choice(&stdout) != anstream::ColorChoice::Never;
    let suite_root = suite_root(arguments.cases.as_deref());
    let shown = mqttspec_reports::Options { colour, verbosity: arguments.verbose, progress, suite_root };
    let mut console = Console::new(stdout, registry, shown);
    let mut trouble = None;
    let mut tell = |event: &mqttspec_spec::RunEvent<'_>| {
        if let Err(error) = console.event(event) {
            trouble.get_or_insert(error);
        }
    };
    let registry = Arc::clone(registry);
    let run =
        mqttspec_engine::run(selected.cases, connector, registry, options, on_interrupt(), &mut tell).await;
    under_test.leave().await;
    match trouble {
        None => Ok(run),
        // Who reads no further wants no more output: the files are still written.
        Some(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(run),
        Some(error) => Err(error.into()),
    }
}

/// Turns true at Ctrl-C; a second one ends the process at once.
pub(super) fn on_interrupt() -> watch::Receiver<bool> {
    let (sender, receiver) = watch::channel(false);
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_err() {
            pending::<()>().await;
        }
        sender.send_replace(true);
        if tokio::signal::ctrl_c().await.is_ok() {
            mqttspec_sut::kill_all();
            std::process::exit(130);
        }
    });
    receiver
}

fn rerun(arguments: &RunArguments) -> String {
    let mut words = "mqttspec run".to_owned();
    words.push_str(&arguments.under_test.words());
    if let Some(folder) = &arguments.cases {
        words.push_str(&format!(" --cases {}", folder.display()));
    }
    words
}

fn suite_root(folder: Option<&Path>) -> String {
    folder.map_or_else(|| "cases".to_owned(), |folder| folder.display().to_string())
}

fn write_reports(arguments: &RunArguments, record: &record::Run, registry: &Registry) -> Result<(), Failure> {
    let root = suite_root(arguments.cases.as_deref());
    let failed = |error: file::WriteError| Failure::usage(error.to_string());
    if let Some(path) = &arguments.json {
        file::write_atomically(path, |writer| json::write(writer, record)).map_err(failed)?;
    }
    if let Some(path) = &arguments.junit {
        file::write_atomically(path, |writer| junit::write(writer, record, registry, &root))
            .map_err(failed)?;
    }
    Ok(())
}

/// What the record means for a script.
fn exit(record: &record::Run) -> Exit {
    match record.end {
        RunEnd::BrokerUnreachable | RunEnd::BrokerLost => return Exit::Broker,
        RunEnd::Interrupted => return Exit::Unexpected,
        RunEnd::Complete => {}
    }
    let is_unexpected =
        |case: &record::Case| case.flaky || matches!(case.verdict, Verdict::Fail | Verdict::Inconclusive);
    let says_something =
        |case: &record::Case| matches!(case.verdict, Verdict::Pass | Verdict::Lenient | Verdict::Info);
    if record.cases.iter().any(is_unexpected) {
        Exit::Unexpected
    } else if record.cases.iter().any(says_something) {
        Exit::Expected
    } else {
        // Every case was unsupported or skipped: a green end would say what nobody has seen.
        Exit::NothingSelected
    }
}

//! `mqttspec fuzz`.

use std::fs;
use std::io::Write;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

use mqttspec_codec::Version;
use mqttspec_engine::transport::Target;
use mqttspec_fuzzer::{Campaign, Event, Finding, Plan, Summary, case};
use tokio::runtime::Runtime;

use super::Failure;
use super::run::on_interrupt;
use crate::arguments::FuzzArguments;
use crate::exit::Exit;
use crate::under_test::UnderTest;
use crate::without;

pub(super) fn fuzz(arguments: &FuzzArguments) -> Result<Exit, Failure> {
    check_own(arguments)?;
    without::check(&arguments.without)?;
    let runtime =
        Runtime::new().map_err(|error| Failure::new(Exit::Defect, format!("no runtime: {error}")))?;
    let summary = runtime.block_on(campaign(arguments))?;
    tell_summary(&summary)?;
    let is_gone = summary.findings.iter().any(|finding| finding.breach.statements.is_empty());
    Ok(match summary.findings.is_empty() {
        true => Exit::Expected,
        false if is_gone => Exit::Broker,
        false => Exit::Unexpected,
    })
}

/// Refuses to fuzz what is not on this machine, unless the user says that it is theirs.
fn check_own(arguments: &FuzzArguments) -> Result<(), Failure> {
    let host = match &arguments.under_test.broker {
        Some(Target::Tcp(address) | Target::Tls(address)) => address.host(),
        Some(Target::WebSocket(address, _) | Target::SecureWebSocket(address, _)) => address.host(),
        Some(Target::Unix(_)) | None => return Ok(()),
    };
    let is_loopback = host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback());
    if is_loopback || arguments.i_own_this_broker {
        return Ok(());
    }
    Err(Failure::usage(format!(
        "{host} is not this machine: fuzzing may stop a broker. If it is yours to stop, say --i-own-this-broker"
    )))
}

async fn campaign(arguments: &FuzzArguments) -> Result<Summary, Failure> {
    let under_test = UnderTest::find_without(&arguments.under_test, &arguments.without).await?;
    let (shard, shards) = arguments.shard.unwrap_or((1, 1));
    let plan = Plan {
        seed: arguments.seed,
        versions: arguments.version.map_or_else(|| Version::ALL.to_vec(), |version| vec![version]),
        first: arguments.only.unwrap_or(shard - 1),
        stride: shards,
        sessions: arguments.only.map(|_| 1).or(arguments.sessions),
        time: arguments.time.filter(|_| arguments.only.is_none()),
        jobs: arguments.jobs,
    };
    let connector = Arc::clone(&under_test.connector);
    let prepared = Campaign::prepare(connector, &under_test.provides, plan).await;
    let campaign = prepared.map_err(|why| Failure::new(Exit::Broker, why))?;
    let mut stderr = anstream::stderr();
    let is_terminal = stderr.is_terminal();
    let mut trouble = None;
    let mut tell = |event: &Event<'_>| {
        let line = words(event, is_terminal);
        // That nobody reads the progress changes nothing.
        let _ = line.map(|line| writeln!(stderr, "{line}"));
        if let Event::Found(finding) = event
            && let Err(failure) = write_finding(arguments, finding)
        {
            trouble.get_or_insert(failure);
        }
    };
    let summary = campaign.run(on_interrupt().subscribe(), &mut tell).await;
    under_test.leave().await;
    trouble.map_or(Ok(summary), Err)
}

/// What is said of an event.
fn words(event: &Event<'_>, is_terminal: bool) -> Option<String> {
    Some(match event {
        Event::Begun { enumerated, patience } => format!(
            "{enumerated} sessions enumerate the operators, then they are random; an answer may take {} ms",
            patience.as_millis()
        ),
        // A log gets a line for every ten seconds.
        Event::Progress(progress) if !is_terminal && progress.time.as_secs() % 10 != 0 => return None,
        Event::Progress(progress) => {
            let seconds = progress.time.as_secs_f64().max(0.001);
            #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
            let rate = progress.sessions as f64 / seconds;
            format!(
                "{:>5.0} s  {} sessions, {rate:.0}/s  {} packets  {} kinds of breach to confirm",
                seconds, progress.sessions, progress.packets, progress.signatures
            )
        }
        Event::Found(finding) => {
            format!("found: {} ({} steps)", finding.breach, finding.session.steps.len())
        }
        Event::NotConfirmed(breach) => format!("not seen again with more time: {breach}"),
    })
}

fn tell_summary(summary: &Summary) -> Result<(), Failure> {
    let mut stdout = anstream::stdout();
    let progress = summary.progress;
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let rate = progress.sessions as f64 / progress.time.as_secs_f64().max(0.001);
    writeln!(
        stdout,
        "{} sessions ({rate:.0}/s), {} packets, {} operators, {} statements broken by packets\n{} findings, {} not confirmed",
        progress.sessions,
        progress.packets,
        summary.operators.len(),
        summary.statements.len(),
        summary.findings.len(),
        summary.not_confirmed
    )?;
    Ok(())
}

/// Writes a finding as a case.
fn write_finding(arguments: &FuzzArguments, finding: &Finding) -> Result<(), Failure> {
    let Some(folder) = &arguments.findings else { return Ok(()) };
    let failed = |path: &Path, error: std::io::Error| {
        Failure::usage(format!("{} cannot be written: {error}", path.display()))
    };
    fs::create_dir_all(folder).map_err(|error| failed(folder, error))?;
    let number = finding.numbers.first().copied().unwrap_or_default();
    let version = arguments.version.map(|version| format!(" --version {version}")).unwrap_or_default();
    let chosen = arguments.under_test.words();
    let command = format!("mqttspec fuzz{chosen}{version} --seed {} --only {number}", arguments.seed);
    let path = folder.join(format!("{}.yaml", finding.name()));
    fs::write(&path, case(finding, &command)).map_err(|error| failed(&path, error))
}

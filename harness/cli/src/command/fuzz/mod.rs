//! `mqttspec fuzz`.

mod finding_file;
mod kept;
mod merge;
mod replay;
mod reproduce;
mod state;

use std::io::Write;
use std::net::IpAddr;
use std::sync::Arc;

use mqttspec_codec::Version;
use mqttspec_engine::transport::Target;
use mqttspec_fuzzer::{Campaign, Event, Plan, Progress, Subject, Summary};
use tokio::runtime::Runtime;

use super::Failure;
use super::run::on_interrupt;
use crate::arguments::{BrokerChoice, FuzzAction, FuzzArguments};
use crate::exit::Exit;
use crate::suite;
use crate::under_test::UnderTest;
use crate::without;
use crate::words::count_of;
use kept::{Findings, Kept};

pub(super) fn fuzz(arguments: &FuzzArguments) -> Result<Exit, Failure> {
    match &arguments.action {
        Some(FuzzAction::Replay(arguments)) => return replay::replay(arguments),
        Some(FuzzAction::Merge(arguments)) => return merge::merge(arguments),
        None => check_own(&arguments.under_test, arguments.i_own_this_broker)?,
    }
    without::check(&arguments.without)?;
    let runtime =
        Runtime::new().map_err(|error| Failure::new(Exit::Defect, format!("no runtime: {error}")))?;
    let (summary, findings) = runtime.block_on(campaign(arguments))?;
    tell_summary(&summary, &findings)?;
    let confirmed = || findings.all.iter().filter(|kept| kept.is_confirmed());
    // What breaks no statement broke the broker itself, unless it is about what others got.
    let breaks = |kept: &Kept| kept.finding.breach.statements.is_empty() && !kept.finding.is_about_others();
    let is_broken = confirmed().any(breaks) || !summary.not_attributed.is_empty();
    Ok(match confirmed().next() {
        _ if is_broken => Exit::Crashed,
        None => Exit::Expected,
        Some(_) => Exit::Unexpected,
    })
}

/// Refuses to fuzz what is not on this machine, unless the user says that it is theirs.
fn check_own(under_test: &BrokerChoice, is_own: bool) -> Result<(), Failure> {
    let host = match &under_test.broker {
        Some(Target::Tcp(address) | Target::Tls(address)) => address.host(),
        Some(Target::WebSocket(address, _) | Target::SecureWebSocket(address, _)) => address.host(),
        Some(Target::Unix(_)) | None => return Ok(()),
    };
    let is_loopback = host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback());
    if is_loopback || is_own {
        return Ok(());
    }
    Err(Failure::usage(format!(
        "{host} is not this machine: fuzzing may stop a broker. If it is yours to stop, say --i-own-this-broker"
    )))
}

async fn campaign(arguments: &FuzzArguments) -> Result<(Summary, Findings<'_>), Failure> {
    let mut findings = Findings::new(arguments, Arc::new(suite::registry()?))?;
    let under_test = UnderTest::find_without(&arguments.under_test, &arguments.without).await?;
    let (shard, shards) = arguments.shard.unwrap_or((1, 1));
    let done = state::done(arguments)?;
    let plan = Plan {
        seed: arguments.seed,
        versions: arguments.version.map_or_else(|| Version::ALL.to_vec(), |version| vec![version]),
        first: arguments.only.unwrap_or(shard - 1),
        stride: shards,
        done,
        sessions: arguments.only.map(|_| 1).or(arguments.sessions),
        time: arguments.time.filter(|_| arguments.only.is_none()),
        jobs: arguments.jobs,
    };
    let subject = Subject {
        connector: Arc::clone(&under_test.connector),
        control: under_test.control.clone(),
        provided: under_test.provides.clone(),
    };
    let prepared = Campaign::prepare(subject, plan).await;
    let campaign = prepared.map_err(|why| Failure::new(Exit::Broker, why))?;
    let mut stderr = anstream::stderr();
    let is_terminal = stderr.is_terminal();
    let mut trouble = None;
    let mut tell = |event: &Event<'_>| {
        let line = words(event, is_terminal);
        // That nobody reads the progress changes nothing.
        let _ = line.map(|line| writeln!(stderr, "{line}"));
        if let Event::Found(finding) = event
            && let Err(failure) = findings.add(finding)
        {
            trouble = trouble.take().or(Some(failure));
        }
    };
    let summary = campaign.run(on_interrupt().subscribe(), &mut tell).await;
    if let Some(folder) = &arguments.findings {
        state::write(arguments, folder, &summary)?;
    }
    reproduce::reproduce(&under_test, &mut findings).await?;
    under_test.leave().await;
    for kept in &findings.all {
        let place = findings
            .path(kept)
            .map_or_else(|| kept.finding.breach.to_string(), |path| path.display().to_string());
        // That nobody reads it changes nothing.
        let _ = writeln!(stderr, "{}: {place}", kept.words());
    }
    trouble.map_or(Ok((summary, findings)), Err)
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
            format!(
                "{:>5.0} s  {}  {} kinds of breach to confirm",
                progress.time.as_secs_f64(),
                rates(progress),
                progress.signatures
            )
        }
        Event::Found(finding) => {
            let steps = count_of(finding.session.steps.len(), "step", "steps");
            let replays = finding.replays;
            format!("found: {} ({steps}, {} of {} times)", finding.breach, replays.shown, replays.played)
        }
        Event::Afflicted(symptom) => format!("{symptom}: looking for the session that does it"),
        Event::Suspected(symptom) => {
            format!("{symptom}: that may be, so sessions are played again to see whether one of them does it")
        }
        Event::NotAttributed(symptom) => format!("{symptom}: no session played alone does it again"),
        Event::NotConfirmed(breach) => format!("not seen again with more time: {breach}"),
    })
}

/// What was played, and how fast.
fn rates(progress: &Progress) -> String {
    format!(
        "{} sessions ({:.0}/s), {} malformed ({:.0}/s), {} fenced packets ({:.0}/s)",
        progress.sessions,
        progress.rate(progress.sessions),
        progress.malformed,
        progress.rate(progress.malformed),
        progress.packets,
        progress.rate(progress.packets)
    )
}

fn tell_summary(summary: &Summary, findings: &Findings<'_>) -> Result<(), Failure> {
    let confirmed = findings.all.iter().filter(|kept| kept.is_confirmed()).count();
    let mut stdout = anstream::stdout();
    let progress = summary.progress;
    writeln!(
        stdout,
        "{}, {} sessions left out, {} restarts\n{} operators, {} statements broken by packets\n{}, {} not reproduced by their cases, {} not confirmed",
        rates(&progress),
        progress.skipped,
        progress.restarts,
        summary.operators.len(),
        summary.statements.len(),
        count_of(confirmed, "finding", "findings"),
        findings.all.len() - confirmed,
        summary.not_confirmed
    )?;
    if let Some(all) = findings.in_all() {
        writeln!(stdout, "{} with those before", count_of(all, "finding", "findings"))?;
    }
    Ok(())
}

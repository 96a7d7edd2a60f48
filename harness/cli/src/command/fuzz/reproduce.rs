//! Runs the cases that findings were written as, which shows that they can be reproduced, and captures them.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use mqttspec_broker::Rules;
use mqttspec_codec::StatementId;
use mqttspec_engine::{Options, RunName, Stop};
use mqttspec_fuzzer::{Finding, Form, Replays};
use mqttspec_reports::{file, pcapng};
use mqttspec_script::Suite;
use mqttspec_spec::Verdict;
use mqttspec_spec::record::{Case, FindingKind, Run, Tool};
use tokio::sync::watch;

use super::super::Failure;
use super::kept::{Findings, Kept, Standing};
use crate::under_test::UnderTest;

/// How often each case is run, each time on a fresh broker if it was started here.
const RUNS: u32 = 3;
/// How many cases are played at once.
const JOBS: usize = 8;

/// Runs the case of each finding, in the form that reads best, and if it does not fail so in the other one; keeps what came
/// of it, and writes a capture. A case that fails on the reference broker counts for nothing.
pub(super) async fn reproduce(under_test: &UnderTest, findings: &mut Findings<'_>) -> Result<(), Failure> {
    for form in Form::ALL {
        let mut together: Vec<(usize, Suite)> = Vec::new();
        let mut alone: Vec<Vec<(usize, Suite)>> = Vec::new();
        for (index, kept) in findings.all.iter().enumerate() {
            if !kept.finding.fits_a_case() || kept.is_confirmed() {
                continue;
            }
            let Ok(suite) = findings.check(kept, form) else { continue };
            // What breaks the broker itself ends the others with it.
            if kept.finding.breach.statements.is_empty() {
                alone.push(vec![(index, suite)]);
            } else {
                together.push((index, suite));
            }
        }
        for group in std::iter::once(together).chain(alone).filter(|group| !group.is_empty()) {
            run_group(under_test, findings, form, &group).await?;
        }
        judge_cases(findings, form).await?;
    }
    for kept in &mut findings.all {
        if kept.finding.is_about_others() && !kept.is_confirmed() {
            kept.standing = Standing::Outside;
        }
    }
    for kept in &findings.all {
        findings.write(kept)?;
    }
    Ok(())
}

async fn run_group(
    under_test: &UnderTest,
    findings: &mut Findings<'_>,
    form: Form,
    group: &[(usize, Suite)],
) -> Result<(), Failure> {
    let mut counts = vec![Replays::default(); group.len()];
    for _ in 0..RUNS {
        if let Some(control) = &under_test.control {
            // One that does not start again is what the run will say.
            let _ = control.renew().await;
        }
        let cases = group.iter().flat_map(|(_, suite)| suite.cases.iter().cloned()).collect();
        let record = run(under_test, findings, Suite { cases }).await;
        for ((index, suite), count) in group.iter().zip(&mut counts) {
            let (Some(kept), Some(id)) = (findings.all.get(*index), suite.cases.first().map(|case| &case.id))
            else {
                continue;
            };
            let played = record.cases.iter().find(|case| case.id == *id);
            let is_shown = played.is_some_and(|case| shows(case, &kept.finding));
            count.played += 1;
            count.shown += u32::from(is_shown);
            if is_shown || count.played == 1 {
                capture(findings, kept, &record, id)?;
            }
        }
    }
    for ((index, _), count) in group.iter().zip(counts) {
        if let Some(kept) = findings.all.get_mut(*index)
            && (count.shown > 0 || !matches!(kept.standing, Standing::Run(..) | Standing::Unfair(_)))
        {
            kept.standing = Standing::Run(form, count);
        }
    }
    Ok(())
}

/// Runs the cases that have failed in a form on the reference broker, where none may.
async fn judge_cases(findings: &mut Findings<'_>, form: Form) -> Result<(), Failure> {
    let failed =
        |kept: &Kept| matches!(kept.standing, Standing::Run(of, counts) if of == form && counts.shown > 0);
    let failed = findings.all.iter().enumerate().filter(|(_, kept)| failed(kept));
    let suites: Vec<(usize, Suite)> =
        failed.filter_map(|(index, kept)| Some((index, findings.check(kept, form).ok()?))).collect();
    if suites.is_empty() {
        return Ok(());
    }
    let reference = UnderTest::reference(Rules::all()).await?;
    let cases = suites.iter().flat_map(|(_, suite)| suite.cases.iter().cloned()).collect();
    let record = run(&reference, findings, Suite { cases }).await;
    for (index, suite) in &suites {
        let is_of_it = |case: &&Case| suite.cases.iter().any(|own| own.id == case.id);
        let is_unfair = record.cases.iter().filter(is_of_it).any(|case| case.verdict == Verdict::Fail);
        if let Some(kept) = findings.all.get_mut(*index).filter(|_| is_unfair) {
            kept.standing = Standing::Unfair(form);
        }
    }
    Ok(())
}

/// Whether a case failed by what the finding is about.
fn shows(case: &Case, finding: &Finding) -> bool {
    if case.findings.iter().any(|found| found.kind == FindingKind::Crash) {
        return finding.breach.statements.is_empty();
    }
    let statement = |id: &str| id.parse::<StatementId>().ok().map(|id| id.statement());
    let is_cited = |cited: &String| {
        finding.breach.statements.iter().any(|broken| statement(cited) == Some(broken.statement()))
    };
    case.verdict == Verdict::Fail && (finding.breach.statements.is_empty() || case.cited.iter().any(is_cited))
}

fn capture(findings: &Findings<'_>, kept: &Kept, record: &Run, id: &str) -> Result<(), Failure> {
    let Some(path) = findings.path(kept) else { return Ok(()) };
    let captures = pcapng::captures(record, true);
    let Some(capture) = captures.iter().find(|capture| capture.case.id == id) else { return Ok(()) };
    file::write_atomically(&path.with_extension("pcapng"), |writer| {
        pcapng::write(writer, record, capture.case)
    })
    .map_err(|error| Failure::usage(error.to_string()))
}

async fn run(under_test: &UnderTest, findings: &Findings<'_>, suite: Suite) -> Run {
    let now = SystemTime::now();
    let options = Options {
        jobs: JOBS,
        plays: 1,
        websocket: None,
        timing: None,
        name: RunName::new(now.duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs())),
        provided: under_test.provides.clone(),
        control: under_test.control.clone(),
        resource_cases: false,
        started: humantime::format_rfc3339_seconds(now).to_string(),
        command: std::env::args().collect(),
        tool: Tool {
            name: env!("CARGO_PKG_NAME").to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            suite_digest: suite.digest(),
        },
        broker: under_test.name.clone(),
        broker_version: under_test.version.clone(),
        rerun: "mqttspec run".to_owned(),
    };
    let (_keep, stop) = watch::channel(Stop::No);
    let connector = Arc::clone(&under_test.connector);
    let registry = Arc::clone(findings.registry());
    mqttspec_engine::run(suite.cases, connector, registry, options, stop, &mut |_| {}).await.record
}

//! `mqttspec baseline`.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use mqttspec_reports::file;
use mqttspec_spec::baseline::{Entry, Scope};
use mqttspec_spec::record::{Expectation, Run};
use mqttspec_spec::{Baseline, Registry, Standing};

use super::Failure;
use crate::exit::Exit;
use crate::selection::{Selection, read_record};
use crate::words::count_of;
use crate::{baseline, select, suite};

#[derive(Debug, Args)]
pub(crate) struct BaselineArguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make a baseline from the record of a run: one entry for each family of cases that failed in the same way.
    Write(WriteArguments),
    /// Tell what a baseline foresees, and with the record of a run, what came of it.
    Explain(ExplainArguments),
}

#[derive(Debug, Args)]
struct WriteArguments {
    /// The record (JSON) of a run.
    #[arg(value_name = "RUN.json")]
    run: PathBuf,
    /// Why all that failed is accepted. Without it each entry has a place for its own reason, and the baseline cannot
    /// be used before they are filled in.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Where to write it, instead of the standard output.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace the file of --output if there is one, with the reasons that stand in it.
    #[arg(long, requires = "output")]
    force: bool,
}

#[derive(Debug, Args)]
struct ExplainArguments {
    /// The baseline.
    #[arg(value_name = "FILE")]
    baseline: PathBuf,
    /// The record (JSON) of a run to compare with.
    #[arg(value_name = "RUN.json")]
    run: Option<PathBuf>,
    /// The version of the broker; that of the record, unless given.
    #[arg(long, value_name = "VERSION", requires = "run")]
    broker_version: Option<String>,
}

pub(super) fn baseline(arguments: &BaselineArguments) -> Result<Exit, Failure> {
    match &arguments.action {
        Action::Write(arguments) => write(arguments),
        Action::Explain(arguments) => explain(arguments),
    }
}

fn write(arguments: &WriteArguments) -> Result<Exit, Failure> {
    if arguments.reason.as_ref().is_some_and(|reason| reason.trim().is_empty()) {
        return Err(Failure::usage("--reason is empty: say why the deviations are accepted"));
    }
    if let Some(path) = arguments.output.as_ref().filter(|path| !arguments.force && path.exists()) {
        return Err(Failure::usage(format!(
            "{0} is there already, and may hold reasons that somebody wrote: `baseline explain {0} {1}` tells what has \
             changed; --force replaces the file",
            path.display(),
            arguments.run.display()
        )));
    }
    let run = read_record(&arguments.run)?;
    let text = mqttspec_spec::baseline::write(&run, arguments.reason.as_deref())
        .map_err(|error| Failure::usage(format!("{}: {error}", arguments.run.display())))?;
    match &arguments.output {
        None => anstream::stdout().lock().write_all(text.as_bytes())?,
        Some(path) => file::write_atomically(path, |writer| writer.write_all(text.as_bytes()))
            .map_err(|error| Failure::usage(error.to_string()))?,
    }
    let open = text.lines().filter(|line| line.trim() == "reason:").count();
    if open > 0 {
        writeln!(
            anstream::stderr().lock(),
            "note: {} to give a `reason`; until then the baseline is not valid",
            entries(open)
        )?;
    }
    Ok(Exit::Expected)
}

fn explain(arguments: &ExplainArguments) -> Result<Exit, Failure> {
    let registry = suite::registry()?;
    let baseline = baseline::read(&arguments.baseline)?;
    match &arguments.run {
        None => alone(&baseline, &registry),
        Some(path) => compared(&baseline, path, arguments.broker_version.as_deref(), &registry),
    }
}

/// Each entry, with how many cases of the suite it chooses.
fn alone(baseline: &Baseline, registry: &Registry) -> Result<Exit, Failure> {
    let suite = suite::load(None, registry)?.cases;
    let mut out = anstream::stdout().lock();
    for entry in &baseline.entries {
        let selection = Selection { filters: vec![entry.filter.clone()], ..Selection::default() };
        let count = select::count(&suite, &selection, registry);
        head(&mut out, baseline, entry)?;
        writeln!(out, "  cases    {count} of the suite")?;
        writeln!(out)?;
    }
    writeln!(out, "{}", entries(baseline.entries.len()))?;
    Ok(Exit::Expected)
}

/// Each entry with what the run found, then what no entry speaks about.
fn compared(
    baseline: &Baseline,
    path: &Path,
    broker_version: Option<&str>,
    registry: &Registry,
) -> Result<Exit, Failure> {
    let mut run = read_record(path)?;
    let version = broker_version.map(str::to_owned).or_else(|| run.broker.version.clone());
    let accepted =
        baseline.accepted(version.as_deref()).map_err(|error| Failure::usage(error.to_string()))?;
    accepted.judge(&mut run, registry, Scope::Part);
    let mut out = anstream::stdout().lock();
    for entry in &baseline.entries {
        head(&mut out, baseline, entry)?;
        let holds = accepted.holds(entry);
        let cases: Vec<_> = run
            .cases
            .iter()
            .filter(|case| accepted.entry(case, registry).is_some_and(|of| of == entry))
            .collect();
        let expected = cases.iter().filter(|case| case.expectation == Some(Expectation::Expected)).count();
        match (holds, cases.len()) {
            (false, _) => writeln!(out, "  run      the entry is for other versions of the broker")?,
            (true, 0) => writeln!(out, "  run      no case of it")?,
            (true, all) => writeln!(out, "  run      {expected} of {all} as foreseen")?,
        }
        for case in cases.into_iter().filter(|case| case.expectation != Some(Expectation::Expected)) {
            odd(&mut out, case)?;
        }
        writeln!(out)?;
    }
    for case in run.cases.iter().filter(|case| accepted.entry(case, registry).is_none()) {
        if case.expectation != Some(Expectation::Expected) {
            odd(&mut out, case)?;
        }
    }
    writeln!(out, "{}, {}", entries(baseline.entries.len()), outcome(&run))?;
    let is_odd = run.cases.iter().any(|case| case.expectation != Some(Expectation::Expected));
    Ok(if is_odd { Exit::Unexpected } else { Exit::Expected })
}

fn head(out: &mut impl Write, baseline: &Baseline, entry: &Entry) -> std::io::Result<()> {
    writeln!(out, "{}", baseline.place(entry))?;
    let filter = entry.filter.to_string();
    let filter: Vec<&str> = filter.split_whitespace().collect();
    writeln!(out, "  filter   {}", filter.join(" "))?;
    let signatures = entry.signatures.join(", or ");
    let way = if signatures.is_empty() { String::new() } else { format!(": {signatures}") };
    writeln!(out, "  foresees {}{way}", entry.verdict)?;
    writeln!(out, "  reason   {}", entry.reason.replace('\n', "\n           "))?;
    if let Some(issue) = &entry.issue {
        writeln!(out, "  issue    {issue}")?;
    }
    if let Some(versions) = &entry.broker_versions {
        writeln!(out, "  versions {versions}")?;
    }
    Ok(())
}

fn odd(out: &mut impl Write, case: &mqttspec_spec::record::Case) -> std::io::Result<()> {
    let advice = case.foreseen.as_ref().and_then(|foreseen| foreseen.advice.as_deref()).unwrap_or_default();
    writeln!(out, "  {} {} {}", Standing::of(case), case.version, case.id)?;
    writeln!(out, "    {advice}")
}

fn outcome(run: &Run) -> String {
    let count = |wanted| run.cases.iter().filter(|case| case.expectation == Some(wanted)).count();
    format!(
        "{} as expected, {} unexpected, {} better than foreseen",
        count_of(count(Expectation::Expected), "case", "cases"),
        count(Expectation::Unexpected),
        count(Expectation::Stale)
    )
}

fn entries(count: usize) -> String {
    count_of(count, "entry", "entries")
}

//! The subcommands.

mod audit;
pub(crate) mod baseline;
mod broker;
mod compare;
mod completions;
mod corpus;
mod decode;
mod explain;
mod fmt;
mod fuzz;
mod lint;
mod list;
mod probe;
mod report;
mod run;
mod schema;
mod written;

use std::io::Write;

use clap::Parser;

use crate::arguments::{Arguments, Command};
use crate::configuration;
use crate::exit::Exit;
use crate::suite::SuiteError;

pub(crate) use written::ReportFiles;

/// Reads the command line and does what it says.
pub(crate) fn main() -> Exit {
    let words = match configuration::complete(std::env::args_os().collect()) {
        Ok(words) => words,
        Err(failure) => return show(failure),
    };
    let arguments = match Arguments::try_parse_from(words) {
        Ok(arguments) => arguments,
        Err(error) => {
            // That the text cannot be shown leaves nobody to tell.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage } else { Exit::Expected };
        }
    };
    let result = match arguments.command {
        Command::Run(arguments) => run::run(&arguments),
        Command::Report(arguments) => report::report(&arguments),
        Command::Compare(arguments) => compare::compare(&arguments),
        Command::List(arguments) => list::list(&arguments),
        Command::Explain(arguments) => explain::explain(&arguments),
        Command::Lint(arguments) => lint::lint(&arguments),
        Command::Fmt(arguments) => fmt::fmt(&arguments),
        Command::Audit(arguments) => audit::audit(&arguments),
        Command::Baseline(arguments) => baseline::baseline(&arguments),
        Command::Broker(arguments) => broker::broker(&arguments),
        Command::Fuzz(arguments) => fuzz::fuzz(&arguments),
        Command::Probe(arguments) => probe::probe(&arguments),
        Command::Schema(arguments) => schema::schema(&arguments),
        Command::Corpus(arguments) => corpus::corpus(&arguments),
        Command::Decode(arguments) => decode::decode(&arguments),
        Command::Completions(arguments) => completions::completions(&arguments),
    };
    match result {
        Ok(exit) => exit,
        Err(failure) => show(failure),
    }
}

/// Tells what went wrong.
fn show(failure: Failure) -> Exit {
    match failure {
        failure if failure.message.is_empty() => failure.exit,
        failure => {
            let mut stderr = anstream::stderr().lock();
            let label = anstyle::AnsiColor::Red.on_default().bold();
            let _ = match failure.diagnostics {
                None => writeln!(stderr, "{label}error{label:#}: {}", failure.message),
                Some(diagnostics) => writeln!(stderr, "{diagnostics}\n{}", failure.message),
            };
            failure.exit
        }
    }
}

/// What a subcommand could not do.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    pub(crate) message: String,
    /// What comes before the message: mistakes in files, each with its place.
    pub(crate) diagnostics: Option<String>,
}

impl Failure {
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), diagnostics: None }
    }

    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }
}

impl From<SuiteError> for Failure {
    fn from(error: SuiteError) -> Self {
        Self { diagnostics: error.diagnostics(colored()), ..Self::usage(error.to_string()) }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            // Who reads no further has seen enough.
            return Self::new(Exit::Expected, "");
        }
        Self::usage(format!("the output cannot be written: {error}"))
    }
}

/// Whether standard error shows colours.
pub(crate) fn colored() -> bool {
    anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never
}

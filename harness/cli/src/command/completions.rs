//! `mqttspec completions`.

use std::io::Write;

use clap::CommandFactory;
use clap_complete::generate;

use super::Failure;
use crate::arguments::{Arguments, CompletionsArguments};
use crate::exit::Exit;

pub(super) fn completions(arguments: &CompletionsArguments) -> Result<Exit, Failure> {
    let mut command = Arguments::command();
    let name = command.get_name().to_owned();
    // The generator cannot go on when nobody reads what it writes.
    let mut script = Vec::new();
    generate(arguments.shell, &mut command, name, &mut script);
    anstream::stdout().lock().write_all(&script)?;
    Ok(Exit::Expected)
}

//! `mqttspec fmt`.

use std::fs;
use std::io::Write;

use mqttspec_script::Diagnostic;

use super::{Failure, colored};
use crate::arguments::FmtArguments;
use crate::exit::Exit;
use crate::suite;

fn mistake(diagnostic: &Diagnostic) -> Failure {
    Failure { diagnostics: Some(diagnostic.render(colored())), ..Failure::usage("1 mistake") }
}

pub(super) fn fmt(arguments: &FmtArguments) -> Result<Exit, Failure> {
    let mut stdout = anstream::stdout().lock();
    let mut exit = Exit::Expected;
    for path in &arguments.paths {
        for file in suite::yaml_files(path)?.into_iter().filter(|file| suite::holds_cases(file)) {
            let name = file.display().to_string();
            let text = suite::read_file(&file)?;
            let formatted =
                mqttspec_script::format(&name, &text).map_err(|diagnostic| mistake(&diagnostic))?;
            if formatted == text {
                continue;
            }
            if arguments.check {
                exit = Exit::Unexpected;
                writeln!(stdout, "{name} is not in its canonical layout: `mqttspec fmt {name}` mends it")?;
            } else {
                fs::write(&file, formatted)
                    .map_err(|error| Failure::usage(format!("{name} cannot be written: {error}")))?;
                writeln!(stdout, "{name}")?;
            }
        }
    }
    Ok(exit)
}

//! `mqttspec lint`.

use std::io::Write;
use std::path::PathBuf;

use super::Failure;
use crate::arguments::LintArguments;
use crate::exit::Exit;
use crate::suite;
use crate::words::count_of;

pub(super) fn lint(arguments: &LintArguments) -> Result<Exit, Failure> {
    let registry = suite::registry()?;
    let suite = match arguments.paths.as_slice() {
        [] => suite::load(None, &registry)?,
        [folder] if folder.is_dir() => suite::load(Some(folder), &registry)?,
        paths => {
            let mut files: Vec<PathBuf> = Vec::new();
            for path in paths {
                files.extend(suite::yaml_files(path)?.into_iter().filter(|path| suite::holds_cases(path)));
            }
            suite::load_files(&files, &registry)?
        }
    };
    if suite.cases.is_empty() {
        return Err(Failure::new(Exit::NothingSelected, "there are no cases here".to_owned()));
    }
    writeln!(anstream::stdout().lock(), "{}, no mistake", count_of(suite.cases.len(), "case", "cases"))?;
    Ok(Exit::Expected)
}

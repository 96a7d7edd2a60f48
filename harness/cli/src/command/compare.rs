//! `mqttspec compare`.

use mqttspec_reports::{Form, compare, file};
use mqttspec_spec::record::Run;

use super::Failure;
use crate::arguments::CompareArguments;
use crate::exit::Exit;
use crate::{record, suite};

pub(super) fn compare(arguments: &CompareArguments) -> Result<Exit, Failure> {
    let registry = suite::registry()?;
    let runs = arguments.records.iter().map(|path| -> Result<Run, Failure> {
        let mut run = record::read(path)?;
        // Nearly all of a record is timelines, which no comparison shows: memory is for one of them only.
        run.cases.iter_mut().for_each(|case| case.timeline = Vec::new());
        Ok(run)
    });
    let runs: Vec<Run> = runs.collect::<Result<_, _>>()?;
    let files = [(&arguments.html, Form::Html), (&arguments.markdown, Form::Markdown)];
    for (path, form) in files {
        let Some(path) = path else { continue };
        file::write_atomically(path, |writer| compare::write(writer, &runs, &registry, form))
            .map_err(|error| Failure::usage(error.to_string()))?;
    }
    if arguments.html.is_none() && arguments.markdown.is_none() {
        compare::write(std::io::stdout().lock(), &runs, &registry, Form::Markdown)?;
    }
    Ok(Exit::Expected)
}

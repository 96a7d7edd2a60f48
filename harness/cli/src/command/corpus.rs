//! `mqttspec corpus`.

use std::fs;
use std::io::Write;
use std::path::Path;

use super::Failure;
use crate::arguments::CorpusArguments;
use crate::corpus::{LONGEST, Sent, dictionary};
use crate::exit::Exit;
use crate::suite;

pub(super) fn corpus(arguments: &CorpusArguments) -> Result<Exit, Failure> {
    let mut stdout = anstream::stdout().lock();
    let Some(folder) = &arguments.folder else {
        write!(stdout, "{}", dictionary())?;
        return Ok(Exit::Expected);
    };
    let registry = suite::registry()?;
    let cases = suite::load(arguments.cases.as_deref(), &registry)?.cases;
    for (target, seeds) in Sent::by(&cases).seeds() {
        let folder = folder.join(target);
        fs::create_dir_all(&folder).map_err(|error| unwritable(&folder, &error))?;
        for seed in &seeds {
            // The name that libFuzzer gives to an input, so that none is there twice.
            let file = folder.join(sha1_smol::Sha1::from(seed).digest().to_string());
            fs::write(&file, seed).map_err(|error| unwritable(&file, &error))?;
        }
        writeln!(stdout, "{}: {} seeds of at most {LONGEST} bytes", folder.display(), seeds.len())?;
    }
    Ok(Exit::Expected)
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::usage(format!("{} cannot be written: {error}", path.display()))
}

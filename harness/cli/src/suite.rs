//! The suite: built in, or read from a folder.

use std::path::{Path, PathBuf};
use std::{fmt, fs, io};

use mqttspec_script::{Diagnostic, Suite};
use mqttspec_spec::{Registry, RegistryError};

use crate::words::count_of;

/// Where the registers of statements stand.
const REGISTERS: &str = "statements/";
/// Where the profiles of brokers stand.
pub(crate) const PROFILES: &str = "profiles/";
/// The named sets that `foreach` draws on.
const SETS: &str = "sets.yaml";

/// Why there is no suite.
#[derive(Debug)]
pub(crate) enum SuiteError {
    /// A file cannot be read.
    Unreadable { path: PathBuf, error: io::Error },
    /// A register of statements is wrong.
    Register(RegistryError),
    /// Case files are wrong.
    Cases(Vec<Diagnostic>),
}

impl SuiteError {
    /// The mistakes with their places underlined, in colour if asked for.
    pub(crate) fn diagnostics(&self, color: bool) -> Option<String> {
        match self {
            Self::Cases(diagnostics) => {
                let all: Vec<String> =
                    diagnostics.iter().map(|diagnostic| diagnostic.render(color)).collect();
                Some(all.join("\n\n"))
            }
            Self::Unreadable { .. } | Self::Register(_) => None,
        }
    }
}

impl fmt::Display for SuiteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { path, error } => write!(f, "{} cannot be read: {error}", path.display()),
            Self::Register(error) => write!(f, "{error}"),
            Self::Cases(diagnostics) => f.write_str(&count_of(diagnostics.len(), "mistake", "mistakes")),
        }
    }
}

/// The registers that are built in.
pub(crate) fn registry() -> Result<Registry, SuiteError> {
    let registers = mqttspec_cases::FILES.iter().filter(|(path, _)| path.starts_with(REGISTERS));
    Registry::read(registers.copied()).map_err(SuiteError::Register)
}

/// The cases of a folder or a file, or those that are built in.
pub(crate) fn load(folder: Option<&Path>, registry: &Registry) -> Result<Suite, SuiteError> {
    let Some(folder) = folder else {
        let files: Vec<_> = mqttspec_cases::FILES
            .iter()
            .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
            .collect();
        return compile(&files, registry);
    };
    if folder.is_file() {
        return load_files(&[folder.to_owned()], registry);
    }
    compile(&read(folder)?, registry).map_err(|error| match error {
        SuiteError::Cases(mistakes) => {
            SuiteError::Cases(mistakes.into_iter().map(|mistake| mistake.below(folder)).collect())
        }
        other => other,
    })
}

/// Single files, with the sets of the folder that they lie in, else with the built-in ones.
pub(crate) fn load_files(paths: &[PathBuf], registry: &Registry) -> Result<Suite, SuiteError> {
    let own = paths.iter().flat_map(|path| path.ancestors()).map(|folder| folder.join(SETS));
    let mut files = match own.into_iter().find(|sets| sets.is_file()) {
        Some(sets) => vec![(SETS.to_owned(), read_file(&sets)?)],
        None => mqttspec_cases::FILES
            .iter()
            .filter(|(path, _)| *path == SETS)
            .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
            .collect(),
    };
    for path in paths {
        files.push((path.display().to_string(), read_file(path)?));
    }
    compile(&files, registry)
}

fn compile(files: &[(String, String)], registry: &Registry) -> Result<Suite, SuiteError> {
    let sets = files.iter().find(|(path, _)| path == SETS);
    let cases = files.iter().filter(|(path, _)| is_case_file(path));
    let borrow = |(path, text): &'_ (String, String)| (path.clone(), text.clone());
    Suite::load(cases.map(borrow), sets.map(borrow), registry).map_err(SuiteError::Cases)
}

fn is_case_file(path: &str) -> bool {
    !path.starts_with(REGISTERS) && !path.starts_with(PROFILES) && path != SETS
}

/// All YAML files of a folder, with their paths from it.
fn read(folder: &Path) -> Result<Vec<(String, String)>, SuiteError> {
    let mut files = Vec::new();
    for path in yaml_files(folder)? {
        let name = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        files.push((name, read_file(&path)?));
    }
    Ok(files)
}

/// The YAML files below a path, or the path itself if it is a file.
pub(crate) fn yaml_files(path: &Path) -> Result<Vec<PathBuf>, SuiteError> {
    let unreadable = |error| SuiteError::Unreadable { path: path.to_owned(), error };
    if !fs::metadata(path).map_err(unreadable)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(path).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?.path();
        if entry.is_dir() {
            files.extend(yaml_files(&entry)?);
        } else if entry.extension().is_some_and(|extension| extension == "yaml") {
            files.push(entry);
        }
    }
    files.sort();
    Ok(files)
}

pub(crate) fn read_file(path: &Path) -> Result<String, SuiteError> {
    fs::read_to_string(path).map_err(|error| SuiteError::Unreadable { path: path.to_owned(), error })
}

/// Whether a path of a folder of cases is a file of cases.
pub(crate) fn holds_cases(path: &Path) -> bool {
    let path = path.to_string_lossy();
    !path.contains("/statements/") && !path.contains("/profiles/") && !path.ends_with(SETS)
}

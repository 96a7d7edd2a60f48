//! The configuration file: options of `run` that need not be typed each time.
//!
//! The file's keys are the long options, so there is one description of both: what the file says becomes words of the
//! command line, unless the command line says it already.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command, CommandFactory};
use mqttspec_script::plan::{File, Place};
use mqttspec_script::{Diagnostic, Setting, SettingValue, read_settings};
use mqttspec_spec::nearest;

use crate::arguments::Arguments;
use crate::command::Failure;
use crate::suite;
use crate::under_test::mistakes;

/// The file that is taken from the working folder.
const NAME: &str = "mqttspec.yaml";

/// The subcommand that has a configuration.
const RUN: &str = "run";

/// Options that name the broker under test: of these, whoever names one on the command line names all.
const BROKERS: [&str; 3] = ["broker", "sut", "profile"];

/// Options that say more about the broker under test, and go with the one that is named beside them.
const OF_BROKER: [&str; 10] = [
    "websocket",
    "ca",
    "cert",
    "key",
    "server-name",
    "user",
    "password",
    "provides",
    "broker-version",
    "transport",
];

/// The words of the command line, with those that the configuration adds.
///
/// # Errors
/// When the configuration cannot be read, or is wrong.
pub(crate) fn complete(words: Vec<OsString>) -> Result<Vec<OsString>, Failure> {
    if words.get(1).is_none_or(|word| word != RUN) {
        return Ok(words);
    }
    // What is wrong with the command line, or asks for help, is dealt with by whoever reads it in earnest.
    let matches = Arguments::command().ignore_errors(true).try_get_matches_from(&words);
    let Some(given) = matches.as_ref().ok().and_then(|matches| matches.subcommand_matches(RUN)) else {
        return Ok(words);
    };
    let path = match given.try_get_one::<PathBuf>("config") {
        Ok(Some(path)) => path.clone(),
        _ if Path::new(NAME).is_file() => PathBuf::from(NAME),
        _ => return Ok(words),
    };
    let text = suite::read_file(&path)?;
    let added = added(&path, text, given).map_err(|diagnostics| mistakes(&diagnostics))?;
    let (start, rest) = words.split_at(2);
    Ok(start
        .iter()
        .cloned()
        .chain(added.into_iter().map(OsString::from))
        .chain(rest.iter().cloned())
        .collect())
}

/// What the file adds to what is given.
fn added(path: &Path, text: String, given: &ArgMatches) -> Result<Vec<String>, Vec<Diagnostic>> {
    let file = Arc::new(File { path: path.display().to_string(), text });
    let mut command = Arguments::command();
    command.build();
    let options = Options { file: &file, known: command.find_subcommand(RUN) };
    let mut problems = Vec::new();
    let mut added = Vec::new();
    let is_given = |name: &str| options.is_given(name, given);
    let names_broker = BROKERS.into_iter().any(is_given);
    for setting in read_settings(&file)? {
        let Some(option) = options.named(&setting.name) else {
            problems.push(options.unknown(&setting));
            continue;
        };
        match options.words(option, &setting) {
            Err(problem) => problems.push(problem),
            Ok(words) => {
                let name = setting.name.as_str();
                let is_of_other_broker =
                    names_broker && (BROKERS.contains(&name) || OF_BROKER.contains(&name));
                if !is_given(name) && !is_of_other_broker {
                    added.extend(words);
                }
            }
        }
    }
    if problems.is_empty() { Ok(added) } else { Err(problems) }
}

/// The options that a configuration can hold.
struct Options<'a> {
    file: &'a Arc<File>,
    known: Option<&'a Command>,
}

impl<'a> Options<'a> {
    fn all(&self) -> impl Iterator<Item = (&'a str, &'a Arg)> {
        let options = self.known.into_iter().flat_map(Command::get_arguments);
        options
            .filter_map(|option| Some((option.get_long()?, option)))
            .filter(|(name, _)| !matches!(*name, "help" | "config"))
    }

    fn named(&self, name: &str) -> Option<&'a Arg> {
        self.all().find(|(known, _)| *known == name).map(|(_, option)| option)
    }

    fn is_given(&self, name: &str, given: &ArgMatches) -> bool {
        self.named(name).is_some_and(|option| {
            given.value_source(option.get_id().as_str()) == Some(ValueSource::CommandLine)
        })
    }

    /// A setting as words of the command line.
    fn words(&self, option: &Arg, setting: &Setting) -> Result<Vec<String>, Diagnostic> {
        let name = &setting.name;
        let takes_none = matches!(option.get_action(), ArgAction::SetTrue | ArgAction::Count);
        let may_be_bare = option.get_num_args().is_some_and(|range| range.min_values() == 0);
        let words = match &setting.value {
            SettingValue::Flag(true) if takes_none || may_be_bare => vec![format!("--{name}")],
            SettingValue::Flag(false) if takes_none || may_be_bare => Vec::new(),
            SettingValue::Flag(_) => return Err(self.wrong_value(setting, "expected a value, got a flag")),
            SettingValue::Words(words) if matches!(option.get_action(), ArgAction::Count) => {
                let count = match words.as_slice() {
                    [word] => word.parse::<u8>().ok(),
                    _ => None,
                };
                match count {
                    Some(count) => vec![format!("--{name}"); usize::from(count)],
                    None => return Err(self.wrong_value(setting, "expected a number")),
                }
            }
            SettingValue::Words(_) if takes_none => {
                return Err(self.wrong_value(setting, "expected true or false"));
            }
            SettingValue::Words(words)
                if words.len() != 1 && !matches!(option.get_action(), ArgAction::Append) =>
            {
                return Err(self.wrong_value(setting, "expected one value, not a list"));
            }
            SettingValue::Words(words) => words.iter().map(|word| format!("--{name}={word}")).collect(),
        };
        let alone = ["mqttspec", RUN].into_iter().map(str::to_owned).chain(words.iter().cloned());
        match Arguments::command().try_get_matches_from(alone) {
            Err(error) if matches!(error.kind(), ErrorKind::InvalidValue | ErrorKind::ValueValidation) => {
                let told = error.to_string();
                let first = told.lines().next().unwrap_or_default();
                let reason = first.rsplit_once("': ").map_or(first, |(_, reason)| reason);
                Err(self.wrong_value(setting, reason))
            }
            // That it needs another option, the whole command line will show.
            _ => Ok(words),
        }
    }

    fn unknown(&self, setting: &Setting) -> Diagnostic {
        let names: BTreeSet<&str> = self.all().map(|(name, _)| name).collect();
        let advice = match nearest(&setting.name.replace('_', "-"), names.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!(
                "known are the long options of `mqttspec run`: {}",
                names.into_iter().collect::<Vec<_>>().join(", ")
            ),
        };
        Diagnostic {
            advice: Some(advice),
            ..self.problem(setting.name_place, format!("unknown key `{}`", setting.name), "not known here")
        }
    }

    fn wrong_value(&self, setting: &Setting, label: &str) -> Diagnostic {
        self.problem(setting.value_place, format!("this is no value for `{}`", setting.name), label)
    }

    fn problem(&self, place: Place, message: String, label: &str) -> Diagnostic {
        Diagnostic { file: Arc::clone(self.file), place, message, label: label.to_owned(), advice: None }
    }
}

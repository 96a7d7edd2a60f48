//! The options that choose cases.

use std::path::{Path, PathBuf};

use clap::Args;
use mqttspec_codec::Version;
use mqttspec_reports::json;
use mqttspec_spec::{EarlierRun, Filter, Shard, record};

use crate::command::Failure;

#[derive(Debug, Default, Args)]
pub(crate) struct SelectionArguments {
    /// Cases: an id or a pattern (connect/*), a section (3.1.2), a statement (MQTT-3.1.0-2), or a tag: tag:resource has
    /// the cases that cost a broker memory, time or connections, others are what case files call them. A case is
    /// chosen if any of the words chooses it; all cases if there are none.
    #[arg(value_name = "SELECTION")]
    pub(crate) selection: Vec<String>,
    /// Choose cases by an expression, such as `id(connect/*) and not tag(resource)`; docs/selection.md tells all. Given
    /// several times, any of them; beside words, both have to choose a case.
    #[arg(short = 'E', long, value_name = "EXPRESSION")]
    pub(crate) filter: Vec<String>,
    /// Only the cases of one version.
    #[arg(long, value_name = "3.1.1|5.0")]
    pub(crate) version: Option<Version>,
    /// Only one part of the cases, for machines that share the work: the second of eight is 2/8.
    #[arg(long, value_name = "NUMBER/COUNT")]
    pub(crate) shard: Option<Shard>,
    /// The record (JSON) of an earlier run, whose verdicts `verdict(..)` in --filter asks for.
    #[arg(long, value_name = "FILE")]
    pub(crate) earlier: Option<PathBuf>,
    /// Only the cases that failed, were inconclusive or flaky in an earlier run: its record (JSON).
    #[arg(long, value_name = "FILE", conflicts_with = "earlier")]
    pub(crate) rerun_failed: Option<PathBuf>,
}

/// What the options come to.
#[derive(Debug, Default)]
pub(crate) struct Selection {
    pub(crate) words: Vec<Filter>,
    pub(crate) filters: Vec<Filter>,
    pub(crate) version: Option<Version>,
    pub(crate) shard: Option<Shard>,
    pub(crate) earlier: Option<EarlierRun>,
    pub(crate) only_failed: bool,
}

impl SelectionArguments {
    /// Reads expressions and files.
    ///
    /// # Errors
    /// When one is wrong.
    pub(crate) fn read(&self) -> Result<Selection, Failure> {
        let earlier = self.rerun_failed.as_ref().or(self.earlier.as_ref());
        let filters = |texts: &[String], read: fn(&str) -> Result<Filter, mqttspec_spec::FilterError>| {
            texts
                .iter()
                .map(|text| {
                    let filter = read(text)?;
                    if earlier.is_none() {
                        filter.without_verdicts("--earlier FILE names the record of one")?;
                    }
                    Ok(filter)
                })
                .collect::<Result<Vec<Filter>, _>>()
                .map_err(|error: mqttspec_spec::FilterError| Failure::usage(error.to_string()))
        };
        Ok(Selection {
            words: filters(&self.selection, Filter::word)?,
            filters: filters(&self.filter, Filter::parse)?,
            version: self.version,
            shard: self.shard,
            earlier: match earlier {
                Some(path) => Some(EarlierRun::of(&read_record(path)?)),
                None => None,
            },
            only_failed: self.rerun_failed.is_some(),
        })
    }
}

/// Reads the record of a run.
pub(crate) fn read_record(path: &Path) -> Result<record::Run, Failure> {
    let wrong = |error: &dyn std::fmt::Display| Failure::usage(format!("{}: {error}", path.display()));
    let file = std::fs::File::open(path).map_err(|error| wrong(&error))?;
    json::read(std::io::BufReader::new(file)).map_err(|error| wrong(&error))
}

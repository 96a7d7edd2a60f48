//! The findings of a campaign, each with the case that it is written as.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use mqttspec_codec::Version;
use mqttspec_fuzzer::{Finding, Form, Replays, case};
use mqttspec_script::Suite;
use mqttspec_spec::Registry;

use super::super::{Failure, colored};
use super::finding_file::{Origin, make_folder, write_file};
use crate::arguments::FuzzArguments;
use crate::suite;

/// A finding, and what its case is worth.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) finding: Finding,
    /// Its name among the findings of the campaign.
    pub(super) name: String,
    pub(super) standing: Standing,
}

/// What the case of a finding is worth.
#[derive(Clone, Debug)]
pub(super) enum Standing {
    /// It was not run yet.
    NotRun(Form),
    /// It was run so often, and failed so often by what the finding is about.
    Run(Form, Replays),
    /// It fails where nothing is wrong as well, so that it says nothing.
    Unfair(Form),
    /// What it shows is seen from outside only.
    Outside,
    /// The part of the campaign before has found it as well, in no more steps, and its case has failed: this is the text.
    Before(String),
    /// The linter takes no case of it, for this reason.
    NoCase(String),
}

impl Kept {
    /// Whether `mqttspec run` can show it, and does, or cannot and need not.
    pub(super) fn is_confirmed(&self) -> bool {
        match &self.standing {
            Standing::Outside | Standing::Before(_) => true,
            Standing::Run(_, replays) => replays.shown > 0,
            Standing::NotRun(_) | Standing::Unfair(_) | Standing::NoCase(_) => false,
        }
    }

    /// What came of running its case, in words.
    pub(super) fn words(&self) -> String {
        match &self.standing {
            Standing::NotRun(_) => "its case was not run".to_owned(),
            Standing::Run(_, Replays { shown: 0, played }) => {
                format!("not reproduced: its case did not fail in {played} runs")
            }
            Standing::Run(_, Replays { shown, played }) => {
                format!("its case fails in {shown} of {played} runs")
            }
            Standing::Unfair(_) => "not reproduced: its case fails on the reference broker too".to_owned(),
            Standing::Before(_) => "known before".to_owned(),
            Standing::Outside => "no case can show it, only `mqttspec fuzz replay`".to_owned(),
            Standing::NoCase(_) => "not reproduced: there is no case of it".to_owned(),
        }
    }
}

/// All findings of a campaign.
pub(super) struct Findings<'a> {
    arguments: &'a FuzzArguments,
    registry: Arc<Registry>,
    pub(super) all: Vec<Kept>,
    /// What the part of the campaign before has left in the folder, by name.
    before: BTreeMap<String, Origin>,
}

impl<'a> Findings<'a> {
    pub(super) fn new(arguments: &'a FuzzArguments, registry: Arc<Registry>) -> Result<Self, Failure> {
        let mut before = BTreeMap::new();
        if let Some(folder) = arguments.findings.as_ref().filter(|folder| arguments.resume && folder.is_dir())
        {
            for path in suite::yaml_files(folder).map_err(Failure::from)? {
                let text = suite::read_file(&path).map_err(Failure::from)?;
                let name = path.file_stem().map(|name| name.to_string_lossy().into_owned());
                before.insert(name.unwrap_or_default(), Origin::read(&path, &text)?);
            }
        }
        Ok(Self { arguments, registry, all: Vec::new(), before })
    }

    /// How many findings the folder has, if there were some before.
    pub(super) fn in_all(&self) -> Option<usize> {
        let names = self.before.keys().chain(self.all.iter().map(|kept| &kept.name));
        (!self.before.is_empty()).then(|| names.collect::<BTreeSet<_>>().len())
    }

    pub(super) const fn registry(&self) -> &Arc<Registry> {
        &self.registry
    }

    /// Keeps a finding, and writes it into the folder that was given, if one was.
    pub(super) fn add(&mut self, finding: &Finding) -> Result<(), Failure> {
        let signature = finding.breach.signature();
        let is_free = |name: &String| {
            self.all.iter().all(|kept| kept.name != *name)
                && self.before.get(name).is_none_or(|before| before.signature == signature)
        };
        let name = finding.name();
        let others = (2..).map(|number| format!("{name}-{number}"));
        let name = std::iter::once(name.clone()).chain(others).find(is_free).unwrap_or_default();
        let mut finding = finding.clone();
        finding.count += self.before.get(&name).map_or(0, |before| before.count);
        let before = self.before.get(&name).filter(|before| {
            before.fails().is_none_or(|runs| runs.shown > 0) && before.steps <= finding.session.steps.len()
        });
        let mut kept = Kept { finding, name, standing: Standing::Outside };
        if let (Some(before), Some(path)) = (before, self.path(&kept)) {
            let text = suite::read_file(&path).map_err(Failure::from)?;
            let origin = Origin { count: kept.finding.count, ..before.clone() };
            kept.standing = Standing::Before(origin.put_into(&text)?);
        } else if kept.finding.fits_a_case() {
            let mut standing = None;
            for form in Form::ALL {
                match self.check(&kept, form) {
                    Ok(_) => {
                        standing = Some(Standing::NotRun(form));
                        break;
                    }
                    Err(why) => standing = standing.or(Some(Standing::NoCase(why))),
                }
            }
            kept.standing = standing.unwrap_or(Standing::Outside);
        }
        self.write(&kept)?;
        self.all.push(kept);
        Ok(())
    }

    /// The case of a finding, as the linter takes it; or why it does not.
    pub(super) fn check(&self, kept: &Kept, form: Form) -> Result<Suite, String> {
        let text = case(&kept.finding, form, "");
        Suite::load([(format!("{}.yaml", kept.name), text)], None, &self.registry).map_err(|mistakes| {
            let all: Vec<String> = mistakes.iter().map(|mistake| mistake.render(colored())).collect();
            all.join("\n")
        })
    }

    /// The file of a finding, if a folder was given.
    pub(super) fn path(&self, kept: &Kept) -> Option<PathBuf> {
        Some(self.arguments.findings.as_ref()?.join(format!("{}.yaml", kept.name)))
    }

    /// Writes a finding as it stands.
    pub(super) fn write(&self, kept: &Kept) -> Result<(), Failure> {
        let (Some(folder), Some(path)) = (&self.arguments.findings, self.path(kept)) else { return Ok(()) };
        make_folder(folder)?;
        if let Standing::Before(text) = &kept.standing {
            return write_file(&path, text);
        }
        let finding = &kept.finding;
        let mut chosen = self.arguments.under_test.words();
        for broken in &self.arguments.without {
            chosen.push_str(&format!(" --without '{broken}'"));
        }
        let run = match self.arguments.without.as_slice() {
            [] if !matches!(kept.standing, Standing::Outside) => {
                format!("mqttspec run{chosen} --cases {}\n", path.display())
            }
            // The broken reference broker is there for campaigns only, and what is seen from outside no case shows.
            _ => String::new(),
        };
        let number = finding.origin.last().copied().unwrap_or_default();
        let version =
            self.arguments.version.map(|version| format!(" --version {version}")).unwrap_or_default();
        let head = format!(
            "mqttspec fuzz{chosen}{version} --seed {} --only {number}\nmqttspec fuzz replay{chosen} {}\n\
             {run}seen in {} of {} replays; {}\n{}",
            self.arguments.seed,
            path.display(),
            finding.replays.shown,
            finding.replays.played,
            kept.words(),
            self.origin(kept).words()?
        );
        let text = match &kept.standing {
            Standing::NotRun(form) | Standing::Run(form, _) | Standing::Unfair(form) => {
                case(finding, *form, &head)
            }
            Standing::Outside | Standing::Before(_) => case(finding, Form::Stepwise, &head),
            Standing::NoCase(why) => {
                let all = format!("{head}\n{why}\n{}", case(finding, Form::AtOnce, ""));
                all.lines().map(|line| format!("# {line}\n")).collect()
            }
        };
        write_file(&path, &text)?;
        if finding.log.is_empty() {
            return Ok(());
        }
        write_file(&path.with_extension("log"), &(finding.log.join("\n") + "\n"))
    }

    fn origin(&self, kept: &Kept) -> Origin {
        let arguments = self.arguments;
        let versions = arguments.version.map_or_else(|| Version::ALL.to_vec(), |version| vec![version]);
        let finding = &kept.finding;
        Origin {
            signature: finding.breach.signature(),
            seed: arguments.seed,
            versions: versions.iter().map(ToString::to_string).collect(),
            sessions: finding.origin.clone(),
            reductions: finding.reductions.clone(),
            count: finding.count,
            steps: finding.session.steps.len(),
            case: match &kept.standing {
                Standing::Run(_, replays) => Some((replays.shown, replays.played)),
                Standing::NoCase(_) | Standing::Unfair(_) => Some((0, 0)),
                Standing::NotRun(_) | Standing::Outside | Standing::Before(_) => None,
            },
        }
    }
}

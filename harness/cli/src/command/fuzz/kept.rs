//! The findings of a campaign, each with the case that it is written as.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use mqttspec_codec::Version;
use mqttspec_fuzzer::{Finding, Form, Replays, case};
use mqttspec_script::Suite;
use mqttspec_spec::Registry;

use super::super::{Failure, colored};
use super::finding_file::{Origin, make_folder, write_file};
use crate::arguments::FuzzArguments;

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
    /// The linter takes no case of it, for this reason.
    NoCase(String),
}

impl Kept {
    /// Whether `mqttspec run` can show it, and does, or cannot and need not.
    pub(super) fn is_confirmed(&self) -> bool {
        match &self.standing {
            Standing::Outside => true,
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
}

impl<'a> Findings<'a> {
    pub(super) const fn new(arguments: &'a FuzzArguments, registry: Arc<Registry>) -> Self {
        Self { arguments, registry, all: Vec::new() }
    }

    pub(super) const fn registry(&self) -> &Arc<Registry> {
        &self.registry
    }

    /// Keeps a finding, and writes it into the folder that was given, if one was.
    pub(super) fn add(&mut self, finding: &Finding) -> Result<(), Failure> {
        let names: BTreeSet<&str> = self.all.iter().map(|kept| kept.name.as_str()).collect();
        let name = finding.name();
        let others = (2..).map(|number| format!("{name}-{number}"));
        let name = std::iter::once(name.clone()).chain(others).find(|name| !names.contains(name.as_str()));
        let mut kept =
            Kept { finding: finding.clone(), name: name.unwrap_or_default(), standing: Standing::Outside };
        if finding.fits_a_case() {
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
        let finding = &kept.finding;
        let chosen = self.arguments.under_test.words();
        let number = finding.origin.last().copied().unwrap_or_default();
        let version =
            self.arguments.version.map(|version| format!(" --version {version}")).unwrap_or_default();
        let head = format!(
            "mqttspec fuzz{chosen}{version} --seed {} --only {number}\nmqttspec fuzz replay{chosen} {}\n\
             mqttspec run{chosen} --cases {}\nseen in {} of {} replays; {}\n{}",
            self.arguments.seed,
            path.display(),
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
            Standing::Outside => case(finding, Form::Stepwise, &head),
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
                Standing::NotRun(_) | Standing::Outside => None,
            },
        }
    }
}

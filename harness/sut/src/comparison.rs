//! What a profile declares beside what was found out.

use std::collections::BTreeSet;
use std::fmt;

use mqttspec_codec::Version;
use mqttspec_engine::{Answer, Finding, Kind, Survey};
use mqttspec_script::profile::{Declared, Profile};

/// What a profile declares about one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The broker has it.
    Supports,
    /// It does not.
    Lacks,
    /// Up to here, and no further.
    Limit(u32),
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Supports => f.write_str("yes"),
            Self::Lacks => f.write_str("no"),
            Self::Limit(value) => write!(f, "{value}"),
        }
    }
}

/// One thing: what is declared about it, and what was found in each version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Of which kind it is.
    pub kind: Kind,
    /// The word for it.
    pub name: &'static str,
    /// What the profile declares.
    pub claim: Option<Claim>,
    /// What was found, by version; nothing where it was not looked for.
    pub found: Vec<(Version, Finding)>,
}

impl Row {
    /// The versions in which the broker is not as declared.
    pub fn contradictions(&self) -> impl Iterator<Item = &(Version, Finding)> {
        self.found
            .iter()
            .filter(|(_, finding)| self.claim.is_some_and(|claim| contradicts(finding.answer, claim)))
    }
}

/// The versions that a profile says something about; none if it leaves them open.
#[must_use]
pub fn declared_versions(profile: &Profile) -> BTreeSet<Version> {
    let versions: BTreeSet<Version> =
        profile.listeners.iter().flat_map(|listener| listener.versions.iter().copied()).collect();
    // A profile that starts nothing need not speak of listeners, and then has one for both versions.
    let is_open = profile.start.is_none() && versions.len() == Version::ALL.len();
    if is_open { BTreeSet::new() } else { versions }
}

/// Sets what is declared beside what was found. What is declared and was not looked for has a row too.
#[must_use]
pub fn compare(declared: &Declared, surveys: &[Survey]) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for survey in surveys {
        for finding in &survey.findings {
            let found = (survey.version, finding.clone());
            match rows.iter_mut().find(|row| row.name == finding.name) {
                Some(row) => row.found.push(found),
                None => rows.push(Row {
                    kind: finding.kind,
                    name: finding.name,
                    claim: claim(declared, finding.name),
                    found: vec![found],
                }),
            }
        }
    }
    let all = declared.supports.iter().map(|name| (*name, Claim::Supports));
    for (name, claim) in all.chain(declared.lacks.iter().map(|name| (*name, Claim::Lacks))) {
        let is_there = |row: &Row| row.name == name || negated(name) == Some(row.name);
        if !rows.iter().any(is_there) {
            rows.push(Row { kind: Kind::Capability, name, claim: Some(claim), found: Vec::new() });
        }
    }
    rows.sort_by_key(|row| row.kind);
    rows
}

fn claim(declared: &Declared, name: &str) -> Option<Claim> {
    let is_in = |list: &[&'static str]| list.contains(&name);
    let is_negated_in = |list: &[&'static str]| list.iter().any(|word| negated(word) == Some(name));
    if is_in(&declared.supports) || is_negated_in(&declared.lacks) {
        return Some(Claim::Supports);
    }
    if is_in(&declared.lacks) || is_negated_in(&declared.supports) {
        return Some(Claim::Lacks);
    }
    declared.limits.iter().find(|(limit, _)| limit == name).map(|(_, value)| Claim::Limit(*value))
}

/// The word that a word such as `no-retain` denies.
fn negated(word: &str) -> Option<&str> {
    word.strip_prefix("no-")
}

const fn contradicts(answer: Answer, claim: Claim) -> bool {
    match (answer, claim) {
        (Answer::Unknown, _) => false,
        (Answer::No, claim) => !matches!(claim, Claim::Lacks),
        (_, Claim::Lacks) => true,
        (_, Claim::Supports) => false,
        (Answer::Limit(found), Claim::Limit(declared)) => found != declared,
        (Answer::AtLeast(found), Claim::Limit(declared)) => declared < found,
        (Answer::Yes, Claim::Limit(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use mqttspec_codec::Version;
    use mqttspec_engine::{Answer, Finding, Kind, Survey};
    use mqttspec_script::profile::Declared;

    use super::{Claim, Row, compare, contradicts};

    #[test]
    fn what_is_declared_is_contradicted_by_positive_evidence_only() {
        for (answer, claim, expected) in [
            (Answer::Yes, Claim::Supports, false),
            (Answer::Yes, Claim::Lacks, true),
            (Answer::No, Claim::Supports, true),
            (Answer::No, Claim::Lacks, false),
            (Answer::No, Claim::Limit(5), true),
            (Answer::Limit(5), Claim::Limit(5), false),
            (Answer::Limit(5), Claim::Limit(6), true),
            (Answer::AtLeast(5), Claim::Limit(6), false),
            (Answer::AtLeast(5), Claim::Limit(4), true),
            (Answer::Unknown, Claim::Limit(5), false),
            (Answer::Unknown, Claim::Lacks, false),
        ] {
            assert_eq!(contradicts(answer, claim), expected, "{answer:?} {claim:?}");
        }
    }

    #[test]
    fn words_and_their_denials_meet() {
        let finding = |name, answer| Finding { kind: Kind::Capability, name, answer, evidence: None };
        let survey = Survey {
            version: Version::V5_0,
            findings: vec![finding("retain", Answer::Yes), finding("wildcard", Answer::No)],
        };
        let declared = Declared {
            supports: vec!["no-retain", "dollar-topics"],
            lacks: vec!["no-wildcard"],
            limits: Vec::new(),
        };
        let rows = compare(&declared, &[survey]);
        let shown: Vec<_> =
            rows.iter().map(|row: &Row| (row.name, row.claim, row.contradictions().count())).collect();
        assert_eq!(
            shown,
            [
                ("retain", Some(Claim::Lacks), 1),
                ("wildcard", Some(Claim::Supports), 1),
                ("dollar-topics", Some(Claim::Supports), 0),
            ]
        );
    }
}

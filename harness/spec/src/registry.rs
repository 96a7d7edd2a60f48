//! The register of statements: what each rule demands, whom it binds, and whether a client can see it
//! broken. The text files stand in `cases/statements`.

use std::collections::BTreeMap;
use std::fmt;

use mqttspec_codec::{Citation, StatementId, Version};
use serde::Deserialize;

/// How strong a rule is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// A freedom.
    May,
    /// A recommendation.
    Should,
    /// Normative prose without a keyword.
    Norm,
    /// A demand.
    Must,
}

impl Level {
    /// Whether breaking the rule makes a broker non-conforming.
    #[must_use]
    pub const fn is_binding(self) -> bool {
        matches!(self, Self::Must | Self::Norm)
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::May => "MAY",
            Self::Should => "SHOULD",
            Self::Norm => "normative",
            Self::Must => "MUST",
        })
    }
}

/// Whom a rule binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Binds {
    /// The Server.
    Server,
    /// The Client.
    Client,
    /// Client and Server alike.
    Both,
}

impl fmt::Display for Binds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Server => "server",
            Self::Client => "client",
            Self::Both => "client and server",
        })
    }
}

/// Whether a client at the wire can see a broker break a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Observable {
    /// In full.
    Yes,
    /// Only some breaches, or only on some brokers.
    Partly,
    /// Not at all.
    No,
    /// The rule binds clients, and no broker has to react when one breaks it.
    ClientOnly,
}

impl Observable {
    /// Whether the suite owes the rule a case.
    #[must_use]
    pub const fn is_testable(self) -> bool {
        matches!(self, Self::Yes | Self::Partly)
    }
}

/// One independently breakable part of a statement that bundles several rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    /// The id with the letter.
    pub id: StatementId,
    /// What it demands, in our words.
    pub summary: String,
}

/// One rule of one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Version and id.
    pub citation: Citation,
    /// The section that holds it.
    pub section: String,
    /// Whom it binds.
    pub binds: Binds,
    /// How strong it is.
    pub level: Level,
    /// What it demands, in our words.
    pub summary: String,
    /// Its parts, when it bundles several rules.
    pub clauses: Vec<Clause>,
    /// Whether a client can see it broken.
    pub observable: Observable,
    /// Why not in full, when not in full.
    pub reason: Option<String>,
    /// The capabilities that a broker must have to be tested for it.
    pub needs: Vec<String>,
    /// The closest rules of the other version.
    pub counterpart: Vec<StatementId>,
    /// How OASIS prints the id, when otherwise.
    pub printed: Option<String>,
    /// What else a reader should know.
    pub note: Option<String>,
}

/// All rules of both versions.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    statements: BTreeMap<Citation, Statement>,
}

/// A statement file that cannot be read.
#[derive(Debug)]
pub struct RegistryError {
    /// The file's name.
    pub file: String,
    /// What is wrong, with line and column where known.
    pub message: String,
}

impl fmt::Display for RegistryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file, self.message)
    }
}

impl std::error::Error for RegistryError {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileText {
    version: String,
    statements: Vec<StatementText>,
    unnumbered: Vec<StatementText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StatementText {
    id: String,
    section: String,
    binds: Binds,
    level: Level,
    #[serde(default)]
    #[expect(dead_code, reason = "read by people only: the packet that an error condition concerns")]
    packet: Option<String>,
    summary: String,
    #[serde(default)]
    clauses: BTreeMap<char, String>,
    observable: Observable,
    reason: Option<String>,
    #[serde(default)]
    needs: Vec<String>,
    #[serde(default)]
    counterpart: Vec<String>,
    printed: Option<String>,
    note: Option<String>,
    #[serde(default)]
    #[expect(dead_code, reason = "read by people only: the codes that the text gives")]
    reason_codes: Vec<String>,
    #[serde(default)]
    #[expect(dead_code, reason = "read by people only: the codes that are honest as well")]
    tolerate: Vec<String>,
}

impl Registry {
    /// Reads statement files, each given by name and text.
    ///
    /// # Errors
    /// When a file is no YAML of the expected form, or names an id twice.
    pub fn read<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, RegistryError> {
        let mut registry = Self::default();
        for (file, text) in files {
            registry.read_file(text).map_err(|message| RegistryError { file: file.to_owned(), message })?;
        }
        Ok(registry)
    }

    fn read_file(&mut self, text: &str) -> Result<(), String> {
        let file: FileText = serde_yaml::from_str(text).map_err(|error| error.to_string())?;
        let version: Version = file.version.parse().map_err(|error| format!("{error}"))?;
        for entry in file.statements.into_iter().chain(file.unnumbered) {
            let statement = entry.into_statement(version)?;
            let citation = statement.citation;
            if self.statements.insert(citation, statement).is_some() {
                return Err(format!("{citation} stands here twice"));
            }
        }
        Ok(())
    }

    /// The rule with this id in this version; a clause gives its statement.
    #[must_use]
    pub fn get(&self, citation: Citation) -> Option<&Statement> {
        self.statements.get(&Citation { version: citation.version, id: citation.id.statement() })
    }

    /// Whether the version has the rule as a demand.
    #[must_use]
    pub fn is_must(&self, citation: Citation) -> bool {
        self.get(citation).is_some_and(|statement| statement.level == Level::Must)
    }

    /// Whether the version has the rule as a recommendation.
    #[must_use]
    pub fn is_should(&self, citation: Citation) -> bool {
        self.get(citation).is_some_and(|statement| statement.level == Level::Should)
    }

    /// Whether the version has the rule, and, for a clause, the statement has the clause.
    #[must_use]
    pub fn contains(&self, citation: Citation) -> bool {
        self.get(citation).is_some_and(|statement| match citation.id.clause() {
            None => true,
            Some(_) => statement.clauses.iter().any(|clause| clause.id == citation.id),
        })
    }

    /// All rules, ordered by version and id.
    pub fn iter(&self) -> impl Iterator<Item = &Statement> {
        self.statements.values()
    }
}

impl StatementText {
    fn into_statement(self, version: Version) -> Result<Statement, String> {
        let parse = |text: &str| text.parse::<StatementId>().map_err(|error| error.to_string());
        let id = parse(&self.id)?;
        if !self.observable.is_testable() && self.reason.is_none() {
            return Err(format!("{id} has no `reason` why it cannot be observed"));
        }
        Ok(Statement {
            citation: Citation { version, id },
            section: self.section,
            binds: self.binds,
            level: self.level,
            summary: self.summary,
            clauses: self
                .clauses
                .into_iter()
                .map(|(letter, summary)| Clause { id: id.with_clause(letter), summary })
                .collect(),
            observable: self.observable,
            reason: self.reason,
            needs: self.needs,
            counterpart: self.counterpart.iter().map(|text| parse(text)).collect::<Result<_, _>>()?,
            printed: self.printed,
            note: self.note,
        })
    }
}

//! The switches: which statements of the specification a broker keeps to.
//!
//! Each module declares the rules it applies in one `rules!` block at its top. A rule names the statements
//! that demand it, per version, because 54 ids mean different things in the two. Turning off any one of
//! those statements breaks the rule.

use std::collections::BTreeSet;

use mqttspec_codec::{Citation, StatementId, Version};

use crate::faults::Fault;

/// One behaviour of the broker, and the statements that demand it.
#[derive(Debug)]
pub struct Rule {
    v3_1_1: &'static [StatementId],
    v5_0: &'static [StatementId],
    summary: &'static str,
    file: &'static str,
}

impl Rule {
    pub(crate) const fn new(
        v3_1_1: &'static [StatementId],
        v5_0: &'static [StatementId],
        summary: &'static str,
        file: &'static str,
    ) -> Self {
        Self { v3_1_1, v5_0, summary, file }
    }

    /// The statements of one version that demand the behaviour; none if that version leaves it free.
    #[must_use]
    pub const fn statements(&self, version: Version) -> &'static [StatementId] {
        match version {
            Version::V3_1_1 => self.v3_1_1,
            Version::V5_0 => self.v5_0,
        }
    }

    /// The behaviour, in our own words.
    #[must_use]
    pub fn summary(&self) -> &'static str {
        self.summary.trim()
    }

    /// The source file that applies the rule.
    #[must_use]
    pub const fn file(&self) -> &'static str {
        self.file
    }

    /// All rules that the broker applies itself, in the order of its modules. What the codec judges for it
    /// stands in [`mqttspec_codec::Rule::all`].
    pub fn all() -> impl Iterator<Item = &'static Self> {
        crate::RULE_MODULES.iter().flat_map(|rules| rules.iter())
    }

    /// The statements of both versions.
    pub fn citations(&self) -> impl Iterator<Item = Citation> {
        Version::ALL
            .into_iter()
            .flat_map(|version| self.statements(version).iter().map(move |&id| Citation { version, id }))
    }
}

/// Declares the rules of a module: a constant for each, and `RULES` with all of them.
macro_rules! rules {
    ($($(#[doc = $doc:literal])+ $name:ident: [$($old:literal),*], [$($new:literal),*];)*) => {
        $(
            $(#[doc = $doc])+
            pub(crate) const $name: $crate::rules::Rule = $crate::rules::Rule::new(
                &[$(mqttspec_codec::statement!($old)),*],
                &[$(mqttspec_codec::statement!($new)),*],
                concat!($($doc),+),
                file!(),
            );
        )*
        /// The rules that this module applies.
        pub(crate) static RULES: &[$crate::rules::Rule] = &[$($name),*];
    };
}
pub(crate) use rules;

/// The statements that a broker breaks on purpose; all others it keeps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    off: BTreeSet<Citation>,
    fault: Option<Fault>,
}

impl Rules {
    /// Keeps to every statement.
    #[must_use]
    pub fn all() -> Self {
        Self::default()
    }

    /// Breaks the given statements. The id of a statement with clauses stands for all of them.
    #[must_use]
    pub fn without(statements: impl IntoIterator<Item = Citation>) -> Self {
        Self { off: statements.into_iter().collect(), fault: None }
    }

    /// Keeps to every statement but for what a fault breaks.
    #[must_use]
    pub fn with_fault(fault: Fault) -> Self {
        Self { fault: Some(fault), ..Self::default() }
    }

    /// Whether the broker goes wrong in this way.
    pub(crate) fn has(&self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }

    /// Whether the broker keeps to a statement or clause.
    #[must_use]
    pub fn keeps(&self, version: Version, id: StatementId) -> bool {
        !self.off.contains(&Citation { version, id })
            && !self.off.contains(&Citation { version, id: id.statement() })
    }

    /// Whether the broker keeps to every statement of this version that demands the rule.
    pub(crate) fn enforce(&self, version: Version, rule: &Rule) -> bool {
        self.off.is_empty() || rule.statements(version).iter().all(|&id| self.keeps(version, id))
    }
}

/// Every statement and clause that has a switch, in order and without repetition.
pub fn switches() -> impl Iterator<Item = Citation> {
    let mut switches = crate::decoding::switches();
    switches.extend(Rule::all().flat_map(Rule::citations));
    // The codec cites a statement with clauses as a whole where only packets of a Server can break it.
    let with_clauses: BTreeSet<_> = switches
        .iter()
        .filter(|switch| switch.id.clause().is_some())
        .map(|switch| Citation { id: switch.id.statement(), ..*switch })
        .collect();
    switches.into_iter().filter(move |switch| !with_clauses.contains(switch))
}

//! Collects what an operator makes.

use super::base::Base;
use super::expectation::Breach;
use super::{Edit, Expectation, Mutant, Operator, Verdict};
use crate::Version;
use crate::model::{PacketType, ReasonCode};

/// The mutants of one packet by one operator.
pub(super) struct Mutants {
    operator: &'static Operator,
    version: Version,
    packet_type: PacketType,
    list: Vec<Mutant>,
}

impl Mutants {
    pub(super) fn new(operator: &'static Operator, base: &Base<'_>) -> Self {
        Self { operator, version: base.version, packet_type: base.packet_type(), list: Vec::new() }
    }

    pub(super) fn into_list(self) -> Vec<Mutant> {
        self.list
    }

    /// A mutant that ends the connection, where the version has the rule.
    pub(super) fn close(&mut self, target: impl AsRef<str>, edits: Vec<Edit>, breach: &Breach) {
        self.broken(Verdict::MustClose, target.as_ref(), edits, breach, &[], &[]);
    }

    /// The same, where other codes name the error as well.
    pub(super) fn close_with(
        &mut self,
        target: impl AsRef<str>,
        edits: Vec<Edit>,
        breach: &Breach,
        codes: &[ReasonCode],
    ) {
        self.broken(Verdict::MustClose, target.as_ref(), edits, breach, codes, &[]);
    }

    /// The same, where 3.1.1 has a return code for the error.
    pub(super) fn refuse_client(
        &mut self,
        target: impl AsRef<str>,
        edits: Vec<Edit>,
        breach: &Breach,
        return_code: ReasonCode,
    ) {
        self.broken(Verdict::MustClose, target.as_ref(), edits, breach, &[], &[return_code]);
    }

    /// A mutant that ends the connection or is answered by a refusal.
    pub(super) fn refuse(&mut self, target: impl AsRef<str>, edits: Vec<Edit>, breach: &Breach) {
        self.broken(Verdict::MustRefuse, target.as_ref(), edits, breach, &[], &[]);
    }

    /// A mutant that is as good as the packet.
    pub(super) fn accept(&mut self, target: impl AsRef<str>, edits: Vec<Edit>) {
        self.accept_where(target, edits, &[]);
    }

    /// The same, on a Server that has these capabilities.
    pub(super) fn accept_where(&mut self, target: impl AsRef<str>, edits: Vec<Edit>, needs: &[&'static str]) {
        let expectation = Expectation { needs: needs.to_vec(), ..blank(Verdict::MustAccept) };
        self.add(target.as_ref(), edits, expectation);
    }

    /// A mutant that may be refused or taken.
    pub(super) fn either(&mut self, target: impl AsRef<str>, edits: Vec<Edit>) {
        self.add(target.as_ref(), edits, blank(Verdict::Either));
    }

    fn broken(
        &mut self,
        verdict: Verdict,
        target: &str,
        edits: Vec<Edit>,
        breach: &Breach,
        codes: &[ReasonCode],
        return_codes: &[ReasonCode],
    ) {
        let Some(statements) = breach.statements(self.version, self.packet_type) else { return };
        let (reason_codes, return_codes) = match self.version {
            Version::V3_1_1 => (Vec::new(), return_codes.to_vec()),
            Version::V5_0 => ([&[breach.code], codes].concat(), Vec::new()),
        };
        self.add(target, edits, Expectation { statements, reason_codes, return_codes, ..blank(verdict) });
    }

    fn add(&mut self, target: &str, edits: Vec<Edit>, expectation: Expectation) {
        // A label may stand in the id of a case, where brackets have a meaning.
        let target = target.replace('[', ".").replace(']', "");
        self.list.push(Mutant { operator: self.operator, target, edits, expectation });
    }
}

const fn blank(verdict: Verdict) -> Expectation {
    Expectation {
        verdict,
        statements: Vec::new(),
        reason_codes: Vec::new(),
        return_codes: Vec::new(),
        needs: Vec::new(),
    }
}

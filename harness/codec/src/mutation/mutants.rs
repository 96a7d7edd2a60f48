//! Collects what an operator makes.

use std::fmt::Display;

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
    /// The number of the only one that is wanted.
    wanted: Option<usize>,
    count: usize,
    list: Vec<Mutant>,
}

impl Mutants {
    /// Collects all, or the one with a number. What is not wanted is counted and never made.
    pub(super) fn new(operator: &'static Operator, base: &Base<'_>, wanted: Option<usize>) -> Self {
        let (version, packet_type) = (base.version, base.packet_type());
        Self { operator, version, packet_type, wanted, count: 0, list: Vec::new() }
    }

    /// How many there are, wanted or not.
    pub(super) const fn count(&self) -> usize {
        self.count
    }

    pub(super) fn into_list(self) -> Vec<Mutant> {
        self.list
    }

    /// A mutant that ends the connection, where the version has the rule.
    pub(super) fn close(&mut self, target: impl Display, edits: impl FnOnce() -> Vec<Edit>, breach: &Breach) {
        self.broken(Verdict::MustClose, &target, edits, breach, &[], &[]);
    }

    /// The same, where other codes name the error as well.
    pub(super) fn close_with(
        &mut self,
        target: impl Display,
        edits: impl FnOnce() -> Vec<Edit>,
        breach: &Breach,
        codes: &[ReasonCode],
    ) {
        self.broken(Verdict::MustClose, &target, edits, breach, codes, &[]);
    }

    /// The same, where 3.1.1 has a return code for the error.
    pub(super) fn refuse_client(
        &mut self,
        target: impl Display,
        edits: impl FnOnce() -> Vec<Edit>,
        breach: &Breach,
        return_code: ReasonCode,
    ) {
        self.broken(Verdict::MustClose, &target, edits, breach, &[], &[return_code]);
    }

    /// A mutant that ends the connection or is answered by a refusal.
    pub(super) fn refuse(
        &mut self,
        target: impl Display,
        edits: impl FnOnce() -> Vec<Edit>,
        breach: &Breach,
    ) {
        self.broken(Verdict::MustRefuse, &target, edits, breach, &[], &[]);
    }

    /// A mutant that is as good as the packet.
    pub(super) fn accept(&mut self, target: impl Display, edits: impl FnOnce() -> Vec<Edit>) {
        self.accept_where(target, edits, &[]);
    }

    /// The same, on a Server that has these capabilities.
    pub(super) fn accept_where(
        &mut self,
        target: impl Display,
        edits: impl FnOnce() -> Vec<Edit>,
        needs: &[&'static str],
    ) {
        self.add(&target, edits, || Expectation { needs: needs.to_vec(), ..blank(Verdict::MustAccept) });
    }

    /// A mutant that may be refused or taken.
    pub(super) fn either(&mut self, target: impl Display, edits: impl FnOnce() -> Vec<Edit>) {
        self.add(&target, edits, || blank(Verdict::Either));
    }

    fn broken(
        &mut self,
        verdict: Verdict,
        target: &dyn Display,
        edits: impl FnOnce() -> Vec<Edit>,
        breach: &Breach,
        codes: &[ReasonCode],
        return_codes: &[ReasonCode],
    ) {
        let (version, packet_type) = (self.version, self.packet_type);
        if !breach.applies(version) {
            return;
        }
        self.add(target, edits, || {
            let (reason_codes, return_codes) = match version {
                Version::V3_1_1 => (Vec::new(), return_codes.to_vec()),
                Version::V5_0 => ([&[breach.code], codes].concat(), Vec::new()),
            };
            let statements = breach.statements(version, packet_type);
            Expectation { statements, reason_codes, return_codes, ..blank(verdict) }
        });
    }

    fn add(
        &mut self,
        target: &dyn Display,
        edits: impl FnOnce() -> Vec<Edit>,
        expectation: impl FnOnce() -> Expectation,
    ) {
        let number = self.count;
        self.count += 1;
        if self.wanted.is_none_or(|wanted| wanted == number) {
            // A label may stand in the id of a case, where brackets have a meaning.
            let mut target = target.to_string();
            if target.contains('[') {
                target = target.replace('[', ".").replace(']', "");
            }
            let (edits, expectation) = (edits(), expectation());
            self.list.push(Mutant { operator: self.operator, target, edits, expectation });
        }
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

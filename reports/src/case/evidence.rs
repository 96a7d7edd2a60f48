//! The cited statements in our words, how connections ended, and how to run a case again.

use mqttspec_codec::{Citation, StatementId};
use mqttspec_spec::record::{Case, Ending, EndingKind};
use mqttspec_spec::{Level, Registry};

use super::CaseText;
use crate::paper::{HEADING, PLAIN, Paper};

impl CaseText<'_> {
    /// The statements that decided the verdict; those that the case covers when none did.
    pub(super) fn statements(self, paper: &mut Paper, case: &Case) {
        let ids = if case.cited.is_empty() { &case.statements } else { &case.cited };
        for id in ids {
            paper.say("  ").put(HEADING, id);
            match demand(self.registry, &case.version, id) {
                Some((level, summary)) => {
                    paper.put(HEADING, &format!(" {level}")).end();
                    paper.say("    ").paragraph(PLAIN, 4, summary)
                }
                None => paper.say(" (not in the register of statements)").end(),
            };
        }
    }

    pub(super) fn endings(self, paper: &mut Paper, case: &Case) {
        for (index, ending) in case.endings.iter().enumerate() {
            paper.put(HEADING, if index == 0 { "  ended     " } else { "            " });
            paper.say(&self.ending(ending)).end();
        }
        if case.absences_by_time > 0 {
            let count = case.absences_by_time;
            let absences = if count == 1 { "absence" } else { "absences" };
            paper.put(HEADING, "  waited    ");
            paper.say(&format!("{count} {absences} shown by quiet time only, not by a fence")).end();
        }
    }

    fn ending(self, ending: &Ending) -> String {
        let name = client_name(&ending.client, ending.connection);
        let how = ending_words(ending.how);
        match &ending.reason_code {
            Some(code) => format!("{name}: {how}, after {}", self.clipped(code)),
            None => format!("{name}: {how}"),
        }
    }

    pub(super) fn rerun(self, paper: &mut Paper, case: &Case) {
        paper.put(HEADING, "  run again ").say(&case.rerun).end();
    }
}

/// How strong a rule is and what it demands, in our words.
pub(crate) fn demand<'a>(registry: &'a Registry, version: &str, id: &str) -> Option<(Level, &'a str)> {
    let id: StatementId = id.parse().ok()?;
    let statement = registry.get(Citation { version: version.parse().ok()?, id })?;
    let clause = statement.clauses.iter().find(|clause| clause.id == id);
    Some((statement.level, clause.map_or(&statement.summary, |clause| &clause.summary)))
}

/// The client's name; with a number from the second connection on.
pub(super) fn client_name(client: &str, connection: u32) -> String {
    match connection {
        0 => client.to_owned(),
        number => format!("{client}#{}", u64::from(number) + 1),
    }
}

/// How a connection ended, for people.
pub(crate) const fn ending_words(how: EndingKind) -> &'static str {
    match how {
        EndingKind::BrokerClosed => "closed by the broker (FIN)",
        EndingKind::BrokerReset => "reset by the broker (RST)",
        EndingKind::BrokerCut => "closed by the broker in the middle of a packet",
        EndingKind::ClientClosed => "closed by the case",
        EndingKind::Open => "still open when the case ended",
    }
}

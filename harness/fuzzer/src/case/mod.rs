//! The case that shows a defect, in the case language.

mod answers;
mod rules;
mod script;

use std::fmt::Write;

use mqttspec_codec::StatementId;

use crate::finding::Finding;
use crate::oracle::answer_to_connect;
use script::Script;

/// How the packets of the last turn are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Each alone, after the answer to the one before: it reads best.
    Stepwise,
    /// All at once, with what the session sent behind them: some defects show only so.
    AtOnce,
}

impl Form {
    /// Both, the one that reads best first.
    pub const ALL: [Self; 2] = [Self::Stepwise, Self::AtOnce];
}

/// The finding in the case language; it begins with what `head` says, in comments.
#[must_use]
pub fn case(finding: &Finding, form: Form, head: &str) -> String {
    let mut text = String::new();
    for line in head.lines() {
        line_to(&mut text, &format!("# {line}"));
    }
    let breach = &finding.breach;
    let version = breach.version;
    let covered = match breach.statements.as_slice() {
        [] => vec![answer_to_connect(version)],
        statements => statements.to_vec(),
    };
    let script = Script::new(finding, form, &covered).written();
    line_to(&mut text, &format!("- id: {}", finding.name()));
    line_to(&mut text, &format!("  title: {}", quoted(&breach.to_string())));
    line_to(&mut text, &format!("  covers: {{{version}: [{}]}}", list(&covered)));
    line_to(&mut text, &format!("  clients: {{{}}}", script.clients.join(", ")));
    if let Some(client) = script.controlled {
        line_to(&mut text, "  control:");
        line_to(&mut text, &format!("    - connect: {{client: {client}}}"));
        line_to(&mut text, &format!("    - ping: {{client: {client}}}"));
    }
    line_to(&mut text, "  script:");
    for line in &script.lines {
        line_to(&mut text, &format!("    {line}"));
    }
    text
}

fn line_to(text: &mut String, line: &str) {
    // Nothing that is written to a string fails.
    let _ = writeln!(text, "{line}");
}

fn list(statements: &[StatementId]) -> String {
    let all: Vec<String> = statements.iter().map(ToString::to_string).collect();
    all.join(", ")
}

fn quoted(text: &str) -> String {
    let plain = text.replace(char::is_control, " ");
    format!("\"{}\"", plain.replace('\\', "\\\\").replace('"', "\\\""))
}

//! What of a verdict stays the same from run to run.

use std::collections::BTreeSet;

use crate::record::{Case, FindingKind};

/// The signature of a case: of each finding that decided its verdict, the kind and the statements that it cites:
/// `missing MQTT-4.8.0-1`. It holds no times, bytes or names, so it differs only if the broker does something else.
#[must_use]
pub fn signature(case: &Case) -> String {
    let deciding = case
        .findings
        .iter()
        .filter(|finding| finding.verdict == case.verdict && finding.kind != FindingKind::Flaky);
    let parts: BTreeSet<String> = deciding
        .map(|finding| {
            let statements: BTreeSet<&str> = finding.statements.iter().map(String::as_str).collect();
            let words: Vec<&str> = std::iter::once(finding.kind.as_str()).chain(statements).collect();
            words.join(" ")
        })
        .collect();
    parts.into_iter().collect::<Vec<_>>().join("; ")
}

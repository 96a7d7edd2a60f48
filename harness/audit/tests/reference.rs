//! Every case holds on the reference broker, in virtual time.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod registry;
mod suite;

use mqttspec_audit::{against_reference, configurations};
use mqttspec_broker::Rules;
use mqttspec_spec::Verdict;

#[test]
fn every_case_holds_on_the_reference_broker() {
    let verdicts =
        against_reference(&suite::CASES, &registry::REGISTRY, &configurations()[0], &Rules::all()).unwrap();
    assert!(!verdicts.is_empty());
    let failing: Vec<String> = verdicts
        .iter()
        .filter(|(_, outcome)| matches!(outcome.verdict, Verdict::Fail | Verdict::Inconclusive))
        .map(|(case, outcome)| {
            let why = outcome.findings.first().map(|finding| finding.message.as_str()).unwrap_or_default();
            format!("{} {} {}: {why}", outcome.verdict, case.version, case.id)
        })
        .collect();
    assert!(failing.is_empty(), "{}", failing.join("\n"));
}

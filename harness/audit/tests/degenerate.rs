//! On brokers that do nothing right no case passes; on those that do a part right only what is listed here.

mod suite;

use std::collections::BTreeSet;

use mqttspec_audit::{Degenerate, against_degenerate};
use mqttspec_spec::Verdict;

/// The cases that pass, or are graded as if the broker had kept the rule, on a degenerate broker.
fn passes(broker: Degenerate) -> BTreeSet<String> {
    against_degenerate(&suite::CASES, &suite::REGISTRY, broker)
        .unwrap()
        .into_iter()
        .filter(|(_, outcome)| matches!(outcome.verdict, Verdict::Pass | Verdict::Lenient))
        .map(|(case, _)| format!("{} {}", case.version, case.id))
        .collect()
}

#[test]
fn nothing_passes_on_brokers_that_do_nothing_right() {
    for broker in Degenerate::nothing_right() {
        assert_eq!(passes(broker), BTreeSet::new(), "on a broker that {broker}");
    }
}

#[test]
fn show() {
    for broker in Degenerate::partly_right() {
        println!("== {broker}");
        for pass in passes(broker) {
            println!("{pass}");
        }
    }
}

//! On brokers that do nothing right no case passes; on those that do a part right only what is listed here.

mod suite;

use std::collections::BTreeSet;

use mqttspec_audit::{Degenerate, against_degenerate};
use mqttspec_spec::Verdict;

/// The families of cases with one of these verdicts on a degenerate broker.
fn families(broker: Degenerate, verdicts: &[Verdict]) -> BTreeSet<String> {
    against_degenerate(&suite::CASES, &suite::REGISTRY, broker)
        .unwrap()
        .into_iter()
        .filter(|(_, outcome)| verdicts.contains(&outcome.verdict))
        .map(|(case, _)| case.id.split('[').next().unwrap_or_default().to_owned())
        .collect()
}

#[test]
fn nothing_passes_on_brokers_that_do_nothing_right() {
    for broker in Degenerate::nothing_right() {
        let passes = families(broker, &[Verdict::Pass, Verdict::Lenient]);
        assert_eq!(passes, BTreeSet::new(), "on a broker that {broker}");
    }
}

#[test]
fn show() {
    for broker in Degenerate::partly_right() {
        println!("== {broker}");
        for pass in families(broker, &[Verdict::Pass]) {
            println!("{pass}");
        }
    }
}

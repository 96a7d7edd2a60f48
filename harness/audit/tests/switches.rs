//! The switches of the reference broker against the register of statements, both ways.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod registry;

use std::collections::BTreeSet;

use mqttspec_broker::switches;
use mqttspec_codec::Citation;
use mqttspec_spec::Statement;

/// The statement itself, or its clauses where it has some.
fn parts(statement: &Statement) -> Vec<Citation> {
    if statement.clauses.is_empty() {
        return vec![statement.citation];
    }
    statement.clauses.iter().map(|clause| Citation { id: clause.id, ..statement.citation }).collect()
}

#[test]
fn every_numbered_statement_that_can_be_observed_has_a_switch_and_so_has_each_clause() {
    let switches: BTreeSet<Citation> = switches().collect();
    let missing: Vec<String> = registry::REGISTRY
        .iter()
        .filter(|statement| statement.citation.id.is_numbered() && statement.observable.is_testable())
        .flat_map(parts)
        .filter(|part| !switches.contains(part))
        .map(|part| part.to_string())
        .collect();
    assert_eq!(missing, Vec::<String>::new());
}

#[test]
fn every_switch_is_a_statement_or_clause_of_the_register() {
    let unknown: Vec<String> = switches()
        .filter(|switch| {
            let Some(statement) = registry::REGISTRY.get(*switch) else { return true };
            !parts(statement).contains(switch) && *switch != statement.citation
        })
        .map(|switch| switch.to_string())
        .collect();
    assert_eq!(unknown, Vec::<String>::new());
}

//! Every word of the audit's report.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod registry;

use mqttspec_audit::{Audit, Breadth, Intact, Kill, Report, Switch, render, render_breadth};

fn switch(statement: &str, covering: usize, killed: Option<Kill>, killers: &[&str]) -> Switch {
    Switch {
        statement: statement.to_owned(),
        covering,
        killed,
        killers: killers.iter().map(|&killer| killer.to_owned()).collect(),
        configuration: killed.map(|_| "default"),
    }
}

fn audit() -> Audit {
    Audit {
        intact: vec![
            Intact { configuration: "default", played: 4, broken: Vec::new() },
            Intact {
                configuration: "strict",
                played: 3,
                broken: vec!["fail 5.0 connect/accepted/minimal: nothing came in time".to_owned()],
            },
        ],
        switches: vec![
            switch("3.1.1 MQTT-3.1.0-1", 2, Some(Kill::Failed), &["connect/first/a", "connect/first/b"]),
            switch("3.1.1 MQTT-4.3.3-2/b", 0, None, &[]),
            switch("5.0 MQTT-3.12.4-1", 4, Some(Kill::Failed), &["a", "b", "c", "d", "e"]),
            switch("5.0 MQTT-3.14.1-1/b", 1, Some(Kill::Lenient), &["disconnect/server/code"]),
            Switch {
                configuration: Some("accounts"),
                ..switch("5.0 S5-16", 1, Some(Kill::Recorded), &["connect/credentials/checked"])
            },
            switch("5.0 E5-25", 7, None, &[]),
        ],
    }
}

#[test]
fn the_table_the_survivors_and_the_totals() {
    insta::assert_snapshot!("full", render(&audit(), &registry::REGISTRY, Report::Full));
    insta::assert_snapshot!("short", render(&audit(), &registry::REGISTRY, Report::Short));
}

#[test]
fn the_broadest_families() {
    let breadth = |family: &str, switches: usize, others: usize| Breadth {
        family: family.to_owned(),
        switches,
        others: (0..others).map(|number| format!("MQTT-9.9.9-{number}")).collect(),
    };
    let breadths = [breadth("5.0 connect/all", 9, 5), breadth("3.1.1 ping/ping/answered", 9, 4)];
    insta::assert_snapshot!(render_breadth(&breadths));
}

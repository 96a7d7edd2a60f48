//! Every word of the audit's report.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod registry;

use mqttspec_audit::{
    Audit, Breadth, Intact, Kill, Noticing, Report, Switch, render, render_breadth, render_noticing,
};

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
        noticing: Noticing::default(),
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

#[test]
fn the_cases_that_notice_nothing_are_compared_with_a_list() {
    let noticing = Noticing {
        judging: 100,
        nothing: [("5.0 a/b/grown", 3), ("5.0 a/b/same", 2), ("5.0 a/b/less", 1)]
            .map(|(family, cases)| {
                (family.to_owned(), (0..cases).map(|case| format!("{family}[{case}]")).collect())
            })
            .into(),
        idle_faults: vec!["QosLowered".to_owned()],
    };
    let list = "# For a reason.\n5.0 a/b/grown 2\n5.0 a/b/same 2\n\n# For another.\n5.0 a/b/less 4\n5.0 a/b/gone 1\n";
    insta::assert_snapshot!(render_noticing(&noticing, &noticing.against(list)));
}

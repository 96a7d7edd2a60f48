//! What filters choose, and every word of their errors.

use std::borrow::Cow;
use std::collections::BTreeSet;

use mqttspec_codec::Version;

use super::{Filter, Subject};
use crate::{Registry, Standing, Verdict};

const STATEMENTS: &str = "
version: '5.0'
statements:
  - {id: MQTT-3.1.2-22, section: 3.1.2.10, binds: server, level: must, observable: 'yes', clauses: {a: one, b: two}, summary: x}
unnumbered:
  - {id: S5-14, section: '3.2.2.2, 4.13', binds: server, level: should, observable: 'yes', summary: x}
  - {id: S5-15, section: 4.13.1, binds: server, level: norm, observable: 'yes', summary: x}
";

fn chooses(filter: &str, id: &str, statements: &[&str]) -> bool {
    let registry = Registry::read([("mqtt-5.0.yaml", STATEMENTS)]).unwrap();
    let tags = BTreeSet::from(["slow".to_owned()]);
    let subject = Subject {
        id,
        version: Version::V5_0,
        statements: Cow::Owned(statements.iter().map(|id| id.parse().unwrap()).collect()),
        tags: &tags,
        earlier: Some(Standing::Settled(Verdict::Fail)),
    };
    Filter::word(filter).unwrap().chooses(&subject, &registry)
}

#[test]
fn predicates_and_words() {
    let statements = ["MQTT-3.1.2-22/a", "S5-14"];
    for (filter, wanted) in [
        ("id(connect/*)", true),
        ("id(connect/keep-alive)", true),
        ("id(connect/keep-alive[short])", true),
        ("id(connect/keep)", false),
        ("connect/*", true),
        ("statement(MQTT-3.1.2-22)", true),
        ("statement(MQTT-3.1.2-22/a)", true),
        ("statement(MQTT-3.1.2-22/b)", false),
        ("MQTT-3.1.2-22", true),
        ("section(3.1)", true),
        ("section(4)", true),
        ("section(3.12)", false),
        ("3.1.2", true),
        ("version(5.0)", true),
        ("version(3.1.1)", false),
        ("level(must)", true),
        ("level(should)", true),
        ("level(may)", false),
        ("tag(slow)", true),
        ("tag:slow", true),
        ("tag:fast", false),
        ("verdict(fail)", true),
        ("verdict(flaky)", false),
        ("all()", true),
        ("not all()", false),
        ("id( connect/* )and(not tag(slow)or version(5.0))", true),
    ] {
        assert_eq!(chooses(filter, "connect/keep-alive[short]", &statements), wanted, "{filter}");
    }
    assert!(chooses("level(must)", "a/b", &["S5-15"]), "normative prose binds as well");
}

#[test]
fn not_binds_closer_than_and_and_closer_than_or() {
    for (filter, wanted) in [
        ("id(x) and id(x) or id(a)", true),
        ("id(a) or id(x) and id(x)", true),
        ("(id(a) or id(x)) and id(x)", false),
        ("not id(x) and id(x)", false),
        ("not (id(x) and id(x))", true),
        ("not not id(a)", true),
    ] {
        assert_eq!(chooses(filter, "a", &[]), wanted, "{filter}");
    }
}

#[test]
fn errors() {
    let mut all = String::new();
    for text in [
        "",
        "statment(MQTT-3.1.2-22)",
        "id(connect/*) and",
        "id(connect/*) not tag(slow)",
        "id(connect/*) && tag(slow)",
        "!tag(slow)",
        "(id(connect/*) or tag(slow)",
        "id(connect/*)) or tag(slow)",
        "id(connect/*",
        "id()",
        "connect/*",
        "id(a) and 3.1.2",
        "tag:slow",
        "version",
        "version(4)",
        "level(most)",
        "verdict(failed)",
        "statement(3.1.2-22)",
        "section(three)",
        "or id(a)",
        "name(x)",
        "tag(zwölf) ünd id(a)",
    ] {
        all.push_str(&format!("{}\n\n", Filter::parse(text).unwrap_err()));
    }
    all.push_str(
        &Filter::parse("id(a) or verdict(fail)")
            .unwrap()
            .without_verdicts("name one")
            .unwrap_err()
            .to_string(),
    );
    insta::assert_snapshot!(all);
}

#[test]
fn deep_nesting_is_an_error() {
    let error = Filter::parse(&"(".repeat(100_000)).unwrap_err();
    assert_eq!(error.message, "this is nested too deeply");
    assert!(Filter::parse(&"not ".repeat(100_000)).is_err());
}

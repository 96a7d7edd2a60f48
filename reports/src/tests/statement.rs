//! The implementation statement, in both of its forms.

use mqttspec_spec::record::{Note, Run, RunEnd};

use super::{fixture, hostile};
use crate::{Form, statement};

fn written(run: &Run, form: Form) -> String {
    let mut file = Vec::new();
    statement::write(&mut file, run, &fixture::registry(), form).unwrap();
    String::from_utf8(file).unwrap()
}

#[test]
fn markdown() {
    let mut run = fixture::run();
    run.crashes = fixture::crashes();
    insta::assert_snapshot!(written(&run, Form::Markdown));
}

#[test]
fn what_the_vendor_documents_stands_where_it_belongs_and_none_is_lost() {
    let mut run = fixture::run();
    let note = |about: Option<&str>, version: Option<&str>, says: &str| Note {
        about: about.map(str::to_owned),
        version: version.map(str::to_owned),
        says: says.to_owned(),
    };
    run.broker.notes = vec![
        note(None, None, "All of it | is <documented>."),
        note(Some("3.1.2.5"), Some("5.0"), "Wills have limits."),
        note(Some("MQTT-3.1.0-2"), None, "A second CONNECT is answered."),
        note(Some("MQTT-9.9.9-9"), None, "What no register knows."),
        note(Some("3.1"), Some("4"), "What no version knows."),
    ];
    let text = written(&run, Form::Markdown);
    let lines: Vec<&str> = text.lines().filter(|line| line.contains("ocumented")).collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn a_run_that_broke_off_says_so() {
    let text = written(&fixture::ended(RunEnd::BrokerLost), Form::Markdown);
    assert!(text.contains("The run did not play all of its cases: the broker stopped answering."), "{text}");
}

#[test]
fn a_case_that_breaks_a_statement_it_does_not_cover_counts_against_that_statement() {
    let mut run = fixture::of_cases(vec![fixture::simple(
        "retain/replace/plain",
        mqttspec_spec::Verdict::Fail,
        "A retained message is replaced",
        "MQTT-3.3.1-5",
        Some("a surrogate in a Reason String"),
    )]);
    run.cases[0].cited = vec!["MQTT-1.5.4-1/b".into()];
    run.cases[0].findings[0].statements = vec!["MQTT-1.5.4-1/b".into()];
    let result = run.statements.remove("5.0 MQTT-3.3.1-5").unwrap();
    run.statements.insert("5.0 MQTT-1.5.4-1/b".into(), result);
    let text = written(&run, Form::Markdown);
    let line = |id: &str| text.lines().find(|line| line.starts_with(&format!("| {id} "))).unwrap();
    insta::assert_snapshot!(format!("{}\n{}", line("MQTT-1.5.4-1"), line("MQTT-3.3.1-5")));
}

#[test]
fn a_recommendation_that_a_failing_case_cites_is_missed_and_not_broken() {
    let mut run = fixture::of_cases(vec![fixture::simple(
        "connect/refusal/says-why",
        mqttspec_spec::Verdict::Fail,
        "A refused client is told why",
        "S5-14",
        None,
    )]);
    run.cases[0].cited = vec!["MQTT-3.1.0-2".into(), "S5-14".into()];
    let text = written(&run, Form::Markdown);
    let line = text.lines().find(|line| line.starts_with("| S5-14 ")).unwrap();
    assert!(line.contains("| ◐ lenient | 1 case: 1 failed for another statement. |"), "{line}");
}

#[test]
fn hostile_text_is_neither_markup_nor_steers_a_terminal() {
    let mut run = hostile::all_hostile();
    run.statements = fixture::run().statements;
    run.crashes = fixture::crashes();
    let broker = "</title><script>alert(1)</script>|`x`[a](b)\n# h";
    run.broker.name = broker.into();
    run.broker.connack.insert("5.0".into(), [(broker.to_owned(), fixture::HOSTILE.to_owned())].into());
    let html = written(&run, Form::Html);
    hostile::assert_harmless(&html);
    assert!(!html.contains("<script"), "{html}");
    assert!(html.contains("&lt;script&gt;alert(1)"), "{html}");
    let markdown = written(&run, Form::Markdown);
    hostile::assert_harmless(&markdown);
    assert!(!markdown.contains("<script"), "{markdown}");
    assert!(
        markdown.contains(r"&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;\|\`x\`\[a\](b)"),
        "{markdown}"
    );
    assert!(!markdown.lines().any(|line| line.starts_with("# h")), "{markdown}");
}

#[test]
fn every_row_has_a_cell_for_every_column() {
    let html = written(&fixture::run(), Form::Html);
    let page = html.split_once("<h1>").unwrap().1;
    let tables: Vec<&str> = page.split("<table>").skip(1).collect();
    assert!(tables.len() > 5, "{page}");
    for table in tables {
        let table = table.split_once("</table>").unwrap().0;
        let columns = table.matches("<th ").count();
        for row in table.split("<tr>").skip(2) {
            assert_eq!(row.matches("<td").count(), columns, "{row}");
        }
    }
}

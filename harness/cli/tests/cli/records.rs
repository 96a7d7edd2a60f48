//! Documents that are made of records, and what is said of files that are none.

use crate::tool::Folder;

#[test]
fn a_record_becomes_an_implementation_statement_and_a_comparison() {
    let folder = Folder::new("records");
    let (code, text) =
        folder.run(&["run", "ping/ping/answered", "--json", "out.json", "--statement", "during.md"]);
    assert_eq!(code, 0, "{text}");
    let (code, text) = folder.run(&["report", "out.json", "--statement", "after.md"]);
    assert_eq!(code, 0, "{text}");
    let statement = folder.read("after.md");
    assert_eq!(statement, folder.read("during.md"));
    let line = statement.lines().find(|line| line.starts_with("| MQTT-3.12.4-1 ")).unwrap();
    assert!(line.contains("✔ pass") && line.contains("ping/ping/answered"), "{line}");

    let (code, _) = folder.run(&["report", "out.json", "--statement", "statement.html"]);
    assert_eq!(code, 0);
    assert!(folder.read("statement.html").starts_with("<!doctype html>"));

    let (code, printed) = folder.run(&["compare", "out.json", "out.json"]);
    assert_eq!(code, 0, "{printed}");
    assert!(printed.starts_with("# Comparison of "), "{printed}");
    let (code, nothing) =
        folder.run(&["compare", "out.json", "out.json", "--markdown", "out.md", "--html", "out.html"]);
    assert_eq!((code, nothing.as_str()), (0, ""));
    assert_eq!(folder.read("out.md"), printed);
    assert!(folder.read("out.html").starts_with("<!doctype html>"));
}

#[test]
fn mistakes() {
    let folder = Folder::new("records-mistakes");
    folder.write("old.json", "{\"schema\": 0}");
    folder.write("other.json", "{\"name\": 1}");
    let shown = [
        ["compare", "missing.json", "other.json"].as_slice(),
        &["compare", "old.json", "other.json"],
        &["compare", "other.json", "old.json"],
        &["compare", "old.json"],
        &["report", "old.json"],
        &["run", "--statement", "statement.txt"],
    ]
    .map(|arguments| folder.shown(arguments));
    insta::assert_snapshot!(shown.join("\n"));
}

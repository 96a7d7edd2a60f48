//! Captures. That other programs can read them is shown by the gate, with tshark.

use std::collections::HashSet;
use std::fmt::Write as _;

use mqttspec_spec::Verdict;

use super::fixture;
use crate::pcapng::{captures, write};

/// Type and body of each block.
fn blocks(file: &[u8]) -> Vec<(u32, Vec<u8>)> {
    let mut rest = file;
    let mut blocks = Vec::new();
    while !rest.is_empty() {
        let number = |bytes: &[u8]| u32::from_be_bytes(bytes.try_into().unwrap());
        let total = number(&rest[4..8]) as usize;
        assert_eq!(total % 4, 0);
        assert_eq!(number(&rest[total - 4..total]) as usize, total);
        blocks.push((number(&rest[..4]), rest[8..total - 4].to_vec()));
        rest = &rest[total..];
    }
    blocks
}

#[test]
fn a_failure_with_two_clients_and_a_control() {
    let run = fixture::run();
    let capture = &captures(&run, false)[0];
    let mut file = Vec::new();
    write(&mut file, &run, capture.case).unwrap();
    let mut shown = format!("{}\n", capture.file_name);
    for (kind, body) in blocks(&file) {
        let _ = writeln!(shown, "block {kind:#x}");
        for line in body.chunks(16) {
            let hex: String = line.iter().map(|byte| format!("{byte:02x} ")).collect();
            let text: String = line
                .iter()
                .map(|&byte| if (0x20..0x7f).contains(&byte) { char::from(byte) } else { '.' })
                .collect();
            let _ = writeln!(shown, "  {hex:<48} {text}");
        }
    }
    insta::assert_snapshot!(shown);
}

#[test]
fn what_a_broker_sends_breaks_no_block() {
    let mut run = fixture::run();
    for case in &mut run.cases {
        let text = fixture::HOSTILE.repeat(5_000);
        case.title.clone_from(&text);
        case.rerun.clone_from(&text);
        for finding in &mut case.findings {
            finding.message.clone_from(&text);
        }
        for entry in &mut case.timeline {
            entry.client.push_str(&text);
        }
    }
    for capture in captures(&run, true) {
        let mut file = Vec::new();
        write(&mut file, &run, capture.case).unwrap();
        assert!(blocks(&file).len() > 2);
    }
}

#[test]
fn names_are_safe_and_unlike_each_other() {
    let ids = ["CON/../a", "con/../A", "a/b[x=\"1\"]:*?", "a/ü", "a/b/x.", &"long/".repeat(100)];
    let cases = ids.map(|id| {
        let mut case = fixture::run().cases.swap_remove(0);
        id.clone_into(&mut case.id);
        case
    });
    let run = fixture::of_cases(cases.to_vec());
    let names: Vec<String> = captures(&run, false).into_iter().map(|capture| capture.file_name).collect();
    insta::assert_snapshot!(names.join("\n"));
    assert_eq!(names.iter().collect::<HashSet<_>>().len(), ids.len());
}

#[test]
fn what_passed_or_was_not_played_has_no_capture() {
    let run = fixture::run();
    let verdicts: HashSet<Verdict> =
        captures(&run, true).iter().map(|capture| capture.case.verdict).collect();
    assert_eq!(verdicts, HashSet::from([Verdict::Fail, Verdict::Inconclusive]));
    let mut passed = run.cases[0].clone();
    passed.verdict = Verdict::Pass;
    let run = fixture::of_cases(vec![passed]);
    assert_eq!(captures(&run, false).len(), 0);
    assert_eq!(captures(&run, true).len(), 1);
}

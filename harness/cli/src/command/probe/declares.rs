//! What was found out, as a profile declares it.

use std::io::{self, Write};

use mqttspec_engine::{Answer, Kind};
use mqttspec_sut::Row;

/// What a profile says by what its listeners provide.
const SAID_ELSEWHERE: &str = "auth";

/// Writes the `declares` of a profile: what is the same in all versions, and was found for certain.
pub(super) fn write(out: &mut impl Write, rows: &[Row]) -> io::Result<()> {
    let of_kind = |kind| rows.iter().filter(move |row| row.kind == kind && row.name != SAID_ELSEWHERE);
    let with = |wanted| {
        let names: Vec<&str> =
            of_kind(Kind::Capability).filter(|row| answer(row) == Some(wanted)).map(|row| row.name).collect();
        names.join(", ")
    };
    let limits: Vec<String> = of_kind(Kind::Limit)
        .filter_map(|row| match answer(row)? {
            Answer::Limit(value) => Some(format!("{}: {value}", row.name)),
            Answer::Yes | Answer::No | Answer::AtLeast(_) | Answer::Unknown => None,
        })
        .collect();
    writeln!(out, "declares:")?;
    writeln!(out, "  supports: [{}]", with(Answer::Yes))?;
    writeln!(out, "  lacks: [{}]", with(Answer::No))?;
    writeln!(out, "  limits: {{{}}}", limits.join(", "))
}

/// The answer that was the same in all versions.
fn answer(row: &Row) -> Option<Answer> {
    let mut answers = row.found.iter().map(|(_, finding)| finding.answer);
    let first = answers.next()?;
    answers.all(|other| other == first).then_some(first)
}

//! What was found out, as a table and as JSON.

use std::collections::BTreeSet;
use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use mqttspec_codec::Version;
use mqttspec_engine::{Answer, Finding, Kind, Unserved};
use mqttspec_sut::Row;
use serde_json::{Value, json};

use super::listeners::Heard;

const BAD: Style = AnsiColor::Red.on_default().bold();
const DIM: Style = Style::new().dimmed();
const STRONG: Style = Style::new().bold();
/// Columns, in characters.
const NAME: usize = 27;
const CELL: usize = 20;

/// All that was found out.
#[derive(Debug)]
pub(super) struct Probed {
    pub(super) broker: Option<String>,
    pub(super) version: Option<String>,
    pub(super) address: String,
    pub(super) has_profile: bool,
    pub(super) declared_versions: BTreeSet<Version>,
    /// The versions that were surveyed.
    pub(super) versions: Vec<Version>,
    pub(super) unserved: Vec<(Version, Unserved)>,
    pub(super) rows: Vec<Row>,
    pub(super) heard: Vec<Heard>,
}

impl Probed {
    /// What is not as the profile declares, in words.
    pub(super) fn contradictions(&self) -> Vec<String> {
        let mut all = Vec::new();
        for (version, why) in &self.unserved {
            if self.declared_versions.contains(version) {
                all.push(format!("MQTT {version} is not served: {why}"));
            }
        }
        for row in &self.rows {
            let Some(claim) = row.claim else { continue };
            for (version, finding) in row.contradictions() {
                let found = words(finding);
                all.push(format!("{} is declared as {claim}, in MQTT {version} it is {found}", row.name));
            }
        }
        for heard in self.heard.iter().filter(|_| self.has_profile) {
            for (version, why) in &heard.missing {
                all.push(format!("the listener {} does not serve MQTT {version}: {why}", heard.name));
            }
        }
        all
    }

    /// Writes it for people.
    pub(super) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let mut table = Vec::new();
        self.write_table(&mut table)?;
        // The last column of a row may be empty.
        for line in String::from_utf8_lossy(&table).lines() {
            writeln!(out, "{}", line.trim_end())?;
        }
        Ok(())
    }

    fn write_table(&self, out: &mut impl Write) -> io::Result<()> {
        let name = self.broker.as_deref().unwrap_or("the broker");
        writeln!(out, "{STRONG}{name}{STRONG:#} at {}\n", self.address)?;
        write!(out, "{:NAME$}", "")?;
        for version in &self.versions {
            write!(out, "{:CELL$}", format!("MQTT {version}"))?;
        }
        writeln!(out, "{}", if self.has_profile { "declared" } else { "" })?;
        for (kind, title) in
            [(Kind::Capability, "capabilities"), (Kind::Limit, "limits"), (Kind::Conduct, "conduct")]
        {
            writeln!(out, "{DIM}{title}{DIM:#}")?;
            for row in self.rows.iter().filter(|row| row.kind == kind) {
                self.row(out, row)?;
            }
        }
        self.others(out)?;
        self.evidence(out)?;
        self.summary(out)
    }

    fn row(&self, out: &mut impl Write, row: &Row) -> io::Result<()> {
        write!(out, "  {:width$}", row.name, width = NAME - 2)?;
        let contradicted: Vec<Version> = row.contradictions().map(|(version, _)| *version).collect();
        for version in &self.versions {
            let answer = row.found.iter().find(|(of, _)| of == version);
            let cell = match answer {
                Some((_, finding)) => finding.answer.to_string(),
                None => "-".to_owned(),
            };
            match contradicted.contains(version) {
                true => write!(out, "{BAD}{cell:CELL$}{BAD:#}")?,
                false => write!(out, "{cell:CELL$}")?,
            }
        }
        write!(out, "{}", row.claim.map(|claim| claim.to_string()).unwrap_or_default())?;
        if !contradicted.is_empty() {
            write!(out, "{BAD}  <- contradicted{BAD:#}")?;
        }
        if row.found.is_empty() {
            write!(out, "{DIM}  (not probed){DIM:#}")?;
        }
        writeln!(out)
    }

    /// Versions that are not served, and the listeners.
    fn others(&self, out: &mut impl Write) -> io::Result<()> {
        for (version, why) in &self.unserved {
            writeln!(out, "\nMQTT {version} is not served: {why}")?;
        }
        writeln!(out, "\n{DIM}listeners{DIM:#}")?;
        for heard in &self.heard {
            let served: Vec<String> = heard.served.iter().map(ToString::to_string).collect();
            let served = if served.is_empty() { "nothing".to_owned() } else { served.join(", ") };
            writeln!(out, "  {:width$}{}  serves {served}", heard.name, heard.address, width = NAME - 2)?;
        }
        Ok(())
    }

    /// What shows an answer, where it is not plain.
    fn evidence(&self, out: &mut impl Write) -> io::Result<()> {
        let with_evidence: Vec<_> = self
            .rows
            .iter()
            .flat_map(|row| row.found.iter().map(move |(version, finding)| (row, version, finding)))
            .filter_map(|(row, version, finding)| Some((row.name, version, finding.evidence.as_ref()?)))
            .collect();
        if with_evidence.is_empty() {
            return Ok(());
        }
        writeln!(out, "\n{DIM}evidence{DIM:#}")?;
        for (name, version, evidence) in with_evidence {
            writeln!(out, "  {version:5}  {name}: {evidence}")?;
        }
        Ok(())
    }

    fn summary(&self, out: &mut impl Write) -> io::Result<()> {
        if !self.has_profile {
            return Ok(());
        }
        let contradictions = self.contradictions();
        match contradictions.len() {
            0 => writeln!(out, "\nNothing contradicts the profile."),
            count => {
                let noun = if count == 1 { "contradiction" } else { "contradictions" };
                writeln!(out, "\n{BAD}{count} {noun} of the profile{BAD:#}")?;
                contradictions.iter().try_for_each(|words| writeln!(out, "  {words}"))
            }
        }
    }

    pub(super) fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        let rows: Vec<Value> = self.rows.iter().map(row_json).collect();
        let heard: Vec<Value> = self
            .heard
            .iter()
            .map(|heard| {
                json!({
                    "name": heard.name,
                    "address": heard.address,
                    "declared": strings(&heard.declared),
                    "served": strings(&heard.served),
                })
            })
            .collect();
        let unserved: Vec<Value> = self
            .unserved
            .iter()
            .map(|(version, why)| json!({"version": version.to_string(), "why": why.to_string()}))
            .collect();
        let value = json!({
            "schema": 1,
            "broker": {"name": self.broker, "version": self.version, "address": self.address},
            "versions": strings(&self.versions),
            "unserved": unserved,
            "findings": rows,
            "listeners": heard,
            "contradictions": self.contradictions(),
        });
        serde_json::to_writer_pretty(&mut *out, &value)?;
        out.write_all(b"\n")
    }
}

fn strings(versions: &[Version]) -> Vec<String> {
    versions.iter().map(ToString::to_string).collect()
}

fn row_json(row: &Row) -> Value {
    let kind = match row.kind {
        Kind::Capability => "capability",
        Kind::Limit => "limit",
        Kind::Conduct => "conduct",
    };
    let contradicted: Vec<String> = row.contradictions().map(|(version, _)| version.to_string()).collect();
    let found: serde_json::Map<String, Value> = row
        .found
        .iter()
        .map(|(version, finding)| {
            let answer = match finding.answer {
                Answer::Limit(value) | Answer::AtLeast(value) => json!(value),
                Answer::Yes => json!(true),
                Answer::No => json!(false),
                Answer::Unknown => Value::Null,
            };
            let is_open = matches!(finding.answer, Answer::AtLeast(_));
            let value = json!({"answer": answer, "or_more": is_open, "evidence": finding.evidence});
            (version.to_string(), value)
        })
        .collect();
    json!({
        "name": row.name,
        "kind": kind,
        "declared": row.claim.map(|claim| claim.to_string()),
        "found": found,
        "contradicted": contradicted,
    })
}

fn words(finding: &Finding) -> String {
    match &finding.evidence {
        None => finding.answer.to_string(),
        Some(evidence) => format!("{} ({evidence})", finding.answer),
    }
}

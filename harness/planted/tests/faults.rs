//! Campaigns over TCP against a process with planted faults.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use mqttspec_codec::Version;
use mqttspec_engine::Stop;
use mqttspec_fuzzer::{Campaign, Event, Plan, Subject, Summary};
use mqttspec_script::profile::{Profile, Transport};
use mqttspec_sut::Sut;
use tokio::sync::watch;

/// Ten statements that the broker can break.
const SWITCHES: [&str; 10] = [
    "3.1.1 MQTT-3.1.0-2",
    "3.1.1 MQTT-3.1.2-3",
    "3.1.1 MQTT-3.1.3-8",
    "3.1.1 MQTT-3.8.3-3",
    "5.0 MQTT-3.1.2-3",
    "5.0 MQTT-3.3.4-6",
    "5.0 MQTT-3.8.3-4",
    "5.0 MQTT-3.8.3-5",
    "5.0 MQTT-3.10.4-4",
    "5.0 MQTT-4.8.2-2",
];

/// Faults that end a process or a task of it, or lose memory or an open file, after a sequence over two connections.
const SEQUENCES: [&str; 5] =
    ["shared-unsubscribe", "retained-twice", "unreleased-unsubscribe", "leak-memory", "leak-file"];

/// A campaign of one seed against a broker with these faults.
fn campaign(without: &[&str], faults: &[&str], sessions: u64) -> Result<Summary, Box<dyn Error>> {
    let options = without.iter().map(|statement| ("--without", statement));
    let options = options.chain(faults.iter().map(|fault| ("--fault", fault)));
    let words: Vec<String> = options.map(|(name, value)| format!(", \"{name}\", \"{value}\"")).collect();
    let text = format!(
        "name: planted\ntitle: planted\nlisteners:\n  - {{port: main}}\nenvironment: {{RUST_BACKTRACE: \"0\"}}\nstart: [\"{}\", \"{{{{port.main}}}}\"{}]\n",
        env!("CARGO_BIN_EXE_planted-broker"),
        words.concat()
    );
    let profile = Profile::read("planted.yaml", text).map_err(|wrong| format!("{wrong:?}"))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let sut = Arc::new(Sut::start(profile, Path::new("."), Transport::Tcp).await?);
        let plan = Plan {
            seed: 11,
            versions: Version::ALL.to_vec(),
            first: 0,
            stride: 1,
            done: 0,
            sessions: Some(sessions),
            time: None,
            jobs: 32,
        };
        let subject = Subject {
            connector: sut.connector(),
            control: Some(Arc::<Sut>::clone(&sut)),
            provided: sut.provides(),
        };
        let campaign = Campaign::prepare(subject, plan).await?;
        let (_keep, stop) = watch::channel(Stop::No);
        let summary = campaign.run(stop, &mut |event| tell(event)).await;
        sut.stop().await?;
        Ok(summary)
    })
}

#[expect(clippy::print_stderr, reason = "what a test that fails has seen")]
fn tell(event: &Event<'_>) {
    match event {
        Event::Found(finding) => {
            eprintln!(
                "found: {} ({} steps)\n{:?}",
                finding.breach,
                finding.session.steps.len(),
                finding.session.shape()
            );
        }
        Event::Progress(progress) => eprintln!("{progress:?}"),
        other => eprintln!("{other:?}"),
    }
}

fn signatures(summary: &Summary) -> Vec<String> {
    summary.findings.iter().map(|finding| finding.breach.signature()).collect()
}

#[test]
fn fifteen_planted_bugs_are_fifteen_findings() {
    let summary = campaign(&SWITCHES, &SEQUENCES, 40_000).unwrap();
    assert_eq!(summary.findings.len(), SWITCHES.len() + SEQUENCES.len(), "{:#?}", signatures(&summary));
    for finding in &summary.findings {
        assert!(finding.session.steps.len() <= 6, "{}: {:#?}", finding.breach, finding.session);
    }
}

#[test]
fn the_intact_broker_is_not_accused() {
    let summary = campaign(&[], &[], 16_000).unwrap();
    assert_eq!(signatures(&summary), Vec::<String>::new());
    assert_eq!(summary.not_attributed, []);
}

#[test]
fn a_client_that_does_nothing_wrong_is_watched() {
    let summary = campaign(&[], &["wrong-connection"], 20_000).unwrap();
    let found = signatures(&summary);
    assert!(found.iter().any(|one| one.starts_with("canary ")), "{found:#?}");
}

#[test]
fn packets_in_pieces_are_packets() {
    let summary = campaign(&[], &["whole-only"], 20_000).unwrap();
    let found = summary.findings.iter().find(|finding| finding.session.in_pieces);
    assert!(found.is_some(), "{:#?}", signatures(&summary));
}

#[test]
fn a_broker_that_does_not_come_back_is_noticed() {
    let summary = campaign(&[], &["no-restart"], 1_000).unwrap();
    let restart = summary.not_attributed.iter().any(|symptom| symptom.to_string().starts_with("restart: "));
    assert!(restart, "{:#?}", summary.not_attributed);
}

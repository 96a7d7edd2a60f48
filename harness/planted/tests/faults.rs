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

/// The broker that has ten rules and five sequences over two connections wrong.
const FIFTEEN: &str = include_str!("../fifteen.yaml");
/// Where it stands when it is built for people.
const BUILT: &str = "../../target/release/planted-broker";

/// A campaign against a broker with these faults.
fn campaign(faults: &[&str], sessions: u64) -> Result<Summary, Box<dyn Error>> {
    let words: Vec<String> = faults.iter().map(|fault| format!(", --fault, {fault}")).collect();
    let text = format!(
        "name: planted\ntitle: planted\nlisteners:\n  - {{port: main}}\nenvironment: {{RUST_BACKTRACE: \"0\"}}\nstart: [{BUILT}, \"{{{{port.main}}}}\"{}]\n",
        words.concat()
    );
    play(&text, sessions)
}

/// A campaign of one seed against the broker of a profile.
fn play(profile: &str, sessions: u64) -> Result<Summary, Box<dyn Error>> {
    let text = profile.replace(BUILT, env!("CARGO_BIN_EXE_planted-broker"));
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
fn planted_bugs_are_found_and_each_is_one_finding() {
    let summary = play(FIFTEEN, 40_000).unwrap();
    // On a busy machine one or two that only sequences bring about may be late.
    assert!((13..=15).contains(&summary.findings.len()), "{:#?}", signatures(&summary));
    let long = summary.findings.iter().filter(|finding| finding.session.steps.len() > 6);
    assert_eq!(long.count(), 0, "{:#?}", summary.findings);
}

#[test]
fn the_intact_broker_is_not_accused() {
    let summary = campaign(&[], 16_000).unwrap();
    assert_eq!(signatures(&summary), Vec::<String>::new());
    assert_eq!(summary.not_attributed, []);
}

#[test]
fn a_client_that_does_nothing_wrong_is_watched() {
    let summary = campaign(&["wrong-connection"], 20_000).unwrap();
    let found = signatures(&summary);
    // On a busy machine it may be the client that asks whether anybody is served.
    let is_of_a_bystander =
        |one: &String| one.starts_with("canary ") || one.starts_with("liveness new connections are closed");
    assert!(found.iter().any(is_of_a_bystander), "{found:#?}");
}

#[test]
fn packets_in_pieces_are_packets() {
    let summary = campaign(&["whole-only"], 20_000).unwrap();
    let found = summary.findings.iter().find(|finding| finding.session.in_pieces);
    assert!(found.is_some(), "{:#?}", signatures(&summary));
}

#[test]
fn a_broker_that_does_not_come_back_is_noticed() {
    let summary = campaign(&["no-restart"], 1_000).unwrap();
    let restart = summary.not_attributed.iter().any(|symptom| symptom.to_string().starts_with("restart: "));
    assert!(restart, "{:#?}", summary.not_attributed);
}

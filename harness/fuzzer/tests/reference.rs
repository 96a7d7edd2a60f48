//! Campaigns against the reference broker in virtual time: none of its answers is a breach, and a switch that is
//! off is.

use std::error::Error;
use std::sync::Arc;

use mqttspec_broker::server::{Shared, serve_stream};
use mqttspec_broker::{Broker, Configuration, Rules};
use mqttspec_codec::{Citation, Version};
use mqttspec_engine::transport::Memory;
use mqttspec_fuzzer::{Campaign, Plan, Subject, Summary};
use tokio::sync::watch;

/// A campaign of one seed against a broker with these rules.
fn campaign(rules: Rules, sessions: u64) -> Result<Summary, Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?;
    runtime.block_on(async {
        let shared = Shared::start(Broker::new(Configuration::default(), rules));
        let connector = Memory::new(move |stream| {
            tokio::spawn(serve_stream(Arc::clone(&shared), stream));
            Ok(())
        });
        let plan = Plan {
            seed: 11,
            versions: Version::ALL.to_vec(),
            first: 0,
            stride: 1,
            done: 0,
            sessions: Some(sessions),
            time: None,
            jobs: 16,
        };
        let provided = Configuration::default().provides();
        let subject = Subject { connector: Arc::new(connector), control: None, provided };
        let campaign = Campaign::prepare(subject, plan).await?;
        let (_keep, stop) = watch::channel(mqttspec_engine::Stop::No);
        Ok(campaign.run(stop, &mut |_| {}).await)
    })
}

fn breaches(summary: &Summary) -> Vec<String> {
    summary.findings.iter().map(|finding| format!("{}\n{:#?}", finding.breach, finding.session)).collect()
}

#[test]
fn the_intact_broker_is_not_accused() {
    let summary = campaign(Rules::all(), 12_000).unwrap();
    assert_eq!(breaches(&summary), Vec::<String>::new());
    assert_eq!(summary.not_confirmed, 0);
    assert_eq!(summary.progress.sessions, 12_000);
}

#[test]
fn a_switch_that_is_off_is_found_and_made_small() {
    let broken = Citation { version: Version::V5_0, id: "MQTT-1.5.4-2".parse().unwrap() };
    let summary = campaign(Rules::without([broken]), 9_000).unwrap();
    let found = summary.findings.iter().find(|finding| finding.breach.statements.contains(&broken.id));
    let found = found.expect("the switch is noticed");
    assert!(found.session.steps.len() <= 2, "{:#?}", found.session);
}

#[test]
fn what_a_refused_client_sends_is_not_processed() {
    let broken = Citation { version: Version::V3_1_1, id: "MQTT-3.1.4-5".parse().unwrap() };
    let summary = campaign(Rules::without([broken]), 12_000).unwrap();
    let found = summary.findings.iter().find(|finding| finding.breach.statements == [broken.id]);
    assert!(found.is_some(), "{:#?}", breaches(&summary));
}

#[test]
fn the_same_seed_finds_the_same() {
    let broken = || {
        let broken = Citation { version: Version::V3_1_1, id: "MQTT-3.8.3-3".parse().unwrap() };
        Rules::without([broken])
    };
    let (one, other) = (campaign(broken(), 4_000).unwrap(), campaign(broken(), 4_000).unwrap());
    assert_eq!(breaches(&one), breaches(&other));
    assert!(!one.findings.is_empty());
}

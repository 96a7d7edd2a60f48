//! What a survey finds out about the reference broker: intact, with meagre choices, and with rules broken.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;
use std::sync::Arc;

use mqttspec_broker::server::{Shared, serve_stream};
use mqttspec_broker::{Broker, Configuration, Rules};
use mqttspec_codec::model::QoS;
use mqttspec_codec::{Citation, Version};
use mqttspec_engine::transport::Memory;
use mqttspec_engine::{Clock, RunName, survey};
use tokio::runtime::Builder;

/// The findings of both versions, one a line, in virtual time.
fn found(configuration: Configuration, rules: Rules) -> Vec<String> {
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let shared = Shared::start(Broker::new(configuration, rules));
        let memory = Memory::new(move |stream| {
            tokio::spawn(serve_stream(Arc::clone(&shared), stream));
            Ok(())
        });
        let mut lines = Vec::new();
        for version in Version::ALL {
            match survey(&memory, Clock::start(), version, RunName::new(0)).await {
                Err(error) => lines.push(format!("{version}  {error}")),
                Ok(survey) => lines.extend(survey.findings.iter().map(|finding| {
                    let evidence = finding.evidence.as_deref().map(|why| format!(" ({why})"));
                    format!("{version}  {}: {}{}", finding.name, finding.answer, evidence.unwrap_or_default())
                })),
            }
        }
        lines
    })
}

#[test]
fn of_the_intact_broker() {
    insta::assert_snapshot!(found(Configuration::default(), Rules::all()).join("\n"));
}

#[test]
fn of_a_broker_that_offers_little() {
    let meagre = Configuration {
        maximum_qos: QoS::AtLeastOnce,
        retain_available: false,
        wildcard_subscriptions: false,
        subscription_identifiers: false,
        shared_subscriptions: false,
        maximum_granted_qos: QoS::AtLeastOnce,
        receive_maximum: 7,
        maximum_packet_size: Some(5_000),
        topic_alias_maximum: 0,
        sends_topic_aliases: true,
        server_keep_alive: Some(30),
        session_expiry_maximum: Some(120),
        empty_client_id: false,
        client_id_maximum: 100,
        ..Configuration::default()
    };
    insta::assert_snapshot!(found(meagre, Rules::all()).join("\n"));
}

#[test]
fn of_a_broker_that_serves_nobody_without_an_account_and_one_version_only() {
    let strict = Configuration {
        anonymous: false,
        accounts: vec![("a".into(), "b".into())],
        ..Configuration::default()
    };
    let older = Configuration { versions: vec![Version::V3_1_1], ..Configuration::default() };
    let of_newer: Vec<String> =
        found(older, Rules::all()).into_iter().filter(|line| line.starts_with("5.0")).collect();
    insta::assert_snapshot!([found(strict, Rules::all()), of_newer].concat().join("\n"));
}

/// Each broken rule shows in what it is about, and nowhere else.
#[test]
fn of_a_broker_with_broken_rules() {
    let intact: BTreeSet<String> = found(Configuration::default(), Rules::all()).into_iter().collect();
    let mut all = String::new();
    for (version, id) in [
        (Version::V5_0, "MQTT-3.2.2-16/a"),
        (Version::V5_0, "MQTT-3.3.1-5/a"),
        (Version::V3_1_1, "MQTT-3.3.1-5/a"),
        (Version::V5_0, "MQTT-4.3.2-4/a"),
        (Version::V3_1_1, "MQTT-4.3.3-2/c"),
        (Version::V5_0, "MQTT-3.1.2-23"),
        (Version::V3_1_1, "MQTT-3.1.2-4/c"),
    ] {
        let citation = Citation { version, id: id.parse().unwrap() };
        let changed: Vec<String> = found(Configuration::default(), Rules::without([citation]))
            .into_iter()
            .filter(|line| !intact.contains(line))
            .collect();
        all.push_str(&format!("without {citation}\n  {}\n", changed.join("\n  ")));
    }
    insta::assert_snapshot!(all);
}

//! What a broker supports and where its limits are: found out by small legal exchanges, without judging any of them.

mod client;
mod found;
mod identity;
mod messages;
mod search;
mod session;
mod sizes;
mod subscriptions;

use std::time::Duration;

use mqttspec_codec::Version;
use mqttspec_codec::model::Properties;

pub use found::{Answer, Finding, Kind};

use crate::capability::{Capabilities, Lack};
use crate::clock::Clock;
use crate::names::{PlayName, RunName};
use crate::probe::ProbeError;
use crate::sanity;
use crate::timing::Timing;
use crate::transport::Connector;
use client::Clients;

/// How long the plain exchange may take before anything is known of the broker's round trip.
const PATIENCE: Duration = Duration::from_secs(5);

/// What was found out about a broker in one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Survey {
    /// The version that was spoken.
    pub version: Version,
    /// The findings, capabilities first.
    pub findings: Vec<Finding>,
}

/// Why a broker does not serve a plain client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unserved {
    /// No connection could be opened.
    Unreachable(String),
    /// It refused the client, as of a version that it does not speak or without an account that it knows.
    Refused(String),
    /// It did not answer as a broker does.
    NoAnswer(String),
}

impl std::fmt::Display for Unserved {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (Self::Unreachable(why) | Self::Refused(why) | Self::NoAnswer(why)) = self;
        f.write_str(why)
    }
}

impl std::error::Error for Unserved {}

impl From<ProbeError> for Unserved {
    fn from(error: ProbeError) -> Self {
        let why = error.to_string();
        match error {
            ProbeError::Unreachable(_) => Self::Unreachable(why),
            ProbeError::Refused(_) => Self::Refused(why),
            ProbeError::NoAnswer(_) => Self::NoAnswer(why),
        }
    }
}

/// Does the exchange that every broker can do: CONNECT, PINGREQ, DISCONNECT.
///
/// # Errors
/// When the broker does not take part.
pub async fn serves(
    connector: &dyn Connector,
    clock: Clock,
    version: Version,
    name: RunName,
) -> Result<(), Unserved> {
    let client_id = PlayName::new(name, play_of(version)).client_id(0);
    sanity::check(connector, clock, PATIENCE, version, &client_id).await?;
    Ok(())
}

/// Finds out what a broker supports in one version. What it sends is legal as far as the broker's own word goes, which
/// is why nothing that its CONNACK rules out is tried.
///
/// # Errors
/// When the broker does not serve a plain client, before or after.
pub async fn survey(
    connector: &dyn Connector,
    clock: Clock,
    version: Version,
    name: RunName,
) -> Result<Survey, Unserved> {
    let play = PlayName::new(name, play_of(version));
    let sane = sanity::check(connector, clock, PATIENCE, version, &play.client_id(0)).await?;
    let patience = Timing::from_round_trip(sane.round_trip).answer;
    let clients = Clients { connector, clock, patience, version, name: play };
    let mut said = Said { version, capabilities: Capabilities::default(), connack: sane.connack };
    said.capabilities.learn(version, said.connack.clone());
    let mut findings = messages::find(&clients, &said).await;
    findings.extend(subscriptions::find(&clients, &said).await);
    findings.extend(said.findings());
    findings.extend(identity::find(&clients).await);
    findings.extend(session::find(&clients).await);
    findings.extend(sizes::find(&clients, &said, &findings).await);
    findings.sort_by_key(|finding| finding.kind);
    sanity::check(connector, clock, PATIENCE, version, &play.client_id(0)).await?;
    Ok(Survey { version, findings })
}

/// A broker may hold the sessions of both versions in one place.
const fn play_of(version: Version) -> u32 {
    match version {
        Version::V3_1_1 => 0,
        Version::V5_0 => 1,
    }
}

/// What the broker's CONNACK says.
struct Said {
    version: Version,
    capabilities: Capabilities,
    connack: Properties,
}

impl Said {
    /// The broker's own word that it does not have something.
    fn lacks(&self, need: &'static str) -> Option<Finding> {
        match self.capabilities.lacks(self.version, need)? {
            Lack::Unsupported(why) => Some(Finding::capability(need, Answer::No).with(why)),
            Lack::NotProvided(_) => None,
        }
    }

    /// What only a CONNACK tells, and only that of 5.0.
    fn findings(&self) -> Vec<Finding> {
        if self.version == Version::V3_1_1 {
            return Vec::new();
        }
        let told = ["topic-alias-in", "max-packet-size", "receive-maximum", "server-keep-alive"];
        let capabilities =
            told.map(|need| self.lacks(need).unwrap_or_else(|| Finding::capability(need, Answer::Yes)));
        let limit = |name, value: u32| Finding::limit(name, Answer::Limit(value));
        let mut findings = capabilities.to_vec();
        let receive_maximum = self.connack.receive_maximum();
        findings.push(match receive_maximum {
            Some(value) => limit("receive_maximum", value.into()),
            // Without the property it is as large as it can be (3.2.2.3.3).
            None => limit("receive_maximum", u16::MAX.into()).with("CONNACK does not name it"),
        });
        findings.push(match self.connack.topic_alias_maximum() {
            Some(value) => limit("topic_alias_maximum", value.into()),
            None => limit("topic_alias_maximum", 0).with("CONNACK does not name it"),
        });
        findings
    }
}

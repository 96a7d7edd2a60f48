//! What a broker offers, as far as it says so itself, and what a case needs.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use mqttspec_codec::Version;
use mqttspec_codec::model::Properties;
use mqttspec_script::plan::Case;

/// Why a case cannot be put to this broker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lack {
    /// The broker says that it does not have it: positive evidence, in words.
    Unsupported(String),
    /// This run has no means to provide it.
    NotProvided(String),
}

/// What the CONNACK of each version said.
#[derive(Clone, Debug, Default)]
pub struct Capabilities {
    connack: BTreeMap<Version, Properties>,
    /// What the run provides, by the vocabulary of `needs`.
    provided: BTreeSet<&'static str>,
    /// Nothing is lacking.
    everything: bool,
}

/// The smallest Receive Maximum that is too large to be filled by a case.
const FILLABLE_RECEIVE_MAXIMUM: u16 = 1_000;

impl Capabilities {
    /// Every capability, for a broker that is to be tried with everything.
    #[must_use]
    pub fn everything() -> Self {
        Self { everything: true, ..Self::default() }
    }

    /// The same with what a run provides by its own means.
    #[must_use]
    pub fn with(mut self, provided: impl IntoIterator<Item = &'static str>) -> Self {
        self.provided.extend(provided);
        self
    }

    /// Takes note of a CONNACK that accepted a client.
    pub fn learn(&mut self, version: Version, properties: Properties) {
        self.connack.insert(version, properties);
    }

    /// The same, and for a version that was not accepted what another offers.
    #[must_use]
    pub fn or(mut self, other: Self) -> Self {
        for (version, properties) in other.connack {
            self.connack.entry(version).or_insert(properties);
        }
        self
    }

    /// Whether a version was accepted at all.
    #[must_use]
    pub fn speaks(&self, version: Version) -> bool {
        self.everything || self.connack.contains_key(&version)
    }

    /// Whether the Server Keep Alive is so short that the clients of a case, which send nothing while they
    /// wait, would outlast it [5.0 MQTT-3.1.2-21]. A case about just that has the capability among its needs.
    #[must_use]
    pub fn outlasted(&self, case: &Case, lasts: Duration) -> Option<Lack> {
        let keep_alive = self.connack.get(&case.version)?.server_keep_alive().filter(|time| *time > 0)?;
        let is_about_it = case.needs.contains("server-keep-alive");
        (!is_about_it && Duration::from_secs(u64::from(keep_alive)) < lasts).then(|| {
            Lack::Unsupported(format!(
                "the broker's CONNACK says Server Keep Alive {keep_alive} s, which the case would outlast"
            ))
        })
    }

    /// What the broker lacks for a capability in the vocabulary of `needs`, if it lacks it.
    #[must_use]
    pub fn lacks(&self, version: Version, need: &str) -> Option<Lack> {
        if self.everything || self.provided.contains(need) {
            return None;
        }
        let none = Properties::default();
        let connack = self.connack.get(&version).unwrap_or(&none);
        let unless = |offered: bool, evidence: &str| {
            (!offered).then(|| Lack::Unsupported(format!("the broker's CONNACK {evidence}")))
        };
        let off = |value: Option<u8>| value == Some(0);
        // A CONNACK of 3.1.1 has no room for it, so what the broker says in 5.0 counts for both.
        let maximum_qos = connack
            .maximum_qos()
            .or_else(|| self.connack.get(&Version::V5_0).and_then(Properties::maximum_qos));
        match need {
            "qos1" => unless(maximum_qos != Some(0), "says Maximum QoS 0"),
            "qos2" => unless(maximum_qos.is_none(), "says a Maximum QoS below 2"),
            "max-qos" => unless(connack.maximum_qos().is_some(), "sets no Maximum QoS"),
            "retain" => unless(!off(connack.retain_available()), "says Retain Available 0"),
            "no-retain" => unless(off(connack.retain_available()), "does not say Retain Available 0"),
            "wildcard" => unless(
                !off(connack.wildcard_subscription_available()),
                "says Wildcard Subscription Available 0",
            ),
            "no-wildcard" => unless(
                off(connack.wildcard_subscription_available()),
                "does not say Wildcard Subscription Available 0",
            ),
            "subscription-ids" => unless(
                !off(connack.subscription_identifiers_available()),
                "says Subscription Identifiers Available 0",
            ),
            "no-subscription-ids" => unless(
                off(connack.subscription_identifiers_available()),
                "does not say Subscription Identifiers Available 0",
            ),
            "shared-subs" => {
                unless(!off(connack.shared_subscription_available()), "says Shared Subscription Available 0")
            }
            "no-shared-subs" => unless(
                off(connack.shared_subscription_available()),
                "does not say Shared Subscription Available 0",
            ),
            "topic-alias-in" => unless(
                connack.topic_alias_maximum().is_some_and(|maximum| maximum > 0),
                "allows no Topic Alias",
            ),
            "no-topic-alias-in" => unless(
                connack.topic_alias_maximum().is_none_or(|maximum| maximum == 0),
                "allows Topic Aliases",
            ),
            "max-packet-size" => {
                unless(connack.maximum_packet_size().is_some(), "sets no Maximum Packet Size")
            }
            "receive-maximum" => unless(
                connack.receive_maximum().is_some_and(|maximum| maximum <= FILLABLE_RECEIVE_MAXIMUM),
                "sets no Receive Maximum that a case could fill",
            ),
            "server-keep-alive" => unless(connack.server_keep_alive().is_some(), "sets no Server Keep Alive"),
            "session" => unless(
                version == Version::V3_1_1 || connack.session_expiry_interval() != Some(0),
                "says Session Expiry Interval 0",
            ),
            "only-3.1.1" => unless(!self.speaks(Version::V5_0), "accepts MQTT 5.0"),
            // What may be vacuous is played all the same: a breach would be seen.
            "wait" | "topic-alias-out" | "reason-strings" | "dollar-topics" | "clientid-reject" => None,
            "websocket" => Some(Lack::NotProvided(
                "no WebSocket address of the broker is known; --websocket gives one".to_owned(),
            )),
            other => Some(Lack::NotProvided(format!("this run does not provide `{other}`"))),
        }
    }
}

//! The configurations in which the suite is put to the reference broker: the default, and others that make the
//! choices which the specification leaves to a broker.

use bytes::Bytes;
use mqttspec_broker::{Configuration, InvalidFilter, Overlapping, Refusal};
use mqttspec_codec::Version;
use mqttspec_codec::model::QoS;

/// A configuration with a name for people.
#[derive(Clone, Debug)]
pub struct Named {
    /// The name.
    pub name: &'static str,
    /// The configuration.
    pub configuration: Configuration,
}

/// The default with the account that cases which need `auth` know.
#[must_use]
pub fn with_account() -> Configuration {
    Configuration {
        accounts: vec![("mqttspec".into(), Bytes::from_static(b"secret"))],
        ..Configuration::default()
    }
}

/// All configurations, the default first.
#[must_use]
pub fn configurations() -> Vec<Named> {
    let default = Configuration::default;
    vec![
        Named { name: "default", configuration: default() },
        Named {
            name: "little offered",
            configuration: Configuration {
                maximum_qos: QoS::AtLeastOnce,
                retain_available: false,
                wildcard_subscriptions: false,
                subscription_identifiers: false,
                shared_subscriptions: false,
                topic_alias_maximum: 0,
                sends_topic_aliases: false,
                receive_maximum: 10,
                maximum_packet_size: Some(5_000),
                response_information: None,
                ..default()
            },
        },
        Named {
            name: "QoS 0 only",
            configuration: Configuration { maximum_qos: QoS::AtMostOnce, ..default() },
        },
        Named {
            name: "few words",
            configuration: Configuration {
                refusal: Refusal::Silent,
                disconnect_before_close: false,
                reason_strings: false,
                report_no_subscribers: false,
                validate_payload_format: false,
                invalid_filter: InvalidFilter::Close,
                topic_alias_maximum: 65_535,
                ..default()
            },
        },
        Named {
            name: "strict",
            configuration: Configuration {
                empty_client_id: false,
                client_id_maximum: 0,
                topic_alias_maximum: 16,
                refuse_disallowed_characters: true,
                ..default()
            },
        },
        Named {
            name: "3.1.1 only",
            configuration: Configuration { versions: vec![Version::V3_1_1], ..default() },
        },
        Named { name: "accounts", configuration: with_account() },
        Named {
            name: "short sessions",
            configuration: Configuration {
                session_expiry_maximum: Some(2),
                topic_alias_maximum: 5,
                ..default()
            },
        },
        Named {
            name: "no sessions",
            configuration: Configuration {
                session_expiry_maximum: Some(0),
                maximum_granted_qos: QoS::AtLeastOnce,
                ..default()
            },
        },
        Named {
            name: "server keep alive",
            configuration: Configuration {
                server_keep_alive: Some(30),
                maximum_packet_size: Some(65_536),
                maximum_granted_qos: QoS::AtMostOnce,
                ..default()
            },
        },
        Named {
            name: "a copy for each subscription",
            configuration: Configuration {
                overlapping: Overlapping::EachSubscription,
                queue_qos0: true,
                receive_maximum: 10,
                topic_alias_maximum: 65_534,
                ..default()
            },
        },
    ]
}

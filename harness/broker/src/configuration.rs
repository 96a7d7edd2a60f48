//! What the specification leaves to a broker.

use std::time::Duration;

use bytes::Bytes;
use bytestring::ByteString;
use mqttspec_codec::Version;
use mqttspec_codec::model::{QoS, ReasonCode};

/// The choices of a broker. The defaults exercise as much of the specification as possible.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// The versions that are served; a CONNECT of any other is refused.
    pub versions: Vec<Version>,
    /// How long a connection may stay without a CONNECT (3.1.4).
    pub connect_timeout: Duration,
    /// How long a Client may take for each step of enhanced authentication (5.0, 4.12).
    pub authentication_timeout: Duration,
    /// How a CONNECT of 5.0 is refused; 3.1.1 leaves no choice.
    pub refusal: Refusal,
    /// Whether a DISCONNECT with a Reason Code precedes the close on an error (5.0, 4.13.1).
    pub disconnect_before_close: bool,
    /// Whether refusals carry a Reason String and a User Property, where the Client allows it (5.0).
    pub reason_strings: bool,

    /// Maximum QoS of a PUBLISH from a Client. A 3.1.1 Client learns of it by a lower grant only.
    pub maximum_qos: QoS,
    /// Whether retained messages are supported (5.0).
    pub retain_available: bool,
    /// Whether Topic Filters may hold wildcards.
    pub wildcard_subscriptions: bool,
    /// Whether Subscription Identifiers are supported (5.0).
    pub subscription_identifiers: bool,
    /// Whether Shared Subscriptions are supported (5.0).
    pub shared_subscriptions: bool,
    /// The highest QoS that a subscription is granted.
    pub maximum_granted_qos: QoS,
    /// Receive Maximum for Clients of 5.0, from 1.
    pub receive_maximum: u16,
    /// Maximum Packet Size for packets from Clients, in bytes; 3.1.1 cannot announce it, so it is not
    /// applied there.
    pub maximum_packet_size: Option<u32>,
    /// Topic Alias Maximum for Clients of 5.0; 0 forbids aliases.
    pub topic_alias_maximum: u16,
    /// Whether the broker uses Topic Aliases itself towards Clients of 5.0 that allow them.
    pub sends_topic_aliases: bool,
    /// Server Keep Alive, in seconds, in place of what Clients of 5.0 ask for.
    pub server_keep_alive: Option<u16>,
    /// The longest Session Expiry Interval that is granted, in seconds (5.0).
    pub session_expiry_maximum: Option<u32>,
    /// Response Information for Clients that ask for it (5.0).
    pub response_information: Option<ByteString>,

    /// Whether a Client may connect without a Client Identifier.
    pub empty_client_id: bool,
    /// The longest Client Identifier accepted, in bytes, from 23.
    pub client_id_maximum: usize,
    /// Client Identifiers that begin with this text are rejected.
    pub client_id_denied: Option<ByteString>,

    /// Whether a Client may connect without a User Name.
    pub anonymous: bool,
    /// User names with their passwords; without any, whatever a Client names is accepted where it need not
    /// name anything.
    pub accounts: Vec<(ByteString, Bytes)>,
    /// Nobody may publish or subscribe to a topic that begins with this text.
    pub denied_topics: Option<ByteString>,
    /// What a Client of 3.1.1 gets that publishes to such a topic (3.3.5 of 3.1.1).
    pub denied_publish: DeniedPublish,
    /// The name of the built-in challenge method of enhanced authentication (5.0).
    pub authentication_method: Option<ByteString>,
    /// Refuses every CONNECT of 5.0 with 0x9C or 0x9D, and this Server Reference.
    pub redirection: Option<(ReasonCode, ByteString)>,

    /// How a message reaches a Client that has several matching subscriptions (3.3.4).
    pub overlapping: Overlapping,
    /// What happens to a SUBSCRIBE with a Topic Filter that breaks the rules of 4.7 or 4.8.
    pub invalid_filter: InvalidFilter,
    /// Whether strings with control characters and non-characters are refused (1.5.4).
    pub refuse_disallowed_characters: bool,
    /// Whether PUBACK and PUBREC tell that nobody gets the message, by 0x10 (5.0).
    pub report_no_subscribers: bool,
    /// Whether a payload that is said to be UTF-8 is checked, and 0x99 answered (5.0).
    pub validate_payload_format: bool,
    /// Whether QoS 0 messages are kept for a Client that is away.
    pub queue_qos0: bool,
}

impl Configuration {
    /// What the broker offers beyond what a CONNACK says, in the vocabulary of a case's `needs`.
    #[must_use]
    pub fn provides(&self) -> Vec<&'static str> {
        let offers = [
            ("enhanced-auth", self.authentication_method.is_some()),
            ("auth", !self.accounts.is_empty()),
            ("acl-deny-publish", self.denied_topics.is_some()),
            ("acl-deny-subscribe", self.denied_topics.is_some()),
        ];
        offers.into_iter().filter(|(_, offered)| *offered).map(|(need, _)| need).collect()
    }
}

/// How a CONNECT is refused (3.1.4, 4.13).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// By a CONNACK with a Reason Code, then the close.
    ConnAck,
    /// By the close alone.
    Silent,
}

/// The two answers that 3.1.1 leaves for a PUBLISH that is not authorized.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeniedPublish {
    /// Acknowledged as if all were well, and dropped.
    Acknowledge,
    /// The connection is closed.
    Close,
}

/// The two ways to serve overlapping subscriptions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overlapping {
    /// One copy, at the highest QoS granted.
    Once,
    /// One copy for each matching subscription.
    EachSubscription,
}

/// The two reactions to a bad Topic Filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidFilter {
    /// SUBACK with 0x8F (5.0) or 0x80 (3.1.1) for that filter.
    SubAck,
    /// The connection is closed.
    Close,
}

impl Default for Configuration {
    fn default() -> Self {
        Self {
            versions: Version::ALL.to_vec(),
            connect_timeout: Duration::from_secs(2),
            authentication_timeout: Duration::from_secs(30),
            refusal: Refusal::ConnAck,
            disconnect_before_close: true,
            reason_strings: true,
            maximum_qos: QoS::ExactlyOnce,
            retain_available: true,
            wildcard_subscriptions: true,
            subscription_identifiers: true,
            shared_subscriptions: true,
            maximum_granted_qos: QoS::ExactlyOnce,
            receive_maximum: 20,
            maximum_packet_size: Some(1_048_576),
            topic_alias_maximum: 10,
            sends_topic_aliases: true,
            server_keep_alive: None,
            session_expiry_maximum: None,
            response_information: Some(ByteString::from_static("mqttspec/response/")),
            empty_client_id: true,
            client_id_maximum: 256,
            client_id_denied: Some(ByteString::from_static("rejected-")),
            anonymous: true,
            accounts: Vec::new(),
            denied_topics: Some(ByteString::from_static("denied/")),
            denied_publish: DeniedPublish::Acknowledge,
            authentication_method: Some(ByteString::from_static("MQTTSPEC-CHALLENGE")),
            redirection: None,
            overlapping: Overlapping::Once,
            invalid_filter: InvalidFilter::SubAck,
            refuse_disallowed_characters: false,
            report_no_subscribers: true,
            validate_payload_format: true,
            queue_qos0: false,
        }
    }
}

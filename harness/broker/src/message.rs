//! An Application Message on its way through the broker.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use bytestring::ByteString;
use mqttspec_codec::Version;
use mqttspec_codec::model::{Properties, Property, Publish, QoS, Will};

/// A message that the broker has taken over.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    /// The version that the publisher speaks.
    pub(crate) version: Version,
    /// The Client Identifier of the publisher.
    pub(crate) publisher: ByteString,
    pub(crate) topic: ByteString,
    pub(crate) payload: Bytes,
    pub(crate) qos: QoS,
    /// RETAIN as it was published.
    pub(crate) retain: bool,
    /// DUP of the packet that brought the message; of no meaning to anyone else.
    pub(crate) dup: bool,
    /// The properties that are passed on unaltered, in their order.
    pub(crate) properties: Properties,
    /// Message Expiry Interval, in seconds.
    pub(crate) expiry_interval: Option<u32>,
    pub(crate) received_at: Duration,
}

impl Message {
    pub(crate) fn from_publish(
        publish: Publish,
        version: Version,
        publisher: ByteString,
        now: Duration,
    ) -> Self {
        Self {
            version,
            publisher,
            topic: publish.topic,
            payload: publish.payload,
            qos: publish.qos,
            retain: publish.retain,
            dup: publish.dup,
            expiry_interval: publish.properties.message_expiry_interval(),
            properties: passed_on(&publish.properties),
            received_at: now,
        }
    }

    pub(crate) fn from_will(will: Will, version: Version, publisher: ByteString, now: Duration) -> Self {
        Self {
            version,
            publisher,
            topic: will.topic,
            payload: will.payload,
            qos: will.qos,
            retain: will.retain,
            dup: false,
            expiry_interval: will.properties.message_expiry_interval(),
            properties: passed_on(&will.properties),
            received_at: now,
        }
    }

    /// Seconds that the message has spent in the broker.
    pub(crate) fn age(&self, now: Duration) -> u32 {
        u32::try_from(now.saturating_sub(self.received_at).as_secs()).unwrap_or(u32::MAX)
    }

    /// Whether the Message Expiry Interval has passed (3.3.2.3.3).
    pub(crate) fn has_expired(&self, now: Duration) -> bool {
        self.expiry_interval.is_some_and(|interval| {
            now.saturating_sub(self.received_at) >= Duration::from_secs(u64::from(interval))
        })
    }
}

/// The properties of a message that belong to its receivers, not to the connection it came on.
fn passed_on(properties: &Properties) -> Properties {
    properties
        .iter()
        .filter(|property| {
            matches!(
                property,
                Property::PayloadFormatIndicator(_)
                    | Property::ContentType(_)
                    | Property::ResponseTopic(_)
                    | Property::CorrelationData(_)
                    | Property::UserProperty(_)
            )
        })
        .cloned()
        .collect()
}

/// A message for one Session.
#[derive(Clone, Debug)]
pub(crate) struct Delivery {
    pub(crate) message: Arc<Message>,
    /// The QoS it is sent with.
    pub(crate) qos: QoS,
    /// The RETAIN flag it is sent with.
    pub(crate) retain: bool,
    /// The Subscription Identifiers of the subscriptions that brought it here.
    pub(crate) identifiers: Vec<u32>,
    /// The Shared Subscription it was drawn from, by its whole filter.
    pub(crate) share: Option<ByteString>,
}

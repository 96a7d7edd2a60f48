//! How much a message may hold.

use bytes::Bytes;
use mqttspec_codec::encode;
use mqttspec_codec::model::{Packet, Publish, QoS};

use super::client::{Clients, PACKET_ID};
use super::identity::LONGEST_STRING;
use super::search::{Search, search};
use super::{Answer, Finding, Said};

/// The longest packet that is tried, in bytes: above the limit of one mebibyte that many brokers have.
const LONGEST_PACKET: u32 = 2 * 1024 * 1024;
/// A packet that is taken by whatever broker takes messages at all, in bytes.
const SMALL_PACKET: u32 = 128;

pub(super) async fn find(clients: &Clients<'_>, said: &Said, before: &[Finding]) -> Vec<Finding> {
    let takes_qos1 = before.iter().any(|finding| finding.name == "qos1" && finding.answer == Answer::Yes);
    let qos = if takes_qos1 { QoS::AtLeastOnce } else { QoS::AtMostOnce };
    let length = topic_length(clients, said, qos).await;
    let levels = topic_levels(clients, qos, length.answer).await;
    vec![packet_size(clients, said, qos).await, length, levels]
}

/// The longest PUBLISH that is taken.
async fn packet_size(clients: &Clients<'_>, said: &Said, qos: QoS) -> Finding {
    let name = "maximum_packet_size";
    let announced = said.connack.maximum_packet_size();
    let end = announced.unwrap_or(LONGEST_PACKET).min(LONGEST_PACKET);
    let (answer, why) = search(Search::new(SMALL_PACKET.min(end), end), async |size| {
        let publish = Publish { qos, topic: clients.name.topic_root().into(), ..Publish::default() };
        clients.publish(of_size(clients, publish, size)).await
    })
    .await;
    match (answer, announced) {
        (Answer::AtLeast(_), Some(announced)) if announced <= LONGEST_PACKET => {
            Finding::limit(name, Answer::Limit(announced)).with("CONNACK says so, and it is taken")
        }
        (Answer::AtLeast(tried), Some(announced)) => {
            Finding::limit(name, Answer::Limit(announced)).with(format!("CONNACK says so; {tried} are taken"))
        }
        (answer, Some(announced)) => {
            let why = why.unwrap_or_default();
            Finding::limit(name, answer).with(format!("CONNACK says {announced}; {why}"))
        }
        (answer, None) => Finding { evidence: why, ..Finding::limit(name, answer) },
    }
}

/// The message with a payload that makes its packet as long as this, or where the Remaining Length allows no such
/// packet, a byte shorter.
fn of_size(clients: &Clients<'_>, publish: Publish, size: u32) -> Publish {
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let packet_id = (publish.qos != QoS::AtMostOnce).then_some(PACKET_ID);
    let with =
        |length: usize| Publish { packet_id, payload: Bytes::from(vec![b'm'; length]), ..publish.clone() };
    let encoded = |length: usize| encode(&Packet::Publish(with(length)), clients.version).len();
    let first = size.saturating_sub(encoded(0));
    let too_long = encoded(first).saturating_sub(size);
    with(first.saturating_sub(too_long))
}

/// The longest Topic Name that is taken.
async fn topic_length(clients: &Clients<'_>, said: &Said, qos: QoS) -> Finding {
    let root = clients.name.topic_root();
    let shortest = u32::try_from(root.len()).unwrap_or(u32::MAX);
    let around = 16;
    let end = said
        .connack
        .maximum_packet_size()
        .map_or(LONGEST_STRING, |size| LONGEST_STRING.min(size.saturating_sub(around)).max(shortest));
    let (answer, why) = search(Search::new(shortest, end), async |length| {
        let missing = usize::try_from(length - shortest).unwrap_or(usize::MAX);
        let topic = format!("{root}{}", "m".repeat(missing));
        clients.publish(Publish { qos, topic: topic.into(), ..Publish::default() }).await
    })
    .await;
    Finding { evidence: why, ..Finding::limit("topic_length", answer) }
}

/// The most levels of a Topic Name that is no longer than what is taken.
async fn topic_levels(clients: &Clients<'_>, qos: QoS, length: Answer) -> Finding {
    let root = clients.name.topic_root();
    let of_root = u32::try_from(root.split('/').count()).unwrap_or(u32::MAX);
    let shortest = u32::try_from(root.len()).unwrap_or(u32::MAX);
    let (Answer::Limit(length) | Answer::AtLeast(length)) = length else {
        return Finding::limit("topic_levels", Answer::Unknown);
    };
    // Each further level is a slash and a letter.
    let end = of_root + length.saturating_sub(shortest) / 2;
    let (answer, why) = search(Search::new(of_root, end), async |levels| {
        let missing = usize::try_from(levels - of_root).unwrap_or(usize::MAX);
        let topic = format!("{root}{}", "/m".repeat(missing));
        clients.publish(Publish { qos, topic: topic.into(), ..Publish::default() }).await
    })
    .await;
    Finding { evidence: why, ..Finding::limit("topic_levels", answer) }
}

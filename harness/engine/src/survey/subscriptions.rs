//! What a client may subscribe to.

use mqttspec_codec::Version;
use mqttspec_codec::model::{
    Disconnect, Packet, Properties, Property, QoS, Subscribe, Subscription, SubscriptionOptions,
};

use super::client::{Clients, PACKET_ID};
use super::found::Miss;
use super::{Answer, Finding, Kind, Said};
use crate::probe::Probe;

pub(super) async fn find(clients: &Clients<'_>, said: &Said) -> Vec<Finding> {
    let root = clients.name.topic_root();
    let mut findings = vec![match grant(clients, &root, None).await {
        Ok(qos) => Finding::limit("granted_qos", Answer::Limit(qos.into())),
        Err(Miss::Refused(why) | Miss::Unasked(why)) => {
            Finding::limit("granted_qos", Answer::Unknown).with(why)
        }
    }];
    let mut asked = vec![("wildcard", format!("{root}/#"), None)];
    if clients.version == Version::V5_0 {
        asked.push(("shared-subs", format!("$share/group/{root}"), None));
        asked.push(("subscription-ids", root, Some(1)));
    }
    for (need, filter, identifier) in asked {
        findings.push(match said.lacks(need) {
            Some(lacking) => lacking,
            None => {
                let granted = grant(clients, &filter, identifier).await;
                Finding::from_outcome(Kind::Capability, need, granted)
            }
        });
    }
    findings
}

/// The QoS that a client is granted which asks for QoS 2.
async fn grant(clients: &Clients<'_>, filter: &str, identifier: Option<u32>) -> Result<u8, Miss> {
    let mut probe = clients.plain().await?;
    let granted = subscribed(&mut probe, filter, identifier).await;
    probe.leave(Disconnect::default()).await;
    granted.map_err(Miss::Refused)
}

/// Subscribes at QoS 2, and gives the QoS that was granted.
pub(super) async fn subscribed(
    probe: &mut Probe,
    filter: &str,
    identifier: Option<u32>,
) -> Result<u8, String> {
    let options = SubscriptionOptions { qos: QoS::ExactlyOnce, ..SubscriptionOptions::default() };
    let subscribe = Subscribe {
        packet_id: PACKET_ID,
        properties: Properties(identifier.map(Property::SubscriptionIdentifier).into_iter().collect()),
        filters: vec![Subscription { filter: filter.into(), options }],
    };
    match probe.exchange(&Packet::Subscribe(subscribe)).await {
        Ok(Packet::SubAck(suback)) => match suback.reason_codes.first() {
            Some(code) if code.0 <= QoS::ExactlyOnce as u8 => Ok(code.0),
            Some(code) => Err(format!("SUBACK {code}")),
            None => Err("a SUBACK without a code".to_owned()),
        },
        Ok(other) => Err(format!("answered by {}", other.packet_type())),
        Err(error) => Err(error.to_string()),
    }
}

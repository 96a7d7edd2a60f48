//! What a client may publish, and what becomes of it.

use bytes::Bytes;
use mqttspec_codec::Version;
use mqttspec_codec::model::{Disconnect, Packet, Properties, Property, Publish, QoS};

use super::client::{Clients, taken};
use super::subscriptions::subscribed;
use super::{Answer, Finding, Kind, Said};

/// How many Topic Aliases a client lets the broker use that looks whether it does.
const ALIASES: u16 = 10;
/// How many messages of one topic the broker has for that.
const MESSAGES: usize = 2;

pub(super) async fn find(clients: &Clients<'_>, said: &Said) -> Vec<Finding> {
    let mut findings = qualities(clients, said).await;
    findings.push(retain(clients, said).await);
    if clients.version == Version::V5_0 {
        findings.push(aliases(clients).await);
    }
    findings
}

fn message(clients: &Clients<'_>, qos: QoS) -> Publish {
    Publish {
        qos,
        topic: clients.name.topic_root().into(),
        payload: Bytes::from_static(b"mqttspec"),
        ..Publish::default()
    }
}

/// Which QoS the broker takes.
async fn qualities(clients: &Clients<'_>, said: &Said) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut highest = Answer::Limit(QoS::AtMostOnce as u32);
    for (need, qos) in [("qos1", QoS::AtLeastOnce), ("qos2", QoS::ExactlyOnce)] {
        let finding = match said.lacks(need) {
            Some(lacking) => lacking,
            None => {
                let taken = clients.publish(message(clients, qos)).await;
                Finding::from_outcome(Kind::Capability, need, taken)
            }
        };
        highest = match finding.answer {
            Answer::Yes => Answer::Limit(qos as u32),
            Answer::Unknown => Answer::Unknown,
            _ => highest,
        };
        findings.push(finding);
    }
    let maximum = Finding::limit("maximum_qos", highest);
    findings.push(match said.connack.maximum_qos() {
        Some(announced) if Answer::Limit(announced.into()) != highest => {
            maximum.with(format!("CONNACK says {announced}"))
        }
        _ => maximum,
    });
    findings
}

/// Whether a retained message reaches who subscribes later.
async fn retain(clients: &Clients<'_>, said: &Said) -> Finding {
    if let Some(lacking) = said.lacks("retain") {
        return lacking;
    }
    let retained = |payload: &'static [u8]| Publish {
        retain: true,
        payload: Bytes::from_static(payload),
        ..message(clients, QoS::AtMostOnce)
    };
    if let Err(miss) = clients.publish(retained(b"retained")).await {
        return Finding::from_outcome(Kind::Capability, "retain", Err::<(), _>(miss));
    }
    let seen = match clients.plain().await {
        Err(miss) => return Finding::from_outcome(Kind::Capability, "retain", Err::<(), _>(miss)),
        Ok(mut probe) => {
            let answer = subscribed(&mut probe, &clients.name.topic_root(), None).await;
            let seen = match answer {
                Ok(_) => probe.delivery().await.map_err(|error| error.to_string()),
                Err(why) => Err(why),
            };
            probe.leave(Disconnect::default()).await;
            seen
        }
    };
    // An empty message takes it away again (3.3.1.3).
    let _ = clients.publish(retained(b"")).await;
    match seen {
        Ok(publish) if publish.retain => Finding::capability("retain", Answer::Yes),
        Ok(_) => Finding::capability("retain", Answer::No).with("the message came without RETAIN"),
        Err(_) => Finding::capability("retain", Answer::No).with("a new subscriber did not get the message"),
    }
}

/// Whether the broker uses Topic Aliases that a client allows.
async fn aliases(clients: &Clients<'_>) -> Finding {
    let name = "topic-alias-out";
    let mut connect = clients.connect_as(clients.name.client_id(1));
    connect.properties = Properties(vec![Property::TopicAliasMaximum(ALIASES)]);
    let Ok((mut probe, _)) = clients.accepted(connect).await else {
        return Finding::capability(name, Answer::Unknown).with("a client that allows them was not accepted");
    };
    let root = clients.name.topic_root();
    let mut answer = match subscribed(&mut probe, &root, None).await {
        Ok(_) => Answer::No,
        Err(_) => Answer::Unknown,
    };
    for _ in 0..MESSAGES {
        if answer != Answer::No || taken(&mut probe, message(clients, QoS::AtMostOnce)).await.is_err() {
            break;
        }
        match probe.delivery().await {
            Ok(publish) if publish.properties.topic_alias().is_some() => answer = Answer::Yes,
            Ok(_) => {}
            Err(_) => answer = Answer::Unknown,
        }
    }
    probe.send(&Packet::Disconnect(Disconnect::default())).await;
    let finding = Finding::new(Kind::Capability, name, answer);
    match answer {
        Answer::No => finding.with(format!("{MESSAGES} messages of one topic came without")),
        Answer::Unknown => finding.with("a message did not reach its subscriber"),
        _ => finding,
    }
}

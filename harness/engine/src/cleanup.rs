//! Takes away what a case left in the broker: sessions and retained messages.

use std::collections::BTreeSet;
use std::time::Duration;

use bytestring::ByteString;
use mqttspec_codec::Version;
use mqttspec_codec::model::{Connect, Disconnect, Packet, Publish, QoS};

use crate::clock::Clock;
use crate::probe::Probe;
use crate::transport::Connector;

/// What a playing may have left behind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Leftovers {
    /// Client Identifiers whose sessions outlive their connections.
    sessions: BTreeSet<(Version, ByteString)>,
    /// Topics with a retained message.
    retained: BTreeSet<(Version, ByteString)>,
}

impl Leftovers {
    /// Takes note of a packet that the broker may have accepted.
    pub(crate) fn sent(&mut self, packet: &Packet, version: Version) {
        match packet {
            Packet::Connect(connect) if !connect.client_id.is_empty() => {
                let outlives = match version {
                    Version::V3_1_1 => !connect.clean_start,
                    Version::V5_0 => {
                        connect.properties.session_expiry_interval().is_some_and(|time| time > 0)
                    }
                };
                if outlives {
                    self.sessions.insert((version, connect.client_id.clone()));
                }
                if let Some(will) = connect.will.as_ref().filter(|will| will.retain) {
                    self.retained.insert((version, will.topic.clone()));
                }
            }
            Packet::Publish(publish) if publish.retain && !publish.topic.is_empty() => {
                self.retained.insert((version, publish.topic.clone()));
            }
            _ => {}
        }
    }

    /// Takes it all away. A broker that does not let us is left as it is: no case relies on this.
    pub(crate) async fn clean(
        self,
        connector: &dyn Connector,
        clock: Clock,
        patience: Duration,
        client_id: &str,
    ) {
        for (version, client_id) in self.sessions {
            let connect = Connect { keep_alive: 60, ..Connect::new(version, client_id) };
            if let Ok((probe, _)) = Probe::connect(connector, clock, patience, version, connect).await {
                probe.leave(Disconnect::default()).await;
            }
        }
        for version in Version::ALL {
            let topics: Vec<_> =
                self.retained.iter().filter(|(of, _)| *of == version).map(|(_, topic)| topic).collect();
            if topics.is_empty() {
                continue;
            }
            let connect = Connect { keep_alive: 60, ..Connect::new(version, client_id) };
            let Ok((mut probe, _)) = Probe::connect(connector, clock, patience, version, connect).await
            else {
                continue;
            };
            for topic in topics {
                let publish = Publish {
                    qos: QoS::AtMostOnce,
                    retain: true,
                    topic: topic.clone(),
                    ..Publish::default()
                };
                probe.send(&Packet::Publish(publish)).await;
            }
            // The answer shows that the messages before it have been read.
            let _ = probe.exchange(&Packet::PingReq).await;
            probe.leave(Disconnect::default()).await;
        }
    }
}

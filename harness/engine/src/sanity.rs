//! The exchange that every broker can do: CONNECT, PINGREQ, DISCONNECT. It shows that the broker lives,
//! measures its round trip, and reads what its CONNACK offers.

use std::time::Duration;

use mqttspec_codec::Version;
use mqttspec_codec::model::{Connect, Packet, Properties};

use crate::clock::Clock;
use crate::probe::{Probe, ProbeError};
use crate::transport::Connector;

/// How many round trips are measured.
const PINGS: u32 = 5;

/// What the exchange showed.
#[derive(Clone, Debug)]
pub(crate) struct Sane {
    /// The longest round trip of a PINGREQ.
    pub(crate) round_trip: Duration,
    /// The properties of the CONNACK.
    pub(crate) connack: Properties,
}

/// Does the exchange once.
pub(crate) async fn check(
    connector: &dyn Connector,
    clock: Clock,
    patience: Duration,
    version: Version,
    client_id: &str,
) -> Result<Sane, ProbeError> {
    let connect = Connect { keep_alive: 60, ..Connect::new(version, client_id) };
    let (mut probe, connack) = Probe::connect(connector, clock, patience, version, connect).await?;
    let mut round_trip = Duration::ZERO;
    for _ in 0..PINGS {
        let before = clock.now();
        match probe.exchange(&Packet::PingReq).await? {
            Packet::PingResp => round_trip = round_trip.max(clock.now() - before),
            other => {
                let why = format!("{} came instead of PINGRESP", other.packet_type());
                return Err(ProbeError::NoAnswer(why));
            }
        }
    }
    probe.leave().await;
    Ok(Sane { round_trip, connack: connack.properties })
}

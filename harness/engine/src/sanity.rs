//! The exchange that every broker can do: CONNECT, PINGREQ, DISCONNECT. It shows that the broker lives,
//! measures its round trip, and reads what its CONNACK offers.

use std::time::Duration;

use mqttspec_codec::Version;
use mqttspec_codec::model::{Connect, Disconnect, Packet, Properties, Property, ReasonCode};

use crate::capability::Capabilities;
use crate::clock::Clock;
use crate::names::PlayName;
use crate::probe::{Probe, ProbeError};
use crate::run::Surroundings;
use crate::transport::Connector;

/// How many round trips are measured.
const PINGS: u32 = 5;

/// The session that the exchange asks for, in seconds; it is given up at the end.
const SESSION_EXPIRY_INTERVAL: u32 = 60;

/// What the exchange showed.
#[derive(Clone, Debug)]
pub(crate) struct Sane {
    /// The longest round trip of a PINGREQ.
    pub(crate) round_trip: Duration,
    /// The properties of the CONNACK.
    pub(crate) connack: Properties,
}

/// What a broker offers by its own CONNACK in each version that it accepts.
pub async fn capabilities(surroundings: &Surroundings) -> Capabilities {
    let mut capabilities = Capabilities::default();
    for (version, number) in Version::ALL.into_iter().zip(0..) {
        let client_id = PlayName::new(surroundings.name, number).client_id(0);
        let Surroundings { connector, clock, timing, .. } = surroundings;
        if let Ok(sane) = check(&**connector, *clock, timing.answer, version, &client_id).await {
            capabilities.learn(version, sane.connack);
        }
    }
    capabilities
}

/// Does the exchange once.
pub(crate) async fn check(
    connector: &dyn Connector,
    clock: Clock,
    patience: Duration,
    version: Version,
    client_id: &str,
) -> Result<Sane, ProbeError> {
    // A broker tells only a client that asks for a session whether it keeps any.
    let expiry = |interval| Properties(vec![Property::SessionExpiryInterval(interval)]);
    let mut connect = Connect { keep_alive: 60, ..Connect::new(version, client_id) };
    if version == Version::V5_0 {
        connect.properties = expiry(SESSION_EXPIRY_INTERVAL);
    }
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
    let keeps_session = connack.properties.session_expiry_interval() != Some(0);
    let goodbye = match version {
        Version::V5_0 if keeps_session => {
            Disconnect { reason_code: Some(ReasonCode::SUCCESS), properties: Some(expiry(0)) }
        }
        Version::V5_0 | Version::V3_1_1 => Disconnect::default(),
    };
    probe.leave(goodbye).await;
    Ok(Sane { round_trip, connack: connack.properties })
}

//! When a broker serves: not when its port is open, but when it answers CONNECT by CONNACK.

use std::fmt;
use std::time::Duration;

use mqttspec_codec::Version;
use mqttspec_codec::model::{Connect, Disconnect, ReasonCode};

use crate::clock::Clock;
use crate::probe::{Probe, ProbeError};
use crate::transport::Connector;

/// How long one CONNECT waits for its answer: some brokers open the port long before anybody listens behind it.
const PATIENCE: Duration = Duration::from_secs(2);
/// The time between two attempts.
const INTERVAL: Duration = Duration::from_millis(20);
/// What a broker says that is about to serve (3.2.2.3 of 3.1.1, 3.2.2.2 of 5.0): that it is busy, or that it does not know
/// the client, whose account some read only after they have opened the port.
const NOT_YET: [ReasonCode; 7] = [
    ReasonCode(0x03),
    ReasonCode(0x04),
    ReasonCode(0x05),
    ReasonCode(0x86),
    ReasonCode(0x87),
    ReasonCode(0x88),
    ReasonCode(0x89),
];

/// The broker did not answer in time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotReady {
    /// What the last attempt showed.
    pub last: String,
}

impl fmt::Display for NotReady {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the broker does not answer CONNECT: {}", self.last)
    }
}

impl std::error::Error for NotReady {}

/// Waits until the broker answers a CONNECT of this version by a CONNACK that does not put the client off. That it refuses
/// the version, say, is an answer as well.
///
/// # Errors
/// When it has not done so at the deadline.
pub async fn ready(
    connector: &dyn Connector,
    clock: Clock,
    version: Version,
    client_id: &str,
    deadline: Duration,
) -> Result<(), NotReady> {
    let mut attempt = 0_u32;
    loop {
        // Each under a name of its own, since some brokers fall over one that comes back while they take leave of it.
        let connect = Connect { keep_alive: 60, ..Connect::new(version, format!("{client_id}a{attempt}")) };
        let last = match Probe::connect(connector, clock, PATIENCE, version, connect).await {
            Ok((probe, _)) => {
                probe.leave(Disconnect::default()).await;
                return Ok(());
            }
            Err(ProbeError::Refused(connack)) if !NOT_YET.contains(&connack.reason_code) => return Ok(()),
            Err(error) => error.to_string(),
        };
        if clock.now() + INTERVAL >= deadline {
            return Err(NotReady { last });
        }
        clock.pause(INTERVAL).await;
        attempt += 1;
    }
}

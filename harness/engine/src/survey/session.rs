//! What a broker keeps, and for how long.

use std::time::Duration;

use mqttspec_codec::Version;
use mqttspec_codec::model::{Connect, Disconnect, Properties, Property};

use super::client::Clients;
use super::subscriptions::subscribed;
use super::{Answer, Finding};
use crate::probe::ProbeError;

/// Long enough for the next connection, in seconds.
const SOME_TIME: u32 = 60;
/// The Session Expiry Interval of a session that is to end, in seconds.
const SHORT: u32 = 1;
/// How long after the disconnection there is a look whether such a session is over. A look ends the session, so the
/// next one is for another session; brokers are known that end sessions every few seconds only.
const LOOKS: [Duration; 2] = [Duration::from_secs(2), Duration::from_secs(7)];
/// A session without end (3.1.2.11.2 of 5.0).
const FOR_EVER: u32 = u32::MAX;
/// The longest Keep Alive, in seconds.
const LONGEST_KEEP_ALIVE: u16 = u16::MAX;

pub(super) async fn find(clients: &Clients<'_>) -> Vec<Finding> {
    let mut findings = vec![session(clients).await];
    if clients.version == Version::V5_0 {
        findings.push(longest(clients).await);
        findings.push(expiry(clients).await);
        findings.push(keep_alive(clients).await);
    }
    findings
}

fn keeping(clients: &Clients<'_>, seconds: u32) -> Connect {
    let mut connect = clients.connect_as(clients.name.client_id(2));
    match clients.version {
        Version::V3_1_1 => connect.clean_start = false,
        Version::V5_0 => connect.properties = Properties(vec![Property::SessionExpiryInterval(seconds)]),
    }
    connect
}

/// Whether there is a session when the client comes back.
async fn comes_back(clients: &Clients<'_>, seconds: u32, away: Duration) -> Result<bool, ProbeError> {
    let (mut probe, _) = clients.accepted(keeping(clients, seconds)).await?;
    // Some brokers keep nothing for a client that has nothing to be kept; what a refusal means is found out elsewhere.
    let _ = subscribed(&mut probe, &clients.name.topic_root(), None).await;
    probe.leave(Disconnect::default()).await;
    if !away.is_zero() {
        clients.clock.pause(away).await;
    }
    let again = Connect { clean_start: false, ..clients.connect_as(clients.name.client_id(2)) };
    let (probe, connack) = clients.accepted(again).await?;
    probe.leave(Disconnect::default()).await;
    forget(clients).await;
    Ok(connack.session_present)
}

/// Ends the session.
async fn forget(clients: &Clients<'_>) {
    if let Ok((probe, _)) = clients.accepted(clients.connect_as(clients.name.client_id(2))).await {
        probe.leave(Disconnect::default()).await;
    }
}

async fn session(clients: &Clients<'_>) -> Finding {
    match comes_back(clients, SOME_TIME, Duration::ZERO).await {
        Ok(true) => Finding::capability("session", Answer::Yes),
        Ok(false) => Finding::capability("session", Answer::No).with("Session Present is 0"),
        Err(error) => Finding::capability("session", Answer::Unknown).with(error.to_string()),
    }
}

/// The Session Expiry Interval that is granted to who asks for a session without end.
async fn longest(clients: &Clients<'_>) -> Finding {
    let name = "session_expiry_interval";
    match clients.accepted(keeping(clients, FOR_EVER)).await {
        Ok((probe, connack)) => {
            probe.leave(Disconnect::default()).await;
            forget(clients).await;
            match connack.properties.session_expiry_interval() {
                // What is not named is as the client asked (3.2.2.3.2).
                None | Some(FOR_EVER) => Finding::limit(name, Answer::AtLeast(FOR_EVER)).with("for ever"),
                Some(seconds) => Finding::limit(name, Answer::Limit(seconds)),
            }
        }
        Err(error) => Finding::limit(name, Answer::Unknown).with(error.to_string()),
    }
}

/// Whether a session of one second is over soon after.
async fn expiry(clients: &Clients<'_>) -> Finding {
    let name = "session_expires";
    for look in LOOKS {
        match comes_back(clients, SHORT, look).await {
            Ok(false) => return Finding::conduct(name, Answer::Yes),
            Ok(true) => {}
            Err(error) => return Finding::conduct(name, Answer::Unknown).with(error.to_string()),
        }
    }
    let last = LOOKS.map(|look| look.as_secs()).into_iter().max().unwrap_or_default();
    Finding::conduct(name, Answer::No).with(format!("a session of {SHORT} s is still there after {last} s"))
}

/// The Server Keep Alive for a client that wants the longest Keep Alive.
async fn keep_alive(clients: &Clients<'_>) -> Finding {
    let name = "server_keep_alive";
    let connect = Connect { keep_alive: LONGEST_KEEP_ALIVE, ..clients.connect_as(clients.name.client_id(1)) };
    match clients.accepted(connect).await {
        Ok((probe, connack)) => {
            probe.leave(Disconnect::default()).await;
            match connack.properties.server_keep_alive() {
                Some(seconds) => Finding::limit(name, Answer::Limit(seconds.into())),
                None => Finding::limit(name, Answer::No).with("the client's Keep Alive holds"),
            }
        }
        Err(error) => Finding::limit(name, Answer::Unknown).with(error.to_string()),
    }
}

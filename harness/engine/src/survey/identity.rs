//! Who is accepted: accounts and Client Identifiers.

use bytes::Bytes;
use bytestring::ByteString;
use mqttspec_codec::Version;
use mqttspec_codec::model::Connect;

use super::client::Clients;
use super::found::Miss;
use super::search::{Search, search};
use super::{Answer, Finding, Kind};

/// The length up to which every Server accepts a Client Identifier [MQTT-3.1.3-5].
const ACCEPTED_BY_ALL: u32 = 23;
/// The longest string of MQTT, in bytes (1.5.3 of 3.1.1, 1.5.4 of 5.0).
pub(super) const LONGEST_STRING: u32 = 65_535;
/// An account that no broker has.
const NOBODY: (&str, &str) = ("mqttspec-nobody", "mqttspec-no-password");

pub(super) async fn find(clients: &Clients<'_>) -> Vec<Finding> {
    vec![
        anonymous(clients).await,
        accounts(clients).await,
        empty_client_id(clients).await,
        client_id_length(clients).await,
    ]
}

/// Whether a client without an account is accepted.
async fn anonymous(clients: &Clients<'_>) -> Finding {
    let connect = clients.connect_as(clients.name.client_id(1));
    let accepted = clients.accepted_as_it_is(connect).await;
    Finding::from_outcome(Kind::Conduct, "anonymous", clients.acceptance(accepted).await)
}

/// Whether an unknown account is refused.
async fn accounts(clients: &Clients<'_>) -> Finding {
    let connect = Connect {
        user_name: Some(ByteString::from_static(NOBODY.0)),
        password: Some(Bytes::from_static(NOBODY.1.as_bytes())),
        ..clients.connect_as(clients.name.client_id(1))
    };
    let accepted = clients.accepted_as_it_is(connect).await;
    let finding = |answer, why: String| Finding::capability("auth", answer).with(why);
    match clients.acceptance(accepted).await {
        Ok(_) => finding(Answer::No, "an account that nobody has is accepted".to_owned()),
        Err(Miss::Refused(why)) => finding(Answer::Yes, format!("an account that nobody has: {why}")),
        Err(Miss::Unasked(why)) => finding(Answer::Unknown, why),
    }
}

/// Whether a client without a Client Identifier is accepted, and told which it got.
async fn empty_client_id(clients: &Clients<'_>) -> Finding {
    let accepted = clients.accepted(clients.connect_as("")).await;
    let outcome = clients.acceptance(accepted).await;
    let is_told = outcome.as_ref().map(|connack| connack.properties.assigned_client_identifier().is_some());
    let is_silent = clients.version == Version::V5_0 && is_told == Ok(false);
    let finding = Finding::from_outcome(Kind::Conduct, "empty_client_id", outcome);
    if is_silent { finding.with("CONNACK assigns none") } else { finding }
}

/// The longest Client Identifier that is accepted.
async fn client_id_length(clients: &Clients<'_>) -> Finding {
    let start = clients.name.client_id(1);
    let (answer, evidence) = search(Search::new(ACCEPTED_BY_ALL, LONGEST_STRING), async |length| {
        let missing = usize::try_from(length).unwrap_or(usize::MAX).saturating_sub(start.len());
        let client_id = format!("{start}{}", "m".repeat(missing));
        let accepted = clients.accepted(clients.connect_as(client_id)).await;
        clients.acceptance(accepted).await.map(|_| ())
    })
    .await;
    Finding { evidence, ..Finding::limit("client_id_length", answer) }
}

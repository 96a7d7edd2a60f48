//! What is asked of the broker before the campaign.

use std::sync::Arc;
use std::time::Duration;

use mqttspec_codec::model::Packet;
use mqttspec_engine::{Capabilities, Clock};

use super::{Campaign, Plan};
use crate::familiar::Familiar;
use crate::oracle::dues;
use crate::play::Player;
use crate::session::{Session, Sessions, Step};
use crate::subject::Subject;

/// A broker gets at least this long for an answer.
const LEAST_PATIENCE: Duration = Duration::from_millis(200);
/// How many round trips an answer may take.
const ROUND_TRIPS: u32 = 20;
/// How many round trips are measured.
const MEASURED: u64 = 50;
/// How long the first answer may take.
const FIRST_PATIENCE: Duration = Duration::from_secs(5);
/// Numbers of sessions that are not of the campaign.
const RESERVED: u64 = u64::MAX - 1_000;

impl Campaign {
    /// Asks the broker what it offers, and measures how fast it answers.
    ///
    /// # Errors
    /// When it answers in none of the versions: in words.
    pub async fn prepare(subject: Subject, mut plan: Plan) -> Result<Self, String> {
        let Subject { connector, control, provided } = subject;
        let clock = Clock::start();
        let mut player = Player {
            connector,
            clock,
            patience: FIRST_PATIENCE,
            familiar: None,
            sees_ends: false,
            goes_on: false,
        };
        let mut capabilities = Capabilities::default().with(provided.iter().copied());
        let mut times = Vec::new();
        for version in std::mem::take(&mut plan.versions) {
            for number in 0..MEASURED {
                let begun = clock.now();
                let connect = player.connect(version, &format!("fzm{number}"));
                let steps = vec![Step::send(0, Packet::Connect(connect))];
                let session = Session::new(RESERVED + number, version, steps);
                let played = player.play(&session, &dues(&session, &capabilities)).await;
                let accepted =
                    played.turns.iter().flat_map(|turn| &turn.received).find_map(|packet| match packet {
                        Packet::ConnAck(connack) if connack.reason_code.0 == 0 => {
                            Some(connack.properties.clone())
                        }
                        _ => None,
                    });
                let Some(properties) = accepted else { break };
                if number == 0 {
                    capabilities.learn(version, properties);
                    plan.versions.push(version);
                } else {
                    times.push(clock.now().saturating_sub(begun));
                }
                // The campaign will say more of it; here it would only cost time.
                if played.breach.is_some() {
                    break;
                }
            }
        }
        if plan.versions.is_empty() {
            return Err(format!("{} answers no CONNECT", player.connector.address()));
        }
        times.sort();
        let slow = times.get(times.len().saturating_sub(1 + times.len() / 100)).copied().unwrap_or_default();
        player.patience = LEAST_PATIENCE.max(slow * ROUND_TRIPS);
        let sessions = Arc::new(Sessions::new(plan.seed, &plan.versions, player.connector.account()));
        let familiar = Arc::new(Familiar::default());
        Ok(Self { sessions, capabilities: Arc::new(capabilities), player, control, familiar, plan })
    }
}

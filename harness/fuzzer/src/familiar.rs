//! Breaches that have been waited for often enough.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use mqttspec_codec::model::{Packet, PacketType};

use crate::oracle::Breach;
use crate::session::{Session, Step};

/// How often a breach that shows in a missing answer is waited for to the end.
const WAITS: u32 = 12;

/// Counts how often each breach was waited for. A broker that never closes after some packet would otherwise keep the
/// campaign waiting most of the time, for what it knows already.
#[derive(Debug, Default)]
pub(crate) struct Familiar {
    waits: Mutex<BTreeMap<String, u32>>,
    /// What breaks the broker.
    avoided: Mutex<Vec<Vec<Move>>>,
}

/// One of so many sessions is played all the same that seems to do what is known to break the broker.
const PLAYED: u64 = 64;

/// A step without its names and values.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Move {
    client: usize,
    what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum What {
    Packet { packet_type: PacketType, retain: bool, operator: Option<&'static str> },
    Loss,
}

impl What {
    /// Whether it does what one of a pattern does: one without a change is matched by one with any, as most leave the
    /// packet well-formed.
    fn is_like(&self, pattern: &Self) -> bool {
        match (self, pattern) {
            (
                Self::Packet { packet_type, retain, .. },
                Self::Packet { packet_type: wanted, retain: wanted_retain, operator: None },
            ) => packet_type == wanted && retain == wanted_retain,
            _ => self == pattern,
        }
    }
}

fn moves(session: &Session) -> Vec<Move> {
    let what = |step: &Step| match step {
        Step::Drop { .. } => What::Loss,
        Step::Send { packet, .. } | Step::Behind { packet, .. } => What::Packet {
            packet_type: packet.packet_type(),
            retain: matches!(packet, Packet::Publish(publish) if publish.retain),
            operator: step.mutant().map(|mutant| mutant.operator.name),
        },
    };
    session.steps.iter().map(|step| Move { client: step.client(), what: what(step) }).collect()
}

/// Whether all moves of the pattern come in the session in their order, each client's made by one client.
fn contains(moves: &[Move], pattern: &[Move], players: &mut BTreeMap<usize, usize>) -> bool {
    let Some((first, rest)) = pattern.split_first() else { return true };
    let is_like_first = |candidate: &&Move| candidate.what.is_like(&first.what);
    for (index, candidate) in moves.iter().enumerate().filter(|(_, candidate)| is_like_first(candidate)) {
        let behind = moves.get(index + 1..).unwrap_or_default();
        match players.get(&first.client) {
            Some(&player) if player == candidate.client => {
                if contains(behind, rest, players) {
                    return true;
                }
            }
            Some(_) => {}
            None if players.values().any(|&player| player == candidate.client) => {}
            None => {
                players.insert(first.client, candidate.client);
                if contains(behind, rest, players) {
                    return true;
                }
                players.remove(&first.client);
            }
        }
    }
    false
}

impl Familiar {
    /// Whether more time would show nothing that is not known.
    pub(crate) fn knows(&self, breach: &Breach) -> bool {
        let waits = self.waits.lock().unwrap_or_else(PoisonError::into_inner);
        waits.get(&breach.signature()).is_some_and(|&waits| waits >= WAITS)
    }

    /// From now on, leaves most of the sessions out that do the same.
    pub(crate) fn avoid(&self, session: &Session) {
        self.avoided.lock().unwrap_or_else(PoisonError::into_inner).push(moves(session));
    }

    /// Whether a session is left out: it would only cost a restart.
    pub(crate) fn avoids(&self, session: &Session) -> bool {
        let avoided = self.avoided.lock().unwrap_or_else(PoisonError::into_inner);
        if avoided.is_empty() || session.number.is_multiple_of(PLAYED) {
            return false;
        }
        let moves = moves(session);
        avoided.iter().any(|pattern| contains(&moves, pattern, &mut BTreeMap::new()))
    }

    /// Counts a breach that was waited for.
    pub(crate) fn note(&self, breach: &Breach) {
        let mut waits = self.waits.lock().unwrap_or_else(PoisonError::into_inner);
        *waits.entry(breach.signature()).or_default() += 1;
    }
}

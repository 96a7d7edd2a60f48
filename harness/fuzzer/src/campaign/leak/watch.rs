//! What is held from round to round.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::Resource;
use crate::campaign::Campaign;

/// So many open files more than at first are looked into; twice as many whenever nothing was found.
const FILES: u64 = 4;
/// So much memory more than at any time before, after one round, is looked into; twice as much whenever nothing was
/// found.
const MEMORY_KIB: u64 = 1024;
/// How many rounds a broker has to fill its pools and caches.
const WARM: u32 = 1;

/// That something may be lost.
#[derive(Clone, Debug)]
pub(in crate::campaign) struct Suspicion {
    pub(in crate::campaign) resource: Resource,
    /// How much more there was after a round.
    pub(super) grown: u64,
    /// The sessions of the round.
    pub(super) numbers: Vec<u64>,
}

impl Suspicion {
    /// That one session loses something.
    pub(in crate::campaign) fn of(resource: Resource, number: u64) -> Self {
        Self { resource, grown: 0, numbers: vec![number] }
    }
}

/// What was held after the rounds so far.
#[derive(Debug, Default)]
pub(in crate::campaign) struct Held {
    rounds: u32,
    /// The open files at first.
    files: u64,
    /// The most memory so far.
    memory_kib: u64,
    /// How often each kind of leak was looked into.
    pursued: BTreeMap<Resource, u32>,
    /// The kinds of which a session is known.
    explained: BTreeSet<Resource>,
}

impl Held {
    /// Looks into one kind of leak no more: one session that does it is known.
    pub(in crate::campaign) fn is_explained(&mut self, resource: Resource) {
        self.explained.insert(resource);
    }

    /// Whether growth is to be looked into.
    fn is_suspicious(&mut self, resource: Resource, grown: u64, least: u64) -> bool {
        let times = self.pursued.entry(resource).or_default();
        let is_much = grown >= least.saturating_mul(2_u64.saturating_pow(*times));
        let is_suspicious = is_much && !self.explained.contains(&resource);
        *times += u32::from(is_suspicious);
        is_suspicious
    }
}

impl Campaign {
    /// Begins anew with a fresh broker, to which only the canary is connected.
    pub(in crate::campaign) async fn begin_to_hold(&self, held: &mut Held) {
        held.rounds = 0;
        held.memory_kib = 0;
        held.files = self.settled().await.map_or(u64::MAX, |usage| usage.open_files);
    }

    /// Measures what is held after a round.
    pub(in crate::campaign) async fn look_at_holdings(
        &self,
        held: &mut Held,
        played: Range<u64>,
    ) -> Option<Suspicion> {
        let usage = self.settled().await?;
        let suspicion = |resource, grown| {
            let numbers = played.clone().map(|index| self.plan.first + index * self.plan.stride).collect();
            Some(Suspicion { resource, grown, numbers })
        };
        held.rounds += 1;
        let grown = usage.memory_kib.saturating_sub(held.memory_kib);
        held.memory_kib = held.memory_kib.max(usage.memory_kib);
        let files = usage.open_files.saturating_sub(held.files);
        if held.is_suspicious(Resource::OpenFiles, files, FILES) {
            held.files = usage.open_files;
            return suspicion(Resource::OpenFiles, files);
        }
        // Packets of megabytes come in the enumeration alone.
        let is_random = self.plan.first + played.start * self.plan.stride >= self.sessions.enumerated();
        let is_warm = is_random && held.rounds > WARM;
        if is_warm && held.is_suspicious(Resource::Memory, grown, MEMORY_KIB) {
            return suspicion(Resource::Memory, grown);
        }
        None
    }
}

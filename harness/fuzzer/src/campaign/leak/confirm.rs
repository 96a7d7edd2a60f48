//! Whether a session leaves something behind for good: every time, as much each time, and nothing else does.

use std::time::Duration;

use super::Resource;
use crate::campaign::Campaign;
use crate::session::Session;

/// How often a session is played between two looks at the open files, and how often in a row that is done.
const FILE_PLAYS: u32 = 8;
const FILE_ROUNDS: u32 = 4;
/// How many files have to stay each time.
const FILES_LEFT: u64 = 6;
/// How long a broker may keep a connection that was reset.
const LET_GO_WITHIN: Duration = Duration::from_secs(5);
/// The time between two looks at what it lets go.
const LOOK: Duration = Duration::from_millis(250);

/// How often a session is played between two looks at the memory.
const MEMORY_PLAYS: u32 = 64;
/// How much memory has to stay each time.
const LEAST_KIB: u64 = 4 * 64;
/// What counts as nothing.
const NOTHING_KIB: u64 = 64;
/// How many rounds a broker has to come to rest.
const TO_REST: u32 = 48;
/// So many rounds without growth are rest.
const AT_REST: u32 = 3;
/// How much has to add up, in at least so many rounds and at most so many.
const LEAKED_KIB: u64 = 32 * 1024;
const LEAST_ROUNDS: usize = 12;
const MOST_ROUNDS: usize = 128;
/// How many times as much one round may leave as another one.
const UNEVEN: u64 = 4;

impl Campaign {
    /// Whether a session makes the broker, which was just started, hold more for good.
    pub(super) async fn leaks(&self, session: &Session, resource: Resource) -> bool {
        let leaks = match resource {
            Resource::OpenFiles => self.leaks_files(session).await,
            Resource::Memory => self.leaks_memory(session).await,
        };
        leaks.unwrap_or(false)
    }

    async fn leaks_files(&self, session: &Session) -> Option<bool> {
        self.play_times(session, FILE_PLAYS).await;
        let first = self.settled().await?.open_files;
        let mut before = first;
        for _ in 0..FILE_ROUNDS {
            self.play_times(session, FILE_PLAYS).await;
            let after = self.settled().await?.open_files;
            if after < before + FILES_LEFT {
                return Some(false);
            }
            before = after;
        }
        let until = self.player.clock.now() + LET_GO_WITHIN;
        while self.player.clock.now() < until {
            self.player.clock.pause(LOOK).await;
            let now = self.control.as_ref()?.usage()?.open_files;
            if now < first + FILES_LEFT * u64::from(FILE_ROUNDS) {
                return Some(false);
            }
        }
        Some(true)
    }

    /// Memory that is not collected yet, or that an allocator keeps for later, grows with all that clients do. So the
    /// broker first has to come to rest under harmless sessions with as many connections and bytes.
    async fn leaks_memory(&self, session: &Session) -> Option<bool> {
        let harmless = session.harmless();
        if !self.comes_to_rest(&harmless).await? {
            return Some(false);
        }
        let mut rounds: Vec<u64> = Vec::new();
        // What is kept once for each client and topic is kept now.
        self.memory_growth(session).await?;
        while rounds.len() < LEAST_ROUNDS || rounds.iter().sum::<u64>() < LEAKED_KIB {
            let grown = self.memory_growth(session).await?;
            if grown < LEAST_KIB || rounds.len() >= MOST_ROUNDS {
                return Some(false);
            }
            rounds.push(grown);
        }
        let (least, most) = (rounds.iter().min()?, rounds.iter().max()?);
        let is_even = *most <= least * UNEVEN;
        let of_harmless = self.memory_growth(&harmless).await?;
        Some(is_even && of_harmless < least / UNEVEN)
    }

    async fn comes_to_rest(&self, harmless: &Session) -> Option<bool> {
        let mut at_rest = 0;
        for _ in 0..TO_REST {
            let is_quiet = self.memory_growth(harmless).await? < NOTHING_KIB;
            at_rest = if is_quiet { at_rest + 1 } else { 0 };
            if at_rest == AT_REST {
                return Some(true);
            }
        }
        Some(false)
    }

    async fn memory_growth(&self, session: &Session) -> Option<u64> {
        let before = self.settled().await?.memory_kib;
        self.play_times(session, MEMORY_PLAYS).await;
        Some(self.settled().await?.memory_kib.saturating_sub(before))
    }

    async fn play_times(&self, session: &Session, times: u32) {
        for _ in 0..times {
            self.play_alone(session).await;
        }
    }
}

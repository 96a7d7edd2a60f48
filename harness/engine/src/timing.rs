//! How long the engine waits for what must come, derived from the measured round trip.

use std::time::Duration;

/// Deadlines of one pass over the cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// How long a packet or the end of a connection may take, beyond any time that the specification gives.
    pub answer: Duration,
    /// How long to wait at least, the time that the specification gives included.
    pub least: Duration,
}

impl Timing {
    /// The shortest deadline: a machine that is busy with all cases at once answers late.
    pub const FLOOR: Duration = Duration::from_millis(1_200);
    /// How many round trips a deadline lasts.
    const ROUND_TRIPS: u32 = 200;
    /// The shortest deadline when a verdict is confirmed, beyond any time that the specification gives.
    const CONFIRMING_FLOOR: Duration = Duration::from_secs(3);
    /// Nothing is said to be missing before this time: brokers are known that do some of their work every five seconds.
    const PATIENCE: Duration = Duration::from_secs(6);
    /// A connection on which nobody was accepted yet is not said to stay open before this time: it cannot be asked
    /// for a sign of life, and brokers are known that end it by a timer of ten or thirty seconds only.
    const PATIENCE_BEFORE_CONNACK: Duration = Duration::from_secs(35);
    /// How much wider deadlines are when a verdict is confirmed.
    const WIDER: u32 = 2;

    /// An answer may take this long.
    #[must_use]
    pub const fn fixed(answer: Duration) -> Self {
        Self { answer, least: Duration::ZERO }
    }

    /// Deadlines for a broker with this round trip.
    #[must_use]
    pub fn from_round_trip(round_trip: Duration) -> Self {
        Self::fixed(Self::FLOOR.max(round_trip.saturating_mul(Self::ROUND_TRIPS)))
    }

    /// The deadlines when a verdict is confirmed.
    #[must_use]
    pub fn wider(self) -> Self {
        let answer = Self::CONFIRMING_FLOOR.max(self.answer.saturating_mul(Self::WIDER));
        Self { answer, least: Self::PATIENCE }
    }

    /// How long to wait for what the specification gives this time to.
    #[must_use]
    pub fn within(self, given: Duration) -> Duration {
        self.least.max(given.saturating_add(self.answer))
    }

    /// How long to wait for the end of a connection on which nobody was accepted.
    #[must_use]
    pub fn within_before_connack(self, given: Duration) -> Duration {
        let within = self.within(given);
        if self.least.is_zero() { within } else { within.max(Self::PATIENCE_BEFORE_CONNACK) }
    }

    /// Whether such a wait is so long that a miss needs no confirmation.
    #[must_use]
    pub fn is_patient(self, given: Duration) -> bool {
        self.within(given) >= Self::PATIENCE
    }
}

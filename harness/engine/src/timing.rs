//! How long the engine waits for what must come, derived from the measured round trip.

use std::time::Duration;

/// Deadlines of one pass over the cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// How long a packet or the end of a connection may take, beyond any time that the specification gives.
    pub answer: Duration,
}

impl Timing {
    /// The shortest deadline: a machine that is busy with all cases at once answers late.
    pub const FLOOR: Duration = Duration::from_millis(1_200);
    /// How many round trips a deadline lasts.
    const ROUND_TRIPS: u32 = 200;
    /// The shortest deadline when a verdict is confirmed.
    const CONFIRMING_FLOOR: Duration = Duration::from_secs(3);
    /// How much wider deadlines are when a verdict is confirmed.
    const WIDER: u32 = 2;

    /// Deadlines for a broker with this round trip.
    #[must_use]
    pub fn from_round_trip(round_trip: Duration) -> Self {
        Self { answer: Self::FLOOR.max(round_trip.saturating_mul(Self::ROUND_TRIPS)) }
    }

    /// The deadlines when a verdict is confirmed.
    #[must_use]
    pub fn wider(self) -> Self {
        Self { answer: Self::CONFIRMING_FLOOR.max(self.answer.saturating_mul(Self::WIDER)) }
    }
}

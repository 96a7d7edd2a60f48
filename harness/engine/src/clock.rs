//! The one clock. Nothing else in mqttspec waits, so with tokio's paused time a whole run is virtual.

use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;

/// Time since the run began.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: Instant,
}

impl Clock {
    /// A clock that begins now.
    #[must_use]
    pub fn start() -> Self {
        Self { start: Instant::now() }
    }

    /// The time since the clock began.
    #[must_use]
    pub fn now(&self) -> Duration {
        self.start.elapsed()
    }

    /// Lets time pass.
    pub async fn pause(&self, time: Duration) {
        tokio::time::timeout(time, std::future::pending::<()>()).await.unwrap_or_default();
    }

    /// What a future yields, or nothing when the deadline passes first.
    pub async fn before<F: Future>(&self, deadline: Duration, future: F) -> Option<F::Output> {
        tokio::time::timeout_at(self.start + deadline, future).await.ok()
    }
}

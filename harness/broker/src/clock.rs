//! The one place that knows the time. It is tokio's, so that a test can pause it.

use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;

/// Tells the time since it was made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    start: Instant,
}

impl Clock {
    pub(crate) fn new() -> Self {
        Self { start: Instant::now() }
    }

    pub(crate) fn now(&self) -> Duration {
        self.start.elapsed()
    }

    /// Waits for an event, until a deadline if there is one. `None` means that the deadline came first.
    pub(crate) async fn until<T>(
        &self,
        deadline: Option<Duration>,
        event: impl Future<Output = T>,
    ) -> Option<T> {
        match deadline {
            Some(deadline) => tokio::time::timeout_at(self.start + deadline, event).await.ok(),
            None => Some(event.await),
        }
    }

    /// Waits for an event for some time at most.
    pub(crate) async fn within<T>(&self, limit: Duration, event: impl Future<Output = T>) -> Option<T> {
        tokio::time::timeout(limit, event).await.ok()
    }
}

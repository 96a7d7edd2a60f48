//! Restarts the reference broker, which lives in the same process.

use std::sync::Arc;

use mqttspec_broker::server::Shared;
use mqttspec_engine::{BrokerControl, Restarting};
use mqttspec_script::plan::Stop;

/// Restarts a reference broker in its place.
#[derive(Debug)]
pub struct ReferenceControl {
    shared: Arc<Shared>,
}

impl ReferenceControl {
    /// The control of a broker that is served.
    #[must_use]
    pub const fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }
}

impl BrokerControl for ReferenceControl {
    fn restart(&self, how: Stop) -> Restarting<'_> {
        self.shared.restart(match how {
            Stop::Orderly => mqttspec_broker::Stop::Orderly,
            Stop::Kill => mqttspec_broker::Stop::Kill,
        });
        Box::pin(std::future::ready(Ok(())))
    }
}

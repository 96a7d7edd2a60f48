//! Restarts the reference broker, which lives in the same process.

use std::sync::Arc;

use mqttspec_broker::server::Shared;
use mqttspec_engine::{BrokerControl, Restarting};
use mqttspec_script::plan::Stop;

/// Restarts a reference broker in its place, with all its parts.
#[derive(Debug)]
pub struct ReferenceControl {
    parts: Vec<Arc<Shared>>,
}

impl ReferenceControl {
    /// The control of a broker that is served, by several if it has listeners of different configurations.
    #[must_use]
    pub const fn new(parts: Vec<Arc<Shared>>) -> Self {
        Self { parts }
    }
}

impl BrokerControl for ReferenceControl {
    fn restart(&self, how: Stop) -> Restarting<'_> {
        let stop = match how {
            Stop::Orderly => mqttspec_broker::Stop::Orderly,
            Stop::Kill => mqttspec_broker::Stop::Kill,
        };
        self.parts.iter().for_each(|part| part.restart(stop));
        Box::pin(std::future::ready(Ok(())))
    }
}

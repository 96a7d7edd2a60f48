//! The broker that is fuzzed.

use std::sync::Arc;

use mqttspec_engine::BrokerControl;
use mqttspec_engine::transport::Connector;

/// The broker that is fuzzed, and what power there is over it.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The way to it.
    pub connector: Arc<dyn Connector>,
    /// The means to restart it and to look at its process, for who has started it.
    pub control: Option<Arc<dyn BrokerControl>>,
    /// What it provides beyond what its CONNACK says.
    pub provided: Vec<&'static str>,
}

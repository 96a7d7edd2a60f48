//! Power over the broker under test, which only who has started it has.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use mqttspec_script::plan::Stop;

/// Stops a broker and starts it again.
pub trait BrokerControl: Send + Sync + fmt::Debug {
    /// Stops the broker, which ends all its connections, and starts it again at the same addresses with what it
    /// has kept. It need not serve yet when the future is ready.
    fn restart(&self, how: Stop) -> Restarting<'_>;
}

/// A restart under way.
pub type Restarting<'a> = Pin<Box<dyn Future<Output = Result<(), RestartError>> + Send + 'a>>;

/// The broker could not be stopped, or not be started again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestartError {
    /// Why, in words.
    pub why: String,
}

impl fmt::Display for RestartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the broker could not be started again: {}", self.why)
    }
}

impl std::error::Error for RestartError {}

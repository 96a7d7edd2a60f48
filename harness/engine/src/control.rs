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

    /// Kills the broker and starts it again as it was at first, without what it has kept. One that can only be started
    /// with what it has kept is started so.
    fn renew(&self) -> Restarting<'_> {
        self.restart(Stop::Kill)
    }

    /// What befell the broker since this was last asked, in one line: that its process ended, say, or wrote that
    /// it panicked. What [`Self::restart`] does to it is not meant.
    fn trouble(&self) -> Option<String> {
        None
    }

    /// What the broker's process holds now; nothing where that cannot be told.
    fn usage(&self) -> Option<Usage> {
        None
    }

    /// The last lines that the broker wrote.
    fn log(&self) -> Vec<String> {
        Vec::new()
    }
}

/// What a process holds at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Memory that is not swapped out, in KiB.
    pub memory_kib: u64,
    /// Open files, sockets among them.
    pub open_files: u64,
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} MiB of memory and {} open files", self.memory_kib / 1024, self.open_files)
    }
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

//! The faults that can be planted.

/// A fault of the broker that is not of one statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The process ends when a client takes back a subscription with a wildcard that another one has as well.
    SharedUnsubscribe,
    /// The process ends when a client retains a message where another one has retained one.
    RetainedTwice,
    /// A task panics, and the connection ends, when a client takes back a subscription to where another one has a message
    /// of QoS 2 that was not released.
    UnreleasedUnsubscribe,
    /// A queue of messages is never given back when a client subscribes to where another one has published.
    LeakMemory,
    /// A file stays open when a client releases a message to where another one is subscribed.
    LeakFile,
    /// A message with RETAIN ends the connection that is read next, whosever it is.
    WrongConnection,
    /// A short packet that does not come at once ends the connection.
    WholeOnly,
    /// After a first client was served, it cannot be started again.
    NoRestart,
}

const NAMES: [(&str, Fault); 8] = [
    ("shared-unsubscribe", Fault::SharedUnsubscribe),
    ("retained-twice", Fault::RetainedTwice),
    ("unreleased-unsubscribe", Fault::UnreleasedUnsubscribe),
    ("leak-memory", Fault::LeakMemory),
    ("leak-file", Fault::LeakFile),
    ("wrong-connection", Fault::WrongConnection),
    ("whole-only", Fault::WholeOnly),
    ("no-restart", Fault::NoRestart),
];

impl Fault {
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let named = NAMES.into_iter().find(|(name, _)| *name == text);
        named.map(|(_, fault)| fault).ok_or_else(|| format!("there is no fault {text}"))
    }
}

//! The vocabulary that every part of mqttspec shares: the register of statements, the verdicts, and the
//! record that a run leaves behind, from which all reports are made.

pub mod baseline;
mod event;
pub mod filter;
pub mod record;
mod registry;
mod shard;
mod standing;
mod suggest;
mod verdict;

pub use baseline::Baseline;
pub use event::{Reporter, RunEvent};
pub use filter::{EarlierRun, Filter, FilterError, Subject};
pub use registry::{Binds, Clause, Level, Observable, Registry, RegistryError, Statement};
pub use shard::{InvalidShard, Shard};
pub use standing::{Standing, UnknownStanding};
pub use suggest::nearest;
pub use verdict::{Tally, Verdict};

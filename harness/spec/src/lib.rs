//! The vocabulary that every part of mqttspec shares: the register of statements, the verdicts, and the
//! record that a run leaves behind, from which all reports are made.

mod event;
pub mod record;
mod registry;
mod verdict;

pub use event::{Reporter, RunEvent};
pub use registry::{Binds, Clause, Level, Observable, Registry, RegistryError, Statement};
pub use verdict::{Tally, Verdict};

//! Starts the broker that is put to the test, watches it, and stops it.
//!
//! A [`Profile`](mqttspec_script::profile::Profile) says how; [`Sut`] is the running broker, on ports and in a
//! folder of its own. Whatever happens, no process is left behind.

mod alarm;
mod certificates;
mod comparison;
mod error;
mod folder;
mod follow;
mod install;
mod launch;
mod log;
mod ports;
mod process;
mod usage;
mod values;
mod watch;
mod way;

pub use comparison::{Claim, Row, compare, declared_versions};
pub use error::{CertificatesError, LaunchError, Output};
pub use launch::Sut;
pub use log::{Line, Log};
pub use process::{Exit, kill_all};
pub use way::Way;

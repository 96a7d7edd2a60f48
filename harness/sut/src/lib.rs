//! Starts the broker that is put to the test, watches it, and stops it.
//!
//! A [`Profile`](mqttspec_script::profile::Profile) says how; [`Sut`] is the running broker, on ports and in a
//! folder of its own. Whatever happens, no process is left behind.

mod error;
mod folder;
mod install;
mod launch;
mod log;
mod ports;
mod process;
mod values;

pub use error::{LaunchError, Output};
pub use launch::Sut;
pub use log::{Line, Log};
pub use process::{Exit, kill_all};

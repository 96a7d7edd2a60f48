//! Proves that the cases of mqttspec can pass, and that they can fail.
//!
//! Everything runs in memory and in virtual time: on the reference broker every case must hold, on brokers
//! that do nothing right none may pass.

mod degenerate;
mod in_virtual_time;

pub use degenerate::Degenerate;
pub use in_virtual_time::{Verdicts, against_degenerate, against_reference};

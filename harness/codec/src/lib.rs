//! A strict reference codec for MQTT 3.1.1 and 5.0.
//!
//! It judges every byte of a packet, and a refusal cites the statement of the specification that the
//! bytes break. It also builds packets that break a rule on purpose, field by named field.
//! No I/O, no clock, no allocation before a length has been checked.

pub mod model;
mod statement;
mod version;

pub use statement::{Citation, InvalidStatementId, StatementId};
pub use version::{UnknownVersion, Version};

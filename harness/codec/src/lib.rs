//! A strict reference codec for MQTT 3.1.1 and 5.0.
//!
//! It judges every byte of a packet, and a refusal cites the statement of the specification that the
//! bytes break. It also builds packets that break a rule on purpose, field by named field.
//! No I/O, no clock, no allocation before a length has been checked.

mod annotate;
mod context;
mod decode;
mod describe;
mod encode;
mod layout;
pub mod model;
pub mod mutation;
mod probe;
mod rule;
mod scan;
mod statement;
#[cfg(feature = "strategies")]
pub mod strategies;
mod variable;
mod version;
mod violation;
mod wire;

pub use annotate::{AnnotatedField, annotate, render};
pub use context::Context;
pub use decode::{CutPacket, Framer, FramingError, connect_version, decode, decode_tolerating};
pub use describe::describe;
pub use encode::{encode, encode_into};
pub use probe::FieldKind;
pub use rule::Rule;
pub use statement::{Citation, InvalidStatementId, StatementId};
pub use version::{UnknownVersion, Version};
pub use violation::{FieldName, Violation, ViolationKind};
pub use wire::{Lengths, Wire, WireError, WireField};

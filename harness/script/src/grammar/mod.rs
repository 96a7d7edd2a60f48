//! The grammar of the case language, as tables: what each verb, packet and value may say. The reader checks
//! cases by them, and the JSON Schema is made from them.

mod case;
mod check;
mod packets;
mod patterns;
mod schema;
mod shape;
mod verbs;
mod vocabulary;

pub(crate) use case::{CASE, case_keys};
pub(crate) use check::check;
pub(crate) use packets::packet_named;
pub(crate) use patterns::{FieldKind, REST, pattern_kind};
pub use schema::{profile_schema, schema};
pub(crate) use shape::{Key, Shape};
pub(crate) use verbs::SEND;
pub(crate) use vocabulary::CAPABILITIES;
pub use vocabulary::capability;

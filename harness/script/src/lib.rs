//! The case language of mqttspec.
//!
//! A case file is YAML. It becomes a [`plan::Case`] for each version and each expansion: typed, checked
//! against the specification's own rules for clients, every part with its place in the file. Nothing here
//! does I/O or knows time.

mod baseline;
mod build;
mod describe;
mod diagnostic;
mod expand;
mod facts;
mod fill;
mod fill_pattern;
mod format;
mod grammar;
mod legality;
mod lint;
mod lower;
mod matching;
mod mutation;
pub mod plan;
pub mod profile;
mod scope;
mod settings;
mod suite;
mod values;
mod yaml;

pub use baseline::read_baseline;
pub use build::BuildError;
pub use describe::describe_alternatives;
pub use diagnostic::Diagnostic;
pub use facts::{Fact, facts};
pub use format::format;
pub use grammar::{capability, profile_schema, schema};
pub use legality::{Breach, ClientModel};
pub use lint::depends_on_connack;
pub use matching::Mismatch;
pub use scope::{Scope, UnknownPlaceholder};
pub use settings::{Setting, SettingValue, read_settings};
pub use suite::Suite;

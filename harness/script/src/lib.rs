//! The case language of mqttspec.
//!
//! A case file is YAML. It becomes a [`plan::Case`] for each version and each expansion: typed, checked
//! against the specification's own rules for clients, every part with its place in the file. Nothing here
//! does I/O or knows time.

pub mod plan;

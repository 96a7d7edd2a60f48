//! The suite as data, so that the tool is one file: every YAML file of this folder by path and text.

/// Paths from the root of the suite, with the texts, in the order of the paths.
pub const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/files.rs"));

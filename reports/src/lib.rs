//! The renderers of mqttspec. Each reads a [record of a run](mqttspec_spec::record) and nothing else, and
//! writes where its caller says.
//!
//! Whatever a broker sent may stand in a record, so every text is taken for hostile: see [`escape`].

mod case;
mod console;
pub mod escape;
pub mod file;
pub mod html;
pub mod json;
pub mod junit;
pub mod markdown;
mod paper;
pub mod pcapng;
mod section;
mod summary;

pub use console::{Console, Options, Progress};

#[cfg(test)]
mod tests;

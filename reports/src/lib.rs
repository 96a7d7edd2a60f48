//! The renderers of mqttspec. Each reads a [record of a run](mqttspec_spec::record) and nothing else, and
//! writes where its caller says.
//!
//! Whatever a broker sent may stand in a record, so every text is taken for hostile: see [`escape`].

mod case;
pub mod compare;
mod console;
mod crash;
mod document;
pub mod escape;
mod evidence;
pub mod file;
pub mod html;
pub mod json;
pub mod junit;
pub mod markdown;
mod notes;
mod paper;
pub mod pcapng;
mod section;
pub mod statement;
mod summary;

pub use console::{Console, Options, Progress};
pub use document::Form;

#[cfg(test)]
mod tests;

//! Golden tests: every word that a user sees, over one hand-made run.

mod compare;
mod console;
mod file;
pub(crate) mod fixture;
mod hostile;
mod html;
mod json;
mod junit;
mod markdown;
mod pcapng;
mod statement;

//! The tool as its users meet it: every word that it prints, every file that it writes, every exit code.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod baselines;
mod command_line;
mod configuration;
mod crash;
mod fuzzing;
mod probe;
mod records;
mod selection;
mod tool;
mod transports;
mod under_test;
mod watching;

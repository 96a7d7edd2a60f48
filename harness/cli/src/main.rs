//! `mqttspec`: puts MQTT brokers to the test.

mod arguments;
mod baseline;
mod broker_configuration;
mod command;
mod configuration;
mod connection;
mod consent;
mod corpus;
mod document_file;
mod exit;
mod guess;
#[cfg(test)]
mod man_page;
mod record;
mod select;
mod selection;
mod suite;
mod under_test;
mod without;
mod words;

use std::process::ExitCode;

fn main() -> ExitCode {
    command::main().into()
}

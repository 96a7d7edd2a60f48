//! `mqttspec`: puts MQTT brokers to the test.

mod arguments;
mod broker_configuration;
mod command;
mod connection;
mod corpus;
mod exit;
mod select;
mod suite;
mod under_test;

use std::process::ExitCode;

fn main() -> ExitCode {
    command::main().into()
}

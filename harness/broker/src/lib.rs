//! An executable specification: a reference broker for MQTT 3.1.1 and 5.0 in which each normative statement is
//! one switch.
//!
//! [`Broker`] is pure and deterministic: bytes and times go in, [`Output`]s come out. With all [`Rules`] it keeps
//! to both specifications; with a statement switched off it breaks just that one, so that a test suite can
//! prove that it would notice. What the specification leaves to a broker stands in [`Configuration`].
//! [`server`] puts it on a network. It is an oracle, not a product: clarity counts, throughput does not.

mod alias;
mod authentication;
mod broker;
mod clock;
mod configuration;
mod connect;
mod connection;
mod decoding;
mod disconnect;
mod dispatch;
mod failure;
mod faults;
mod lifetime;
mod message;
mod publish;
mod restart;
mod rules;
mod send;
pub mod server;
mod session;
mod subscribe;
mod topic;
mod websocket;
mod will;

#[cfg(test)]
mod tests;

pub use broker::{Broker, Output};
pub use configuration::{Configuration, DeniedPublish, InvalidFilter, Overlapping, Refusal};
pub use connection::ConnectionId;
pub use faults::Fault;
pub use restart::Stop;
pub use rules::{Rule, Rules, switches};

/// The rules of every module that applies some.
static RULE_MODULES: &[&[Rule]] = &[
    topic::RULES,
    send::bytes::RULES,
    send::fields::RULES,
    send::size::RULES,
    send::RULES,
    dispatch::RULES,
    failure::RULES,
    broker::RULES,
    connect::RULES,
    connect::identifier::RULES,
    connect::checks::RULES,
    connect::acknowledge::RULES,
    lifetime::RULES,
    restart::RULES,
    will::RULES,
    publish::receive::RULES,
    publish::route::RULES,
    publish::retained::RULES,
    publish::outgoing::RULES,
    publish::packet::RULES,
    publish::acknowledged::RULES,
    publish::resend::RULES,
    alias::RULES,
    subscribe::RULES,
    disconnect::RULES,
    authentication::RULES,
    websocket::RULES,
];

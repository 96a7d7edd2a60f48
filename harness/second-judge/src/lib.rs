//! A second judge of the reference broker, beside the suite: legal sessions of several Clients, made from a model of
//! their state, and invariants of what the broker sends. They share no code with the broker.

mod actions;
mod books;
mod client;
mod client_side;
mod deliveries;
mod driver;
mod invariants;
mod model;
mod scenario;
mod topics;

pub use driver::{Fault, play};
pub use scenario::{
    Choices, Connection, FILTERS, Filter, Leave, Message, Pick, Scenario, Step, TOPICS, Unread,
};

//! From the tree of a case to its plan: verbs become steps, words become packets and patterns.

mod alternatives;
mod case;
mod codes;
mod context;
mod outgoing;
mod packets;
mod patterns;
mod properties;
mod scripts;
mod simple_verbs;
mod strings;
mod websocket;
mod whole_verbs;

pub(crate) use case::{Identity, lower, packet_to_change};

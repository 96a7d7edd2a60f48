//! Fuzzes an MQTT broker over the network, with the specification as the oracle.
//!
//! A [`Session`] says what one to four clients send. Sessions are pure functions of a seed and a number: first one
//! for every mutant of every packet, then random ones. The [`oracle`] works out from the specification what is due,
//! and judges what was seen; both are pure. Sockets and time stand in the player and the campaign alone.

mod campaign;
mod canary;
mod case;
mod familiar;
mod finding;
mod minimise;
pub mod oracle;
mod play;
mod random;
mod session;
mod subject;
mod symptom;

pub use campaign::{Campaign, Event, Plan, Progress, Replay, Replayed, Summary};
pub use case::{Form, case};
pub use finding::{Finding, Replays};
pub use session::{Session, Sessions, Step};
pub use subject::Subject;
pub use symptom::Symptom;

//! What a client may send: the specification's rules for clients that no single packet can show, as a model
//! that follows one client over its connections. The checker runs it over a script, and the engine over
//! what is really sent and received.

mod breach;
mod exchange;
mod limits;
mod model;
#[cfg(test)]
mod tests;

pub use breach::Breach;
pub use model::ClientModel;

//! Strategies of proptest for everything that the specification allows to be sent.

mod packets;
mod properties;
mod text;

pub use packets::packet;
pub use properties::{properties, will_properties};
pub use text::{payload, text, topic_filter, topic_name};

use proptest::prelude::*;

use crate::model::{Packet, Sender};
use crate::{Context, Version};

/// Each version and each sender.
pub fn context() -> impl Strategy<Value = Context> {
    let version = prop_oneof![Just(Version::V3_1_1), Just(Version::V5_0)];
    let sender = prop_oneof![Just(Sender::Client), Just(Sender::Server)];
    (version, sender).prop_map(|(version, sender)| Context { version, sender })
}

/// A legal packet of any version from any sender.
pub fn packet_in_context() -> impl Strategy<Value = (Context, Packet)> {
    context().prop_flat_map(|context| (Just(context), packet(context)))
}

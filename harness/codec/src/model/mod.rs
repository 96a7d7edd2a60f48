//! The typed model of a packet. Fields hold what is on the wire; nothing is normalised.

mod acknowledgement;
mod connect;
mod packet;
mod property;
mod publish;
mod quality_of_service;
mod reason_code;
mod session_end;
mod subscription;

pub use acknowledgement::Acknowledgement;
pub use connect::{ConnAck, Connect, Will};
pub use packet::{Packet, PacketType, Sender};
pub use property::{DataType, Properties, Property, PropertyId};
pub use publish::Publish;
pub use quality_of_service::QoS;
pub use reason_code::ReasonCode;
pub use session_end::{Auth, Disconnect};
pub use subscription::{
    RetainHandling, SubAck, Subscribe, Subscription, SubscriptionOptions, UnsubAck, Unsubscribe,
};

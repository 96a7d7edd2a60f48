//! The packets that every codec is measured on.

use bytes::Bytes;
use mqttspec_codec::model::{Connect, Packet, Properties, Property, Publish, QoS};
use mqttspec_codec::{Version, encode};

/// One of the packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sample {
    /// PUBLISH of 3.1.1: QoS 1, Topic Name of 20 bytes, payload of 64 bytes.
    PublishV3,
    /// The same in 5.0, with five properties.
    PublishV5,
    /// CONNECT of 3.1.1 with Client Identifier, User Name and Password.
    ConnectV3,
    /// The same in 5.0, with four properties.
    ConnectV5,
}

impl Sample {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::PublishV3, Self::PublishV5, Self::ConnectV3, Self::ConnectV5];

    /// What the table calls it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::PublishV3 => "PUBLISH 3.1.1",
            Self::PublishV5 => "PUBLISH 5.0",
            Self::ConnectV3 => "CONNECT 3.1.1",
            Self::ConnectV5 => "CONNECT 5.0",
        }
    }

    /// The version of the packet.
    #[must_use]
    pub const fn version(self) -> Version {
        match self {
            Self::PublishV3 | Self::ConnectV3 => Version::V3_1_1,
            Self::PublishV5 | Self::ConnectV5 => Version::V5_0,
        }
    }

    /// The packet in our model.
    #[must_use]
    pub fn packet(self) -> Packet {
        match self {
            Self::PublishV3 | Self::PublishV5 => Packet::Publish(Publish {
                qos: QoS::AtLeastOnce,
                topic: "sensors/kitchen/temp".into(),
                packet_id: Some(0x1234),
                properties: self.publish_properties(),
                payload: Bytes::from_static(&[b'x'; 64]),
                ..Publish::default()
            }),
            Self::ConnectV3 | Self::ConnectV5 => Packet::Connect(Connect {
                keep_alive: 60,
                properties: self.connect_properties(),
                user_name: Some("user-name".into()),
                password: Some(Bytes::from_static(b"a secret")),
                ..Connect::new(self.version(), "client-identifier-01")
            }),
        }
    }

    fn publish_properties(self) -> Properties {
        if self.version() == Version::V3_1_1 {
            return Properties::default();
        }
        Properties::from_iter([
            Property::PayloadFormatIndicator(1),
            Property::MessageExpiryInterval(3600),
            Property::ContentType("application/json".into()),
            Property::ResponseTopic("replies/kitchen".into()),
            Property::UserProperty(("source".into(), "bench".into())),
        ])
    }

    fn connect_properties(self) -> Properties {
        if self.version() == Version::V3_1_1 {
            return Properties::default();
        }
        Properties::from_iter([
            Property::SessionExpiryInterval(3600),
            Property::ReceiveMaximum(20),
            Property::MaximumPacketSize(65_536),
            Property::TopicAliasMaximum(10),
        ])
    }

    /// The bytes of the packet.
    #[must_use]
    pub fn bytes(self) -> Bytes {
        encode(&self.packet(), self.version())
    }
}

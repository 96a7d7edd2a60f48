//! Properties of 5.0 (2.2.2).

use bytes::Bytes;
use bytestring::ByteString;

use super::{PacketType, Sender};
use crate::layout::{Shared, Unique, Value};

/// How the value of a property is written (1.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the name the specification gives to the type")]
pub enum DataType {
    Byte,
    TwoByteInteger,
    FourByteInteger,
    VariableByteInteger,
    BinaryData,
    Utf8String,
    Utf8StringPair,
}

/// Where a property may stand (table 2-4). Will Properties are `w`.
struct Places {
    client: u16,
    server: u16,
    will: bool,
}

impl Places {
    const fn new(client: &[PacketType], server: &[PacketType], will: bool) -> Self {
        Self { client: mask(client), server: mask(server), will }
    }
}

const fn mask(types: &[PacketType]) -> u16 {
    match types {
        [] => 0,
        [first, rest @ ..] => 1 << first.bits() | mask(rest),
    }
}

macro_rules! properties {
    ($($(#[$doc:meta])* $name:ident($value:ty) = $id:literal, $text:literal, $data:ident,
       client [$($client:ident)*], server [$($server:ident)*], will $will:literal, once $once:literal;)*) => {
        /// A Property Identifier (2.2.2.2).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum PropertyId {
            $($(#[$doc])* $name = $id,)*
        }

        /// A property with its value.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Property {
            $($(#[$doc])* $name($value),)*
        }

        impl PropertyId {
            /// All properties, in the order of their identifiers.
            pub const ALL: [Self; 27] = [$(Self::$name,)*];

            /// The property that an identifier stands for.
            #[must_use]
            pub const fn from_byte(byte: u8) -> Option<Self> {
                match byte {
                    $($id => Some(Self::$name),)*
                    _ => None,
                }
            }

            /// The name, in lower case with underscores.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }

            /// How the value is written.
            #[must_use]
            pub const fn data_type(self) -> DataType {
                match self {
                    $(Self::$name => DataType::$data,)*
                }
            }

            /// Whether a second one of the same kind in one packet is called an error by the
            /// description of the property.
            #[must_use]
            pub const fn only_once(self) -> bool {
                match self {
                    $(Self::$name => $once,)*
                }
            }

            const fn places(self) -> Places {
                match self {
                    $(Self::$name => const { Places::new(
                        &[$(PacketType::$client,)*], &[$(PacketType::$server,)*], $will) },)*
                }
            }
        }

        impl Property {
            /// The property's identifier.
            #[must_use]
            pub const fn id(&self) -> PropertyId {
                match self {
                    $(Self::$name(_) => PropertyId::$name,)*
                }
            }

            /// The property with an empty value, for the decoder to fill.
            #[inline(always)]
            pub(crate) fn blank(id: PropertyId) -> Self {
                match id {
                    $(PropertyId::$name => Self::$name(Default::default()),)*
                }
            }

            #[inline(always)]
            pub(crate) fn value_ref(&self) -> Value<'_, Shared> {
                match self {
                    $(Self::$name(value) => Value::$data(value),)*
                }
            }

            #[inline(always)]
            pub(crate) fn value_mut(&mut self) -> Value<'_, Unique> {
                match self {
                    $(Self::$name(value) => Value::$data(value),)*
                }
            }
        }
    };
}

properties! {
    /// Payload Format Indicator: 1 says that the payload is UTF-8.
    PayloadFormatIndicator(u8) = 0x01, "payload_format_indicator", Byte,
        client [Publish], server [Publish], will true, once true;
    /// Message Expiry Interval, in seconds.
    MessageExpiryInterval(u32) = 0x02, "message_expiry_interval", FourByteInteger,
        client [Publish], server [Publish], will true, once true;
    /// Content Type.
    ContentType(ByteString) = 0x03, "content_type", Utf8String,
        client [Publish], server [Publish], will true, once true;
    /// Response Topic.
    ResponseTopic(ByteString) = 0x08, "response_topic", Utf8String,
        client [Publish], server [Publish], will true, once true;
    /// Correlation Data.
    CorrelationData(Bytes) = 0x09, "correlation_data", BinaryData,
        client [Publish], server [Publish], will true, once true;
    /// Subscription Identifier, 1 to 268 435 455.
    SubscriptionIdentifier(u32) = 0x0B, "subscription_identifier", VariableByteInteger,
        client [Subscribe], server [Publish], will false, once false;
    /// Session Expiry Interval, in seconds; `u32::MAX` never expires.
    SessionExpiryInterval(u32) = 0x11, "session_expiry_interval", FourByteInteger,
        client [Connect Disconnect], server [ConnAck], will false, once true;
    /// Assigned Client Identifier.
    AssignedClientIdentifier(ByteString) = 0x12, "assigned_client_identifier", Utf8String,
        client [], server [ConnAck], will false, once true;
    /// Server Keep Alive, in seconds.
    ServerKeepAlive(u16) = 0x13, "server_keep_alive", TwoByteInteger,
        client [], server [ConnAck], will false, once true;
    /// Authentication Method.
    AuthenticationMethod(ByteString) = 0x15, "authentication_method", Utf8String,
        client [Connect Auth], server [ConnAck Auth], will false, once true;
    /// Authentication Data.
    AuthenticationData(Bytes) = 0x16, "authentication_data", BinaryData,
        client [Connect Auth], server [ConnAck Auth], will false, once true;
    /// Request Problem Information.
    RequestProblemInformation(u8) = 0x17, "request_problem_information", Byte,
        client [Connect], server [], will false, once true;
    /// Will Delay Interval, in seconds.
    WillDelayInterval(u32) = 0x18, "will_delay_interval", FourByteInteger,
        client [], server [], will true, once true;
    /// Request Response Information.
    RequestResponseInformation(u8) = 0x19, "request_response_information", Byte,
        client [Connect], server [], will false, once true;
    /// Response Information.
    ResponseInformation(ByteString) = 0x1A, "response_information", Utf8String,
        client [], server [ConnAck], will false, once true;
    /// Server Reference.
    ServerReference(ByteString) = 0x1C, "server_reference", Utf8String,
        client [Disconnect], server [ConnAck Disconnect], will false, once true;
    /// Reason String.
    ReasonString(ByteString) = 0x1F, "reason_string", Utf8String,
        client [PubAck PubRec PubRel PubComp Disconnect Auth],
        server [ConnAck PubAck PubRec PubRel PubComp SubAck UnsubAck Disconnect Auth], will false, once true;
    /// Receive Maximum, from 1.
    ReceiveMaximum(u16) = 0x21, "receive_maximum", TwoByteInteger,
        client [Connect], server [ConnAck], will false, once true;
    /// Topic Alias Maximum.
    TopicAliasMaximum(u16) = 0x22, "topic_alias_maximum", TwoByteInteger,
        client [Connect], server [ConnAck], will false, once true;
    /// Topic Alias, from 1.
    TopicAlias(u16) = 0x23, "topic_alias", TwoByteInteger,
        client [Publish], server [Publish], will false, once true;
    /// Maximum QoS: 0 or 1.
    MaximumQoS(u8) = 0x24, "maximum_qos", Byte,
        client [], server [ConnAck], will false, once true;
    /// Retain Available: 0 or 1.
    RetainAvailable(u8) = 0x25, "retain_available", Byte,
        client [], server [ConnAck], will false, once true;
    /// User Property, a name and a value.
    UserProperty((ByteString, ByteString)) = 0x26, "user_property", Utf8StringPair,
        client [Connect Publish PubAck PubRec PubRel PubComp Subscribe Unsubscribe Disconnect Auth],
        server [ConnAck Publish PubAck PubRec PubRel PubComp SubAck UnsubAck Disconnect Auth], will true, once false;
    /// Maximum Packet Size, in bytes, from 1.
    MaximumPacketSize(u32) = 0x27, "maximum_packet_size", FourByteInteger,
        client [Connect], server [ConnAck], will false, once true;
    /// Wildcard Subscription Available: 0 or 1.
    WildcardSubscriptionAvailable(u8) = 0x28, "wildcard_subscription_available", Byte,
        client [], server [ConnAck], will false, once true;
    /// Subscription Identifiers Available: 0 or 1.
    SubscriptionIdentifiersAvailable(u8) = 0x29, "subscription_identifiers_available", Byte,
        client [], server [ConnAck], will false, once true;
    /// Shared Subscription Available: 0 or 1.
    SharedSubscriptionAvailable(u8) = 0x2A, "shared_subscription_available", Byte,
        client [], server [ConnAck], will false, once true;
}

impl PropertyId {
    /// Whether the property may stand in a packet of this type from this sender (table 2-4).
    #[must_use]
    pub const fn allowed_in(self, packet_type: PacketType, sender: Sender) -> bool {
        let places = self.places();
        let mask = match sender {
            Sender::Client => places.client,
            Sender::Server => places.server,
        };
        mask & (1 << packet_type.bits()) != 0
    }

    /// Whether the property may stand among the Will Properties (3.1.3.2).
    #[must_use]
    pub const fn allowed_in_will(self) -> bool {
        self.places().will
    }
}

/// The properties of a packet, in the order in which they stand on the wire.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Properties(pub Vec<Property>);

macro_rules! getters {
    ($($(#[$doc:meta])* $name:ident: $variant:ident -> $value:ty;)*) => {
        impl Properties {
            $(
                $(#[$doc])*
                #[must_use]
                pub fn $name(&self) -> Option<$value> {
                    self.0.iter().find_map(|property| match property {
                        Property::$variant(value) => Some(value.clone()),
                        _ => None,
                    })
                }
            )*
        }
    };
}

getters! {
    /// Payload Format Indicator.
    payload_format_indicator: PayloadFormatIndicator -> u8;
    /// Message Expiry Interval, in seconds.
    message_expiry_interval: MessageExpiryInterval -> u32;
    /// Content Type.
    content_type: ContentType -> ByteString;
    /// Response Topic.
    response_topic: ResponseTopic -> ByteString;
    /// Correlation Data.
    correlation_data: CorrelationData -> Bytes;
    /// The first Subscription Identifier.
    subscription_identifier: SubscriptionIdentifier -> u32;
    /// Session Expiry Interval, in seconds.
    session_expiry_interval: SessionExpiryInterval -> u32;
    /// Assigned Client Identifier.
    assigned_client_identifier: AssignedClientIdentifier -> ByteString;
    /// Server Keep Alive, in seconds.
    server_keep_alive: ServerKeepAlive -> u16;
    /// Authentication Method.
    authentication_method: AuthenticationMethod -> ByteString;
    /// Authentication Data.
    authentication_data: AuthenticationData -> Bytes;
    /// Request Problem Information.
    request_problem_information: RequestProblemInformation -> u8;
    /// Will Delay Interval, in seconds.
    will_delay_interval: WillDelayInterval -> u32;
    /// Request Response Information.
    request_response_information: RequestResponseInformation -> u8;
    /// Response Information.
    response_information: ResponseInformation -> ByteString;
    /// Server Reference.
    server_reference: ServerReference -> ByteString;
    /// Reason String.
    reason_string: ReasonString -> ByteString;
    /// Receive Maximum.
    receive_maximum: ReceiveMaximum -> u16;
    /// Topic Alias Maximum.
    topic_alias_maximum: TopicAliasMaximum -> u16;
    /// Topic Alias.
    topic_alias: TopicAlias -> u16;
    /// Maximum QoS.
    maximum_qos: MaximumQoS -> u8;
    /// Retain Available.
    retain_available: RetainAvailable -> u8;
    /// Maximum Packet Size, in bytes.
    maximum_packet_size: MaximumPacketSize -> u32;
    /// Wildcard Subscription Available.
    wildcard_subscription_available: WildcardSubscriptionAvailable -> u8;
    /// Subscription Identifiers Available.
    subscription_identifiers_available: SubscriptionIdentifiersAvailable -> u8;
    /// Shared Subscription Available.
    shared_subscription_available: SharedSubscriptionAvailable -> u8;
}

impl Properties {
    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The properties in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Property> {
        self.0.iter()
    }

    /// Adds one at the end.
    pub fn push(&mut self, property: Property) {
        self.0.push(property);
    }

    /// The User Properties in order.
    pub fn user_properties(&self) -> impl Iterator<Item = (&ByteString, &ByteString)> {
        self.0.iter().filter_map(|property| match property {
            Property::UserProperty((name, value)) => Some((name, value)),
            _ => None,
        })
    }

    /// The Subscription Identifiers in order.
    pub fn subscription_identifiers(&self) -> impl Iterator<Item = u32> {
        self.0.iter().filter_map(|property| match property {
            Property::SubscriptionIdentifier(value) => Some(*value),
            _ => None,
        })
    }
}

impl FromIterator<Property> for Properties {
    fn from_iter<I: IntoIterator<Item = Property>>(properties: I) -> Self {
        Self(properties.into_iter().collect())
    }
}

impl<'a> IntoIterator for &'a Properties {
    type Item = &'a Property;
    type IntoIter = std::slice::Iter<'a, Property>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

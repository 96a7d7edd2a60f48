//! What binds the properties of each packet (the descriptions of the properties in chapter 3 of 5.0).

use super::properties::Place;
use super::topic;
use super::visitor::VariableRules;
use crate::Rule;
use crate::model::{PacketType, Properties, Property, PropertyId, Sender};
use crate::rule::{Text, TextRules, rules, text_rules};

rules! {
    /// a Property Length must stand before the properties, also when there are none
    LENGTH: Cut, MALFORMED_PACKET,
        v3 [],
        v5 ["MQTT-2.2.2-1" "MQTT-4.13.1-1"];
    /// a Property Length must stand before the properties, also when there are none
    LENGTH_IN_CONNECT: Cut, MALFORMED_PACKET,
        v3 [],
        v5 ["MQTT-2.2.2-1" "MQTT-3.1.4-1" "MQTT-4.13.1-1"];
    /// a Property Length must stand before the Will Properties, also when there are none
    LENGTH_IN_WILL: Cut, MALFORMED_PACKET,
        v3 [],
        v5 ["MQTT-2.2.2-1" "MQTT-3.1.2-9" "MQTT-3.1.4-1" "MQTT-4.13.1-1"];
    /// properties and their values end within the Property Length, and that within the packet
    CUT: Cut, MALFORMED_PACKET,
        v3 [],
        v5 ["E5-10" "MQTT-4.13.1-1"];
    /// properties and their values end within the Property Length, and that within the packet
    CUT_IN_CONNECT: Cut, MALFORMED_PACKET,
        v3 [],
        v5 ["E5-10" "MQTT-3.1.4-1" "MQTT-4.13.1-1"];
    /// a Variable Byte Integer must use as few bytes as it can
    NOT_MINIMAL: LengthNotMinimal, MALFORMED_PACKET,
        v3 [],
        v5 ["MQTT-1.5.5-1"];
    /// a Variable Byte Integer has four bytes at most
    TOO_LONG: LengthTooLong, MALFORMED_PACKET,
        v3 [],
        v5 ["E5-10" "MQTT-4.13.1-1"];
    /// a Variable Byte Integer has four bytes at most
    TOO_LONG_IN_CONNECT: LengthTooLong, MALFORMED_PACKET,
        v3 [],
        v5 ["E5-10" "MQTT-3.1.4-1" "MQTT-4.13.1-1"];

    /// a Property Identifier must be one that the specification defines
    UNDEFINED: UndefinedProperty, MALFORMED_PACKET,
        v3 [],
        v5 ["MQTT-4.13.1-1"];
    /// a Property Identifier must be one that the specification defines
    UNDEFINED_IN_CONNECT: UndefinedProperty, MALFORMED_PACKET,
        v3 [],
        v5 ["E5-04" "MQTT-3.1.4-1" "MQTT-4.13.1-1"];
    /// a Property Identifier must be one that the specification defines
    UNDEFINED_IN_PUBLISH: UndefinedProperty, MALFORMED_PACKET,
        v3 [],
        v5 ["E5-05" "MQTT-4.13.1-1"];
    /// a Property Identifier must be one that the specification defines
    UNDEFINED_IN_SUBSCRIBE: UndefinedProperty, MALFORMED_PACKET,
        v3 [],
        v5 ["E5-06" "MQTT-4.13.1-1"];
    /// a Property Identifier must be one that the specification defines
    UNDEFINED_IN_UNSUBSCRIBE: UndefinedProperty, MALFORMED_PACKET,
        v3 [],
        v5 ["E5-07" "MQTT-4.13.1-1"];
    /// a Property Identifier must be one that the specification defines
    UNDEFINED_IN_ACKNOWLEDGEMENT: UndefinedProperty, MALFORMED_PACKET,
        v3 [],
        v5 ["E5-08" "MQTT-4.13.1-1"];
    /// a Property Identifier must be one that the specification defines
    UNDEFINED_IN_DISCONNECT: UndefinedProperty, MALFORMED_PACKET,
        v3 [],
        v5 ["E5-09" "MQTT-4.13.1-1"];

    /// the property must be one that the packet may carry
    MISPLACED: MisplacedProperty, MALFORMED_PACKET,
        v3 [],
        v5 ["MQTT-4.13.1-1"];
    /// the property must be one that a CONNECT or its Will may carry
    MISPLACED_IN_CONNECT: MisplacedProperty, MALFORMED_PACKET,
        v3 [],
        v5 ["E5-04" "MQTT-3.1.4-1" "MQTT-4.13.1-1"];
    /// the property must be one that a PUBLISH may carry
    MISPLACED_IN_PUBLISH: MisplacedProperty, MALFORMED_PACKET,
        v3 [],
        v5 ["E5-05" "MQTT-4.13.1-1"];
    /// the property must be one that a SUBSCRIBE may carry
    MISPLACED_IN_SUBSCRIBE: MisplacedProperty, MALFORMED_PACKET,
        v3 [],
        v5 ["E5-06" "MQTT-4.13.1-1"];
    /// the property must be one that an UNSUBSCRIBE may carry
    MISPLACED_IN_UNSUBSCRIBE: MisplacedProperty, MALFORMED_PACKET,
        v3 [],
        v5 ["E5-07" "MQTT-4.13.1-1"];
    /// the property must be one that the acknowledgement may carry
    MISPLACED_IN_ACKNOWLEDGEMENT: MisplacedProperty, MALFORMED_PACKET,
        v3 [],
        v5 ["E5-08" "MQTT-4.13.1-1"];
    /// the property must be one that a DISCONNECT from this sender may carry
    MISPLACED_IN_DISCONNECT: MisplacedProperty, MALFORMED_PACKET,
        v3 [],
        v5 ["E5-09" "MQTT-4.13.1-1"];
    /// a PUBLISH from a Client must not contain a Subscription Identifier
    SUBSCRIPTION_IDENTIFIER_FROM_CLIENT: MisplacedProperty, PROTOCOL_ERROR,
        v3 [],
        v5 ["MQTT-3.3.4-6" "MQTT-4.13.1-1"];
    /// a DISCONNECT from a Server must not contain a Session Expiry Interval
    SESSION_EXPIRY_FROM_SERVER: MisplacedProperty, PROTOCOL_ERROR,
        v3 [],
        v5 ["MQTT-3.14.2-2" "MQTT-4.13.1-1"];

    /// the property must not stand in the packet twice
    REPEATED: RepeatedProperty, PROTOCOL_ERROR,
        v3 [],
        v5 ["MQTT-4.13.1-1"];
    /// Authentication Data needs an Authentication Method
    DATA_WITHOUT_METHOD: MissingProperty, PROTOCOL_ERROR,
        v3 [],
        v5 ["E5-18" "MQTT-3.1.4-1" "MQTT-4.13.1-1"];
    /// an AUTH must contain an Authentication Method
    AUTH_WITHOUT_METHOD: MissingProperty, PROTOCOL_ERROR,
        v3 [],
        v5 ["E5-54" "MQTT-4.12.0-5" "MQTT-4.13.1-1"];
}

text_rules! {
    /// the value of the property
    TEXT:
        short v3 [] v5 ["E5-10"],
        text v3 [] v5 ["MQTT-1.5.4-1"],
        null v3 [] v5 ["MQTT-1.5.4-2"],
        packet v3 [] v5 ["MQTT-4.13.1-1"];
    /// the value of the property
    TEXT_IN_CONNECT:
        short v3 [] v5 ["E5-10"],
        text v3 [] v5 ["MQTT-1.5.4-1"],
        null v3 [] v5 ["MQTT-1.5.4-2"],
        packet v3 [] v5 ["MQTT-3.1.4-1" "MQTT-4.13.1-1"];
    /// a User Property
    USER_PROPERTY:
        short v3 [] v5 ["E5-10"],
        text v3 [] v5 ["MQTT-1.5.7-1" "MQTT-1.5.4-1"],
        null v3 [] v5 ["MQTT-1.5.4-2" "MQTT-1.5.7-1"],
        packet v3 [] v5 ["MQTT-4.13.1-1"];
    /// a User Property
    USER_PROPERTY_IN_CONNECT:
        short v3 [] v5 ["E5-10"],
        text v3 [] v5 ["MQTT-1.5.7-1" "MQTT-1.5.4-1"],
        null v3 [] v5 ["MQTT-1.5.4-2" "MQTT-1.5.7-1"],
        packet v3 [] v5 ["MQTT-3.1.4-1" "MQTT-4.13.1-1"];
    /// the Response Topic
    RESPONSE_TOPIC:
        short v3 [] v5 ["E5-10"],
        text v3 [] v5 ["MQTT-3.3.2-13" "MQTT-1.5.4-1"],
        null v3 [] v5 ["MQTT-1.5.4-2" "MQTT-3.3.2-13"],
        packet v3 [] v5 ["MQTT-4.13.1-1"];
    /// the Content Type
    CONTENT_TYPE:
        short v3 [] v5 ["E5-10"],
        text v3 [] v5 ["MQTT-3.3.2-19" "MQTT-1.5.4-1"],
        null v3 [] v5 ["MQTT-1.5.4-2" "MQTT-3.3.2-19"],
        packet v3 [] v5 ["MQTT-4.13.1-1"];
}

/// What binds all properties of one place.
pub(super) struct PlaceRules {
    /// The Property Length.
    pub(super) length: VariableRules,
    /// A value.
    pub(super) value: VariableRules,
    /// An identifier that stands for no property.
    pub(super) undefined: &'static Rule,
    misplaced: &'static Rule,
}

const fn place_rules(undefined: &'static Rule, misplaced: &'static Rule) -> PlaceRules {
    let value = VariableRules { missing: &CUT, cut: &CUT, not_minimal: &NOT_MINIMAL, too_long: &TOO_LONG };
    PlaceRules { length: VariableRules { missing: &LENGTH, ..value }, value, undefined, misplaced }
}

const fn connect_rules(length: &'static Rule) -> PlaceRules {
    let value = VariableRules {
        missing: &CUT_IN_CONNECT,
        cut: &CUT_IN_CONNECT,
        not_minimal: &NOT_MINIMAL,
        too_long: &TOO_LONG_IN_CONNECT,
    };
    PlaceRules {
        length: VariableRules { missing: length, ..value },
        value,
        undefined: &UNDEFINED_IN_CONNECT,
        misplaced: &MISPLACED_IN_CONNECT,
    }
}

static IN_CONNECT: PlaceRules = connect_rules(&LENGTH_IN_CONNECT);
static IN_WILL: PlaceRules = connect_rules(&LENGTH_IN_WILL);
static IN_PUBLISH: PlaceRules = place_rules(&UNDEFINED_IN_PUBLISH, &MISPLACED_IN_PUBLISH);
static IN_SUBSCRIBE: PlaceRules = place_rules(&UNDEFINED_IN_SUBSCRIBE, &MISPLACED_IN_SUBSCRIBE);
static IN_UNSUBSCRIBE: PlaceRules = place_rules(&UNDEFINED_IN_UNSUBSCRIBE, &MISPLACED_IN_UNSUBSCRIBE);
static IN_ACKNOWLEDGEMENT: PlaceRules =
    place_rules(&UNDEFINED_IN_ACKNOWLEDGEMENT, &MISPLACED_IN_ACKNOWLEDGEMENT);
static IN_DISCONNECT: PlaceRules = place_rules(&UNDEFINED_IN_DISCONNECT, &MISPLACED_IN_DISCONNECT);
static ELSEWHERE: PlaceRules = place_rules(&UNDEFINED, &MISPLACED);

/// What binds all properties of a place.
pub(super) const fn of(place: Place) -> &'static PlaceRules {
    use PacketType as P;

    match place.packet_type() {
        P::Connect if place.is_will() => &IN_WILL,
        P::Connect => &IN_CONNECT,
        P::Publish => &IN_PUBLISH,
        P::Subscribe => &IN_SUBSCRIBE,
        P::Unsubscribe => &IN_UNSUBSCRIBE,
        P::PubAck | P::PubRec | P::PubRel | P::PubComp => &IN_ACKNOWLEDGEMENT,
        P::Disconnect => &IN_DISCONNECT,
        P::ConnAck | P::SubAck | P::UnsubAck | P::PingReq | P::PingResp | P::Auth => &ELSEWHERE,
    }
}

/// The rule that a property breaks which does not belong in its place.
pub(super) fn misplaced(place: Place, id: PropertyId, sender: Sender) -> &'static Rule {
    match (place.packet_type(), id, sender) {
        (PacketType::Publish, PropertyId::SubscriptionIdentifier, Sender::Client) => {
            &SUBSCRIPTION_IDENTIFIER_FROM_CLIENT
        }
        (PacketType::Disconnect, PropertyId::SessionExpiryInterval, Sender::Server) => {
            &SESSION_EXPIRY_FROM_SERVER
        }
        _ => of(place).misplaced,
    }
}

/// The rule that a second property of the same kind breaks.
pub(super) fn repeated(place: Place, id: PropertyId) -> &'static Rule {
    find(super::property_tables::ONCE, place, id).unwrap_or(&REPEATED)
}

/// The rule that the value of a property breaks, if any.
#[inline(always)]
pub(super) fn broken_value(place: Place, property: &Property) -> Option<&'static Rule> {
    let broken = match property {
        Property::ReceiveMaximum(0)
        | Property::MaximumPacketSize(0)
        | Property::TopicAlias(0)
        | Property::SubscriptionIdentifier(0)
        | Property::RequestProblemInformation(2..)
        | Property::RequestResponseInformation(2..)
        | Property::MaximumQoS(2..)
        | Property::RetainAvailable(2..)
        | Property::WildcardSubscriptionAvailable(2..)
        | Property::SubscriptionIdentifiersAvailable(2..)
        | Property::SharedSubscriptionAvailable(2..) => true,
        Property::ResponseTopic(name) => topic::has_wildcard(name),
        _ => false,
    };
    if broken { find(super::property_tables::VALUES, place, property.id()) } else { None }
}

/// The rule that a list breaks which lacks a property, if any.
pub(super) fn missing(place: Place, properties: &Properties) -> Option<&'static Rule> {
    let has = |id| properties.iter().any(|property| property.id() == id);
    match place.packet_type() {
        PacketType::Connect
            if has(PropertyId::AuthenticationData) && !has(PropertyId::AuthenticationMethod) =>
        {
            Some(&DATA_WITHOUT_METHOD)
        }
        PacketType::Auth if !has(PropertyId::AuthenticationMethod) => Some(&AUTH_WITHOUT_METHOD),
        _ => None,
    }
}

/// A rule on one property in one place.
pub(super) struct Row {
    pub(super) place: Place,
    pub(super) id: PropertyId,
    pub(super) rule: Rule,
}

fn find(rows: &'static [Row], place: Place, id: PropertyId) -> Option<&'static Rule> {
    rows.iter().find(|row| row.place == place && row.id == id).map(|row| &row.rule)
}

/// Finds what binds the string in a property.
#[derive(Clone, Copy)]
pub(super) struct PropertyText {
    pub(super) place: Place,
    pub(super) id: PropertyId,
}

impl TextRules for PropertyText {
    #[cold]
    fn text(self) -> &'static Text {
        match (self.place.packet_type(), self.id) {
            (PacketType::Connect, PropertyId::UserProperty) => &USER_PROPERTY_IN_CONNECT,
            (PacketType::Connect, _) => &TEXT_IN_CONNECT,
            (PacketType::Publish, PropertyId::ResponseTopic) => &RESPONSE_TOPIC,
            (PacketType::Publish, PropertyId::ContentType) => &CONTENT_TYPE,
            (_, PropertyId::UserProperty) => &USER_PROPERTY,
            _ => &TEXT,
        }
    }
}

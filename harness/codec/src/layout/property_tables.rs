//! Rules on one property in one packet: how often it may stand there, and with which values.

use super::properties::Place;
use super::property_rules::Row;
use crate::model::{PacketType, PropertyId};

macro_rules! table {
    ($(
        #[doc = $doc:literal]
        $table:ident, $kind:ident {$(
            $place:ident $id:ident $summary:literal, $reason:ident, [$($v5:literal)*];
        )*}
    )*) => {$(
        #[doc = $doc]
        pub(super) static $table: &[Row] = &[$(Row {
            place: place!($place),
            id: PropertyId::$id,
            rule: $crate::Rule {
                kind: $crate::ViolationKind::$kind,
                summary: $summary,
                v3_1_1: &[],
                v5_0: &[$($crate::statement!($v5)),*],
                reason_code: $crate::model::ReasonCode::$reason,
            },
        }),*];
    )*};
}

macro_rules! place {
    (Will) => {
        Place::WILL
    };
    ($packet:ident) => {
        Place::packet(PacketType::$packet)
    };
}

table! {
    /// Properties whose description calls a second one an error.
    ONCE, RepeatedProperty {
        Connect SessionExpiryInterval "a CONNECT has one Session Expiry Interval at most",
            PROTOCOL_ERROR, ["E5-11" "MQTT-3.1.4-1" "MQTT-4.13.1-1"];
        Connect ReceiveMaximum "a CONNECT has one Receive Maximum at most",
            PROTOCOL_ERROR, ["E5-12" "MQTT-3.1.4-1" "MQTT-4.13.1-1"];
        Connect MaximumPacketSize "a CONNECT has one Maximum Packet Size at most",
            PROTOCOL_ERROR, ["E5-13" "MQTT-3.1.4-1" "MQTT-4.13.1-1"];
        Connect TopicAliasMaximum "a CONNECT has one Topic Alias Maximum at most",
            PROTOCOL_ERROR, ["E5-14" "MQTT-3.1.4-1" "MQTT-4.13.1-1"];
        Connect RequestResponseInformation "a CONNECT has one Request Response Information at most",
            PROTOCOL_ERROR, ["E5-15" "MQTT-3.1.4-1" "MQTT-4.13.1-1"];
        Connect RequestProblemInformation "a CONNECT has one Request Problem Information at most",
            PROTOCOL_ERROR, ["E5-16" "MQTT-3.1.4-1" "MQTT-4.13.1-1"];
        Connect AuthenticationMethod "a CONNECT has one Authentication Method at most",
            PROTOCOL_ERROR, ["E5-17" "MQTT-3.1.4-1" "MQTT-4.13.1-1"];
        Connect AuthenticationData "a CONNECT has one Authentication Data at most",
            PROTOCOL_ERROR, ["E5-18" "MQTT-3.1.4-1" "MQTT-4.13.1-1"];
        Will WillDelayInterval "a Will has one Will Delay Interval at most",
            PROTOCOL_ERROR, ["E5-19" "MQTT-3.1.4-1" "MQTT-4.13.1-1"];
        Will PayloadFormatIndicator "a Will has one Payload Format Indicator at most",
            PROTOCOL_ERROR, ["E5-20" "MQTT-3.1.4-1" "MQTT-4.13.1-1"];
        Will MessageExpiryInterval "a Will has one Message Expiry Interval at most",
            PROTOCOL_ERROR, ["E5-21" "MQTT-3.1.4-1" "MQTT-4.13.1-1"];
        Will ContentType "a Will has one Content Type at most",
            PROTOCOL_ERROR, ["E5-22" "MQTT-3.1.4-1" "MQTT-4.13.1-1"];
        Will ResponseTopic "a Will has one Response Topic at most",
            PROTOCOL_ERROR, ["E5-23" "MQTT-3.1.4-1" "MQTT-4.13.1-1"];
        Will CorrelationData "a Will has one Correlation Data at most",
            PROTOCOL_ERROR, ["E5-24" "MQTT-3.1.4-1" "MQTT-4.13.1-1"];
        Publish TopicAlias "a PUBLISH has one Topic Alias at most",
            PROTOCOL_ERROR, ["E5-27" "MQTT-4.13.1-1"];
        Publish ResponseTopic "a PUBLISH has one Response Topic at most",
            PROTOCOL_ERROR, ["E5-28" "MQTT-4.13.1-1"];
        Publish CorrelationData "a PUBLISH has one Correlation Data at most",
            PROTOCOL_ERROR, ["E5-29" "MQTT-4.13.1-1"];
        Publish ContentType "a PUBLISH has one Content Type at most",
            PROTOCOL_ERROR, ["E5-30" "MQTT-4.13.1-1"];
        PubAck ReasonString "a PUBACK has one Reason String at most",
            PROTOCOL_ERROR, ["E5-38" "MQTT-4.13.1-1"];
        PubRec ReasonString "a PUBREC has one Reason String at most",
            PROTOCOL_ERROR, ["E5-39" "MQTT-4.13.1-1"];
        PubRel ReasonString "a PUBREL has one Reason String at most",
            PROTOCOL_ERROR, ["E5-40" "MQTT-4.13.1-1"];
        PubComp ReasonString "a PUBCOMP has one Reason String at most",
            PROTOCOL_ERROR, ["E5-41" "MQTT-4.13.1-1"];
        Subscribe SubscriptionIdentifier "a SUBSCRIBE has one Subscription Identifier at most",
            PROTOCOL_ERROR, ["E5-42" "MQTT-4.13.1-1"];
        Disconnect SessionExpiryInterval "a DISCONNECT has one Session Expiry Interval at most",
            PROTOCOL_ERROR, ["E5-49" "MQTT-4.13.1-1"];
        Disconnect ReasonString "a DISCONNECT has one Reason String at most",
            PROTOCOL_ERROR, ["E5-51" "MQTT-4.13.1-1"];
        Disconnect ServerReference "a DISCONNECT has one Server Reference at most",
            PROTOCOL_ERROR, ["E5-52" "MQTT-4.13.1-1"];
        Auth AuthenticationMethod "an AUTH has one Authentication Method at most",
            PROTOCOL_ERROR, ["E5-54" "MQTT-4.13.1-1"];
        Auth AuthenticationData "an AUTH has one Authentication Data at most",
            PROTOCOL_ERROR, ["E5-55" "MQTT-4.13.1-1"];
        Auth ReasonString "an AUTH has one Reason String at most",
            PROTOCOL_ERROR, ["E5-56" "MQTT-4.13.1-1"];
    }

    /// Properties that may not have each value of their type.
    VALUES, PropertyValue {
        Connect ReceiveMaximum "the Receive Maximum must not be 0",
            PROTOCOL_ERROR, ["E5-12" "MQTT-3.1.4-1" "MQTT-4.13.1-1"];
        Connect MaximumPacketSize "the Maximum Packet Size must not be 0",
            PROTOCOL_ERROR, ["E5-13" "MQTT-3.1.4-1" "MQTT-4.13.1-1"];
        Connect RequestResponseInformation "Request Response Information must be 0 or 1",
            PROTOCOL_ERROR, ["E5-15" "MQTT-3.1.4-1" "MQTT-4.13.1-1"];
        Connect RequestProblemInformation "Request Problem Information must be 0 or 1",
            PROTOCOL_ERROR, ["E5-16" "MQTT-3.1.4-1" "MQTT-4.13.1-1"];
        ConnAck ReceiveMaximum "the Receive Maximum must not be 0", PROTOCOL_ERROR, ["MQTT-4.13.1-1"];
        ConnAck MaximumPacketSize "the Maximum Packet Size must not be 0", PROTOCOL_ERROR, ["MQTT-4.13.1-1"];
        ConnAck MaximumQoS "the Maximum QoS must be 0 or 1", PROTOCOL_ERROR, ["MQTT-4.13.1-1"];
        ConnAck RetainAvailable "Retain Available must be 0 or 1", PROTOCOL_ERROR, ["MQTT-4.13.1-1"];
        ConnAck WildcardSubscriptionAvailable "Wildcard Subscription Available must be 0 or 1",
            PROTOCOL_ERROR, ["MQTT-4.13.1-1"];
        ConnAck SubscriptionIdentifiersAvailable "Subscription Identifiers Available must be 0 or 1",
            PROTOCOL_ERROR, ["MQTT-4.13.1-1"];
        ConnAck SharedSubscriptionAvailable "Shared Subscription Available must be 0 or 1",
            PROTOCOL_ERROR, ["MQTT-4.13.1-1"];
        Publish TopicAlias "the Topic Alias must not be 0",
            TOPIC_ALIAS_INVALID, ["MQTT-3.3.2-8" "E5-37" "MQTT-4.13.1-1"];
        Publish SubscriptionIdentifier "the Subscription Identifier must not be 0",
            PROTOCOL_ERROR, ["E5-32" "MQTT-4.13.1-1"];
        Publish ResponseTopic "the Response Topic must not contain wildcards",
            PROTOCOL_ERROR, ["MQTT-3.3.2-14" "MQTT-4.13.1-1"];
        Subscribe SubscriptionIdentifier "the Subscription Identifier must not be 0",
            PROTOCOL_ERROR, ["E5-42" "MQTT-4.13.1-1"];
        Will ResponseTopic "the Response Topic must not contain wildcards",
            PROTOCOL_ERROR, ["MQTT-3.3.2-14" "MQTT-3.1.4-1" "MQTT-4.13.1-1"];
    }
}

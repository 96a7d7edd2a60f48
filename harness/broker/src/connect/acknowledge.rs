//! CONNACK (3.2) for a CONNECT that was accepted.

use mqttspec_codec::Version;
use mqttspec_codec::model::{Auth, ConnAck, Connect, Packet, Properties, Property, QoS, ReasonCode};

use super::Accepted;
use crate::broker::Broker;
use crate::connection::{ConnectionId, Ending};
use crate::rules::rules;

rules! {
    /// The first packet is CONNACK (in 5.0: or AUTH).
    NOTHING_BEFORE_CONNACK: ["MQTT-3.2.0-1"], ["MQTT-3.2.0-1"];
    /// A valid CONNECT is answered by CONNACK with success.
    CONNECT_IS_ANSWERED: ["MQTT-3.1.4-4"], ["MQTT-3.1.4-5"];
    /// There is one CONNACK at most.
    ONE_CONNACK: [], ["MQTT-3.2.0-2"];
    /// After Clean Start (Clean Session) 1 there is no Session Present.
    NOT_PRESENT_AFTER_CLEAN_START: ["MQTT-3.2.2-1"], ["MQTT-3.2.2-2/a"];
    /// A Session that was stored is reported.
    PRESENT_IF_STORED: ["MQTT-3.2.2-2"], ["MQTT-3.2.2-3/a"];
    /// A Session that was not stored is not reported.
    NOT_PRESENT_IF_NEW: ["MQTT-3.2.2-3"], ["MQTT-3.2.2-3/b"];
    /// The Reason Code after Clean Start 1 is success.
    SUCCESS_AFTER_CLEAN_START: [], ["MQTT-3.2.2-2/b"];
    /// The Reason Code after Clean Start 0 is success.
    SUCCESS_AFTER_RESUMPTION: [], ["MQTT-3.2.2-3/c"];
    /// An identifier that the broker made is told.
    ASSIGNED_ID_TOLD: [], ["MQTT-3.1.3-7/b", "MQTT-3.2.2-16/a"];
    /// A broker without QoS 1 or 2 says so.
    MAXIMUM_QOS_TOLD: [], ["MQTT-3.2.2-9"];
    /// Response Information comes on request only.
    RESPONSE_INFORMATION_ON_REQUEST: [], ["MQTT-3.1.2-28"];
    /// CONNACK names the Authentication Method of CONNECT.
    METHOD_TOLD: [], ["MQTT-4.12.0-5/b"];
    /// CONNACK names none if CONNECT had none.
    METHOD_NOT_UNASKED: [], ["MQTT-4.12.0-6/b"];
    /// A Client that named no method is sent no AUTH.
    NO_AUTH_UNASKED: [], ["MQTT-4.12.0-6/a"];
}

impl Broker {
    pub(crate) fn acknowledge_connect(
        &mut self,
        id: ConnectionId,
        version: Version,
        connect: &Connect,
        accepted: Accepted,
    ) {
        if !self.rules.enforce(version, &NOTHING_BEFORE_CONNACK) {
            self.send(id, Packet::PingResp);
        }
        let method = connect.properties.authentication_method();
        if version == Version::V5_0 && method.is_none() && !self.rules.enforce(version, &NO_AUTH_UNASKED) {
            self.send(id, Packet::Auth(self.unasked_auth()));
        }
        if !self.rules.enforce(version, &CONNECT_IS_ANSWERED) {
            return;
        }
        let present = accepted.session_present;
        let session_present = match (connect.clean_start, present) {
            (true, _) => !self.rules.enforce(version, &NOT_PRESENT_AFTER_CLEAN_START),
            (false, true) => self.rules.enforce(version, &PRESENT_IF_STORED),
            (false, false) => !self.rules.enforce(version, &NOT_PRESENT_IF_NEW),
        };
        let success =
            if connect.clean_start { &SUCCESS_AFTER_CLEAN_START } else { &SUCCESS_AFTER_RESUMPTION };
        let reason_code =
            if self.rules.enforce(version, success) { ReasonCode::SUCCESS } else { ReasonCode(0x01) };
        let properties = match version {
            Version::V3_1_1 => Properties::default(),
            Version::V5_0 => self.connack_properties(connect, accepted),
        };
        let connack = ConnAck { session_present, reason_code, properties };
        if !self.send_once(id, Packet::ConnAck(connack), &ONE_CONNACK) {
            // Whatever came next would be the first packet, which only CONNACK may be, and DISCONNECT follows CONNACK only.
            self.close(id, Ending::Failure);
        }
    }

    fn connack_properties(&self, connect: &Connect, accepted: Accepted) -> Properties {
        let keeps = |rule| self.rules.enforce(Version::V5_0, rule);
        let choices = &self.configuration;
        let mut properties = Properties::default();
        if let Some(interval) = accepted.granted_expiry {
            properties.push(Property::SessionExpiryInterval(interval));
        }
        if choices.receive_maximum < u16::MAX {
            properties.push(Property::ReceiveMaximum(choices.receive_maximum));
        }
        if choices.maximum_qos < QoS::ExactlyOnce && keeps(&MAXIMUM_QOS_TOLD) {
            properties.push(Property::MaximumQoS(choices.maximum_qos.bits()));
        }
        if !choices.retain_available {
            properties.push(Property::RetainAvailable(0));
        }
        if let Some(size) = choices.maximum_packet_size {
            properties.push(Property::MaximumPacketSize(size));
        }
        if let Some(assigned) = accepted.assigned.filter(|_| keeps(&ASSIGNED_ID_TOLD)) {
            properties.push(Property::AssignedClientIdentifier(assigned));
        }
        if choices.topic_alias_maximum > 0 {
            properties.push(Property::TopicAliasMaximum(choices.topic_alias_maximum));
        }
        if !choices.wildcard_subscriptions {
            properties.push(Property::WildcardSubscriptionAvailable(0));
        }
        if !choices.subscription_identifiers {
            properties.push(Property::SubscriptionIdentifiersAvailable(0));
        }
        if !choices.shared_subscriptions {
            properties.push(Property::SharedSubscriptionAvailable(0));
        }
        if let Some(seconds) = choices.server_keep_alive {
            properties.push(Property::ServerKeepAlive(seconds));
        }
        let requested = connect.properties.request_response_information() == Some(1);
        if let Some(information) = &choices.response_information
            && (requested || !keeps(&RESPONSE_INFORMATION_ON_REQUEST))
        {
            properties.push(Property::ResponseInformation(information.clone()));
        }
        match connect.properties.authentication_method() {
            Some(method) if keeps(&METHOD_TOLD) => properties.push(Property::AuthenticationMethod(method)),
            None if !keeps(&METHOD_NOT_UNASKED) => {
                properties.push(Property::AuthenticationMethod("unasked".into()));
            }
            _ => {}
        }
        properties
    }

    fn unasked_auth(&self) -> Auth {
        let method = Property::AuthenticationMethod("unasked".into());
        Auth {
            reason_code: Some(ReasonCode::CONTINUE_AUTHENTICATION),
            properties: Some([method].into_iter().collect()),
        }
    }
}

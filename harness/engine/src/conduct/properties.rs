//! What a client asked for in its CONNECT binds the properties and sizes of all packets that follow (5.0).

use mqttspec_codec::model::{Packet, PacketType};
use mqttspec_codec::{StatementId, Version, statement};

use super::Misconduct;

#[derive(Clone, Copy, Debug)]
pub(super) struct Requests {
    maximum_packet_size: Option<u32>,
    problem_information: bool,
    response_information: bool,
}

impl Default for Requests {
    fn default() -> Self {
        Self { maximum_packet_size: None, problem_information: true, response_information: false }
    }
}

impl Requests {
    pub(super) fn sent(&mut self, packet: &Packet) {
        if let Packet::Connect(connect) = packet {
            self.maximum_packet_size = connect.properties.maximum_packet_size();
            self.problem_information = connect.properties.request_problem_information() != Some(0);
            self.response_information = connect.properties.request_response_information() == Some(1);
        }
    }

    pub(super) fn received(&self, packet: &Packet, length: usize, version: Version) -> Option<Misconduct> {
        if version != Version::V5_0 {
            return None;
        }
        let name = packet.packet_type();
        // Nothing longer than the client can take [MQTT-3.1.2-24].
        if let Some(maximum) = self.maximum_packet_size
            && length > usize::try_from(maximum).unwrap_or(usize::MAX)
        {
            let mut statements = too_long_with_text(packet);
            statements.push(statement!("MQTT-3.1.2-24"));
            return Some(Misconduct::new(
                &statements,
                format!("{name} has {length} bytes, the client's Maximum Packet Size is {maximum}"),
            ));
        }
        let properties = packet.properties()?;
        // Response Information only when asked for [MQTT-3.1.2-28].
        if !self.response_information && properties.response_information().is_some() {
            return Some(Misconduct::new(
                &[statement!("MQTT-3.1.2-28")],
                "CONNACK has Response Information that the client did not ask for",
            ));
        }
        // Without Request Problem Information, explanations stand only in three packets [MQTT-3.1.2-29].
        let may_explain = matches!(name, PacketType::Publish | PacketType::ConnAck | PacketType::Disconnect);
        let explains = properties.reason_string().is_some() || properties.user_properties().next().is_some();
        (!self.problem_information && !may_explain && explains).then(|| {
            Misconduct::new(
                &[statement!("MQTT-3.1.2-29")],
                format!("{name} explains itself though Request Problem Information is 0"),
            )
        })
    }
}

/// The rules by which a text is left out of a packet that is too long with it: Reason String, User Property.
fn too_long_with_text(packet: &Packet) -> Vec<StatementId> {
    let [reason_string, user_property] = match packet.packet_type() {
        PacketType::ConnAck => [statement!("MQTT-3.2.2-19"), statement!("MQTT-3.2.2-20")],
        PacketType::PubAck => [statement!("MQTT-3.4.2-2"), statement!("MQTT-3.4.2-3")],
        PacketType::PubRec => [statement!("MQTT-3.5.2-2"), statement!("MQTT-3.5.2-3")],
        PacketType::PubRel => [statement!("MQTT-3.6.2-2"), statement!("MQTT-3.6.2-3")],
        PacketType::PubComp => [statement!("MQTT-3.7.2-2"), statement!("MQTT-3.7.2-3")],
        PacketType::SubAck => [statement!("MQTT-3.9.2-1"), statement!("MQTT-3.9.2-2")],
        PacketType::UnsubAck => [statement!("MQTT-3.11.2-1"), statement!("MQTT-3.11.2-2")],
        PacketType::Disconnect => [statement!("MQTT-3.14.2-3"), statement!("MQTT-3.14.2-4")],
        PacketType::Auth => [statement!("MQTT-3.15.2-2"), statement!("MQTT-3.15.2-3")],
        _ => return Vec::new(),
    };
    let has_reason = packet.properties().is_some_and(|all| all.reason_string().is_some());
    let has_user = packet.properties().is_some_and(|all| all.user_properties().next().is_some());
    let reason = has_reason.then_some(reason_string);
    reason.into_iter().chain(has_user.then_some(user_property)).collect()
}

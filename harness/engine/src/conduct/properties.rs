//! What a client asked for in its CONNECT binds the properties and sizes of all packets that follow (5.0).

use mqttspec_codec::model::{Packet, PacketType};
use mqttspec_codec::{Version, statement};

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
            return Some(Misconduct::new(
                &[statement!("MQTT-3.1.2-24")],
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

//! Messages that a broker sends again on the connection on which it sent them before.
//!
//! 3.1.1 says when a sender must send again and leaves it free to do so at other times (4.4, not normative), until it has
//! read the acknowledgement. 5.0 forbids it on a connection that lives [MQTT-4.4.0-1].

use std::collections::BTreeMap;

use mqttspec_codec::Version;
use mqttspec_codec::model::{Packet, Publish};
use mqttspec_script::plan::{Action, PacketPattern, Pattern, Step};

/// What was delivered on one connection under each Packet Identifier.
#[derive(Clone, Debug, Default)]
pub(super) struct Repeats(BTreeMap<u16, Publish>);

impl Repeats {
    /// Takes note of a packet, and says whether it is one that came before and may come again.
    pub(super) fn received(&mut self, packet: &Packet, version: Version) -> bool {
        match packet {
            // The PUBREL shows that the broker has read the PUBREC, so the PUBLISH may come no more.
            Packet::PubRel(release) => {
                self.0.remove(&release.packet_id);
                false
            }
            Packet::Publish(publish) => {
                let Some(id) = publish.packet_id else { return false };
                let plain = Publish { dup: false, ..publish.clone() };
                let before = self.0.insert(id, plain.clone());
                version == Version::V3_1_1 && publish.dup && before == Some(plain)
            }
            _ => false,
        }
    }
}

/// Whether a step of a client speaks of the DUP flag of messages, so that it wants to see them all.
pub(super) fn are_looked_at(steps: &[Step], client: &str) -> bool {
    let names_dup = |pattern: &PacketPattern| pattern.fields.iter().any(|field| field.name == "dup");
    steps.iter().any(|step| match &step.action {
        Action::Receive(receive) if receive.client == client => {
            receive.messages.iter().any(|message| names_dup(&message.pattern))
        }
        Action::Expect { client: name, alternatives, .. } if name == client => {
            alternatives.iter().any(|alternative| match &alternative.pattern {
                Pattern::Packet(pattern) => names_dup(pattern),
                Pattern::Closed(_) => false,
            })
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use mqttspec_codec::Version;
    use mqttspec_codec::model::{Acknowledgement, Packet, Publish, QoS};

    use super::Repeats;

    fn message(dup: bool, payload: &'static str) -> Packet {
        Packet::Publish(Publish {
            qos: QoS::ExactlyOnce,
            packet_id: Some(7),
            dup,
            topic: "a".into(),
            payload: payload.into(),
            ..Publish::default()
        })
    }

    #[test]
    fn a_copy_with_dup_is_a_repeat_until_the_release() {
        let mut repeats = Repeats::default();
        let mut is_repeat = |packet: &Packet| repeats.received(packet, Version::V3_1_1);
        assert!(!is_repeat(&message(true, "x")), "sent first on another connection");
        assert!(is_repeat(&message(true, "x")));
        assert!(!is_repeat(&message(true, "y")), "another message");
        assert!(!is_repeat(&message(false, "y")), "not said to be sent again");
        assert!(is_repeat(&message(true, "y")));
        assert!(!is_repeat(&Packet::PubRel(Acknowledgement::new(7))));
        assert!(!is_repeat(&message(true, "y")), "the broker has read the PUBREC");
    }

    #[test]
    fn version_5_0_has_no_repeats_on_one_connection() {
        let mut repeats = Repeats::default();
        assert!(!repeats.received(&message(false, "x"), Version::V5_0));
        assert!(!repeats.received(&message(true, "x"), Version::V5_0));
    }
}

//! User Properties that a broker adds to the messages that it passes on.

use std::borrow::Cow;
use std::collections::BTreeSet;

use bytestring::ByteString;
use mqttspec_codec::model::{Packet, Properties, Property};

/// The names of the User Properties that the clients of a case have sent with their messages.
///
/// A broker has to pass on every User Property of a message unaltered and in order [MQTT-3.3.2-17], [MQTT-3.3.2-18]. No
/// statement says that it adds none of its own, such as one that tells who published. So what comes under a name that no client
/// has used is left out of what is compared.
#[derive(Debug, Default)]
pub(super) struct UserPropertyNames(BTreeSet<ByteString>);

impl UserPropertyNames {
    /// Remembers the names in a packet of ours.
    pub(super) fn sent(&mut self, packet: &Packet) {
        let properties = match packet {
            Packet::Publish(publish) => Some(&publish.properties),
            Packet::Connect(connect) => connect.will.as_ref().map(|will| &will.properties),
            _ => None,
        };
        let names = properties.into_iter().flat_map(|properties| &properties.0).filter_map(name);
        self.0.extend(names.cloned());
    }

    /// A packet from the broker without the User Properties of its own.
    pub(super) fn without_others<'a>(&self, packet: &'a Packet) -> Cow<'a, Packet> {
        let is_other = |property: &Property| name(property).is_some_and(|name| !self.0.contains(name));
        match packet {
            Packet::Publish(publish) if publish.properties.0.iter().any(is_other) => {
                let kept = publish.properties.0.iter().filter(|property| !is_other(property)).cloned();
                let mut publish = publish.clone();
                publish.properties = Properties(kept.collect());
                Cow::Owned(Packet::Publish(publish))
            }
            _ => Cow::Borrowed(packet),
        }
    }
}

const fn name(property: &Property) -> Option<&ByteString> {
    match property {
        Property::UserProperty((name, _)) => Some(name),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use mqttspec_codec::model::{Packet, Properties, Property, Publish};

    use super::UserPropertyNames;

    fn message(names: &[&str]) -> Packet {
        let properties = names.iter().map(|name| Property::UserProperty(((*name).into(), "value".into())));
        Packet::Publish(Publish { properties: Properties(properties.collect()), ..Publish::default() })
    }

    #[test]
    fn only_names_that_no_client_has_sent_are_left_out() {
        let mut names = UserPropertyNames::default();
        names.sent(&message(&["b", "a"]));
        assert_eq!(*names.without_others(&message(&["a", "from", "a", "b"])), message(&["a", "a", "b"]));
        assert_eq!(*names.without_others(&message(&["c"])), message(&[]));
        assert_eq!(*UserPropertyNames::default().without_others(&message(&["a"])), message(&[]));
    }
}

//! Placeholders in packets to send.

use bytes::Bytes;
use bytestring::ByteString;
use mqttspec_codec::model::{Packet, Properties, Property};

use crate::plan::{Edit, Outgoing, PacketSource};
use crate::scope::{Scope, UnknownPlaceholder};

/// Fills in the strings of one client's packets.
pub(crate) struct Filler<'a> {
    pub(crate) scope: &'a Scope,
    pub(crate) client: &'a str,
}

type Filled = Result<(), UnknownPlaceholder>;

impl Filler<'_> {
    /// Fills in all strings of a packet, and its payloads where they are strings.
    pub(crate) fn packet(&self, packet: &mut Packet) -> Filled {
        match packet {
            Packet::Connect(connect) => {
                self.text(&mut connect.client_id)?;
                self.text(&mut connect.protocol_name)?;
                if let Some(will) = &mut connect.will {
                    self.text(&mut will.topic)?;
                    self.bytes(&mut will.payload)?;
                    self.properties(&mut will.properties)?;
                }
                if let Some(name) = &mut connect.user_name {
                    self.text(name)?;
                }
                if let Some(password) = &mut connect.password {
                    self.bytes(password)?;
                }
                self.properties(&mut connect.properties)
            }
            Packet::ConnAck(ack) => self.properties(&mut ack.properties),
            Packet::Publish(publish) => {
                self.text(&mut publish.topic)?;
                self.bytes(&mut publish.payload)?;
                self.properties(&mut publish.properties)
            }
            Packet::PubAck(ack) | Packet::PubRec(ack) | Packet::PubRel(ack) | Packet::PubComp(ack) => {
                self.optional(&mut ack.properties)
            }
            Packet::Subscribe(subscribe) => {
                for entry in &mut subscribe.filters {
                    self.text(&mut entry.filter)?;
                }
                self.properties(&mut subscribe.properties)
            }
            Packet::SubAck(ack) => self.properties(&mut ack.properties),
            Packet::Unsubscribe(unsubscribe) => {
                for filter in &mut unsubscribe.filters {
                    self.text(filter)?;
                }
                self.properties(&mut unsubscribe.properties)
            }
            Packet::UnsubAck(ack) => self.properties(&mut ack.properties),
            Packet::PingReq | Packet::PingResp => Ok(()),
            Packet::Disconnect(disconnect) => self.optional(&mut disconnect.properties),
            Packet::Auth(auth) => self.optional(&mut auth.properties),
        }
    }

    fn text(&self, text: &mut ByteString) -> Filled {
        *text = self.scope.fill_text(text, self.client)?;
        Ok(())
    }

    /// Bytes that are a string may hold placeholders; others are left as they are.
    fn bytes(&self, bytes: &mut Bytes) -> Filled {
        if bytes.contains(&b'$')
            && let Ok(text) = ByteString::try_from(bytes.clone())
        {
            *bytes = match self.scope.whole_capture(&text)? {
                Some(captured) => captured.into(),
                None => self.scope.fill_text(&text, self.client)?.into_bytes(),
            };
        }
        Ok(())
    }

    fn optional(&self, properties: &mut Option<Properties>) -> Filled {
        properties.as_mut().map_or(Ok(()), |properties| self.properties(properties))
    }

    fn properties(&self, properties: &mut Properties) -> Filled {
        properties.0.iter_mut().try_for_each(|property| match property {
            Property::ContentType(text)
            | Property::ResponseTopic(text)
            | Property::AssignedClientIdentifier(text)
            | Property::AuthenticationMethod(text)
            | Property::ResponseInformation(text)
            | Property::ServerReference(text)
            | Property::ReasonString(text) => self.text(text),
            Property::CorrelationData(bytes) | Property::AuthenticationData(bytes) => self.bytes(bytes),
            Property::UserProperty((name, value)) => {
                self.text(name)?;
                self.text(value)
            }
            _ => Ok(()),
        })
    }
}

impl Outgoing {
    /// Whether every placeholder of the packet and its edits stands for something.
    pub(crate) fn check_placeholders(&self, scope: &Scope, client: &str) -> Filled {
        let filler = Filler { scope, client };
        if let PacketSource::Packet(packet) = &self.source {
            filler.packet(&mut packet.clone())?;
        }
        self.edits.iter().try_for_each(|edit| match edit {
            Edit::SetText { text, .. } => scope.fill(text, client).map(|_| ()),
            _ => Ok(()),
        })
    }
}

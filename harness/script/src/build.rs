//! From a packet of a plan to bytes.

use std::fmt;

use bytes::Bytes;
use mqttspec_codec::model::Packet;
use mqttspec_codec::{Lengths, Version, Wire, WireError};

use crate::fill::Filler;
use crate::plan::{Edit, LengthPolicy, Outgoing, PacketSource, Value};
use crate::scope::{Scope, UnknownPlaceholder};

/// Why a packet cannot be built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BuildError {
    /// A placeholder stands for nothing.
    Placeholder(UnknownPlaceholder),
    /// The captured value that is to be the Packet Identifier is none.
    NoIdentifier {
        /// The name of the capture.
        name: String,
    },
    /// An acknowledgement follows no packet that it could acknowledge.
    NothingReceived,
    /// A change to a field cannot be made.
    Edit(WireError),
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Placeholder(unknown) => write!(f, "{unknown}"),
            Self::NoIdentifier { name } => write!(f, "`$({name})` is no Packet Identifier"),
            Self::NothingReceived => f.write_str("no packet with a Packet Identifier was received before"),
            Self::Edit(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for BuildError {}

impl From<UnknownPlaceholder> for BuildError {
    fn from(unknown: UnknownPlaceholder) -> Self {
        Self::Placeholder(unknown)
    }
}

impl From<WireError> for BuildError {
    fn from(error: WireError) -> Self {
        Self::Edit(error)
    }
}

impl Outgoing {
    /// The bytes that the client `client` writes: placeholders filled in, a Packet Identifier of 0 replaced,
    /// changes made. In an acknowledgement it becomes `last_received`, the identifier of the packet that
    /// the client received last; in other packets one that `fresh` picks.
    ///
    /// # Errors
    /// When a placeholder stands for nothing, there is nothing to acknowledge, or a change cannot be made.
    pub fn build(
        &self,
        scope: &Scope,
        client: &str,
        version: Version,
        last_received: Option<u16>,
        fresh: impl FnMut() -> u16,
    ) -> Result<Bytes, BuildError> {
        match &self.source {
            PacketSource::Raw(bytes) => Ok(bytes.clone()),
            PacketSource::Packet(packet) => {
                let packet = self.filled(packet, scope, client, last_received, fresh)?;
                let mut wire = Wire::of(&packet, version);
                for edit in &self.edits {
                    apply(edit, &mut wire, scope, client)?;
                }
                Ok(wire.to_bytes())
            }
        }
    }

    /// The typed packet that the changes start from, filled in as [`Outgoing::build`] does; none for bytes.
    ///
    /// # Errors
    /// As for [`Outgoing::build`].
    pub fn packet(
        &self,
        scope: &Scope,
        client: &str,
        last_received: Option<u16>,
        fresh: impl FnMut() -> u16,
    ) -> Result<Option<Packet>, BuildError> {
        match &self.source {
            PacketSource::Raw(_) => Ok(None),
            PacketSource::Packet(packet) => {
                self.filled(packet, scope, client, last_received, fresh).map(Some)
            }
        }
    }

    fn filled(
        &self,
        packet: &Packet,
        scope: &Scope,
        client: &str,
        last_received: Option<u16>,
        fresh: impl FnMut() -> u16,
    ) -> Result<Packet, BuildError> {
        let mut packet = packet.clone();
        Filler { scope, client }.packet(&mut packet)?;
        let captured = self.captured_id(scope)?;
        set_identifier(&mut packet, captured, last_received, fresh)?;
        Ok(packet)
    }

    fn captured_id(&self, scope: &Scope) -> Result<Option<u16>, BuildError> {
        let Some(capture) = &self.packet_id else { return Ok(None) };
        let name = &capture.0;
        match scope.captured.get(name) {
            None => Err(UnknownPlaceholder { token: format!("$({name})") }.into()),
            Some(Value::Number(number)) if u16::try_from(*number).is_ok() => Ok(u16::try_from(*number).ok()),
            Some(_) => Err(BuildError::NoIdentifier { name: name.clone() }),
        }
    }
}

fn set_identifier(
    packet: &mut Packet,
    captured: Option<u16>,
    last_received: Option<u16>,
    mut fresh: impl FnMut() -> u16,
) -> Result<(), BuildError> {
    let (id, is_answer) = match packet {
        Packet::Publish(publish) => match &mut publish.packet_id {
            Some(id) => (id, false),
            None => return Ok(()),
        },
        Packet::Subscribe(subscribe) => (&mut subscribe.packet_id, false),
        Packet::Unsubscribe(unsubscribe) => (&mut unsubscribe.packet_id, false),
        Packet::PubAck(ack) | Packet::PubRec(ack) | Packet::PubRel(ack) | Packet::PubComp(ack) => {
            (&mut ack.packet_id, true)
        }
        // What only a server sends answers nothing that a client has received.
        Packet::SubAck(ack) => (&mut ack.packet_id, false),
        Packet::UnsubAck(ack) => (&mut ack.packet_id, false),
        Packet::Connect(_)
        | Packet::ConnAck(_)
        | Packet::PingReq
        | Packet::PingResp
        | Packet::Disconnect(_)
        | Packet::Auth(_) => return Ok(()),
    };
    *id = match (captured, *id) {
        (Some(captured), _) => captured,
        (None, 0) if is_answer => last_received.ok_or(BuildError::NothingReceived)?,
        (None, 0) => fresh(),
        (None, given) => given,
    };
    Ok(())
}

fn apply(edit: &Edit, wire: &mut Wire, scope: &Scope, client: &str) -> Result<(), BuildError> {
    match edit {
        Edit::Set { field, bytes, lengths } => wire.set(field, bytes, policy(*lengths))?,
        Edit::SetText { field, text, lengths } => {
            wire.set(field, scope.fill(text, client)?.as_bytes(), policy(*lengths))?;
        }
        Edit::SetInteger { field, value, width: None } => wire.set_integer(field, *value)?,
        Edit::SetInteger { field, value, width: Some(width) } => {
            wire.set_variable_bytes(field, *value, usize::from(*width))?;
        }
        Edit::Remove { field, lengths } => wire.remove(field, policy(*lengths))?,
        Edit::Duplicate { field, lengths } => wire.duplicate(field, policy(*lengths))?,
        Edit::InsertBefore { field, bytes, lengths } => wire.insert_before(field, bytes, policy(*lengths))?,
        Edit::Append { bytes, lengths } => wire.append(bytes, policy(*lengths)),
        Edit::TruncateAfter { field, lengths } => wire.truncate_after(field, policy(*lengths))?,
        Edit::Mutation(edit) => edit.apply(wire)?,
    }
    Ok(())
}

const fn policy(lengths: LengthPolicy) -> Lengths {
    match lengths {
        LengthPolicy::Recomputed => Lengths::Recomputed,
        LengthPolicy::Frozen => Lengths::Frozen,
    }
}

#[cfg(test)]
mod tests {
    use mqttspec_codec::Version;
    use mqttspec_codec::model::{Acknowledgement, Packet, Publish, QoS};

    use super::BuildError;
    use crate::plan::{Capture, Edit, LengthPolicy, Outgoing, PacketSource, Place, Value};
    use crate::scope::Scope;

    fn outgoing(packet: Packet, edits: Vec<Edit>) -> Outgoing {
        Outgoing { source: PacketSource::Packet(packet), packet_id: None, edits, place: Place::default() }
    }

    fn scope() -> Scope {
        Scope {
            topic_root: "r".into(),
            captured: [("n".into(), Value::Number(9))].into(),
            ..Scope::default()
        }
    }

    fn publish() -> Packet {
        Packet::Publish(Publish {
            qos: QoS::AtLeastOnce,
            topic: "$t/a".into(),
            packet_id: Some(0),
            payload: "$(n)".into(),
            ..Publish::default()
        })
    }

    #[test]
    fn placeholders_identifiers_and_edits() {
        let plain = outgoing(publish(), vec![]);
        let bytes = plain.build(&scope(), "c", Version::V3_1_1, None, || 7).unwrap();
        assert_eq!(bytes, &[0x32, 8, 0, 3, b'r', b'/', b'a', 0, 7, b'9'][..]);
        let text =
            Edit::SetText { field: "topic".into(), text: "$t/#".into(), lengths: LengthPolicy::Recomputed };
        let id = Edit::SetInteger { field: "packet_id".into(), value: 0, width: None };
        let bytes = outgoing(publish(), vec![text, id]).build(&scope(), "c", Version::V3_1_1, None, || 7);
        assert_eq!(bytes.unwrap(), &[0x32, 8, 0, 3, b'r', b'/', b'#', 0, 0, b'9'][..]);
    }

    #[test]
    fn acknowledgements_answer_what_came_last_or_what_was_captured() {
        let mut ack = outgoing(Packet::PubAck(Acknowledgement::new(0)), vec![]);
        let build = |ack: &Outgoing, last| ack.build(&scope(), "c", Version::V3_1_1, last, || 1);
        assert_eq!(build(&ack, Some(5)).unwrap(), &[0x40, 2, 0, 5][..]);
        assert_eq!(build(&ack, None), Err(BuildError::NothingReceived));
        ack.packet_id = Some(Capture("n".into()));
        assert_eq!(build(&ack, Some(5)).unwrap(), &[0x40, 2, 0, 9][..]);
        ack.packet_id = Some(Capture("m".into()));
        assert_eq!(build(&ack, None).unwrap_err().to_string(), "`$(m)` stands for nothing here");
    }

    #[test]
    fn an_unknown_field_is_an_error() {
        let edit = Edit::Remove { field: "keep_alive".into(), lengths: LengthPolicy::Recomputed };
        let error = outgoing(publish(), vec![edit]).build(&scope(), "c", Version::V5_0, None, || 1);
        assert!(error.unwrap_err().to_string().contains("no field `keep_alive`"));
    }
}

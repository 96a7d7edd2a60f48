//! The packet that operators start from.

use std::cell::OnceCell;
use std::fmt;
use std::ops::Range;

use crate::model::{Packet, PacketType, Properties, PropertyId, Sender};
use crate::wire::{Content, pass};
use crate::{FieldKind, Version, Wire};

/// A well-formed packet with its fields.
pub(super) struct Base<'a> {
    pub(super) packet: &'a Packet,
    pub(super) version: Version,
    /// Its fields, to be changed.
    pub(super) wire: Wire,
    /// The fields, once one of them has been asked for.
    fields: OnceCell<Fields>,
    /// The length of the packet in bytes.
    pub(super) length: usize,
}

/// A field of it.
#[derive(Clone, Debug)]
pub(super) struct Field<'a> {
    /// Its name; that of a property and its parts by the kind of the property.
    pub(super) name: &'a str,
    pub(super) kind: FieldKind,
    pub(super) range: Range<usize>,
    /// Whether it has no parts.
    pub(super) leaf: bool,
}

/// The fields in wire order, each before its parts.
struct Fields {
    /// Their names, one behind the other.
    names: String,
    list: Vec<Place>,
}

/// A field whose name is elsewhere.
struct Place {
    name: Range<usize>,
    kind: FieldKind,
    range: Range<usize>,
    leaf: bool,
}

/// What a string is for, which decides what it may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// A Topic Name.
    Topic,
    /// A Topic Filter.
    Filter,
    /// What a Server may refuse for reasons of its own: who the Client is.
    Identity,
    /// A text that means nothing to the Server.
    Free,
}

/// A list of properties of the packet.
#[derive(Clone, Copy)]
pub(super) struct PropertyList<'a> {
    /// The name of the field.
    pub(super) field: &'static str,
    pub(super) properties: &'a Properties,
    packet_type: PacketType,
    pub(super) is_will: bool,
}

/// The name of a property of a list.
#[derive(Clone, Copy)]
pub(super) struct PropertyName {
    list: &'static str,
    id: PropertyId,
}

impl fmt::Display for PropertyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.list, self.id.name())
    }
}

impl PropertyList<'_> {
    /// Whether a Client may put the property here.
    pub(super) fn admits(&self, id: PropertyId) -> bool {
        if self.is_will { id.allowed_in_will() } else { id.allowed_in(self.packet_type, Sender::Client) }
    }

    pub(super) fn has(&self, id: PropertyId) -> bool {
        self.properties.iter().any(|property| property.id() == id)
    }

    /// The name of a property of the list.
    pub(super) const fn name(&self, id: PropertyId) -> PropertyName {
        PropertyName { list: self.field, id }
    }
}

impl<'a> Base<'a> {
    pub(super) fn new(packet: &'a Packet, version: Version) -> Self {
        let (wire, length) = Wire::with_length(packet, version);
        Self { packet, version, wire, fields: OnceCell::new(), length }
    }

    /// The fields in wire order, each before its parts.
    pub(super) fn fields(&self) -> impl DoubleEndedIterator<Item = Field<'_>> {
        let Fields { names, list } = self.fields.get_or_init(|| fields(&self.wire));
        list.iter().map(|Place { name, kind, range, leaf }| Field {
            name: names.get(name.clone()).unwrap_or_default(),
            kind: *kind,
            range: range.clone(),
            leaf: *leaf,
        })
    }

    pub(super) const fn packet_type(&self) -> PacketType {
        self.packet.packet_type()
    }

    pub(super) fn is(&self, packet_type: PacketType) -> bool {
        self.packet_type() == packet_type
    }

    pub(super) const fn is_acknowledgement(&self) -> bool {
        matches!(self.packet, Packet::PubAck(_) | Packet::PubRec(_) | Packet::PubRel(_) | Packet::PubComp(_))
    }

    /// The field of a name.
    pub(super) fn field(&self, name: &str) -> Option<Field<'_>> {
        self.fields().find(|field| field.name == name)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.field(name).is_some()
    }

    /// The strings but the Protocol Name, with what they are for.
    pub(super) fn texts(&self) -> impl Iterator<Item = (Field<'_>, Role)> {
        self.fields()
            .filter(|field| field.kind == FieldKind::Utf8String && field.name != "protocol_name")
            .map(|field| {
                let role = role(field.name);
                (field, role)
            })
    }

    /// Strings and Binary Data but the Protocol Name.
    pub(super) fn prefixed(&self) -> impl Iterator<Item = Field<'_>> {
        self.fields().filter(|field| {
            matches!(field.kind, FieldKind::Utf8String | FieldKind::BinaryData)
                && field.name != "protocol_name"
        })
    }

    /// The lists of properties, those that are on the wire.
    pub(super) fn property_lists(&self) -> impl Iterator<Item = PropertyList<'a>> + use<'a> {
        let (mut own, mut of_will) = (None, None);
        match self.packet {
            _ if self.version == Version::V3_1_1 => {}
            Packet::Connect(connect) => {
                own = Some(&connect.properties);
                of_will = connect.will.as_ref().map(|will| &will.properties);
            }
            Packet::Publish(publish) => own = Some(&publish.properties),
            Packet::Subscribe(subscribe) => own = Some(&subscribe.properties),
            Packet::Unsubscribe(unsubscribe) => own = Some(&unsubscribe.properties),
            Packet::PubAck(ack) | Packet::PubRec(ack) | Packet::PubRel(ack) | Packet::PubComp(ack) => {
                own = ack.properties.as_ref();
            }
            Packet::Disconnect(disconnect) => own = disconnect.properties.as_ref(),
            Packet::Auth(auth) => own = auth.properties.as_ref(),
            Packet::ConnAck(_)
            | Packet::SubAck(_)
            | Packet::UnsubAck(_)
            | Packet::PingReq
            | Packet::PingResp => {}
        }
        let packet_type = self.packet_type();
        let list =
            move |field, is_will| move |properties| PropertyList { field, properties, packet_type, is_will };
        own.map(list("properties", false)).into_iter().chain(of_will.map(list("will_properties", true)))
    }

    /// Whether the packet may end at an offset: what would be missing may be left out, or is a part of the
    /// payload.
    pub(super) fn may_end_at(&self, offset: usize) -> bool {
        let behind = |name: &str| self.field(name).is_some_and(|field| field.range.end == offset);
        let in_5 = self.version == Version::V5_0;
        match self.packet {
            _ if offset == self.length => true,
            Packet::Publish(_) => self.field("payload").is_some_and(|field| field.range.start <= offset),
            Packet::PubAck(_) | Packet::PubRec(_) | Packet::PubRel(_) | Packet::PubComp(_) => {
                in_5 && (behind("packet_id") || behind("reason_code"))
            }
            Packet::Disconnect(_) => in_5 && (behind("remaining_length") || behind("reason_code")),
            Packet::Auth(_) => behind("remaining_length"),
            Packet::Subscribe(_) | Packet::Unsubscribe(_) => {
                self.fields().any(|field| field.kind == FieldKind::Element && field.range.end == offset)
            }
            _ => false,
        }
    }
}

fn fields(wire: &Wire) -> Fields {
    let mut names = String::with_capacity(512);
    let mut list = Vec::with_capacity(32);
    pass(wire.nodes(), |passed| {
        let start = names.len();
        names.push_str(passed.alias.unwrap_or(passed.name));
        list.push(Place {
            name: start..names.len(),
            kind: passed.node.kind,
            range: passed.range,
            leaf: !matches!(passed.node.content, Content::Group(_)),
        });
        None::<()>
    });
    Fields { names, list }
}

fn role(name: &str) -> Role {
    match name.trim_end_matches(".value") {
        "topic" | "will_topic" => Role::Topic,
        "client_id" | "user_name" => Role::Identity,
        name if name.ends_with(".response_topic") => Role::Topic,
        name if name.ends_with(".authentication_method") => Role::Identity,
        name if name.starts_with("filters[") => Role::Filter,
        _ => Role::Free,
    }
}

//! How the rules that the codec judges are switched off.
//!
//! The codec cites the statements that a packet breaks. With one of them off, the violation is tolerated and
//! the packet is taken as if it were good. The codec cites whole statements; where a statement has clauses,
//! the table below tells which clause a violation falls under.

use std::collections::BTreeSet;

use bytes::Bytes;
use mqttspec_codec::model::PacketType;
use mqttspec_codec::{Citation, Context, StatementId, Version, Violation, ViolationKind, decode, statement};

use crate::rules::Rules;

/// A violation, and the packet in which it was found.
#[derive(Clone, Copy)]
pub(crate) struct Found<'a> {
    pub(crate) violation: &'a Violation,
    pub(crate) packet_type: Option<PacketType>,
    pub(crate) frame: &'a [u8],
}

impl Found<'_> {
    fn is(&self, kind: ViolationKind) -> bool {
        self.violation.kind == kind
    }

    fn of(&self, packet_type: PacketType) -> bool {
        self.packet_type == Some(packet_type)
    }

    fn cites(&self, id: StatementId) -> bool {
        self.violation.statements().contains(&id)
    }

    fn at(&self, field: &str) -> bool {
        self.violation.field.to_string().contains(field)
    }

    /// The violation that comes first in the packet, if it is that something is missing: then what follows
    /// is missing too.
    fn cut_before(&self) -> Option<Violation> {
        let frame = Bytes::copy_from_slice(self.frame);
        let first = decode(&frame, Context::from_client(self.violation.version)).err()?;
        (first.kind == ViolationKind::Cut && first != *self.violation).then_some(first)
    }

    fn in_filter(&self) -> bool {
        self.of(PacketType::Subscribe) || self.of(PacketType::Unsubscribe)
    }

    /// Whether the ill-formed string holds an encoded surrogate: ED followed by A0 to BF.
    fn has_surrogate(&self) -> bool {
        let text = self.frame.get(self.violation.offset..).unwrap_or_default();
        text.windows(2).any(|pair| matches!(pair, [0xED, 0xA0..=0xBF]))
    }
}

/// A clause that the codec judges as part of a statement.
struct Clause {
    version: Version,
    id: StatementId,
    covers: fn(&Found<'_>) -> bool,
}

const fn old(id: StatementId, covers: fn(&Found<'_>) -> bool) -> Clause {
    Clause { version: Version::V3_1_1, id, covers }
}

const fn new(id: StatementId, covers: fn(&Found<'_>) -> bool) -> Clause {
    Clause { version: Version::V5_0, id, covers }
}

static CLAUSES: &[Clause] = &[
    old(statement!("MQTT-1.5.3-1/b"), |it| !it.has_surrogate()),
    old(statement!("MQTT-1.5.3-1/c"), |it| it.has_surrogate()),
    old(statement!("MQTT-1.5.3-2/b"), |_| true),
    old(statement!("MQTT-2.3.1-1/a"), |it| it.of(PacketType::Subscribe)),
    old(statement!("MQTT-2.3.1-1/b"), |it| it.of(PacketType::Unsubscribe)),
    old(statement!("MQTT-2.3.1-1/c"), |it| it.of(PacketType::Publish)),
    old(statement!("MQTT-3.1.2-9/c"), |it| it.at("will_topic")),
    old(statement!("MQTT-3.1.2-9/d"), |it| it.at("will_payload")),
    old(statement!("MQTT-3.1.2-11/a"), |it| it.cites(statement!("MQTT-3.1.2-13"))),
    old(statement!("MQTT-3.1.2-11/b"), |it| it.cites(statement!("MQTT-3.1.2-15"))),
    old(statement!("MQTT-3.1.2-11/c"), |it| it.is(ViolationKind::TrailingBytes)),
    old(statement!("MQTT-3.1.2-14/b"), |_| true),
    old(statement!("MQTT-3.1.4-1/a"), |_| true),
    old(statement!("MQTT-3.3.1-4/b"), |_| true),
    old(statement!("MQTT-3.3.2-1/b"), |_| true),
    old(statement!("MQTT-3.3.2-2/b"), |_| true),
    old(statement!("MQTT-3.6.1-1/b"), |_| true),
    old(statement!("MQTT-3.8.3-4/a"), |it| it.is(ViolationKind::ReservedBits)),
    old(statement!("MQTT-3.8.3-4/b"), |it| it.is(ViolationKind::QualityOfService)),
    old(statement!("MQTT-4.7.3-1/a"), |it| !it.in_filter()),
    old(statement!("MQTT-4.7.3-1/b"), |it| it.in_filter()),
    old(statement!("MQTT-4.7.3-2/a"), |it| !it.in_filter()),
    old(statement!("MQTT-4.7.3-2/b"), |it| it.in_filter()),
    new(statement!("MQTT-1.5.4-1/a"), |it| !it.has_surrogate()),
    new(statement!("MQTT-1.5.4-1/b"), |it| it.has_surrogate()),
    new(statement!("MQTT-1.5.7-1/a"), |it| it.at("name")),
    new(statement!("MQTT-1.5.7-1/b"), |it| it.at("value")),
    new(statement!("MQTT-3.3.2-1/a"), |it| it.is(ViolationKind::Cut)),
    new(statement!("MQTT-3.3.2-1/b"), |it| !it.is(ViolationKind::Cut)),
    new(statement!("MQTT-3.6.1-1/b"), |_| true),
    new(statement!("MQTT-3.14.1-1/a"), |_| true),
    new(statement!("MQTT-3.15.1-1/b"), |_| true),
    new(statement!("MQTT-4.7.3-1/a"), |it| !it.in_filter()),
    new(statement!("MQTT-4.7.3-1/b"), |it| it.in_filter()),
    new(statement!("MQTT-4.7.3-2/a"), |it| !it.in_filter()),
    new(statement!("MQTT-4.7.3-2/b"), |it| it.in_filter()),
];

fn clauses(version: Version, id: StatementId) -> impl Iterator<Item = &'static Clause> {
    CLAUSES.iter().filter(move |clause| clause.version == version && clause.id.statement() == id)
}

/// What no Client can break alone: a second Server Reference, as the first one is refused already (E5-09),
/// and a Subscription Identifier of 0 in PUBLISH, where none is allowed (3.3.4-6).
const UNREACHABLE: [StatementId; 2] = [statement!("E5-52"), statement!("E5-32")];

/// What the broker judges itself, or is free to accept, although the codec has a word on it.
pub(crate) const fn is_left_to_broker(kind: ViolationKind) -> bool {
    matches!(
        kind,
        // SUBACK or close is a choice of the broker.
        ViolationKind::TopicFilter
            // Answered by a CONNACK in 3.1.1.
            | ViolationKind::ClientIdentifier
            // The text binds the sender only (1.5.5).
            | ViolationKind::LengthNotMinimal
    )
}

/// Whether the broker takes the packet in spite of the violation.
pub(crate) fn tolerates(rules: &Rules, found: Found<'_>) -> bool {
    if is_left_to_broker(found.violation.kind) {
        return true;
    }
    is_switched_off(rules, found)
        || found
            .cut_before()
            .is_some_and(|first| is_switched_off(rules, Found { violation: &first, ..found }))
}

/// Whether one of the statements that the bytes break is off.
fn is_switched_off(rules: &Rules, found: Found<'_>) -> bool {
    let version = found.violation.version;
    found.violation.statements().iter().any(|&id| {
        let mut clauses = clauses(version, id).peekable();
        if clauses.peek().is_none() {
            return !rules.keeps(version, id);
        }
        clauses.any(|clause| !rules.keeps(version, clause.id) && (clause.covers)(&found))
    })
}

/// The statements and clauses that the codec judges in packets of a Client.
pub(crate) fn switches() -> BTreeSet<Citation> {
    let mut switches = BTreeSet::new();
    for rule in mqttspec_codec::Rule::all() {
        if is_left_to_broker(rule.kind) {
            continue;
        }
        for version in Version::ALL {
            for &id in rule.statements(version) {
                if UNREACHABLE.contains(&id) {
                    continue;
                }
                let mut clauses = clauses(version, id).peekable();
                if clauses.peek().is_none() {
                    switches.insert(Citation { version, id });
                }
                switches.extend(clauses.map(|clause| Citation { version, id: clause.id }));
            }
        }
    }
    switches
}

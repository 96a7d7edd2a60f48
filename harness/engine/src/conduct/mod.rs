//! What a broker may do at any time: rules over the sequence of packets on one Network Connection, checked
//! in passing in every case. Rules that one packet alone can break stand in the codec.

mod acknowledgements;
mod connection;
mod deliveries;
mod properties;
mod topic;

use bytestring::ByteString;
use mqttspec_codec::model::Packet;
use mqttspec_codec::{StatementId, Version};

use acknowledgements::Acknowledgements;
use connection::Opening;
use deliveries::Deliveries;
use properties::Requests;

pub(crate) use acknowledgements::ONE_TOO_MANY;

/// A rule that a packet of the broker broke, with what was wrong, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misconduct {
    /// The rules, the most specific first.
    pub statements: Vec<StatementId>,
    /// What was wrong.
    pub message: String,
    /// The field that was wrong, when it was one.
    pub field: Option<String>,
}

/// A Topic Name matches a filter of the client.
const MATCHES_A_FILTER: StatementId = mqttspec_codec::statement!("MQTT-3.3.2-3");

impl Misconduct {
    fn new(statements: &[StatementId], message: impl Into<String>) -> Self {
        Self { statements: statements.to_vec(), message: message.into(), field: None }
    }

    fn of_field(statements: &[StatementId], field: &str, message: impl Into<String>) -> Self {
        Self { field: Some(field.to_owned()), ..Self::new(statements, message) }
    }

    /// Whether it is a message that no filter of the client asked for.
    #[must_use]
    pub fn is_stray_delivery(&self) -> bool {
        self.statements.contains(&MATCHES_A_FILTER)
    }
}

/// Watches one Network Connection.
#[derive(Clone, Debug)]
pub struct Conduct {
    version: Version,
    opening: Opening,
    requests: Requests,
    acknowledgements: Acknowledgements,
    deliveries: Deliveries,
}

impl Conduct {
    /// A watch over a new connection.
    #[must_use]
    pub fn new(version: Version) -> Self {
        Self {
            version,
            opening: Opening::default(),
            requests: Requests::default(),
            acknowledgements: Acknowledgements::default(),
            deliveries: Deliveries::default(),
        }
    }

    /// Takes note of a well-formed packet of ours.
    pub fn sent(&mut self, packet: &Packet) {
        // A second CONNECT on a connection asks for nothing.
        if matches!(packet, Packet::Connect(_)) && self.opening.has_begun() {
            return;
        }
        self.opening.sent(packet);
        self.requests.sent(packet);
        self.acknowledgements.sent(packet);
        self.deliveries.sent(packet);
    }

    /// Takes note that the Session is resumed whose Topic Filters are known to be among these; absent when they are
    /// not all known.
    pub fn resumes(&mut self, filters: Option<Vec<ByteString>>) {
        self.deliveries.resumes(filters);
    }

    /// Takes note that we sent what is not well-formed. What an answer refers to is unknown from here on.
    pub fn sent_malformed(&mut self) {
        self.acknowledgements.disturb();
        self.deliveries.disturb();
    }

    /// Checks a packet of the broker, `length` bytes long on the wire, and gives the first rule that it breaks.
    pub fn received(&mut self, packet: &Packet, length: usize) -> Option<Misconduct> {
        let opening = self.opening.received(packet, self.version);
        let requests = self.requests.received(packet, length, self.version);
        let acknowledgements = self.acknowledgements.received(packet, self.version);
        let deliveries = self.deliveries.received(packet, self.version);
        opening.or(requests).or(acknowledgements).or(deliveries)
    }

    /// Whether a packet that is to come repeats what the broker had said on an earlier connection of the Session. A
    /// broker that was told of the loss of a connection may send its PUBREC again; nothing forbids it.
    #[must_use]
    pub fn is_left_over(&self, packet: &Packet) -> bool {
        self.acknowledgements.is_left_over(packet)
    }

    /// Whether we sent what is not well-formed.
    #[must_use]
    pub const fn is_disturbed(&self) -> bool {
        self.acknowledgements.is_disturbed()
    }

    /// Whether the broker has accepted the client.
    #[must_use]
    pub const fn is_accepted(&self) -> bool {
        self.opening.is_accepted()
    }
}

#[cfg(test)]
mod tests;

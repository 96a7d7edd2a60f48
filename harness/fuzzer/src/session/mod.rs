//! What the clients of one session send.

mod bases;
mod enumerate;
mod generate;

use std::collections::BTreeSet;

use bytes::Bytes;
use bytestring::ByteString;
use mqttspec_codec::model::{Connect, Packet, Publish};
use mqttspec_codec::mutation::Mutant;
use mqttspec_codec::{Context, Version, decode, encode};

pub(crate) use bases::plain_connect;
pub use enumerate::Sessions;

/// Packets of one to four clients, in the order in which they are sent.
#[derive(Clone, Debug)]
pub struct Session {
    /// Its number under the seed.
    pub number: u64,
    /// The version that all its clients speak.
    pub version: Version,
    /// What is done, in order.
    pub steps: Vec<Step>,
    /// Whether what a client sends goes out in pieces, cut anywhere.
    pub in_pieces: bool,
}

/// The payload of what must not be processed.
pub(crate) const BEHIND_PAYLOAD: &[u8] = b"behind";
/// What nobody subscribes to.
const HARMLESS_TOPIC: ByteString = ByteString::from_static("fzharmless");
/// More clients than this have no names in cases.
pub(crate) const MOST_CLIENTS: usize = 8;

impl Session {
    /// A session whose packets go out whole.
    #[must_use]
    pub const fn new(number: u64, version: Version, steps: Vec<Step>) -> Self {
        Self { number, version, steps, in_pieces: false }
    }

    /// How many clients it has.
    #[must_use]
    pub fn clients(&self) -> usize {
        self.steps.iter().map(|step| step.client() + 1).max().unwrap_or(0)
    }

    /// This one, then another one with clients of its own; none if they cannot be one session.
    pub(crate) fn followed_by(&self, other: &Self) -> Option<Self> {
        Self::joined(&[self.clone(), other.clone()]).filter(|joined| joined.clients() <= MOST_CLIENTS)
    }

    /// Several one after the other, each with clients of its own that stay; none if they do not speak one version.
    pub(crate) fn joined(all: &[Self]) -> Option<Self> {
        let (first, rest) = all.split_first()?;
        let mut joined = first.clone();
        for other in rest {
            let clients = joined.clients();
            let moved = other.steps.iter().map(|step| step.clone().of_client(step.client() + clients));
            joined.steps.extend(moved);
            joined.in_pieces |= other.in_pieces;
        }
        all.iter().all(|one| one.version == first.version).then_some(joined)
    }

    /// Whether the broker may rightly keep something for a client when all is over.
    pub(crate) fn may_keep_state(&self) -> bool {
        let context = Context::from_client(self.version);
        self.steps.iter().any(|step| match step {
            Step::Send { packet: Packet::Connect(_), .. } => {
                match decode(&step.bytes(self.version), context) {
                    Ok(Packet::Connect(connect)) => {
                        !connect.clean_start || connect.properties.session_expiry_interval().unwrap_or(0) > 0
                    }
                    // What a broker makes of it that takes it all the same is not known.
                    _ => true,
                }
            }
            _ => false,
        })
    }

    /// A session with as many connections and bytes, in which there is nothing that a broker could keep.
    pub(crate) fn harmless(&self) -> Self {
        let mut connected: BTreeSet<usize> = BTreeSet::new();
        let mut steps = Vec::new();
        for step in &self.steps {
            let client = step.client();
            let packet = match step {
                Step::Drop { .. } => {
                    connected.remove(&client);
                    steps.push(step.clone());
                    continue;
                }
                Step::Send { packet: Packet::Connect(connect), .. } if connected.insert(client) => {
                    Packet::Connect(Connect {
                        user_name: connect.user_name.clone(),
                        password: connect.password.clone(),
                        ..Connect::new(self.version, connect.client_id.clone())
                    })
                }
                _ if !connected.contains(&client) => continue,
                Step::Send { packet: Packet::Disconnect(_), .. } => Packet::PingReq,
                Step::Send { .. } | Step::Behind { .. } => Packet::Publish(Publish {
                    topic: HARMLESS_TOPIC,
                    payload: vec![0; step.bytes(self.version).len()].into(),
                    ..Publish::default()
                }),
            };
            steps.push(Step::send(client, packet));
        }
        Self::new(self.number, self.version, steps)
    }

    /// Its packets in a few words.
    #[must_use]
    pub fn shape(&self) -> String {
        let words = self.steps.iter().map(|step| match step {
            Step::Send { packet, mutant: None, .. } => packet.packet_type().to_string(),
            Step::Send { packet, mutant: Some(mutant), .. } => {
                format!("{} with {}", packet.packet_type(), mutant.operator.name)
            }
            Step::Behind { packet, .. } => format!("{} behind it", packet.packet_type()),
            Step::Drop { .. } => "a lost connection".to_owned(),
        });
        words.collect::<Vec<_>>().join(", ")
    }
}

/// One thing that a client does.
#[derive(Clone, Debug)]
pub enum Step {
    /// Sends a packet, over a new Network Connection if it has none.
    Send {
        /// The client.
        client: usize,
        /// The packet as it would be if it were well-formed.
        packet: Packet,
        /// What is changed.
        mutant: Option<Mutant>,
    },
    /// Sends a packet together with the one before, which ends the connection, so that it is not to be processed.
    Behind {
        /// The client.
        client: usize,
        /// The packet.
        packet: Packet,
    },
    /// Ends its Network Connection without DISCONNECT.
    Drop {
        /// The client.
        client: usize,
    },
}

impl Step {
    /// A packet without a change.
    #[must_use]
    pub const fn send(client: usize, packet: Packet) -> Self {
        Self::Send { client, packet, mutant: None }
    }

    /// Whose step it is.
    #[must_use]
    pub const fn client(&self) -> usize {
        match self {
            Self::Send { client, .. } | Self::Behind { client, .. } | Self::Drop { client } => *client,
        }
    }

    /// The same step of another client.
    pub(crate) const fn of_client(mut self, other: usize) -> Self {
        match &mut self {
            Self::Send { client, .. } | Self::Behind { client, .. } | Self::Drop { client } => {
                *client = other
            }
        }
        self
    }

    /// What changes its packet.
    #[must_use]
    pub const fn mutant(&self) -> Option<&Mutant> {
        match self {
            Self::Send { mutant, .. } => mutant.as_ref(),
            Self::Behind { .. } | Self::Drop { .. } => None,
        }
    }

    /// The bytes that it sends; none for a change that does not fit its packet.
    #[must_use]
    pub fn bytes(&self, version: Version) -> Bytes {
        match self {
            Self::Send { packet, mutant: None, .. } | Self::Behind { packet, .. } => encode(packet, version),
            Self::Send { packet, mutant: Some(mutant), .. } => {
                mutant.bytes(packet, version).unwrap_or_default()
            }
            Self::Drop { .. } => Bytes::new(),
        }
    }
}

//! What the engine runs: cases with everything expanded, resolved for one version, and checked.
//!
//! Strings in packets and patterns may still hold placeholders, which only a run can fill in: `$t` is a
//! topic root and `$id` the client's own Client Identifier, both unique to the case and of fixed length;
//! `$id.NAME` is the Client Identifier of the client NAME; `$(NAME)` is a captured value.

mod action;
mod pattern;
mod websocket;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use mqttspec_codec::model::Connect;
use mqttspec_codec::{StatementId, Version};

pub use action::{
    Action, Chunks, Edit, Ending, LengthPolicy, Message, Outgoing, PacketSource, Receive, Send, Stop, Until,
};
pub use pattern::{
    Alternative, Capture, ClosePattern, FieldPattern, Grade, PacketPattern, Pattern, Value, ValuePattern,
};

pub use websocket::{FrameData, Frames, Selected, Transport, Upgrade};

/// The tag of cases that cost a broker memory, time or connections, and so are played on request only.
pub const RESOURCE: &str = "resource";

/// A case of one version, after expansion.
#[derive(Clone, Debug)]
pub struct Case {
    /// File path in the suite without its extension, a slash, the id in the file, and for an expanded case
    /// the labels in brackets: `connect/ill-formed-utf-8[client_id,lone-continuation]`.
    pub id: String,
    /// The version that its clients speak.
    pub version: Version,
    /// One line for people.
    pub title: String,
    /// The rules that the case puts to the test.
    pub covers: Vec<StatementId>,
    /// Free words to select by.
    pub tags: BTreeSet<String>,
    /// The capabilities that the broker must have.
    pub needs: BTreeSet<String>,
    /// Whether the case touches what all clients share, and so must run alone.
    pub exclusive: bool,
    /// The clients, in the order of the file.
    pub clients: Vec<Client>,
    /// What shows that the broker accepts well-formed packets where the script sends others.
    pub control: Control,
    /// The script.
    pub steps: Vec<Step>,
    /// The file that the case stands in.
    pub file: Arc<File>,
    /// Where the case begins.
    pub place: Place,
    /// A digest of the case as expanded.
    pub digest: String,
}

impl Case {
    /// Whether the case costs the broker memory, time or connections.
    #[must_use]
    pub fn loads_the_broker(&self) -> bool {
        self.tags.contains(RESOURCE)
    }

    /// Whether all that the script says of a rule is an `observe`, which no broker can fail.
    #[must_use]
    pub fn only_records(&self, rule: StatementId) -> bool {
        let mut about = self
            .steps
            .iter()
            .filter(|step| matches!(&step.role, Role::Assertion(rules) if rules.contains(&rule)))
            .peekable();
        about.peek().is_some()
            && about.all(|step| matches!(step.action, Action::Expect { observe: Some(_), .. }))
    }
}

/// A case file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Path from the suite's root.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// A span of one line of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Line, from 1.
    pub line: u32,
    /// Column of the first character, from 1, in characters.
    pub column: u32,
    /// Number of characters.
    pub length: u32,
}

/// A client of a case.
#[derive(Clone, Debug)]
pub struct Client {
    /// Its name in the case.
    pub name: String,
    /// The version it speaks: the case's, unless the file says otherwise.
    pub version: Version,
    /// The transport that it uses.
    pub transport: Transport,
    /// Whether the engine acknowledges deliveries for it.
    pub acknowledge: bool,
    /// Whether a reply in the form of the other version is read as well: what a CONNECT with an unknown
    /// protocol level gets may come in either form.
    pub reply_in_any_version: bool,
    /// What a CONNECT of this client says where a step says nothing else.
    pub connect: Connect,
}

/// The proof that a refusal is the answer to the error, not to everything.
#[derive(Clone, Debug)]
pub enum Control {
    /// The case expects neither a refusal nor a close.
    NotNeeded,
    /// The script itself, up to and with its first `violates` send, in which the well-formed twins stand
    /// for the broken packets; then the engine asks for the proof that each twin was accepted.
    Twin,
    /// A script of its own.
    Script(Vec<Step>),
}

/// One step of a script.
#[derive(Clone, Debug)]
pub struct Step {
    /// Where it stands.
    pub place: Place,
    /// The verb as written.
    pub verb: String,
    /// What its failing means.
    pub role: Role,
    /// What to do. A high-level verb has become several steps with the same place.
    pub action: Action,
}

/// What it means when a step does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// The case cannot be decided.
    Setup,
    /// The broker broke these rules.
    Assertion(Vec<StatementId>),
}

/// How long a step waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// What happens sooner than this after the step before began is wrong.
    pub not_before: Option<Duration>,
    /// The time that the specification itself gives the broker; the engine adds its own deadline.
    pub within: Option<Duration>,
}

//! What a step does. High-level verbs are made of these.

use std::time::Duration;

use bytes::Bytes;
use bytestring::ByteString;
use mqttspec_codec::StatementId;
use mqttspec_codec::model::Packet;

use super::{Alternative, Capture, ClosePattern, Frames, PacketPattern, Place, Upgrade, Window};

/// What a step does.
#[derive(Clone, Debug)]
pub enum Action {
    /// Opens a Network Connection for a client; nothing is sent.
    Open {
        /// The client's name.
        client: String,
        /// What it asks for over WebSocket.
        upgrade: Upgrade,
    },
    /// Writes packets.
    Send(Send),
    /// Takes the next packet, or the end of the connection, which must match one alternative.
    Expect {
        /// The client's name.
        client: String,
        /// What is allowed, the first that matches counts.
        alternatives: Vec<Alternative>,
        /// The rule whose freedom the step records, with the label of the alternative that matched.
        observe: Option<StatementId>,
        /// How long to wait.
        window: Window,
    },
    /// Takes the messages that the broker delivers to a client.
    Receive(Receive),
    /// The broker must close the connection.
    Closed {
        /// The client's name.
        client: String,
        /// What may come before the end.
        pattern: ClosePattern,
        /// How long to wait.
        window: Window,
    },
    /// Ends the connection from our side.
    End {
        /// The client's name.
        client: String,
        /// How.
        how: Ending,
    },
    /// Lets time pass that the specification itself names.
    Wait {
        /// How long.
        time: Duration,
        /// The rule that names it.
        rule: StatementId,
    },
    /// Stops the broker and starts it again, which ends all connections.
    Restart {
        /// How it is stopped.
        how: Stop,
    },
}

/// How a broker is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// It is asked to end, and has the time to do so in order.
    Orderly,
    /// It is given no time for anything.
    Kill,
}

/// How our side ends a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// FIN, then the broker's own end is awaited, so that it is known to have seen ours.
    Finish,
    /// RST.
    Reset,
}

/// Packets written at once.
#[derive(Clone, Debug)]
pub struct Send {
    /// The client's name.
    pub client: String,
    /// The packets, in order, in one write unless `chunks` says otherwise.
    pub packets: Vec<Outgoing>,
    /// How the bytes are cut into writes.
    pub chunks: Chunks,
    /// The kind of WebSocket frames that the writes become.
    pub frames: Frames,
    /// The rules that the bytes break on purpose; the first is what the case is about.
    pub violates: Vec<StatementId>,
    /// The well-formed packets that stand for them in the control; empty unless something is violated.
    pub twin: Vec<Outgoing>,
}

/// One packet to write.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// The packet or bytes that the edits start from.
    pub source: PacketSource,
    /// The captured value that is its Packet Identifier, in place of the one in the packet.
    pub packet_id: Option<Capture>,
    /// Changes to named fields of its wire form, in order.
    pub edits: Vec<Edit>,
    /// Where it stands.
    pub place: Place,
}

/// What a packet is made from.
#[derive(Clone, Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "raw bytes are rare, and a box would hide the packet from patterns"
)]
pub enum PacketSource {
    /// A typed packet. A Packet Identifier of 0 stands for one that the engine picks; in an
    /// acknowledgement, for that of the broker's packet that the client received last.
    Packet(Packet),
    /// Bytes as they are.
    Raw(Bytes),
}

/// A change to the wire form of a packet. Field names are those of the codec's `Wire`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Puts bytes in the place of a field's own.
    Set {
        /// The field.
        field: String,
        /// The bytes.
        bytes: Bytes,
        /// What becomes of the lengths around it.
        lengths: LengthPolicy,
    },
    /// Puts a string, which may hold placeholders, in the place of a field's own.
    SetText {
        /// The field.
        field: String,
        /// The string.
        text: ByteString,
        /// What becomes of the lengths around it.
        lengths: LengthPolicy,
    },
    /// Puts a number in the place of a field's own, in the field's own width.
    SetInteger {
        /// The field.
        field: String,
        /// The number.
        value: u32,
        /// For a variable byte integer: the number of bytes to use; absent for the fewest.
        width: Option<u8>,
    },
    /// Takes a field away.
    Remove {
        /// The field.
        field: String,
        /// What becomes of the lengths around it.
        lengths: LengthPolicy,
    },
    /// Writes a field twice.
    Duplicate {
        /// The field.
        field: String,
        /// What becomes of the lengths around it.
        lengths: LengthPolicy,
    },
    /// Puts bytes in front of a field.
    InsertBefore {
        /// The field.
        field: String,
        /// The bytes.
        bytes: Bytes,
        /// What becomes of the lengths around it.
        lengths: LengthPolicy,
    },
    /// Adds bytes at the end of the packet, inside its Remaining Length if that follows.
    Append {
        /// The bytes.
        bytes: Bytes,
        /// What becomes of the lengths around them.
        lengths: LengthPolicy,
    },
    /// Ends the packet after a field.
    TruncateAfter {
        /// The field.
        field: String,
        /// What becomes of the lengths around it.
        lengths: LengthPolicy,
    },
    /// What an operator of the codec does.
    Mutation(mqttspec_codec::mutation::Edit),
}

/// Whether the lengths that enclose a changed field follow the change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LengthPolicy {
    /// They follow it.
    #[default]
    Recomputed,
    /// They stay as they were.
    Frozen,
}

/// How bytes are cut into writes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Chunks {
    /// All in one.
    #[default]
    Whole,
    /// Pieces of this many bytes.
    Each(usize),
    /// Cut at these offsets.
    At(Vec<usize>),
}

/// Messages that a client must get.
#[derive(Clone, Debug)]
pub struct Receive {
    /// The client's name.
    pub client: String,
    /// The messages.
    pub messages: Vec<Message>,
    /// Whether they may come in any order.
    pub any_order: bool,
    /// What shows that no further message is on its way.
    pub until: Until,
    /// How long to wait for each.
    pub window: Window,
}

/// One message.
#[derive(Clone, Debug)]
pub struct Message {
    /// What it must look like; always a pattern of a PUBLISH.
    pub pattern: PacketPattern,
    /// Whether it is only a sentinel: when it does not come, the case is undecided.
    pub fence: bool,
    /// Whether it may be missing.
    pub optional: bool,
    /// Where it stands.
    pub place: Place,
}

/// What shows that no further message comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Until {
    /// Nothing: more may come, and the step does not look.
    Last,
    /// A round trip of PINGREQ and PINGRESP on the same connection.
    Ping,
    /// The end of the connection, which the broker has been seen to close or closes now.
    Closed,
    /// Only time.
    Quiet {
        /// How long.
        time: Duration,
        /// Why nothing better can show it.
        why: ByteString,
    },
}

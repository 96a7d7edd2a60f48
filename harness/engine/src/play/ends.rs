//! Which connections a script itself brings to an end.

use mqttspec_codec::model::{Connect, Packet, PacketType};
use mqttspec_script::plan::{
    Action, Outgoing, PacketSource, Pattern, Send, Step, Until, Value, ValuePattern,
};

/// The longest Keep Alive that a case can outlast, in seconds.
pub(super) const BRIEF_KEEP_ALIVE: u16 = 10;

/// Whether a step speaks of the end of a client's connection, or may lead to it.
pub(super) fn may_end(steps: &[Step], client: &str) -> bool {
    steps.iter().any(|step| match &step.action {
        Action::Closed { client: name, .. } | Action::End { client: name, .. } => name == client,
        Action::Expect { client: name, alternatives, .. } => {
            name == client && alternatives.iter().any(|alternative| is_last_word(&alternative.pattern))
        }
        Action::Receive(receive) => receive.client == client && receive.until == Until::Closed,
        Action::Send(send) if send.client == client => {
            !send.violates.is_empty()
                || send.packets.iter().any(|packet| is_goodbye(packet) || is_brief(packet))
        }
        // A CONNECT of one client under the name of another takes that one's session over.
        Action::Send(send) => takes_over(send, client),
        Action::Restart { .. } => true,
        Action::Open { .. } | Action::Wait { .. } => false,
    })
}

/// Whether a pattern allows the end of the connection, or a packet after which the broker ends it.
fn is_last_word(pattern: &Pattern) -> bool {
    match pattern {
        Pattern::Closed(_) => true,
        Pattern::Packet(packet) => match packet.packet_type {
            PacketType::Disconnect => true,
            PacketType::ConnAck => {
                packet.fields.iter().any(|field| field.name == "reason_code" && is_refusal(&field.value))
            }
            _ => false,
        },
    }
}

/// Whether a pattern of a Reason Code allows no acceptance.
fn is_refusal(code: &ValuePattern) -> bool {
    let refuses = |value: &Value| matches!(value, Value::Number(1..));
    match code {
        ValuePattern::Exactly(value) => refuses(value),
        ValuePattern::OneOf(values) => values.iter().all(refuses),
        ValuePattern::Between(least, _) => *least > 0,
        _ => false,
    }
}

fn is_goodbye(outgoing: &Outgoing) -> bool {
    matches!(outgoing.source, PacketSource::Packet(Packet::Disconnect(_)) | PacketSource::Raw(_))
}

/// A CONNECT whose Keep Alive a client that only waits can outlast.
fn is_brief(outgoing: &Outgoing) -> bool {
    match &outgoing.source {
        PacketSource::Packet(Packet::Connect(connect)) => {
            (1..=BRIEF_KEEP_ALIVE).contains(&connect.keep_alive)
        }
        PacketSource::Packet(_) | PacketSource::Raw(_) => false,
    }
}

fn takes_over(send: &Send, client: &str) -> bool {
    send.packets.iter().any(|outgoing| match &outgoing.source {
        PacketSource::Packet(Packet::Connect(Connect { client_id, .. })) => {
            !matches!(&**client_id, "$id" | "") && client_id.contains(client)
        }
        PacketSource::Packet(_) | PacketSource::Raw(_) => false,
    })
}

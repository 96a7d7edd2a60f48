//! The verbs of a script.

use super::packets::{
    connect_keys, disconnect_keys, edit_keys, packet_keys, publish_keys, subscribe_keys, unsubscribe_keys,
};
use super::patterns::{keys as packet_pattern_keys, long_pattern_keys, pattern_keys};
use super::shape::{CODE, Key, Keys, Shape};
use mqttspec_codec::model::PacketType;

/// One step of a script.
pub(super) const STEP: Shape = Shape::Tagged("step", step_keys);

fn step_keys() -> Vec<Key> {
    vec![
        verb(
            "connect",
            connect_verb,
            "Opens a connection, sends CONNECT, and takes the CONNACK that accepts",
        ),
        verb("subscribe", subscribe_verb, "Sends SUBSCRIBE, and takes the SUBACK that grants what was asked"),
        verb("unsubscribe", unsubscribe_verb, "Sends UNSUBSCRIBE, and takes the UNSUBACK"),
        verb("publish", publish_verb, "Sends PUBLISH, and does the whole handshake of its QoS"),
        verb("ping", client_verb, "Sends PINGREQ, and takes the PINGRESP"),
        verb("fence", client_verb, "A ping that shows that the broker has read what was sent before"),
        verb("disconnect", disconnect_verb, "Sends DISCONNECT, and closes the connection"),
        verb("receive", receive_verb, "Takes the messages that the broker delivers"),
        verb("open", open_verb, "Opens a connection, and sends nothing"),
        verb("send", send_verb, "Writes packets or bytes"),
        verb("expect", expect_verb, "Takes the next packet, or the end of the connection"),
        verb("observe", observe_verb, "Records a choice that the specification leaves free"),
        verb("closed", closed_verb, "The broker must close the connection"),
        verb("drop", drop_verb, "Closes the connection without DISCONNECT"),
        verb("wait", wait_verb, "Lets time pass that the specification itself names"),
        verb("restart", restart_verb, "Stops the broker, starts it again, and waits until it answers"),
    ]
}

fn verb(name: &'static str, keys: Keys, about: &'static str) -> Key {
    let definition = match name {
        "connect" => "verb_connect",
        "subscribe" => "verb_subscribe",
        "unsubscribe" => "verb_unsubscribe",
        "publish" => "verb_publish",
        "disconnect" => "verb_disconnect",
        other => other,
    };
    Key::new(name, Shape::Map(definition, keys), about)
}

fn client() -> Key {
    Key::new("client", Shape::Word, "The client; may be left out when the case has only one")
}

fn proves() -> Key {
    Key::new("proves", Shape::OneOrMore(&Shape::Statement), "The rules that the step puts to the test")
}

fn window() -> [Key; 2] {
    [
        Key::new("within", Shape::Duration, "The time that the specification gives the broker"),
        Key::new(
            "not_before",
            Shape::Duration,
            "What happens sooner than this after the step before began is wrong",
        ),
    ]
}

fn with(mut keys: Vec<Key>, more: impl IntoIterator<Item = Key>) -> Vec<Key> {
    keys.extend(more);
    keys
}

fn client_verb() -> Vec<Key> {
    vec![client(), proves()]
}

fn connect_verb() -> Vec<Key> {
    let clients = Key::new(
        "client",
        Shape::OneOrMore(&Shape::Word),
        "The client, or several; may be left out when the case has only one",
    );
    let expect = Key::new(
        "expect",
        Shape::Map("expect_connack", || packet_pattern_keys(PacketType::ConnAck)),
        "What the CONNACK must say besides accepting; the rest is free",
    );
    with(vec![clients], with(connect_keys(), [expect, proves()]))
}

fn open_verb() -> Vec<Key> {
    vec![
        client(),
        Key::new(
            "subprotocols",
            Shape::List(&Shape::Text),
            "The WebSocket subprotocols that are offered; [mqtt] unless given",
        ),
        Key::new("query", Shape::Text, "A query for the URI of the WebSocket"),
        Key::new(
            "selected",
            Shape::OneOrMore(&Shape::OneOf(&["mqtt", "absent", "refused"])),
            "What the server may select, or that it may refuse",
        ),
        Key::new(
            "violates",
            Shape::OneOrMore(&Shape::Statement),
            "The rules that the offer breaks on purpose",
        ),
        proves(),
    ]
}

fn subscribe_verb() -> Vec<Key> {
    with(vec![client()], with(subscribe_keys(), [proves()]))
}

fn unsubscribe_verb() -> Vec<Key> {
    with(vec![client()], with(unsubscribe_keys(), [proves()]))
}

fn publish_verb() -> Vec<Key> {
    with(vec![client()], with(publish_keys(), [proves()]))
}

fn disconnect_verb() -> Vec<Key> {
    with(vec![client()], disconnect_keys())
}

fn receive_verb() -> Vec<Key> {
    let keys = vec![
        client(),
        Key::new(
            "messages",
            Shape::List(&MESSAGE),
            "The messages: the next ones, in this order; that no more come shows only with `until`",
        )
        .required(),
        Key::new("any_order", Shape::Flag, "Whether they may come in any order"),
        Key::new("until", UNTIL, "What shows that no further message is on its way"),
        proves(),
    ];
    with(keys, window())
}

const MESSAGE: Shape = Shape::Union(&[Shape::Text, Shape::Map("message", message_keys)]);

fn message_keys() -> Vec<Key> {
    with(
        packet_pattern_keys(PacketType::Publish),
        [
            Key::new("fence", Shape::Flag, "Only a sentinel: when it does not come, the case is undecided"),
            Key::new("optional", Shape::Flag, "It may be missing"),
        ],
    )
}

const UNTIL: Shape = Shape::Union(&[Shape::OneOf(&["ping", "closed"]), Shape::Map("quiet", quiet_keys)]);

fn quiet_keys() -> Vec<Key> {
    vec![
        Key::new("quiet", Shape::Duration, "How long nothing may come").required(),
        Key::new("why", Shape::Text, "Why nothing better can show it").required(),
    ]
}

/// The body of a `send`.
pub(crate) const SEND: Shape = Shape::Map("verb_send", send_verb);

fn send_verb() -> Vec<Key> {
    let keys = with(vec![client()], with(packet_keys(), edit_keys()));
    with(
        keys,
        [
            Key::new("together", Shape::List(&OUTGOING), "Several packets in one write"),
            Key::new(
                "chunks",
                Shape::Union(&[Shape::Text, Shape::List(&Shape::Number(u32::MAX))]),
                "How the bytes are cut into writes: `each(N)` bytes, or at these offsets",
            ),
            Key::new(
                "frames",
                Shape::OneOrMore(&Shape::OneOf(FRAMES)),
                "The kind of WebSocket frames, one for each write",
            ),
            Key::new(
                "violates",
                Shape::OneOrMore(&Shape::Statement),
                "The rules that the bytes break on purpose",
            ),
            Key::new(
                "twin",
                Shape::OneOrMore(&OUTGOING),
                "The well-formed packets that stand for these in the control",
            ),
        ],
    )
}

/// The kinds of WebSocket frames that are not what each write is otherwise: a masked binary message.
const FRAMES: &[&str] = &["text", "reserved", "fragmented", "unmasked"];

const OUTGOING: Shape = Shape::Map("outgoing", outgoing_keys);

fn outgoing_keys() -> Vec<Key> {
    with(packet_keys(), edit_keys())
}

fn close_keys() -> Vec<Key> {
    vec![
        Key::new("reason", Shape::OneOrMore(&CODE), "5.0: the Reason Codes that describe what was wrong"),
        Key::new(
            "return_code",
            Shape::OneOrMore(&CODE),
            "3.1.1: the return codes of a CONNACK that may come first",
        ),
    ]
}

fn closed() -> Key {
    Key::new("closed", Shape::Map("closing", close_keys), "The end of the connection")
}

fn expect_verb() -> Vec<Key> {
    let any = Key::new("any", Shape::List(&ALTERNATIVE), "What is allowed; the first that matches counts");
    with(with(vec![client(), any], with(pattern_keys(), [closed(), proves()])), window())
}

const ALTERNATIVE: Shape = Shape::Map("alternative", alternative_keys);

fn alternative_keys() -> Vec<Key> {
    with(
        pattern_keys(),
        [
            closed(),
            Key::new(
                "by",
                Shape::Statement,
                "The clause that allows it, though it is not what a SHOULD asks for",
            ),
            Key::new("grade", Shape::OneOf(&["pass", "lenient", "unsupported"]), "What it makes of the case"),
        ],
    )
}

fn observe_verb() -> Vec<Key> {
    let keys = vec![
        client(),
        Key::new("rule", Shape::Statement, "The rule that leaves the choice").required(),
        Key::new("choices", Shape::MapOf(&ALTERNATIVE), "The choices by name").required(),
        proves(),
    ];
    with(keys, window())
}

fn closed_verb() -> Vec<Key> {
    with(with(vec![client()], close_keys()), with(vec![proves()], window()))
}

fn drop_verb() -> Vec<Key> {
    vec![client(), Key::new("how", Shape::OneOf(&["fin", "rst"]), "FIN or RST; fin unless given")]
}

fn wait_verb() -> Vec<Key> {
    vec![
        Key::new("time", Shape::Duration, "How long").required(),
        Key::new("rule", Shape::Statement, "The rule that names the time").required(),
    ]
}

fn restart_verb() -> Vec<Key> {
    vec![Key::new(
        "how",
        Shape::OneOf(&["stop", "kill"]),
        "In order, or without any time for the broker to end; stop unless given",
    )]
}

/// The definitions that no table refers to, because their shape is a pattern.
pub(super) fn pattern_definition() -> Vec<Key> {
    long_pattern_keys()
}
